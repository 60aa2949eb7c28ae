"""A third part, written after the engine was mended on the second: another fresh measure."""
import numpy as np
import pandas as pd
import statsmodels.formula.api as smf

from kit import Corpus, anes, fair, firms, french_csv, hie, run_r, stata_regress, stata_tab


def tabstat(frame, by, value, stats):
    names = {"n": ("N", "count"), "mean": ("Mean", "mean"), "sd": ("SD", "std"), "p50": ("p50", "median"), "min": ("Min", "min"), "max": ("Max", "max")}
    out = [f". tabstat {value}, by({by}) stat({' '.join(stats)})", "", f"Summary for variables: {value}", f"Group variable: {by}", ""]
    out.append(f"{by:>16} |" + "".join(f"{names[s][0]:>10}" for s in stats))
    out.append("-" * 17 + "+" + "-" * (10 * len(stats)))
    for label, g in frame.groupby(by)[value]:
        out.append(f"{label:>16} |" + "".join(f"{getattr(g, names[s][1])():>10.6g}" for s in stats))
    out += ["-" * 17 + "+" + "-" * (10 * len(stats))]
    return "\n".join(out) + "\n"


def esttab(n):
    return rf"""\begin{{tabular}}{{l*{{2}}{{c}}}}
\hline\hline
            &\multicolumn{{1}}{{c}}{{(1)}}&\multicolumn{{1}}{{c}}{{(2)}}\\
            &\multicolumn{{1}}{{c}}{{affairs}}&\multicolumn{{1}}{{c}}{{affairs}}\\
\hline
age         &      -0.036\sym{{***}}&      -0.012         \\
            &     (0.005)         &     (0.009)         \\
[1em]
educ        &       0.104\sym{{*}}  &       0.091         \\
            &     (0.051)         &     (0.052)         \\
\hline
\(N\)       &        {n}         &        {n}         \\
\(R^{{2}}\) &       0.021         &       0.025         \\
\hline\hline
\multicolumn{{3}}{{l}}{{\footnotesize Standard errors in parentheses}}\\
\end{{tabular}}
"""


