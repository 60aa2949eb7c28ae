"""Part d, text: CSV and fixed text in French and English dress, consoles of R, Stata, SAS, LaTeX, programs."""
import numpy as np
import pandas as pd
import statsmodels.formula.api as smf

from kit import anes, fair, fr, french_csv, hie, stata_regress, stata_tab, stata_tab2
from kit_files import r, rows_of

THIN = "\u2009"


def lines(rows, sep=";"):
    return "\n".join(sep.join(map(str, row)) for row in rows) + "\n"


def lst(frame, title, total=None):
    """PROC FREQ as the SAS listing shows it, page number and date included."""
    counts = frame.value_counts().sort_index() if isinstance(frame, pd.Series) else frame
    out = [f"{'Le Système SAS':^80}{1:>5}", f"{'lundi 6 mai 2024 10:12:33':>85}", "", f"{'La procédure FREQ':^80}", "",
           f"{title:^80}", f"{'':20}{title[:12]:<16}{'Fréquence':>12}{'Pourcentage':>14}", " " * 20 + "-" * 42]
    for label, n in counts.items():
        out.append(f"{'':20}{str(label):<16}{n:>12d}{100 * n / counts.sum():>14.2f}")
    return "\n".join(out) + "\n\f"


def smcl(text):
    body = text.replace("\n", "\n{txt}")
    return "{smcl}\n{com}{sf}{ul off}{txt}{.-}\n      name:  {res}<unnamed>\n       {txt}log:  {res}resultats.smcl\n  {txt}log type:  {res}smcl\n {txt}opened on:  {res} 2 May 2024, 10:04:12\n{txt}" + body + "\n{smcl}\n{txt}{sf}{ul off}"


