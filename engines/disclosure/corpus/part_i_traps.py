"""Part i, traps: safe files at the edge of a rule or full of numbers that count nobody."""
import json

import numpy as np
import pandas as pd
import statsmodels.formula.api as smf

from kit_files import CALM, book, figure, office, r, rows_of, saved, word
from part_i_data import companies, fr, patients, pupils, roomy, sample


def csv(*rows, sep=";"):
    return "\n".join(sep.join(map(str, row)) for row in rows) + "\n"


def edges(c):
    c.add("dix_eleves.csv", csv(["Académie", "Élèves", "dont allophones"], ["Rennes", 4120, 10], ["Nantes", 5188, 37], ["Caen", 3012, 12]), rules="depp_10", trap="exactly ten under a minimum of ten")
    c.add("base_large.csv", csv(["Traitement", "Patients", "Effet grave (%)"], ["A", "48 211", "0,3"], ["B", "51 090", "0,4"], ["C", "17 604", "0,2"]), rules="health_11", trap="tiny shares of large bases")
    c.add("pour_mille.csv", csv(["Région", "Habitants", "Cas pour 1 000"], ["Bretagne", "3 394 600", "0,12"], ["Normandie", "3 325 500", "0,08"], ["Corse", "347 600", "0,31"]), rules="health_11", trap="rates that hold for a hundred cases")
    c.add("moins_de_onze.csv", csv(["Commune", "Foyers", "Bénéficiaires"], ["Mende", "6 204", "312"], ["Florac", "988", "<11"], ["Langogne", "1 412", "41"], ["Meyrueis", "402", "<11"], ["Villefort", "377", "<11"]).replace(" ", "\u202f"), rules="fiscal_11", trap="marks of a bound, no total")
    c.add("hommes_femmes.csv", "Tableau 1. Hommes\n\n" + csv(["Zone", "Salariés"], ["Brive", 2101], ["Tulle", 1204], ["Ussel", 588]) + "\nTableau 2. Femmes\n\n" + csv(["Zone", "Salariés"], ["Brive", 2103], ["Tulle", 1190], ["Ussel", 579]), rules="dads_5", trap="two disjoint populations, two apart", forbidden=[*CALM, "DIFFERENCING"])
    again = csv(["Zone", "Salariés"], ["Brive", "4 204"], ["Tulle", "2 394"], ["Ussel", "1 167"])
    c.add("redemande.csv", again, rules="dads_5", trap="the same table as was released", released={"redemande_avant.csv": again}, forbidden=[*CALM, "DIFFERENCING"])
    control = csv(["Activité", "Plus grande contribution", "Total", "Unités"], ["Verre", "18 200", "91 400", "44"], ["Tuiles", "38 000", "64 100", "7"], ["Papier", "7 800", "88 300", "120"])
    c.add("controle_sur.csv", csv(["Activité", "Unités", "Valeur ajoutée (k€)"], ["Verre", "44", "91 400"], ["Tuiles", "7", "64 100"], ["Papier", "120", "88 300"]), rules="enterprise", trap="a control file whose largest holds 59 %", supporting={"controle_sur_plus_grands.csv": control})
    c.add("part_84.csv", csv(["Secteur", "Entreprises", "Part de la première entreprise (%)", "Indice de Herfindahl"], ["Verre", "41", "31,2", "0,14"], ["Ciment", "8", "84,0", "0,72"], ["Papier", "188", "12,0", "0,03"]), rules="enterprise", trap="a largest share just below 85 %", forbidden=["FREQ_MIN", "ROWS_INDIVIDUAL", "DOMINANCE"])
    c.add("quantile_juste.csv", csv(["Service", "Patients", "D1 (j)", "Médiane (j)", "D9 (j)"], ["Chirurgie", "1 204", "2", "5", "14"], ["Brûlés", "120", "6", "19", "48"]), rules="health_11", trap="first deciles of 120: twelve below", forbidden=[*CALM, "QUANTILE_FEW"])
    c.add("presque_94.csv", csv(["Quartier", "Propriétaires", "Locataires", "Ensemble"], ["Centre", "188", "412", "600"], ["Gare", "28", "432", "460"], ["Bourg", "212", "155", "367"]), rules="insee_menages", trap="94 % of a row under a limit of 95 %", forbidden=[*CALM, "CLASS_DISCLOSURE"])
    f = sample("farms").groupby("region").agg(rendement=("goutput", "mean"), surface=("size", "mean"), travail=("totlabor", "mean"), exploitations=("id", "nunique"))
    roomy(f[["exploitations"]], 11)
    c.add("fermes_region.csv", f.round(1).to_csv(sep=";", decimal=","), rules="fiscal_11", trap="means by village, farms counted once")
    c.add("atc.csv", csv(["ATC", "DCI", "Patients traités", "Boîtes par patient"], ["C09AA05", "Ramipril", "18 204", "6,1"], ["A10BA02", "Metformine", "22 977", "8,4"], ["N02BE01", "Paracétamol", "71 540", "4,0"]), rules="health_11", encoding="cp1252", trap="codes of drugs, boxes by patient")
    c.add("nuts.tsv", csv(["NUTS3", "Nom", "Entreprises", "Taux de création (%)"], ["FRK14", "Puy-de-Dôme", 41204, "13,2"], ["FRK11", "Allier", 18877, "11,9"], ["FRI21", "Corrèze", 15002, "10,8"], sep="\t"), rules="enterprise", trap="codes of regions")
    c.add("vagues.csv", csv(["Vague", "Début", "Fin", "Ménages contactés", "Taux de réponse (%)"], [1, "04/01/2021", "12/02/2021", "1 440", "74,2"], [2, "05/04/2021", "14/05/2021", "1 436", "72,8"], [3, "05/07/2021", "13/08/2021", "1 429", "69,0"], [4, "04/10/2021", "12/11/2021", "1 445", "71,5"]), rules="insee_menages", trap="waves with their dates")
    c.add("gini.csv", csv(["Année", "Ménages", "Gini", "D9/D1", "Theil"], [2017, "4 012", "0,289", "3,4", "0,158"], [2018, "4 101", "0,298", "3,5", "0,172"], [2019, "4 077", "0,289", "3,4", "0,160"]), rules="insee_menages", trap="indices of inequality")
    c.add("event_study.csv", csv(["lead", "coef", "se", "ci_low", "ci_high", "n"], *[[k, f"{v:.3f}", "0.052", f"{v - 0.102:.3f}", f"{v + 0.102:.3f}", 4165] for k, v in zip(range(-4, 5), [0.01, -0.02, 0.03, 0, 0.11, 0.18, 0.22, 0.21, 0.2])], sep=","), rules="dads_5", trap="leads and lags around zero")


