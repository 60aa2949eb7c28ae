data patients;
  input num sexe $ age gly;
  datalines;
1 F 45 1.02
2 H 52 1.31
3 H 38 0.98
4 F 61 1.24
5 F 29 0.91
6 H 33 1.08
;
run;
proc means data=patients; run;