def tables(c):
    f, h = fair(), hie()
    depts = [["Département", "Code", "Salariés", "Part des temps partiels (%)"], ["Ain", "01", "125 431", "18,2"], ["Aisne", "02", "88 207", "19,6"],
             ["Allier", "03", "61 940", "20,1"], ["Alpes-de-Haute-Provence", "04", "22 318", "21,7"], ["Hautes-Alpes", "05", "19 044", "22,9"]]
    c.add("salaries_1252.csv", lines(depts).replace(" ", "\u00a0"), rules="dads_5", encoding="cp1252", trap="department codes, cp1252")
    bad = [list(row) for row in depts]
    bad[4][2] = "4"
    c.add("salaries_1252_petit.csv", lines(bad).replace(" ", "\u00a0"), "refuse", [("FREQ_MIN", {"needle": "Alpes-de", "column": 3})], "dads_5", encoding="cp1252")
    jobs = pd.crosstab(f.metier, f.plan)
    c.add("metiers_unicode.txt", "\ufeff" + lines(rows_of(jobs.drop("étudiante").map(lambda v: fr(v, sep=THIN)), "Effectifs"), "\t"), rules="health_11", encoding="utf-16-le", trap="UTF-16 of a spreadsheet")
    ages = pd.crosstab(f.tranche, f.metier)
    c.add("ages_unicode.txt", "\ufeff" + lines(rows_of(ages.map(lambda v: fr(v, sep=THIN)), "Effectifs"), "\t"), "refuse",
          [("FREQ_MIN", {"line": 2 + list(ages.index).index("40 et plus"), "column": 2 + list(ages.columns).index("étudiante")})], "health_11", encoding="utf-16-le")
    c.add("sejours_annuels.csv", "Année;Mois;Séjours;Durée moyenne (jours)\n" + "".join(f"{y};{m};{4000 + 137 * m + y % 7};{5 + m / 10:.1f}\n".replace(".", ",") for y in (2021, 2022) for m in range(1, 7)), rules="health_11", trap="years, months and means below the minimum")
    c.add("palmares.csv", "Rang;Commune;Code postal;Nombre de foyers;Indice (base 100)\n1;Ussel;19200;4812;104,2\n2;Tulle;19000;7033;101,9\n3;Égletons;19300;2101;99,8\n4;Bort;19110;1544;7,9\n", rules="fiscal_11", trap="ranks, postcodes, an index of 7.9")
    c.add("masques_varies.csv", "Secteur;Hommes;Femmes;Ensemble\nBâtiment;1 204;c;c\nTextile;c;c;914\nCommerce;655;702;1 357\nEnseignement;c;1 411;c\nEnsemble;2 950;3 390;6 340\n\nc : secret statistique\n", rules="enterprise", trap="enough masks, with a note")
    c.add("masque_unique.csv", "Secteur;Hommes;Femmes;Ensemble\nBâtiment;1 204;n.d.;1 207\nTextile;215;699;914\nCommerce;655;702;1 357\nEnsemble;2 074;1 404;3 478\n", "refuse", [("SECONDARY_RECOVERABLE", {"needle": "Bâtiment", "column": 3})], "health_11")
    c.add("masque_tiret.csv", "Tranche d'âge,Nombre de patients,dont décédés\n18-39,412,-\n40-64,640,38\n65 et plus,811,92\nTotal,1863,133\n", "refuse", [("SECONDARY_RECOVERABLE", {"needle": "18-39", "column": 3})], "health_11")
    c.add("quartiles.csv", "Tranche;Effectif;Q1;Médiane;Q3;D9\nMoins de 30;1 412;14 220;18 310;23 040;30 120\n30-49;3 390;17 800;23 400;31 050;42 800\n50 et plus;2 875;18 020;24 110;33 900;49 700\n", rules="fiscal_11", trap="quantiles of large groups")
    c.add("centiles.csv", "Tranche;Effectif;Médiane;P99\nMoins de 30;1 412;18 310;61 200\n30-49;640;23 400;98 050\n50 et plus;2 875;24 110;120 700\n", "refuse", [("QUANTILE_FEW", {"needle": "30-49", "column": 4})], "fiscal_11")
    c.add("taux_100000.csv", "Région;Population;Décès pour 100 000 habitants\nNord;1 204 500;31,2\nSud;18 200;22,0\nEst;840 100;27,9\n", "refuse", [("DERIVED_COUNT", {"needle": "Sud", "column": 3})], "health_11")
    c.add("taux_grands.csv", "Région;Population;Taux de chômage (%)\nNord;1 204 500;9,2\nSud;418 200;7,0\nEst;840 100;3,1\n", rules="health_11", trap="percentages of large bases")
    c.add("ca_max.csv", "Activité;Nb entreprises;CA total (k€);CA de la première;CA de la deuxième\nBois;48;152 300;31 200;20 100\nVerre;9;88 410;80 105;4 020\nPapier;31;97 800;12 400;11 900\n", "refuse", [("DOMINANCE", {"needle": "Verre"})], "enterprise")
    c.add("ca_part.csv", "Activité;Nb entreprises;CA total (k€);Part de la première (%)\nBois;48;152 300;20,5\nVerre;9;88 410;44,1\nPapier;31;97 800;12,7\n", rules="enterprise", trap="turnover with the share of the first")
    c.add("individus_1252.csv", "matricule;date_entree;sexe;âge;cspf;salaire_net\n" + "".join(f"{10000 + 7 * i};{1 + i % 28:02d}/{1 + i % 12:02d}/20{10 + i % 13};{'HF'[i % 2]};{19 + (i * 7) % 45};{[21, 31, 37, 43, 54, 62][i % 6]};{1400 + (i * 97) % 2900},{i % 100:02d}\n" for i in range(90)),
          "refuse", [("ROWS_INDIVIDUAL", {})], "dads_5", grave=True, encoding="cp1252")
    c.add("note_nir.csv", "Région;Assurés\nNord;8 120\nSud;6 004\n\nDossier revu : 1 85 05 78 006 084 91\n", "refuse", [("ID_DIRECT", {"needle": "Dossier"})], "health_11", grave=True)
    c.add("carreaux.csv", "Idcar_200m,Ind,Men\nFR_CRS3035RES200mN2029800E4252400,412,170\nFR_CRS3035RES200mN2030000E4252400,380,151\nFR_CRS3035RES200mN2030200E4252600,298,120\n", "review", [("GEO_FINE", {"column": 1})], "insee_menages")
    c.add("bornes.csv", "Variable,N,Mean,SD,Min,Max\nvisits,20186,2.86,4.50,0,77\nage,20186,25.7,16.8,0.03,64.3\n", "refuse", [("EXTREME_VALUE", {"needle": "visits,", "column": 6})])
    c.add("regroupe.txt", h.groupby("plan").agg(n=("visits", "size"), mean=("visits", "mean"), sd=("visits", "std"), zero=("visits", lambda v: (v == 0).mean())).round(3).to_string() + "\n", trap="fixed text of pandas, a share without percent")
    c.add("contingence.txt", pd.crosstab(f[f.children > 3].metier, f[f.children > 3].tranche, margins=True, margins_name="Total").to_string() + "\n", "refuse", [("FREQ_MIN", {"needle": "étudiante"})], "health_11")
    c.add("survie.csv", "time,n.risk,n.event,survival,std.err\n30,812,41,0.949,0.0077\n60,771,38,0.903,0.0104\n90,6,2,0.602,0.1711\n", "refuse", [("FREQ_MIN", {"needle": "90,6", "column": 3})], "health_11")


