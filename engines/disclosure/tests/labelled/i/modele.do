version 17
set seed 20240312
use "$data/rotterdam.dta", clear
recode age (min/44=1 "<45") (45/54=2 "45-54") (55/max=3 "55+"), gen(classe)
label define gr 2 "Grade 2" 3 "Grade 3"
label values grade gr
forvalues k = 1/5 {
    quietly stcox age i.grade if fold != `k'
    predict double xb`k' if fold == `k', xb
}
matrix B = (1, 0.5 \ 0.5, 1)
esttab using modele.tex, se star(* 0.10 ** 0.05 *** 0.01) replace
