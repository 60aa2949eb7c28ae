foreach z in 84 76 94 {
    preserve
    keep if zone == `z'
    collapse (count) n=heures (mean) m=salaire, by(pcs)
    drop if n < 5
    export delimited using t_`z'.csv, replace
    restore
}
