data work.registre;
  input age grade nodes dtime;
  datalines;
74 3 0 1799
79 3 0 2828
44 2 0 6012
70 3 0 2624
75 3 0 4915
52 3 0 5888
40 2 0 2491
53 2 0 4150
60 2 0 3919
52 3 5 3647
66 3 0 2133
42 2 1 4146
74 3 0 2124
55 3 9 1773
;
run;
proc means data=work.registre n mean;
run;