def build(folder):
    c = Corpus(folder)
    f, a, h, e = fair(), anes(), hie(), firms(seed=23, n=600)

    # headers that give their own counts, notes, weights
    c.safe("entetes_n.csv", "Caractéristique;Hommes (n = 812);Femmes (n = 1 204)\nÂge moyen;45,2;46,8\nTabac, %;21,3;18,9\n", "health_11", "counts in the headers")
    c.unsafe("entetes_n_few.csv", "Caractéristique;Hommes (n = 812);Autres (n = 6)\nÂge moyen;45,2;46,8\nTabac, %;21,3;16,7\n", [("FREQ_MIN", None, None)], "health_11")
    c.safe("pondere.csv", "Région;Effectif brut;Effectif pondéré\nNord;812;81 204\nSud;655;70 118\n", "dads_5", "weighted and unweighted")
    c.unsafe("pondere_few.csv", "Région;Effectif brut;Effectif pondéré\nNord;812;81 204\nSud;3;402\n", [("FREQ_MIN", "Sud", 2)], "dads_5")
    c.safe("notes.csv", "Tableau 3 - Nombre de ménages selon le statut\n\nStatut;2012;2017\nPropriétaires;12 045;13 220\nLocataires;8 112;7 940\n\nLecture : en 2017, 13 220 ménages sont propriétaires.\nChamp : France, 7 régions.\nSource : 3 enquêtes.\n", "insee_menages", "reading notes with small numbers")
    c.unsafe("notes_few.csv", "Tableau 3 - Nombre de ménages selon le statut\n\nStatut;2012;2017\nPropriétaires;12 045;13 220\nLogés gratuitement;4;812\n\nSource : enquête.\n", [("FREQ_MIN", "gratuitement", 2)], "insee_menages")
    c.safe("serie.csv", "mois;emploi (milliers);glissement (%)\n2020-01;25,4;0,3\n2020-02;25,5;0,4\n2020-03;25,1;-1,6\n", "enterprise", "a series in thousands")
    c.safe("ic.csv", "groupe;n;taux (%);IC inf;IC sup\nA;812;12,1;9,9;14,5\nB;655;9,4;7,3;11,9\n", "health_11", "confidence bounds")
    c.unsafe("ic_few.csv", "groupe;n;taux (%);IC inf;IC sup\nA;812;12,1;9,9;14,5\nB;9;33,3;7,5;70,1\n", [("FREQ_MIN", "B;", 2)], "health_11")
    c.safe("temps.csv", "étape;durée médiane (jours);n\n1;3,5;812\n2;7,0;790\n3;2,5;655\n", "health_11", "steps")
    c.safe("likert.csv", "item,mean,sd,n\n1. I trust,3.2,1.1,812\n2. I use,4.1,0.9,790\n3. I fear,2.2,1.3,655\n", trap="scales of five")
    c.safe("geo.csv", "dep,lib,population\n01,Ain,657856\n02,Aisne,529374\n03,Allier,335628\n", trap="department codes without quotes")
    c.safe("pib.tsv", "pays\tPIB par habitant\tcroissance\trang\nFrance\t38 625\t1,8\t5\nItalie\t31 676\t0,3\t8\n", trap="figures of countries")
    c.safe("tailles.csv", "taille de l'entreprise;nombre d'entreprises\n0 salarié;12 045\n1 à 9 salariés;8 112\n10 à 49 salariés;940\n", "enterprise", "size classes with small bounds")
    c.unsafe("tailles_few.csv", "taille de l'entreprise;nombre d'entreprises\n0 salarié;12 045\n1 à 9 salariés;8 112\n250 salariés et plus;2\n", [("FREQ_MIN", "250 sal", 2)], "enterprise")
    c.safe("classes.csv", "nombre de séjours;patients;part (%)\n1;12 045;60,0\n2;5 112;25,5\n3 ou plus;2 910;14,5\n", "health_11", "a number of stays as label")
    c.unsafe("classes_few.csv", "nombre de séjours;patients\n1;12 045\n2;5 112\n3;910\n4;7\n", [("FREQ_MIN", "4;7", 2)], "health_11")
    c.unsafe("reste.csv", "groupe;total;dont opérés\nA;812;640\nB;655;650\n", [("DERIVED_COUNT", "B;", None)], "health_11")
    c.unsafe("part_base.csv", "Région;Base;Part des refus (%)\nNord;220;1,4\nSud;812;12,5\n", [("DERIVED_COUNT", "Nord", 3)], "health_11")
    c.unsafe("ouvert.csv", "Département;Vaccinés;Non vaccinés\nAin;812;0\nAisne;655;120\nAllier;712;98\n", [("CLASS_DISCLOSURE", "Ain", 2)], "insee_menages")
    c.unsafe("plus_grands.txt", "Les 3 plus grandes valeurs du chiffre d'affaires\n\nrang  valeur\n1     981204\n2     775310\n3     412007\n", [("EXTREME_VALUE", None, None)], "enterprise")

    # programs' output
    c.safe("tabstat.log", tabstat(h, "health", "visits", ["n", "mean", "sd"]), trap="tabstat")
    c.unsafe("tabstat_max.log", tabstat(h, "health", "visits", ["n", "mean", "max"]), [("EXTREME_VALUE", "excellent", None)])
    c.safe("esttab.tex", esttab("6366"), trap="esttab")
    c.unsafe("esttab_few.tex", esttab("7"), [("FREQ_MIN", "(N", None)])
    c.safe("xtable.tex", "% latex table generated in R 4.2.2 by xtable 1.8-4 package\n\\begin{table}[ht]\n\\centering\n\\begin{tabular}{rrr}\n  \\hline\n & coinsurance & free care \\\\ \n  \\hline\nexcellent & 5012 & 6007 \\\\ \n  fair & 812 & 748 \\\\ \n   \\hline\n\\end{tabular}\n\\end{table}\n", trap="xtable")
    c.unsafe("xtable_few.tex", "\\begin{table}[ht]\n\\caption{Number of persons}\n\\begin{tabular}{rrr}\n  \\hline\n & coinsurance & free care \\\\ \n  \\hline\nexcellent & 5012 & 6007 \\\\ \n  poor & 8 & 748 \\\\ \n   \\hline\n\\end{tabular}\n\\end{table}\n", [("FREQ_MIN", "poor", 2)])
    c.safe("gtsummary.md", "| **Characteristic** | **Clinton**, N = 551 | **Dole**, N = 393 | **p-value** |\n|:---|:---:|:---:|:---:|\n| age | 45 (33, 61) | 44 (33, 60) | 0.4 |\n| income | 17 (13, 21) | 20 (16, 22) | <0.001 |\n", trap="medians with quartiles")
    c.unsafe("gtsummary_few.md", "| **Characteristic** | **Clinton**, N = 551 | **Dole**, N = 393 |\n|:---|:---:|:---:|\n| education | | |\n| none | 10 (1.8%) | 3 (0.8%) |\n| HS | 153 (28%) | 95 (24%) |\n", [("FREQ_MIN", "none", 3)])
    c.safe("r_str.txt", run_r("print(round(cor(d[, c('visits','disea','lpi')]), 2))\ncat('\\nn =', nrow(d), '\\n')\n", h), trap="correlations of R")
    c.unsafe("r_by.txt", run_r("print(ftable(table(d$tranche, d$plan, d$children)))\n", f), [("FREQ_MIN", None, None)])
    c.safe("r_chisq.txt", run_r("print(chisq.test(table(d$health, d$plan)))\n", h), trap="a chi-squared test")
    c.safe("r_lm.txt", run_r("print(coef(summary(lm(affairs ~ age + educ, data=d))))\ncat('Observations:', nrow(d), '\\n')\n", f), trap="coefficients of lm")
    c.unsafe("r_print.txt", run_r("print(d[d$affairs > 30, c('age','educ','occupation','affairs')])\n", f), [("ROWS_INDIVIDUAL", None, None)], grave=True)
    c.unsafe("r_quant.txt", run_r("print(quantile(d$visits))\ncat('n =', nrow(d), '\\n')\n", h), [("EXTREME_VALUE", None, None)])
    c.safe("info.txt", "<class 'pandas.core.frame.DataFrame'>\nRangeIndex: 6366 entries\nData columns (total 9 columns)\n", trap="the description of a data frame")
    c.safe("mlogit.txt", str(smf.mnlogit("PID ~ age + income", a).fit(disp=0).summary()) + "\n", trap="a multinomial model")
    c.unsafe("nlargest.txt", e.nlargest(6, "ca")[["secteur", "region", "siren", "ca"]].to_string() + "\n", [("ROWS_INDIVIDUAL", None, None)], "enterprise", grave=True)
    c.unsafe("sample.csv", h[["visits", "physlm", "disea", "health", "plan"]].sample(60, random_state=1).assign(numero=range(1, 61)).to_csv(index=False), [("ROWS_INDIVIDUAL", None, None)], grave=True)
    c.safe("multi.csv", "," + ",".join(["free care"] * 2 + ["coinsurance"] * 2) + "\nhealth,n,mean,n,mean\nexcellent,6007,2.9,5012,2.4\nfair,748,4.1,812,3.8\n", trap="two rows of headers")
    c.unsafe("multi_few.csv", "," + ",".join(["free care"] * 2 + ["coinsurance"] * 2) + "\nhealth,n,mean,n,mean\nexcellent,6007,2.9,5012,2.4\npoor,4,6.1,112,5.8\n", [("FREQ_MIN", "poor", 2), ("MAGNITUDE_FEW", "poor", 3)])
    c.safe("regress3.log", stata_regress(a, "income", ["age", "educ", "PID"]), trap="regress")
    c.unsafe("tab_rare.log", stata_tab(f[f.tranche == "25-29"].metier, "metier"), [("FREQ_MIN", "étudiante", None)], "irdes_15")

    # together
    one = pd.crosstab(h.plan, h.health)
    c.unsafe("sous_groupe.csv", french_csv(one - np.array([[0, 3, 0, 0], [0, 0, 0, 5]]), index_name="Nombre d'assurés hors Seattle"), [("DIFFERENCING", None, None)], "health_11",
             released={"released/tous_assures.csv": french_csv(one, index_name="Nombre d'assurés")})
    c.safe("femmes.csv", "Région;Femmes\nNord;812\nSud;655\nEst;512\n", "health_11", "women after men")
    c.labels["femmes.csv"]["released"] = ["released/hommes.csv"]
    c._write("released/hommes.csv", "Région;Hommes\nNord;815\nSud;660\nEst;512\n", "utf-8")
    c.unsafe("deux_marges.csv", "Effectifs;A;B;Total\nNord;s;120;125\nSud;80;s;92\nEst;70;60;130\nTotal;155;192;347\n", [("SECONDARY_RECOVERABLE", "Nord", 2), ("SECONDARY_RECOVERABLE", "Sud", 3)], "health_11")
    dom = e[e.secteur == "chimie"].index[0]
    x = e.copy()
    x.loc[dom, "ca"] = 30 * e[(e.secteur == "chimie")].ca.sum()
    t = x.pivot_table(index="secteur", columns="region", values="ca", aggfunc="sum").fillna(0)
    where = x.loc[dom, "region"]
    c.unsafe("ca_croise.csv", "Chiffre d'affaires (k€)\n" + french_csv(t, index_name="Secteur"), [("DOMINANCE", "chimie", 2 + list(t.columns).index(where))], "enterprise",
             supporting={"ca_croise_contributions.csv": x.to_csv(index=False)})
    c.done()