def consoles(c):
    f, a, h = fair(), anes(), hie()
    c.add("console_r.txt", r("t <- table(d$plan, d$health)\nt\nchisq.test(t)\nround(prop.table(t, 1), 3)\n", h, echo=True), rules="health_11", trap="a console of R with its commands")
    c.add("console_r_petit.txt", r("str(d[, c('vote_name', 'school')])\nxtabs(~ school + vote_name, data = d)\n", a.assign(school=a.school.astype(str)), echo=True), "refuse", [("FREQ_MIN", {"needle": "none"})])
    c.add("console_r_lm.txt", r("m <- lm(affairs ~ age + educ + factor(children), data = d)\nprint(m)\ncat('N =', nobs(m), ' ddl =', df.residual(m), '\\n')\nanova(m)\n", f, echo=True), trap="a linear model and its analysis of variance")
    c.add("console_r_summary.txt", r("summary(d$visits)\naggregate(visits ~ plan, d, max)\n", h, echo=True), "refuse", [("EXTREME_VALUE", {})])
    c.add("console_r_head.txt", r("head(d[, c('age', 'educ', 'occupation', 'children', 'affairs')], 10)\n", f, echo=True), "refuse", [("ROWS_INDIVIDUAL", {})], grave=True)
    c.add("console_r_ddl.txt", r("summary(lm(income ~ age + educ, data = d[1:11, ]))$coefficients\nm <- lm(income ~ age + educ, data = d[1:11, ])\ncat('Residual standard error:', round(sigma(m), 3), 'on', df.residual(m), 'degrees of freedom\\n')\n", a, echo=True), "refuse", [("DOF_LOW", {"needle": "on 8 degrees"})])
    c.add("tabule.smcl", smcl(stata_tab(f.metier, "metier")), rules="depp_10", trap="SMCL, counts above ten")
    c.add("tabule_petit.smcl", smcl(stata_tab(f[f.tranche == "35-39"].metier, "metier")), "refuse", [("FREQ_MIN", {"needle": "étudiante"})], "health_11")
    c.add("session.log", "      name:  <unnamed>\n       log:  C:\\resultats.log\n  log type:  text\n opened on:   2 May 2024, 10:04:12\n\n. use base, clear\n(2024 extraction, 6,366 observations)\n\n" + stata_regress(f, "affairs", ["age", "yrs_married", "religious"]) + "\n. log close\n", trap="the header of a log")
    c.add("session_petit.log", ". use base\n\n" + stata_tab2(a, "school", "vote_name", percent=True) + "\n. log close\n", "refuse", [("FREQ_MIN", {"needle": "none |"})])
    c.add("freq.lst", lst(f.metier, "metier"), rules="depp_10", trap="the page number of a listing")
    c.add("freq_petit.lst", lst(f[f.tranche == "25-29"].metier, "metier"), "refuse", [("FREQ_MIN", {"needle": "étudiante"})], "irdes_15")
    means = f"{'La procédure MEANS':^70}\n\n{'Variable d' + chr(39) + 'analyse : visits':^70}\n\n{'plan':<14}{'N obs':>8}{'N':>8}{'Moyenne':>12}{'Ecart-type':>12}{'Maximum':>10}\n" + "-" * 66 + "\n"
    for label, g in h.groupby("plan"):
        means += f"{label:<14}{len(g):>8}{len(g):>8}{g.visits.mean():>12.4f}{g.visits.std():>12.4f}{g.visits.max():>10.2f}\n"
    c.add("means.lst", means, "refuse", [("EXTREME_VALUE", {"needle": "free care"})])
    c.add("probit.txt", str(smf.probit("vote ~ educ + income + PID", a).fit(disp=0).summary()) + "\n", trap="probit of statsmodels")
    c.add("sature.txt", str(smf.ols("income ~ C(educ) * C(vote)", a.groupby(["educ", "vote"]).head(1)).fit().summary()) + "\n", "refuse", [("MODEL_SATURATED", {})])
    c.add("indicatrices.txt", "Nombre d'individus par profession\n" + f[f.tranche == "25-29"].metier.value_counts().rename("n").to_string() + "\n\n" + str(smf.logit("plan01 ~ C(metier) + educ", f[f.tranche == "25-29"].assign(plan01=lambda x: (x.religious > 2).astype(int))).fit(disp=0).summary()) + "\n", "refuse", [("DUMMY_FEW", {"needle": "[T.étudiante]"})], "irdes_15")