def series(c):
    from vega_datasets import data
    say = lambda code, note, **more: dict(content=r(code, echo=True), trap=note, **more)
    c.add("airline.txt", **say("AirPassengers\n", "R's print of a monthly series", forbidden=["ROWS_INDIVIDUAL", "FREQ_MIN", "ID_DIRECT"]))
    c.add("gaz.txt", **say("UKgas\n", "R's print of a quarterly series", forbidden=["ROWS_INDIVIDUAL", "FREQ_MIN", "ID_DIRECT"]))
    c.add("virginia.txt", **say("VADeaths\n", "rates per 1 000 by age and sex"))
    c.add("eurodist.txt", **say("as.matrix(eurodist)[1:7, 1:7]\n", "distances between towns in km, zeros on the diagonal", forbidden=["FREQ_MIN", "DERIVED_COUNT", "ID_DIRECT", "DOMINANCE"]))
    c.add("arima_r.txt", **say("arima(lh, order = c(3, 0, 0))\nlength(lh)\nBox.test(lh, lag = 6)\nacf(Nile, plot = FALSE, lag.max = 12)\n", "orders, lags, autocorrelations"))
    c.add("puissance.txt", **say("power.t.test(delta = 0.3, sd = 1, power = 0.9)\npower.prop.test(p1 = 0.21, p2 = 0.26, power = 0.8)\n", "sizes that a test would need"))
    c.add("holt.txt", **say("h <- HoltWinters(log(AirPassengers))\nround(c(h$alpha, h$beta, h$gamma), 4)\nh$SSE\n", "smoothing parameters"))
    wind = data.seattle_weather()
    month = wind.groupby(wind.date.dt.month)[["precipitation", "temp_max", "wind"]].mean().round(1)
    c.add("meteo.csv", month.to_csv(sep=";", decimal=",", index_label="mois"), trap="weather by month, numbered from 1", forbidden=[*CALM, "PLOT_POINTS"])
    stocks = data.stocks()
    wide = stocks.pivot(index="date", columns="symbol", values="price").tail(12)
    c.add("cours.csv", wide.to_csv(), trap="prices of shares by month")
    iowa = data.iowa_electricity()
    c.add("electricite.csv", iowa.assign(year=iowa.year.dt.year).pivot(index="year", columns="source", values="net_generation").to_csv(), trap="electricity by year and source, thousands of MWh", forbidden=[*CALM, "CLASS_DISCLOSURE"])
    jobs = data.us_employment().tail(8)[["month", "nonfarm", "construction", "manufacturing", "government"]]
    c.add("us_jobs.txt", "All employees, thousands, seasonally adjusted\n\n" + jobs.to_string(index=False) + "\n", trap="national employment in thousands", forbidden=["ROWS_INDIVIDUAL", "FREQ_MIN", "ID_DIRECT", "EXTREME_VALUE"])


