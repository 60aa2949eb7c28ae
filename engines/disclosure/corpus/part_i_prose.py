"""Part i, prose, LaTeX and programs: sentences that count few people and sentences that only look so; code with and without data."""
import pandas as pd
import pyfixest as pf
import statsmodels.formula.api as smf
from stargazer.stargazer import Stargazer

from kit_files import CALM, knit, pandoc, r
from part_i_data import few, fr, patients, pupils, sample


def prose(c):
    c.add("resume.md", "## Résumé\n\nSur 2 982 patientes suivies entre 1978 et 1993, une sur deux (50,2 %) a rechuté. Trois modèles ont été comparés ; le troisième, à 5 covariables, a l'AIC le plus bas (18 204,6 contre 18 377,1).\nLe risque est multiplié par 2,1 pour les grades 3 (IC 95 % : 1,7 - 2,6). Les 2 traitements sont décrits en annexe 4.\n", rules="health_11", trap="one in two, three models, five covariates, annex four")
    c.add("methodes_en.md", "# Methods\n\nWe followed 7,874 donors for 14 years (9 sites, 2 laboratories). Cells below 11 were suppressed before export; fewer than 11 donors is shown as '<11'.\nFree light chains were split into 10 groups of equal size. The 4 time points were 1, 3, 5 and 10 years. Analyses used R 4.2.2 and the survival package 3.4-0.\nA third of the 2,169 deaths (34.3%) were circulatory.\n", rules="health_11", trap="sites, groups, time points, versions in English")
    c.add("note_methode.md", "Note de méthode n° 6\n\n1. Les cellules de moins de 5 ménages sont masquées (règle des 5).\n2. Un ménage sur 4 vit seul ; 6 ménages sur 10 sont propriétaires.\n3. La collecte a duré 8 semaines, de 9 h à 19 h, avec 3 relances et 2 modes (internet, téléphone).\n4. Taux de réponse : 71,3 % de 5 750 ménages tirés.\n", rules="insee_menages", trap="a rule, proportions, weeks, hours, reminders")
    c.add("courriel.md", "Objet : sortie n° 12 du projet\n\nBonjour,\n\nVoici 3 fichiers : 2 tableaux (12 lignes et 7 colonnes chacun) et 1 figure. Les programmes tournent en 4 minutes sur 2 cœurs.\nLe tableau 2 remplace celui du 5 mars 2024 ; 6 décimales ont été ramenées à 2.\n\nCordialement,\nl'équipe du projet\n", trap="a message: files, lines, minutes, decimals")
    c.add("biblio.bib", "@article{royston2013,\n  author = {Royston, Patrick and Altman, Douglas G.},\n  title = {External validation of a {Cox} prognostic model: principles and methods},\n  journal = {BMC Medical Research Methodology},\n  volume = {13},\n  number = {1},\n  pages = {33},\n  year = {2013},\n  doi = {10.1186/1471-2288-13-33}\n}\n\n@book{therneau2000,\n  author = {Therneau, Terry M. and Grambsch, Patricia M.},\n  title = {Modeling Survival Data: Extending the {Cox} Model},\n  publisher = {Springer},\n  year = {2000},\n  isbn = {0-387-98784-3}\n}\n", trap="a bibliography: volumes, pages, authors of papers", forbidden=["FREQ_MIN", "ROWS_INDIVIDUAL", "DERIVED_COUNT"])
    c.add("compte_rendu_revue.md", "Parmi les patientes de moins de 45 ans, quatre seulement ont reçu une hormonothérapie ; les autres ont eu une chimiothérapie ou aucun traitement.\n", "refuse", [("FREQ_MIN", {"line": 1})], "health_11")
    c.add("results_en.md", "# Results\n\nOf 7,874 donors, 2,169 died during follow-up. Circulatory causes were the most frequent (745).\nOnly three donors died of a congenital condition, and four deaths were coded to diseases of the blood.\n", "refuse", [("FREQ_MIN", {"needle": "Only three donors"})], "health_11")
    c.add("bilan_secteur.md", "Le secteur du tabac ne compte que deux entreprises en 2022, pour un chiffre d'affaires cumulé de 377 millions d'euros.\n", "refuse", [("FREQ_MIN", {"line": 1})], "enterprise")
    c.add("lecture_tableau.md", "Lecture : dans le lycée 1224, 8,5 % des 47 élèves sont issus d'une minorité.\n", "refuse", [("DERIVED_COUNT", {"line": 1})], "depp_10")
    c.add("salaire_extreme.md", "Le salaire médian est de 1 980 euros ; le salaire le plus élevé de l'établissement atteint 41 200 euros par mois.\n", "review", [("EXTREME_VALUE", {"line": 1})], "dads_5")
    c.add("cas_clinique.md", "## Discussion\n\nLa patiente la plus atypique, 38 ans, grade 3, 22 ganglions envahis, a rechuté à 4 mois (joindre le centre : 02 61 91 41 37).\n", "refuse", [("ID_DIRECT", {"needle": "02 61"})], "health_11", grave=True)
    c.add("remerciements.md", "# Remerciements\n\nNous remercions le service statistique. Pour toute question : karine.letellier@univ-exemple.fr.\n", "refuse", [("ID_DIRECT", {"needle": "@"})], grave=True)
    c.add("figure_titre.md", "![Figure 3. Part des femmes rechutant, hormonothérapie avant 45 ans (N=4)](figures/fig3.png)\n\n![Figure 4. Part des femmes rechutant, ensemble (N=2 982)](figures/fig4.png)\n", "refuse", [("FREQ_MIN", {"line": 1})], "health_11")


