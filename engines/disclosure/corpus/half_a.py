"""The first half: the one that the engine may be mended on."""
import numpy as np
import pandas as pd
import statsmodels.api as sm
import statsmodels.formula.api as smf

import kit
from kit import NBSP, Corpus, anes, fair, firms, fr, french_csv, hie, run_r, stata_regress, stata_summarize, stata_tab, stata_tab2


def small(table, t):
    """The cells of a table of counts that are above zero and below `t`, as (row label, place of the column)."""
    return [(r, j) for r in table.index for j, c in enumerate(table.columns) if 0 < table.loc[r, c] < t]


def build(folder):
    c = Corpus(folder)
    f, a, h, e = fair(), anes(), hie(), firms()

    # French CSV
    jobs = f.metier.value_counts().rename("Effectif").to_frame()
    c.safe("metiers.csv", french_csv(jobs, index_name="Profession"), "health_11", "thousands with narrow no-break spaces")
    c.unsafe("metiers_50.csv", french_csv(jobs, index_name="Profession"), [("FREQ_MIN", "étudiante", 2)], "fiscal_ifi_50")
    ages = pd.crosstab(f.tranche, f.metier)
    c.unsafe("age_metier.csv", french_csv(ages, index_name="Âge", thousands="\u00a0"),
             [("FREQ_MIN", r, j + 2) for r, j in small(ages, 11)], "health_11", encoding="latin-1")
    big = pd.crosstab(f.tranche, f.plan)
    c.safe("age_pratique.csv", french_csv(big, index_name="Effectifs par âge", thousands="\u00a0"), "health_11", "latin-1", encoding="latin-1")
    means = f.groupby("metier").agg(n=("affairs", "size"), moyenne=("affairs", "mean"), ecart=("affairs", "std"))
    means.columns = ["Nb de femmes", "Moyenne", "Écart-type"]
    c.safe("moyennes.csv", french_csv(means, [0, 2, 2], index_name="Profession"), "health_11", "means and spreads with decimals")
    few = f[f.tranche == "40 et plus"].groupby("metier").agg(n=("affairs", "size"), moyenne=("affairs", "mean"))
    few.columns = ["Nombre d'individus", "Moyenne"]
    c.unsafe("moyennes_age.csv", french_csv(few, [0, 2], index_name="Profession"),
             [("FREQ_MIN", "étudiante", 2), ("MAGNITUDE_FEW", "étudiante", 3)], "health_11")
    shares = (100 * big.div(big.sum(axis=1), axis=0)).assign(base=big.sum(axis=1))
    shares.columns = ["% peu religieuse", "% religieuse", "Effectif"]
    c.safe("parts.csv", french_csv(shares, [1, 1, 0], index_name="Âge"), "health_11", "percentages with their base")
    rare = pd.DataFrame({"Population": [812, 1204, 655], "% de refus": [0.6, 5.2, 8.1]}, index=["Nord", "Sud", "Est"])
    c.unsafe("taux_refus.csv", french_csv(rare, [0, 1], index_name="Région"), [("DERIVED_COUNT", "Nord", 3)], "health_11")
    years = pd.DataFrame({"2019": [1200, 1180], "2020": [1300, 1320], "2021": [1250, 1270]}, index=["Hommes", "Femmes"])
    c.safe("annees.csv", french_csv(years, index_name="Effectifs"), "health_11", "years as headers")
    index = pd.DataFrame({"Indice": [100.0, 98.2, 101.3, 7.5]}, index=["2020T1", "2020T2", "2020T3", "2020T4"])
    c.safe("indices.csv", french_csv(index, 1, index_name="Trimestre"), "health_11", "an index below the minimum")
    codes = pd.DataFrame({"Code": ["01", "02", "2A", "75"], "Effectif": [1204, 350, 88, 4012]}, index=["Ain", "Aisne", "Corse-du-Sud", "Paris"])
    c.safe("departements.csv", french_csv(codes, index_name="Département"), "health_11", "department codes")
    post = pd.DataFrame({"Code postal": ["01000", "02000", "75011"], "Nb ménages": [1204, 350, 4012]}, index=["Bourg", "Laon", "Paris 11"])
    c.safe("codes_postaux.csv", french_csv(post, index_name="Ville"), "dads_5", "postal codes")
    rank = pd.DataFrame({"Rang": [1, 2, 3, 4], "Effectif": [512, 490, 333, 120]}, index=["Nord", "Sud", "Est", "Ouest"])
    c.safe("rangs.csv", french_csv(rank, index_name="Région"), "health_11", "ranks")
    rounded = (jobs / 10).round() * 10
    c.safe("arrondis.csv", french_csv(rounded, index_name="Profession (arrondi à la dizaine)"), "health_11", "rounded counts")
    dates = pd.DataFrame({"Date": ["01/02/2020", "03/04/2021"], "Séjours": [1200, 1320]}, index=["Campagne 1", "Campagne 2"])
    c.safe("dates.csv", french_csv(dates, index_name="Campagne"), "health_11", "dates")
    model = pd.DataFrame({"coef": [0.021, -0.31, 1.9], "se": [0.004, 0.1, 0.2], "p": [0.001, 0.002, 0.0]}, index=["age", "sexe", "educ"])
    c.safe("coefficients.csv", model.to_csv(index_label="variable") + "N,812,,\n", "generic_10", "coefficients below the minimum")
    c.unsafe("sans_n.csv", model.to_csv(index_label="variable"), [("N_MISSING", None, None)])

    # enterprises
    sums = e.groupby("secteur").agg(n=("ca", "size"), ca=("ca", "sum"), big=("ca", "max"))
    sums["part"] = 100 * sums.big / sums.ca
    wide = pd.DataFrame({"Nb d'entreprises": sums.n, "Chiffre d'affaires (k€)": sums.ca, "Part du premier (%)": sums.part})
    assert (sums.part < 85).all()
    c.safe("secteurs.csv", french_csv(wide, [0, 0, 1], index_name="Secteur"), "enterprise", "shares of the first below 85 %")
    dominated = wide.copy()
    dominated.loc["verre", "Part du premier (%)"] = 91.3
    c.unsafe("secteurs_dom.csv", french_csv(dominated, [0, 0, 1], index_name="Secteur"), [("DOMINANCE", "verre", 4)], "enterprise")
    x = e.copy()
    x.loc[x[x.secteur == "verre"].index[0], "ca"] = 40 * x[x.secteur == "verre"].ca.sum()
    totals = x.groupby("secteur").agg(n=("ca", "size"), ca=("ca", "sum"))
    totals.columns = ["Nombre d'entreprises", "Chiffre d'affaires"]
    c.unsafe("ca_secteur.csv", french_csv(totals, index_name="Secteur"), [("DOMINANCE", "verre", 3)], "enterprise",
             supporting={"ca_secteur_contributions.csv": x.to_csv(index=False, sep=";")})
    c.unsafe("ca_sans_effectif.csv", french_csv(totals[["Chiffre d'affaires"]], index_name="Secteur"), [("CONTROL_FILE_MISSING", None, None)], "enterprise")
    hh = pd.DataFrame({"Nb d'établissements": [12, 30], "Indice de Herfindahl": [0.91, 0.12]}, index=["verre", "bois"])
    c.unsafe("herfindahl.csv", french_csv(hh, [0, 2], index_name="Secteur"), [("DOMINANCE", "verre", 3)], "enterprise")

    # masks
    def masked(table, cells):
        text = table.astype(object)
        for r, col in cells:
            text.loc[r, col] = "s"
        text.loc["Total"] = table.sum()
        text["Total"] = list(table.sum(axis=1)) + [table.sum().sum()]
        return "\n".join([";".join([""] + list(map(str, text.columns)))] + [";".join([str(r)] + [str(v) for v in row]) for r, row in text.iterrows()]) + "\n"
    two = pd.DataFrame({"Femmes": [120, 14, 70, 95], "Hommes": [130, 4, 60, 88], "Autres": [51, 40, 33, 41]}, index=["18-24", "25-34", "35-49", "50 et plus"])
    c.unsafe("masque_seul.csv", masked(two, [("25-34", "Hommes")]), [("SECONDARY_RECOVERABLE", "25-34", 3)], "health_11")
    c.safe("masque_carre.csv", masked(two, [("25-34", "Hommes"), ("25-34", "Femmes"), ("35-49", "Hommes"), ("35-49", "Femmes")]), "health_11", "a square of masks")
    c.unsafe("masque_ligne.csv", masked(two, [("25-34", "Hommes"), ("25-34", "Femmes"), ("35-49", "Femmes")]), [("SECONDARY_RECOVERABLE", "25-34", 3)], "health_11")
    c.safe("masque_inf.csv", "Région;Nb de patients\nNord;1 204\nSud;<11\nEst;<11\nOuest;310\n", "health_11", "masks with a bound")

    # English
    tab = pd.crosstab(a.school, a.vote_name)
    c.unsafe("school_vote.csv", tab.to_csv(), [("FREQ_MIN", "none", 3)])
    c.safe("school_vote_hs.csv", tab[tab.min(axis=1) > 10].to_csv(), trap="a cross table without totals")
    c.unsafe("school_vote.txt", tab.to_string() + "\n", [("FREQ_MIN", "none", None)])
    c.safe("school_vote_hs.txt", tab[tab.min(axis=1) > 10].to_string() + "\n", trap="pandas' text")
    c.unsafe("pid_self.md", pd.crosstab(a.PID.astype(int), a.selfLR.astype(int)).to_markdown() + "\n", [("FREQ_MIN", "|     4 |", None)])
    c.safe("plans.md", pd.crosstab(h.health, h.plan).to_markdown() + "\n", trap="markdown")
    c.unsafe("describe.txt", h[["visits", "disea"]].describe().to_string() + "\n", [("EXTREME_VALUE", "max", None)])
    quant = h.groupby("health").visits.agg(["count", "mean", "median"]).round(2)
    c.safe("visits.tsv", quant.to_csv(sep="\t"), trap="medians with enough units")
    q = pd.DataFrame({"n": [52, 4000], "p5": [0.2, 0.1], "p95": [14.0, 11.0]}, index=["A", "B"])
    c.unsafe("quantiles.csv", q.to_csv(index_label="group"), [("QUANTILE_FEW", "A", 3), ("QUANTILE_FEW", "A", 4)])
    c.safe("quantiles_ok.csv", (q.assign(n=[520, 4000])).to_csv(index_label="group"), trap="outer quantiles of many units")
    c.unsafe("head.txt", f[["age", "children", "religious", "educ", "affairs"]].head(8).to_string() + "\n", [("ROWS_INDIVIDUAL", None, None)], grave=True)
    c.unsafe("micro.csv", f[["rate_marriage", "age", "yrs_married", "children", "religious", "educ", "occupation"]].head(400).to_csv(index=False),
             [("ROWS_INDIVIDUAL", None, None)], grave=True)
    c.unsafe("value_counts.txt", a.school[:150].value_counts().to_string() + "\n", [("FREQ_MIN", "none", None)])

    # models
    ols = smf.ols("affairs ~ age + yrs_married + religious", f).fit()
    c.safe("ols.txt", str(ols.summary()) + "\n", trap="statsmodels' summary")
    logit = smf.logit("vote ~ educ + income + age", a).fit(disp=0)
    c.safe("logit.txt", str(logit.summary()) + "\n", trap="logit summary")
    tiny = smf.ols("affairs ~ age + yrs_married + religious", f.head(9)).fit()
    c.unsafe("ols_tiny.txt", str(tiny.summary()) + "\n", [("DOF_LOW", "Df Residuals", None)])
    full = smf.ols("affairs ~ age + yrs_married + religious", f.head(4)).fit()
    c.unsafe("ols_full.txt", "\n".join(["OLS Regression Results", "No. Observations:  4", "Df Residuals:  0", "Df Model:  3", "R-squared:  1.000"]) + "\n" + full.params.to_string() + "\n",
             [("MODEL_SATURATED", None, None)])
    dum = smf.ols("affairs ~ C(metier)", f[f.tranche == "30-34"]).fit()
    freq = f[f.tranche == "30-34"].metier.value_counts()
    c.unsafe("ols_dummies.txt", "metier  Freq.\n" + freq.to_string(header=False) + "\n\n" + str(dum.summary()) + "\n",
             [("DUMMY_FEW", "[T.étudiante]", None)])
    c.safe("ols.tex", ols.summary().as_latex() + "\n", trap="a regression in LaTeX")

    # LaTeX
    c.unsafe("pid.tex", pd.crosstab(a.school, a.vote_name).to_latex(caption="Number of voters"), [("FREQ_MIN", "none &", 3)])
    c.safe("plan.tex", pd.crosstab(h.health, h.plan).to_latex(caption="Counts"), trap="a table of counts in LaTeX")
    star = r"""\begin{table}[!htbp] \centering
  \caption{Results}
\begin{tabular}{@{\extracolsep{5pt}}lcc}
\\[-1.8ex]\hline
\hline \\[-1.8ex]
 & \multicolumn{2}{c}{\textit{Dependent variable:}} \\
\cline{2-3}
\\[-1.8ex] & \multicolumn{2}{c}{affairs} \\
\\[-1.8ex] & (1) & (2)\\
\hline \\[-1.8ex]
 age & $-$0.036$^{***}$ & 0.004 \\
  & (0.005) & (0.008) \\
 religious & $-$0.263$^{***}$ & $-$0.254$^{***}$ \\
  & (0.031) & (0.031) \\
\hline \\[-1.8ex]
Observations & %s & %s \\
R$^{2}$ & 0.021 & 0.025 \\
Residual Std. Error & 2.18 (df = %s) & 2.17 (df = %s) \\
\hline
\hline \\[-1.8ex]
\textit{Note:}  & \multicolumn{2}{r}{$^{*}$p$<$0.1; $^{**}$p$<$0.05; $^{***}$p$<$0.01} \\
\end{tabular}
\end{table}
"""
    c.safe("stargazer.tex", star % ("6,366", "6,366", "6363", "6362"), trap="stargazer")
    c.unsafe("stargazer_few.tex", star % ("6,366", "9", "6363", "5"), [("FREQ_MIN", "Observations", None), ("DOF_LOW", "Residual Std", None)])

    # Stata-like logs
    c.unsafe("tab.log", stata_tab(a.school, "school"), [], "enterprise") if False else None
    c.safe("tab.log", stata_tab(f.metier, "metier"), "health_11", "tabulate")
    c.unsafe("tab2.log", stata_tab2(f, "tranche", "metier"), [("FREQ_MIN", "30-34", None)], "health_11")
    c.safe("tab2_ok.log", stata_tab2(h, "plan", "health"), "health_11", "tabulate of two variables")
    c.unsafe("summarize.log", stata_summarize(h, ["visits", "disea"]), [("EXTREME_VALUE", "visits |", None)])
    c.safe("regress.log", stata_regress(f, "affairs", ["age", "educ"]), trap="regress")
    c.unsafe("regress_few.log", stata_regress(f.head(8), "affairs", ["age", "educ"]), [("DOF_LOW", "Residual |", None)])

    # R
    out = run_r("print(table(d$health, d$plan))\n", h)
    c.safe("r_table.txt", out, trap="R's table")
    c.unsafe("r_table_few.txt", run_r("print(table(d$tranche, d$metier))\n", f), [("FREQ_MIN", "40 et plus", None)])
    c.safe("r_lm.txt", run_r("print(summary(lm(affairs ~ age + educ, data=d)))\n", f), trap="residual quantiles of lm are printed: min and max are extremes") if False else None
    c.safe("r_glm.txt", run_r("print(coef(summary(glm(vote ~ educ + age, family=binomial, data=d))))\ncat('N =', nrow(d), '\\n')\n", a), trap="coefficients of glm")
    c.unsafe("r_summary.txt", run_r("print(summary(d[, c('visits', 'disea')]))\n", h), [("EXTREME_VALUE", "Max.", None)])
    c.unsafe("r_head.txt", run_r("print(head(d[, c('age','educ','children','religious')], 7))\n", f), [("ROWS_INDIVIDUAL", None, None)], grave=True)
    c.safe("r_prop.txt", run_r("print(round(100*prop.table(table(d$health, d$plan), 1), 1))\n", h), trap="percentages without a base")
    c.safe("r_agg.txt", run_r("print(aggregate(visits ~ health, data=d, FUN=function(x) c(n=length(x), mean=round(mean(x),2))))\n", h), trap="aggregate")

    # prose and identifiers
    c.safe("note.txt", "Le modèle porte sur 6 366 femmes interrogées en 1974. Le taux est de 72,4 % en 2020, contre 3,1 % en 1990.\n", trap="figures in prose")
    c.unsafe("phrase.txt", "Parmi les cas étudiés, deux patients sont décédés dans le service.\n", [("FREQ_MIN", "deux patients", None)], "health_11")
    c.unsafe("phrase_n.txt", "Dans le sous-groupe des moins de 20 ans (n = 4), la moyenne est de 12,3.\n", [("FREQ_MIN", "n = 4", None)], "health_11")
    c.unsafe("nir.csv", "nir;sejours\n255081416802538;12\n185062A00401223;14\n", [("ID_DIRECT", "255081416802538", 1)], "health_11", grave=True)
    c.unsafe("contacts.txt", "Contact : marie.curie@exemple.fr, tél. 06 12 34 56 78\n", [("ID_DIRECT", "marie", None)], "health_11", grave=True)
    c.safe("montants.csv", "Poste;Montant\nSalaires;1234567890123\nAchats;73282932000075\nImpôts;25508141680253\n", "generic_10", "amounts as long as identifiers")
    c.unsafe("hash.csv", "cle,sejours\n" + "".join(f"{(i * 2654435761) % 2**64:016x},{30 + i}\n" for i in range(1, 9)), [("ID_PSEUDONYM", None, 1)], "generic_10", grave=True)
    c.unsafe("noms.csv", "nom;prenom;service\nMARTIN;Lucie;Cardiologie\nDURAND;Paul;Urgences\n", [("ID_DIRECT", "MARTIN", 1)], "health_11", grave=True)
    c.unsafe("unanimes.csv", "Commune;Oui;Non\nA;120;0\nB;60;75\n", [("CLASS_DISCLOSURE", "A;", 2)], "insee_menages")
    c.unsafe("code.do", "clear\ninput age sexe revenu\n45 1 23000\n52 2 31000\n38 1 18500\n61 2 27000\nend\nregress revenu age\n", [("CODE_EMBEDS_DATA", None, None)], grave=True)
    c.safe("code.R", "library(dplyr)\nd <- read.csv('data.csv')\nm <- lm(affairs ~ age, data = d)\nprint(summary(m))\nbreaks <- c(18, 25, 35, 50)\n", trap="a program without data")

    # differences
    before = french_csv(pd.crosstab(f.tranche, f.plan), index_name="Effectifs par âge")
    less = f.drop(f[(f.tranche == "30-34")].index[:4])
    c.unsafe("differences.csv", french_csv(pd.crosstab(less.tranche, less.plan), index_name="Effectifs par âge"), [("DIFFERENCING", "30-34", None)], "health_11",
             released={"released/effectifs.csv": before})
    other = f.sample(4000, random_state=3)
    c.done()
