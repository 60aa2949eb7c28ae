data a;
input id x;
datalines;
1 12
2 13
3 14
4 15
;
run;
proc print;
run;
