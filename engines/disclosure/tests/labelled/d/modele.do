* Tableau 2
clear all
set more off
use "base.dta", clear
gen tranche = 1 if age < 30
replace tranche = 2 if inrange(age, 30, 49)
forvalues k = 1/3 {
    quietly regress y x`k', robust
    estimates store m`k'
}
esttab m1 m2 m3 using t2.tex, replace b(3) se(3)