def papers(c):
    p, q, w = patients(), pupils(), sample("wages")
    c.add("questionnaire.md", "# Questionnaire, vague 2\n\nQ12. Êtes-vous propriétaire de votre logement ?\n1. Oui\n2. Non\n8. Ne sait pas\n9. Refus\n\nQ13. Combien d'enfants de moins de 6 ans vivent avec vous ?\n|__|__| enfants (00 à 12)\n\nQ14. Sur une échelle de 0 à 10, êtes-vous satisfait de votre logement ?\n", rules="insee_menages", trap="a questionnaire: codes, a scale of 0 to 10")
    c.add("requirements.txt", "numpy==2.4.6\npandas==2.3.3\nscikit-learn>=1.4,<2\nstatsmodels==0.15.0\nlifelines~=0.30\npyarrow==26.0.1\n", trap="versions of packages")
    c.add("environment.yml", "name: registre\nchannels:\n  - conda-forge\ndependencies:\n  - python=3.11\n  - r-base=4.2.2\n  - r-survival=3.5_5\n  - pip:\n      - polars==1.9.0\n", trap="versions of packages in YAML")
    c.add("schema.json", json.dumps({"title": "registre", "type": "object", "properties": {"age": {"type": "integer", "minimum": 0, "maximum": 120}, "grade": {"enum": [1, 2, 3]}, "dtime": {"type": "number", "minimum": 0}}}, indent=1), rules="health_11", trap="a schema: bounds that any age keeps")
    c.add("calage.log", "2024-03-12 09:14:02 INFO  lecture de menages.parquet : 4100 lignes, 7 colonnes\n2024-03-12 09:14:05 INFO  marges : 4 régions, 2 sexes, 6 tranches d'âge\n" + "".join(f"2024-03-12 09:14:{6 + k:02d} INFO  itération {k + 1} : écart max {10.0 ** -k:.1e}\n" for k in range(5)) + "2024-03-12 09:14:12 INFO  convergence en 5 itérations, 0 avertissement\n2024-03-12 09:14:13 INFO  écriture de 3 fichiers en 0,8 s\n", rules="insee_menages", trap="a log: iterations, seconds, files, columns")
    c.add("optim.log", ". logit recur age nodes\n\nIteration 0:   log likelihood = -2066.7259\nIteration 1:   log likelihood = -1903.1184\nIteration 2:   log likelihood = -1886.4411\nIteration 3:   log likelihood = -1886.2802\nIteration 4:   log likelihood = -1886.2801\n\nLogistic regression                                     Number of obs =  2,982\n                                                        LR chi2(2)    = 360.89\n                                                        Prob > chi2   = 0.0000\nLog likelihood = -1886.2801                             Pseudo R2     = 0.0873\n\n------------------------------------------------------------------------------\n       recur | Coefficient  Std. err.      z    P>|z|     [95% conf. interval]\n-------------+----------------------------------------------------------------\n         age |   -.009441   .0030011    -3.15   0.002     -.015323   -.003559\n       nodes |   .1834002   .0131771    13.92   0.000     .1575735    .2092268\n       _cons |   .1511028   .1702511     0.89   0.375    -.1825833    .4847889\n------------------------------------------------------------------------------\n", rules="health_11", trap="iterations numbered from 0", forbidden=[*CALM, "DOF_LOW"])
    table = "".join(f"{k} & {fr(v['size'], sep='~')} & {v['mean']:.2f} \\\\\n" for k, v in q.groupby("ses_q").score.agg(["size", "mean"]).iterrows())
    c.add("article.tex", "\\documentclass[11pt,a4paper]{article}\n\\usepackage{booktabs}\n\\setlength{\\parskip}{4pt}\n\\begin{document}\n\\section{Données}\nNous suivons \\textcite{bryk1992} (chap.~4, p.~67--92). L'échantillon compte 7~185 élèves de 160 lycées, observés en 1982.\n\\begin{equation} y_{ij} = \\beta_0 + \\beta_1 s_{ij} + u_j + e_{ij} \\end{equation}\n\\begin{table}[h]\n\\caption{Score selon le milieu social}\\label{tab:3}\n\\begin{tabular}{lrr}\n\\toprule\nQuart & Élèves & Score \\\\\n\\midrule\n" + table + "\\bottomrule\n\\end{tabular}\n\\end{table}\nL'effet est de 3,15 points (0,10), soit 2 fois celui du sexe ; voir le tableau~\\ref{tab:3} et 2 annexes.\n\\end{document}\n", rules="depp_10", trap="a whole article: chapters, pages, an equation")
    fit = smf.ols("lwage ~ ed + exp + wks", w).fit()
    c.add("resultats.json", json.dumps({"modele": "mco", "nobs": int(fit.nobs), "df_model": 3, "df_resid": int(fit.df_resid), "aic": round(fit.aic, 2), "params": fit.params.round(5).to_dict(), "bse": fit.bse.round(5).to_dict(), "version": "0.15.0", "graine": 7}, indent=2), rules="dads_5", trap="a model in JSON: df of the model, version, seed")
    c.add("confusion.txt", "Seuil : 0,5\n" + str(np.array([[1210, 254], [388, 1130]])) + "\nAUC = 0.713, n = 2982\n", rules="health_11", trap="a confusion matrix of hundreds")
    good = roomy(pd.crosstab(p.tranche, p.grade), 11)
    doc = saved(word(["Grades selon l'âge", rows_of(good, "Âge"), "Champ : 2 982 patientes."]))
    c.add("grades_office.odt", office("a.docx", doc, "odt"), rules="health_11", trap="LibreOffice's ODT")
    c.add("grades_office.rtf", office("a.docx", doc, "rtf"), rules="health_11", trap="LibreOffice's RTF: control words with numbers")
    from pptx import Presentation
    deck = Presentation()
    deck.core_properties.author = deck.core_properties.last_modified_by = ""
    for title, text in (("1. Données", "2 982 patientes, 16 années d'inclusion"), ("2. Résultats", "Survie à 5 ans : 74,7 %\nGrade 3 : risque multiplié par 1,5 (1,3 - 1,7)"), ("3. Suite", "2 modèles à comparer avant le 15 avril 2024")):
        slide = deck.slides.add_slide(deck.slide_layouts[1])
        slide.shapes.title.text, slide.placeholders[1].text = title, text
    c.add("comite.pptx", saved(deck), rules="health_11", trap="three slides with their numbers")
    e = companies()
    share = e.groupby("a17").ca.sum()
    c.add("poids_secteurs.xlsx", saved(book({"Poids": [["Secteur", "Entreprises", "CA (k€)", "Part (%)"], *[[k, int((e.a17 == k).sum()), int(v), round(100 * v / share.sum(), 1)] for k, v in share.items()], ["Ensemble", len(e), int(share.sum()), 100]]})), rules="enterprise", trap="sums with their counts, a total of 100 %")
    inc = np.sort(np.exp(w.lwage.to_numpy()))
    lorenz = np.insert(np.cumsum(inc) / inc.sum(), 0, 0)[:: len(inc) // 20]
    c.add("lorenz.svg", figure(lambda a: (a.plot(np.linspace(0, 1, len(lorenz)), lorenz), a.plot([0, 1], [0, 1], ls=":"), a.set_title("Courbe de Lorenz, 4 165 observations")), "svg"), rules="dads_5", trap="a curve by twentieths", forbidden=[*CALM, "PLOT_POINTS"])
    c.add("modele_rmd.Rmd", "---\ntitle: \"Survie\"\noutput: html_document\n---\n\n```{r setup, include=FALSE}\nknitr::opts_chunk$set(echo = TRUE, fig.width = 7, fig.height = 5, dpi = 96)\nset.seed(42)\n```\n\n```{r}\nlibrary(survival)\nd <- readRDS(\"registre.rds\")\nm <- coxph(Surv(dtime, death) ~ age + nodes + strata(grade), d)\nround(coef(m), 3)\n```\n", rules="health_11", trap="R Markdown before it runs")


def build(c):
    for family in (edges, series, papers):
        family(c)