def latex(c):
    import statsmodels.api as sm
    from stargazer.stargazer import Stargazer
    f, a, h = fair(), anes(), hie()
    models = [smf.ols("affairs ~ age + educ", f).fit(), smf.ols("affairs ~ age + educ + religious", f).fit()]
    c.add("stargazer.tex", Stargazer(models).render_latex() + "\n", trap="stargazer of PyPI")
    few = [smf.ols("affairs ~ age + educ", f).fit(), smf.ols("affairs ~ age + educ", f.head(12)).fit()]
    c.add("stargazer_petit.tex", Stargazer(few).render_latex() + "\n", "refuse", [("DOF_LOW", {"needle": "Residual Std"})])
    c.add("xtable.tex", r("library(xtable)\nprint(xtable(table(d$health, d$plan), caption='Persons by plan', digits=0))\n", h), trap="xtable of R")
    c.add("xtable_petit.tex", r("library(xtable)\nprint(xtable(table(d$tranche, d$metier), caption='Effectifs'), include.rownames=TRUE)\n", f), "refuse", [("FREQ_MIN", {"needle": "40 et plus"})], "health_11")
    c.add("pandas.tex", h.groupby("health").visits.agg(["count", "mean", "std"]).to_latex(float_format="%.2f", caption="Visits", label="tab:v"), trap="counts and means in LaTeX")
    c.add("resume.tex", sm.Logit(a.vote, sm.add_constant(a[["income", "educ"]])).fit(disp=0).summary().as_latex() + "\n", trap="a summary of statsmodels in LaTeX")


def programs(c):
    c.add("analyse.py", "import pandas as pd\nimport statsmodels.formula.api as smf\n\nBORNES = [0, 18, 30, 50, 65, 120]\nLIBELLES = {1: 'Nord', 2: 'Sud', 3: 'Est', 4: 'Ouest'}\nbase = pd.read_parquet('/data/base.parquet')\nbase['tranche'] = pd.cut(base.age, BORNES, right=False)\ntable = pd.crosstab(base.tranche, base.region.map(LIBELLES))\ntable[table < 11] = None\ntable.to_csv('table.csv')\nprint(smf.ols('revenu ~ age', base).fit().summary())\n", rules="health_11", trap="bounds and labels in a program")
    c.add("analyse_donnees.py", "import pandas as pd\nd = pd.DataFrame([\n    {'id': 1, 'age': 45, 'sexe': 'F', 'revenu': 23100},\n    {'id': 2, 'age': 52, 'sexe': 'H', 'revenu': 31800},\n    {'id': 3, 'age': 38, 'sexe': 'H', 'revenu': 18500},\n    {'id': 4, 'age': 61, 'sexe': 'F', 'revenu': 27250},\n    {'id': 5, 'age': 29, 'sexe': 'F', 'revenu': 20900},\n    {'id': 6, 'age': 33, 'sexe': 'H', 'revenu': 22700},\n])\nprint(d.describe())\n", "refuse", [("CODE_EMBEDS_DATA", {})], grave=True)
    c.add("modele.do", "* Tableau 2\nclear all\nset more off\nuse \"base.dta\", clear\ngen tranche = 1 if age < 30\nreplace tranche = 2 if inrange(age, 30, 49)\nforvalues k = 1/3 {\n    quietly regress y x`k', robust\n    estimates store m`k'\n}\nesttab m1 m2 m3 using t2.tex, replace b(3) se(3)\n", trap="a do-file")
    c.add("donnees.R", "patients <- data.frame(\n  id = c(101, 102, 103, 104, 105, 106, 107, 108),\n  age = c(45, 52, 38, 61, 29, 33, 70, 48),\n  sexe = c('F', 'H', 'H', 'F', 'F', 'H', 'F', 'H'),\n  imc = c(22.1, 31.4, 27.8, 24.0, 19.9, 26.3, 28.8, 30.2)\n)\nsummary(lm(imc ~ age, data = patients))\n", "refuse", [("CODE_EMBEDS_DATA", {})], "health_11", grave=True)
    c.add("courriel.do", "* demander à Claire Martin, claire.martin@exemple.fr, 04 73 12 34 56\nuse base, clear\nregress y x\n", "refuse", [("ID_DIRECT", {"needle": "claire"})], grave=True)


def build(c):
    np.random.seed(4)
    for family in (tables, consoles, latex, programs):
        family(c)
    # French CSV with differences to what was released
    h = hie()
    before = pd.crosstab(h.health, h.plan)
    after = pd.crosstab(h[h.disea < h.disea.max()].health, h[h.disea < h.disea.max()].plan)
    gap = (before - after).to_numpy()
    assert ((gap > 0) & (gap < 11)).any()
    c.add("assures_sans_extremes.csv", french_csv(after, index_name="Nombre d'assurés"), "refuse", [("DIFFERENCING", {})], "health_11",
          released={"released/assures.csv": french_csv(before, index_name="Nombre d'assurés")})
