%let an = 2022;
proc sql;
  create table work.t as select ghm, count(*) as n, mean(duree) as dms
  from pmsi.sejours&an where age between 18 and 64 group by ghm having n >= 11;
quit;
proc print data=work.t; run;
