"""Part f, text: written before anything was mended on d, because e's errors were seen by mistake. Fresh for the measure after."""
import numpy as np
import pandas as pd
import statsmodels.api as sm
import statsmodels.formula.api as smf

from kit_files import r


def workers(n=7400, seed=77):
    """Employees of establishments, seeded."""
    rng = np.random.default_rng(seed)
    d = pd.DataFrame({"pcs": rng.choice(["3 Cadres", "4 Prof. interm.", "5 Employés", "6 Ouvriers", "1 Agriculteurs"], n, p=[0.2, 0.25, 0.3, 0.2495, 0.0005]),
                      "contrat": rng.choice(["CDI", "CDD", "Intérim", "Apprentissage"], n, p=[0.78, 0.14, 0.06, 0.02]), "heures": rng.normal(1600, 220, n).round(),
                      "salaire": rng.lognormal(9.95, 0.35, n).round(2)})
    d["zone"] = rng.choice(["84 Auvergne-Rhône-Alpes", "76 Occitanie", "94 Corse"], n, p=[0.6, 0.398, 0.002])
    return d


def build(c):
    w, crime, grun = workers(), sm.datasets.statecrime.load_pandas().data, sm.datasets.grunfeld.load_pandas().data
    zone = w.groupby("zone").agg(postes=("heures", "size"), heures=("heures", "mean"))
    big = zone.drop("94 Corse")
    fr = lambda v, d=0: f"{v:,.{d}f}".replace(",", "\u00a0").replace(".", ",")
    c.add("postes_zone.csv", "Région;Postes au 31/12;Heures moyennes par poste\n" + "".join(f"{k};{fr(v.postes)};{fr(v.heures, 1)}\n" for k, v in big.iterrows()), rules="dads_5", trap="regions with their codes, a date in a header", encoding="cp1252")
    c.add("contrats.csv", "contrat,headcount,pct\n" + "".join(f"{k},{n},{100 * n / len(w):.1f}\n" for k, n in w.contrat.value_counts().items()), rules="dads_5", trap="headcounts and percent")
    agri = pd.crosstab(w.pcs, w.contrat)
    c.add("pcs_contrat.csv", agri.to_csv(sep=";", index_label="Salariés"), "refuse", [("CLASS_DISCLOSURE", {"needle": "1 Agriculteurs"})], "dads_5")
    c.add("pcs_contrat_sans.csv", agri.drop("1 Agriculteurs").to_csv(sep=";", index_label="Salariés"), rules="dads_5", trap="labels that start with a code")
    c.add("resume_stats.csv", "Statistique;Cadres;Employés;Ouvriers\nN;1 480;2 220;1 846\nMoyenne;31 204;21 550;22 018\nMédiane;29 880;20 903;21 540\nQ1;24 010;17 400;18 020\nQ3;36 700;25 010;25 660\n", rules="dads_5", trap="statistics in rows")
    c.add("resume_stats_max.csv", "Statistique;Cadres;Employés;Ouvriers\nN;1 480;2 220;1 846\nMoyenne;31 204;21 550;22 018\nMinimum;9 120;7 204;8 011\nMaximum;240 512;74 330;61 020\n", "refuse", [("EXTREME_VALUE", {"needle": "Maximum"})], "dads_5")
    c.add("etab_masques.csv", "NAF;Établissements;Effectif salarié\n10;412;s\n11;2;s\n13;88;1 204\n14;57;655\n", "refuse", [("FREQ_MIN", {"line": 3, "column": 2})], "enterprise")
    c.add("etab.csv", "NAF;Établissements;Effectif salarié (moyenne)\n10;412;18,2\n11;36;7,4\n13;88;13,7\n14;57;11,5\n", rules="enterprise", trap="activity codes, means below the minimum")
    c.add("ca_regions.csv", "Région;Nombre d'unités;Chiffre d'affaires;Part de l'unité la plus importante\nARA;120;88 420;12 %\nBFC;14;9 310;93 %\nCorse;31;4 120;22 %\n", "refuse", [("DOMINANCE", {"needle": "BFC", "column": 4})], "enterprise")
    c.add("taux_prec.csv", "Groupe;Base;Taux d'accident (%)\nIntérim;444;2,03\nCDI;5 772;1,90\nCDD;1 036;2,61\n", "refuse", [("DERIVED_COUNT", {"needle": "Intérim", "column": 3})], "health_11")
    c.add("masque_colonnes.csv", "Zone,Part-time,Full-time,All\nNorth,120,402,522\nSouth,(s),310,313\nEast,88,271,359\nWest,64,190,254\nAll,275,1173,1448\n", "refuse", [("SECONDARY_RECOVERABLE", {"needle": "South", "column": 2})])
    c.add("masque_bon.csv", "Zone,Part-time,Full-time,All\nNorth,120,402,522\nSouth,(s),(s),313\nEast,(s),(s),359\nWest,64,190,254\nAll,275,1173,1448\n", trap="four masks")
    c.add("etats.csv", crime[["murder", "poverty", "urban"]].round(1).to_csv(), trap="rates of states, public figures")
    c.add("personnes.txt", "Lors de l'enquête, seules quatre personnes ont répondu en Corse.\n", "refuse", [("FREQ_MIN", {"line": 1})], "insee_menages")
    c.add("synthese.txt", "En 2023, 7 400 postes ont été observés dans 3 régions ; la part des CDI est de 78,1 % (+ 2 points en 5 ans).\nLes tableaux 1 et 2 donnent le détail (pages 4 à 6).\n", rules="dads_5", trap="prose with years, pages and points")
    c.add("paie.csv", "NIR_HACHE;PCS;CONTRAT;HEURES;NETNETR\n" + "".join(f"{(i * 2246822519 + 374761393) % 2**48:012x};{[3, 4, 5, 6][i % 4]}{i % 10}a;{['CDI', 'CDD'][i % 2]};{1200 + (i * 37) % 700};{14000 + (i * 911) % 24000}\n" for i in range(85)), "refuse", [("ID_PSEUDONYM", {"column": 1})], "dads_5", grave=True)
    c.add("listing.txt", w[["pcs", "contrat", "heures", "salaire"]].iloc[40:52].to_string(index=False) + "\n", "refuse", [("ROWS_INDIVIDUAL", {})], "dads_5", grave=True)
    c.add("tel.md", "# Contact\n\nPour le détail, appeler Mme Bernard au 04.77.98.76.54.\n", "refuse", [("ID_DIRECT", {"needle": "appeler"})], "dads_5", grave=True)
    c.add("wls.txt", str(smf.ols("salaire ~ heures + C(contrat)", w).fit(cov_type="HC1").summary()) + "\n", rules="dads_5", trap="robust errors")
    c.add("firmes.txt", str(smf.ols("invest ~ value + capital", grun[grun.firm == "IBM"].head(10)).fit().summary()) + "\n", "refuse", [("DOF_LOW", {"needle": "Df Residuals"})], "enterprise")
    c.add("anova_r.txt", r("print(summary(aov(salaire ~ contrat, d)))\ncat('n =', nrow(d), '\\n')\n", w), rules="dads_5", trap="analysis of variance")
    c.add("prop_r.txt", r("prop.test(c(412, 388), c(1204, 1177))\n", echo=True), trap="a test of proportions")
    c.add("table_r.txt", r("d$pcs <- substr(d$pcs, 1, 1)\nwith(d, table(pcs, zone))\n", w, echo=True), "refuse", [("FREQ_MIN", {})], "dads_5")
    c.add("quantile_r.txt", r("quantile(d$salaire, c(.1, .25, .5, .75, .9))\nlength(d$salaire)\n", w, echo=True), rules="dads_5", trap="inner quantiles of a large group")
    c.add("range_r.txt", r("range(d$salaire)\n", w, echo=True), "refuse", [("EXTREME_VALUE", {})], "dads_5")
    c.add("reg.log", ". reg lnw heures i.contrat, vce(robust)\n\nLinear regression                               Number of obs     =      7,400\n                                                F(4, 7395)        =     112.31\n                                                Prob > F          =     0.0000\n                                                R-squared         =     0.0613\n                                                Root MSE          =     .34017\n\n------------------------------------------------------------------------------\n             |               Robust\n         lnw | Coefficient  std. err.      t    P>|t|     [95% conf. interval]\n-------------+----------------------------------------------------------------\n      heures |   .0003112   .0000188    16.55   0.000     .0002743    .0003481\n             |\n     contrat |\n        CDI  |   .0811204   .0121117     6.70   0.000     .0573778     .104863\n    Intérim  |  -.0120011   .0201133    -0.60   0.551    -.0514291    .0274269\n       _cons |   9.411233   .0322011   292.26   0.000     9.348109    9.474357\n------------------------------------------------------------------------------\n", rules="dads_5", trap="factor variables of Stata")
    c.add("sum_d.log", ". summarize salaire, detail\n\n                           salaire\n-------------------------------------------------------------\n      Percentiles      Smallest\n 1%      9811.2        6120.33\n 5%     11880.4        6544.02\n10%     13420.0        6610.19       Obs               7,400\n25%     16511.9        6702.88       Sum of wgt.       7,400\n\n50%     20933.7                      Mean           22287.4\n                        Largest      Std. dev.      8041.55\n75%     26514.0       71233.10\n90%     32801.2       74100.50       Variance       6.47e+07\n95%     37241.6       76004.91       Skewness       1.122041\n99%     47610.8       81212.77       Kurtosis       5.310021\n", "refuse", [("EXTREME_VALUE", {})], "dads_5")
    c.add("hdfe.tex", "\\begin{tabular}{lcc}\n\\toprule\nDependent Variable: & \\multicolumn{2}{c}{log(salaire)}\\\\\nModel: & (1) & (2)\\\\\n\\midrule\nheures & 0.0003$^{***}$ & 0.0002$^{***}$\\\\\n & (0.0000) & (0.0000)\\\\\n\\midrule\n\\emph{Fixed-effects}\\\\\nzone & & Yes\\\\\n\\midrule\n\\emph{Fit statistics}\\\\\nObservations & 7,400 & 7,385\\\\\nR$^2$ & 0.06 & 0.07\\\\\n\\bottomrule\n\\end{tabular}\n", rules="dads_5", trap="fixest")
    c.add("desc.tex", pd.crosstab(w.zone, w.contrat).to_latex(caption="Nombre de postes"), "refuse", [("FREQ_MIN", {"needle": "94 Corse"})], "dads_5")
    c.add("boucle.do", "foreach z in 84 76 94 {\n    preserve\n    keep if zone == `z'\n    collapse (count) n=heures (mean) m=salaire, by(pcs)\n    drop if n < 5\n    export delimited using t_`z'.csv, replace\n    restore\n}\n", rules="dads_5", trap="codes in a loop")
    c.add("saisie.do", "input str8 id byte age int salaire\n\"a01\" 45 23100\n\"a02\" 52 31800\n\"a03\" 38 18500\n\"a04\" 61 27250\nend\nsave tmp, replace\n", "refuse", [("CODE_EMBEDS_DATA", {})], "dads_5", grave=True)