def latex(c):
    q, p, w = pupils(), patients(), sample("wages")
    fits = [smf.ols("score ~ SES", q).fit(), smf.ols("score ~ SES + C(secteur)", q).fit()]
    c.add("stargazer_py.tex", Stargazer(fits).render_latex(), rules="depp_10", trap="stargazer of Python: stars, F, residual errors", forbidden=[*CALM, "DOF_LOW"])
    c.add("xtable_anova.tex", r("library(xtable)\nprint(timestamp = NULL, xtable(anova(lm(score ~ SES + secteur + sexe, d))))\n", q), rules="depp_10", trap="an analysis of variance: degrees of freedom of one", forbidden=[*CALM, "DOF_LOW"])
    c.add("hmisc.tex", r("suppressPackageStartupMessages(library(Hmisc))\nt <- with(d, tapply(score, list(ses_q, secteur), mean))\nn <- with(d, table(ses_q, secteur))\nlatex(round(cbind(t, n), 1), file = '', rowlabel = 'SES', caption = 'Mean score, then pupils', cgroup = c('Mean', 'Pupils'), n.cgroup = c(2, 2))\n", q), rules="depp_10", trap="Hmisc's latex: column groups")
    c.add("etable_wages.tex", pf.etable([pf.feols("lwage ~ ed + exp", w), pf.feols("lwage ~ ed + exp | sex + union", w)], type="tex") + "\n", rules="dads_5", trap="two models, one with fixed effects", forbidden=["FREQ_MIN", "DOF_LOW", "DUMMY_FEW", "ROWS_INDIVIDUAL"])
    t = pd.crosstab(p.tranche, p.traitement)
    c.add("kable.tex", r("t <- table(d$tranche, d$traitement)\ncat(knitr::kable(t, format = 'latex', booktabs = TRUE, caption = 'Patients by age and treatment'), sep = '\\n')\n", p), "refuse", [("FREQ_MIN", {"needle": "65-74"})], "health_11")
    few(t, 11)
    c.add("beamer.tex", "\\documentclass{beamer}\n\\begin{document}\n\\begin{frame}{Causes de décès}\n\\begin{tabular}{lr}\n\\toprule\nCause & Décès \\\\\n\\midrule\nCirculatoire & 745 \\\\\nTumeurs & 567 \\\\\nSang & \\textbf{4} \\\\\n\\bottomrule\n\\end{tabular}\n\\end{frame}\n\\end{document}\n", "refuse", [("FREQ_MIN", {"needle": "Sang"})], "health_11")
    rows = "".join(f"{i} & {v.age} & {v.nodes} & {v.pgr} & {v.er} & {v.annees:.2f} \\\\\n" for i, v in enumerate(p.head(16).itertuples(), 1))
    c.add("annexe_patients.tex", "\\begin{longtable}{rrrrrr}\n\\hline\nNo & Age & Nodes & PgR & ER & Follow-up (y) \\\\\n\\hline\n" + rows + "\\hline\n\\end{longtable}\n", "refuse", [("ROWS_INDIVIDUAL", {})], "health_11", grave=True)
    c.add("regression_courte.tex", r("suppressPackageStartupMessages(library(xtable))\nm <- lm(goutput ~ size + urea + totlabor, d)\nprint(timestamp = NULL, xtable(summary(m), caption = paste('N =', nobs(m), ', residual df =', df.residual(m))))\n", sample("farms").head(11)), "refuse", [("DOF_LOW", {"needle": "residual df"})], "fiscal_11")
    c.add("rmd_modele.md", knit("# Modèle\n\n```{r}\nd <- read.csv('data.csv')\nm <- glm(recur ~ age + factor(grade) + nodes, binomial, d)\nknitr::kable(coef(summary(m)), digits = 3)\nnobs(m)\n```\n\nLe modèle porte sur `r nrow(d)` patientes.\n", p, "md"), rules="health_11", trap="a logit by knitr, its N in the text")
    c.add("article.rst", pandoc("# Survie\n\n" + "| Grade | Patientes | Décès |\n|---|---:|---:|\n" + "".join(f"| {g} | {fr(len(x))} | {fr(x.death.sum())} |\n" for g, x in p.groupby("grade")) + "\nSource : registre, 1978-1993.\n", "rst"), rules="health_11", trap="a grid table of pandoc, grades 2 and 3")
    c.add("article.adoc", pandoc("# Causes\n\n| Cause | Décès |\n|---|---:|\n| Circulatoire | 745 |\n| Tumeurs | 567 |\n| Peau | 4 |\n", "asciidoc"), "refuse", [("FREQ_MIN", {})], "health_11")


def programs(c):
    p, w = patients(), sample("wages")
    c.add("modele.do", "version 17\nset seed 20240312\nuse \"$data/rotterdam.dta\", clear\nrecode age (min/44=1 \"<45\") (45/54=2 \"45-54\") (55/max=3 \"55+\"), gen(classe)\nlabel define gr 2 \"Grade 2\" 3 \"Grade 3\"\nlabel values grade gr\nforvalues k = 1/5 {\n    quietly stcox age i.grade if fold != `k'\n    predict double xb`k' if fold == `k', xb\n}\nmatrix B = (1, 0.5 \\ 0.5, 1)\nesttab using modele.tex, se star(* 0.10 ** 0.05 *** 0.01) replace\n", rules="generic_10", trap="Stata: recodes, labels, a loop, a matrix of 2 by 2")
    c.add("tableaux.sas", "options ls=120 nodate;\nproc format;\n  value grade 2='Grade 2' 3='Grade 3';\n  value age low-44='<45' 45-54='45-54' 55-high='55+';\nrun;\nproc freq data=reg.rotterdam;\n  where year between 1983 and 1992;\n  tables grade*chemo / chisq nopercent;\nrun;\nproc phreg data=reg.rotterdam;\n  model dtime*death(0) = age nodes / ties=efron;\nrun;\n", rules="generic_10", trap="SAS: formats and procedures, no data step of cards")
    c.add("pipeline.py", "import polars as pl\n\nSEUIL = 11\nCLASSES = [0, 45, 55, 65, 75, 120]\nPALETTE = ['#440154', '#3b528b', '#21918c', '#5ec962', '#fde725']\nDEPARTEMENTS = {'2A': 'Corse-du-Sud', '2B': 'Haute-Corse', '75': 'Paris', '13': 'Bouches-du-Rhône'}\n\n\ndef masque(df: pl.DataFrame) -> pl.DataFrame:\n    return df.with_columns(pl.when(pl.col('n') < SEUIL).then(None).otherwise(pl.col('n')).alias('n'))\n\n\nd = pl.read_parquet('registre.parquet')\nt = d.group_by('grade', pl.col('age').cut(CLASSES)).agg(pl.len().alias('n'))\nmasque(t).write_csv('grade_age.csv', separator=';')\nfor k in range(1, 4):\n    print(k, round(0.05 / k, 4))\n", rules="generic_10", trap="Python: thresholds, classes, colours, a dictionary of codes")
    c.add("grille.py", "from sklearn.model_selection import GridSearchCV\nfrom sklearn.ensemble import HistGradientBoostingClassifier\n\ngrille = {'max_depth': [2, 3, 4, 6, 8], 'learning_rate': [0.01, 0.03, 0.1, 0.3], 'min_samples_leaf': [20, 50, 100, 200]}\nrecherche = GridSearchCV(HistGradientBoostingClassifier(random_state=7), grille, cv=5, scoring='roc_auc', n_jobs=2)\n", trap="a grid of parameters")
    c.add("requetes.sql", "-- effectifs par service, cellules de moins de 11 masquées\nCREATE TABLE sortie AS\nSELECT service, substr(dp, 1, 3) AS cim3, count(DISTINCT id_patient) AS n, round(avg(duree), 1) AS dms\nFROM sejours WHERE annee BETWEEN 2015 AND 2022 AND age >= 18\nGROUP BY service, cim3\nHAVING count(DISTINCT id_patient) >= 11;\nINSERT INTO journal SELECT 'sortie', count(*) FROM sortie;\n", rules="generic_10", trap="an INSERT from a query, years, a threshold")
    c.add("etudes.R", "# Chaque ligne : patientes du registre ajoutées à la main\nd <- data.frame(\n  age = c(38, 41, 52, 67, 45, 71, 59, 48),\n  grade = c(3, 3, 2, 3, 2, 3, 3, 2),\n  ganglions = c(22, 4, 0, 7, 1, 0, 12, 3),\n  recidive_mois = c(4, 31, 77, 12, 60, 88, 9, 41)\n)\nsummary(glm(recidive_mois ~ age + ganglions, data = d))\n", "refuse", [("CODE_EMBEDS_DATA", {})], "generic_10", grave=True)
    cards = "".join(f"{v.age} {v.grade} {v.nodes} {v.dtime}\n" for v in p.head(14).itertuples())
    c.add("lecture.sas", "data work.registre;\n  input age grade nodes dtime;\n  datalines;\n" + cards + ";\nrun;\nproc means data=work.registre n mean;\nrun;\n", "refuse", [("CODE_EMBEDS_DATA", {})], "generic_10", grave=True)
    rows = "".join(f"{v.ed} {v.exp} {v.wks} {v.lwage}\n" for v in w.head(12).itertuples())
    c.add("saisie.do", "clear\ninput ed exp wks lwage\n" + rows + "end\nregress lwage ed exp\n", "refuse", [("CODE_EMBEDS_DATA", {})], "dads_5", grave=True)
    c.add("insertions.sql", "CREATE TABLE patients (id INTEGER, age INTEGER, grade INTEGER, ganglions INTEGER);\n" + "".join(f"INSERT INTO patients VALUES ({v.pid}, {v.age}, {v.grade}, {v.nodes});\n" for v in p.head(9).itertuples()), "refuse", [("CODE_EMBEDS_DATA", {})], "generic_10", grave=True)
    records = ",\n".join(f"    {{'id': {v.pid}, 'age': {v.age}, 'grade': {v.grade}, 'ganglions': {v.nodes}, 'deces': {v.death}}}" for v in p.head(10).itertuples())
    c.add("essai.py", "import pandas as pd\n\npatients = [\n" + records + ",\n]\nprint(pd.DataFrame(patients).groupby('grade').age.mean())\n", "refuse", [("CODE_EMBEDS_DATA", {})], "generic_10", grave=True)
    text = "\n".join(f"{v.age},{v.grade},{v.nodes},{v.dtime}" for v in p.head(12).itertuples())
    c.add("lecture_texte.R", 'd <- read.csv(text = "age,grade,nodes,dtime\n' + text + '")\nprint(coef(lm(dtime ~ age, d)))\n', "refuse", [("CODE_EMBEDS_DATA", {})], "generic_10", grave=True)
    c.add("liste.sps", "DATA LIST LIST /age (F3) grade (F1) ganglions (F2) suivi (F5).\nBEGIN DATA\n" + text.replace(",", " ") + "\nEND DATA.\nFREQUENCIES /VARIABLES=grade.\n", "refuse", [("CODE_EMBEDS_DATA", {})], "generic_10", grave=True)


def build(c):
    for family in (prose, latex, programs):
        family(c)
