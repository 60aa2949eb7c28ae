"""Part e, text: other data, other layouts, other words and other tools than part d. Fresh: the engine is not mended on it."""
import numpy as np
import pandas as pd
import statsmodels.api as sm
import statsmodels.formula.api as smf

from kit_files import r


def travel():
    """Who chose which mode between cities (210 travellers)."""
    d = sm.datasets.modechoice.load_pandas().data
    d["mode"] = d["mode"].map({1: "air", 2: "train", 3: "bus", 4: "car"})
    d["party"] = pd.cut(d.psize, [0, 1, 2, 6], labels=["alone", "two", "three and more"]).astype(str)
    return d[d.choice == 1].reset_index(drop=True)


def stays(n=9000, seed=41):
    """Hospital stays, seeded: no real patient."""
    rng = np.random.default_rng(seed)
    age = rng.integers(0, 97, n)
    return pd.DataFrame({
        "finess": rng.choice(["630780989", "690781810", "750712184"], n),
        "ghm": rng.choice(["05M09", "04M05", "08C48", "14Z14", "01M30", "22M02"], n, p=[0.3, 0.25, 0.2, 0.15, 0.098, 0.002]),
        "classe": pd.cut(age, [-1, 17, 44, 64, 79, 120], labels=["0-17 ans", "18-44 ans", "45-64 ans", "65-79 ans", "80 ans et +"]).astype(str),
        "duree": rng.poisson(5, n) + 1, "sortie": rng.choice(["domicile", "mutation", "décès"], n, p=[0.85, 0.12, 0.03]), "age": age})


def pupils(n=5200, seed=42):
    rng = np.random.default_rng(seed)
    return pd.DataFrame({"academie": rng.choice(["Clermont", "Lyon", "Grenoble", "Mayotte"], n, p=[0.3, 0.4, 0.298, 0.002]),
                         "serie": rng.choice(["générale", "techno", "pro"], n, p=[0.55, 0.25, 0.2]), "note": rng.normal(12, 3, n).clip(0, 20).round(1)})


def right(rows, widths):
    return "\n".join("".join(f"{str(v):>{w}}" if i else f"{str(v):<{w}}" for i, (v, w) in enumerate(zip(row, widths))) for row in rows) + "\n"


def tables(c):
    s, p, t = stays(), pupils(), travel()
    ghm = s[s.ghm != "22M02"].groupby("ghm").agg(n=("duree", "size"), dms=("duree", "mean"), age=("age", "mean"))
    head = "Code GHM;Nbre de séjours;DMS;Âge moyen;% du total\n"
    row = lambda k, v: f"{k};{v.n:.0f};{v.dms:.2f};{v.age:.1f};{100 * v.n / 9000:.1f}\n".replace(".", ",")
    good = head + "".join(row(k, v) for k, v in ghm.iterrows())
    c.add("casemix.csv", good, rules="health_11", trap="diagnosis groups, mean lengths below eleven")
    c.add("casemix_rare.csv", good + "22M02;8;7,12;46,0;0,1\n05C11;214;6,03;61,2;2,4\n", "refuse", [("FREQ_MIN", {"needle": "22M02", "column": 2}), ("MAGNITUDE_FEW", {"needle": "22M02", "column": 3})], "health_11")
    long = s.groupby(["classe", "sortie"]).size().rename("patients").reset_index()
    c.add("sorties_long.csv", long[long.patients >= 11].to_csv(index=False, sep=";"), rules="health_11", trap="one line a cell", encoding="cp1252")
    few = s[s.ghm == "01M30"][:160].groupby(["classe", "sortie"]).size().rename("patients").reset_index()
    hit = few[few.patients < 11].iloc[0]
    c.add("sorties_long_rares.csv", few.to_csv(index=False, sep=";"), "refuse", [("FREQ_MIN", {"needle": f"{hit.classe};{hit.sortie};", "column": 3})], "health_11", encoding="cp1252")
    side = "Filles;;;Garçons;;\nAcadémie;Admis;Taux;Académie;Admis;Taux\nLyon;1 044;91,2 %;Lyon;998;88,4 %\nClermont;780;90,1 %;Clermont;745;86,9 %\nMayotte;{};75,0 %;Mayotte;62;70,5 %\n"
    c.add("cote_a_cote.csv", side.format("88"), rules="depp_10", trap="two tables side by side")
    c.add("cote_a_cote_petit.csv", side.format("6"), "refuse", [("FREQ_MIN", {"line": 5, "column": 2})], "depp_10")
    wide = "Indicateur\tLyon\tClermont\tGrenoble\nNombre d'élèves\t2 080\t1 560\t1 550\nNote moyenne\t12,1\t11,9\t12,0\nÉcart-type\t3,0\t2,9\t3,1\n"
    c.add("transpose.tsv", wide, rules="depp_10", trap="counts in a row, means below it", encoding="utf-16")
    c.add("transpose_petit.tsv", wide.replace("1 550", "7"), "refuse", [("FREQ_MIN", {"line": 2, "column": 4})], "depp_10", encoding="utf-16")
    c.add("dep_foyers.csv", "dep;libelle;nb_foyers_fiscaux;impot_median\n03;Allier;188 540;612\n15;Cantal;84 310;498\n43;Haute-Loire;128 077;577\n63;Puy-de-Dôme;374 901;803\n".replace(" ", "\u202f"), rules="fiscal_11", trap="departments, tax households")
    c.add("dep_foyers_petit.csv", "dep;libelle;nb_foyers_fiscaux;impot_median\n03;Allier;188 540;612\n15;Cantal;9;498\n43;Haute-Loire;128 077;577\n63;Puy-de-Dôme;374 901;803\n".replace(" ", "\u202f"), "refuse", [("FREQ_MIN", {"needle": "Cantal", "column": 3}), ("MAGNITUDE_FEW", {"needle": "Cantal", "column": 4})], "fiscal_11")
    c.add("ifi.csv", "Région,Redevables IFI\nAuvergne-Rhône-Alpes,18420\nBretagne,5310\nCorse,44\nNormandie,4870\n", "refuse", [("FREQ_MIN", {"needle": "Corse", "column": 2})], "fiscal_ifi_50")
    c.add("arrondi_5.csv", "mode,travellers (rounded to 5),share\nair,60,28%\ntrain,65,30%\nbus,30,14%\ncar,60,28%\n", trap="counts rounded to five")
    c.add("prop_base.csv", "Service;Répondants;Très insatisfaits (%)\nUrgences;1 250;12,4\nMaternité;340;1,2\nChirurgie;980;6,1\n", "refuse", [("DERIVED_COUNT", {"needle": "Maternité", "column": 3})], "health_11")
    c.add("somme_moyenne.csv", "Canton;Masse salariale (€);Salaire moyen (€)\nAmbert;9 120 000;24 000\nCournon;31 500 000;26 250\nSaurier;75 900;25 300\n", "refuse", [("DERIVED_COUNT", {"needle": "Saurier"})], "dads_5")
    c.add("total_reste.csv", "Site;Inclus;dont suivis à 12 mois\nCHU A;1 104;871\nCHU B;342;338\nCHU C;518;402\n", "refuse", [("DERIVED_COUNT", {"needle": "CHU B"})], "health_11")
    c.add("ventes_top.csv", "branch,firms,sales,top1_share\nSteel,22,8120,0.31\nGlass,6,5540,0.89\nPaper,40,9020,0.18\n", "refuse", [("DOMINANCE", {"needle": "Glass", "column": 4})], "enterprise")
    c.add("ventes_ok.csv", "branch,firms,sales,top1_share,top2_share\nSteel,22,8120,0.31,0.19\nGlass,16,5540,0.42,0.17\nPaper,40,9020,0.18,0.11\n", rules="enterprise", trap="shares of the first two as fractions")
    c.add("triangle.csv", "Age,Male,Female,Total\n16-24,140,X,155\n25-44,320,X,690\n45-64,X,X,512\n65+,88,101,189\nTotal,X,X,1546\n", "refuse", [("SECONDARY_RECOVERABLE", {"needle": "16-24", "column": 3})])
    c.add("moins_de.csv", "Commune;Bénéficiaires\nThiers;412\nVollore;moins de 11\nCelles;moins de 11\nEscoutoux;moins de 11\n", rules="health_11", trap="masks in words")
    c.add("patients_lignes.tsv", "NUM_ENQ\tBEN_NAI_ANN\tBEN_SEX_COD\tEXE_SOI_DTD\tPRS_NAT_REF\tPRS_PAI_MNT\n" + "".join(f"{900100 + 13 * i}\t{1931 + (i * 17) % 75}\t{1 + i % 2}\t2022-{1 + i % 12:02d}-{1 + i % 28:02d}\t{1111 + i % 4}\t{25 + (i * 331) % 900 / 10}\n" for i in range(70)), "refuse", [("ROWS_INDIVIDUAL", {})], "health_11", grave=True)
    c.add("siret.csv", "siret;effectif;masse salariale\n73282932000074;1204;34 120 000\n55208131766522;655;21 900 400\n54205118000066;388;10 050 000\n", "refuse", [("ID_DIRECT", {"line": 2, "column": 1})], "enterprise", grave=True)
    c.add("stations.csv", "point;latitude;longitude;mesures\n1;45,77725;3,08704;8 760\n2;45,76404;4,83566;8 755\n3;45,18853;5,72452;8 741\n", "review", [("GEO_FINE", {})], "insee_menages")
    c.add("pays.csv", "iso3,year,fertility,life_expectancy\nFRA,1990,1.77,76.6\nFRA,2010,2.02,81.7\nITA,1990,1.33,77.0\nITA,2010,1.46,82.0\nESP,1990,1.36,76.8\nESP,2010,1.37,81.6\n", trap="figures of countries and years")
    c.add("cohorte.txt", right([["Temps (mois)", "À risque", "Événements", "Survie"], [0, 640, 0, "1,00"], [12, 588, 22, "0,97"], [24, 511, 31, "0,91"], [36, 430, 28, "0,86"]], [14, 12, 14, 10]), rules="health_11", trap="a life table, its first event zero")
    c.add("unanime.txt", right([["Établissement", "Admis", "Refusés", "Total"], ["Lycée A", 188, 24, 212], ["Lycée B", 96, 0, 96], ["Lycée C", 140, 33, 173]], [16, 10, 10, 10]), "refuse", [("CLASS_DISCLOSURE", {"line": 3})], "insee_menages")
    c.add("deciles.txt", "Décile d'âge par service (n = 2 410 séjours)\n\n" + right([["Service", "N", "D1", "D5", "D9"], ["Cardiologie", 912, 48, 69, 85], ["Pneumologie", 701, 41, 66, 84], ["Gériatrie", 797, 77, 85, 93]], [14, 8, 8, 8, 8]), rules="health_11", trap="deciles of age")
    c.add("travellers.txt", pd.crosstab(t.party, t["mode"]).to_string() + "\n", "refuse", [("FREQ_MIN", {})])
    c.add("notes_extremes.txt", "Notes au baccalauréat, série pro : N = 1 040, moyenne 11,8, note la plus basse 0,4, note la plus haute 19,7.\n", "refuse", [("EXTREME_VALUE", {"line": 1})], "depp_10")


def consoles(c):
    s, p, t = stays(), pupils(), travel()
    eng = sm.datasets.engel.load_pandas().data
    c.add("rq.txt", str(sm.QuantReg(eng.foodexp, sm.add_constant(eng.income)).fit(q=0.5).summary()) + "\n", trap="a quantile regression")
    star = sm.datasets.star98.load_pandas().data
    c.add("glm.txt", str(sm.GLM(star[["NABOVE", "NBELOW"]], sm.add_constant(star[["LOWINC", "PTRATIO"]]), family=sm.families.Binomial()).fit().summary()) + "\n", trap="a binomial model of counties")
    spec = sm.datasets.spector.load_pandas().data
    c.add("ols_petit_ddl.txt", str(smf.ols("GPA ~ TUCE + PSI + GRADE", spec.iloc[12:24]).fit().summary()) + "\n", "refuse", [("DOF_LOW", {"needle": "Df Residuals"})])
    c.add("glm_r.txt", r("print(summary(glm(sortie == 'décès' ~ age + duree, family = binomial, data = d)))\n", s), rules="health_11", trap="summary of glm: dispersion, deviance, iterations")
    c.add("lm_r_residus.txt", r("print(summary(lm(duree ~ age, data = d[1:400, ])))\n", s), "review", [("EXTREME_VALUE", {"needle": "Min"})], "health_11")
    c.add("ttest_r.txt", r("t.test(note ~ serie, data = d[d$serie != 'pro', ])\nwith(d, tapply(note, serie, length))\n", p, echo=True), rules="depp_10", trap="a t test, a group's lengths")
    c.add("ftable_r.txt", r("print(ftable(xtabs(~ academie + serie, d)))\n", p), "refuse", [("FREQ_MIN", {"needle": "Mayotte"})], "depp_10")
    c.add("dplyr_r.txt", r("x <- aggregate(note ~ academie, d[d$academie != 'Mayotte', ], length); names(x)[2] <- 'eleves'; x$part <- round(100 * x$eleves / sum(x$eleves), 1); print(x, row.names = FALSE)\n", p), rules="depp_10", trap="headcounts with shares")
    c.add("tail_r.txt", r("tail(d[order(-d$duree), c('classe', 'ghm', 'duree', 'sortie', 'age')], 9)\n", s), "refuse", [("ROWS_INDIVIDUAL", {})], "health_11", grave=True)
    c.add("str_r.txt", r("dim(d)\nnames(d)\nnlevels(factor(d$ghm))\nround(cor(d$age, d$duree), 4)\n", s, echo=True), rules="health_11", trap="dimensions and names")
    log = "{smcl}\n{com}. tab academie serie{txt}\n\n           {c |}              serie\n  academie {c |}  générale     techno        pro {c |}     Total\n{hline 11}{c +}{hline 33}{c +}{hline 10}\n"
    cross = pd.crosstab(p.academie, p.serie)[["générale", "techno", "pro"]]
    for name, v in cross.iterrows():
        log += f"{name:>10} {{c |}}" + "".join(f"{{res}}{n:>11,d}" for n in v) + f" {{txt}}{{c |}}{{res}}{v.sum():>10,d}\n{{txt}}"
    log += "{hline 11}{c +}{hline 33}{c +}{hline 10}\n     Total {c |}" + "".join(f"{{res}}{n:>11,d}" for n in cross.sum()) + f" {{txt}}{{c |}}{{res}}{cross.to_numpy().sum():>10,d}\n"
    c.add("croise.smcl", log, "refuse", [("FREQ_MIN", {"needle": "Mayotte"})], "depp_10")
    mean = ". mean note, over(serie)\n\nMean estimation                  Number of obs = 5,200\n\n---------------------------------------------------------------\n             |       Mean   Std. err.     [95% conf. interval]\n-------------+-------------------------------------------------\n      c.note@serie |\n     générale  |   12.01404   .0561203       11.9040    12.12406\n       techno  |    11.9801   .0842119       11.8150    12.14522\n---------------------------------------------------------------\n"
    c.add("mean.log", mean, rules="depp_10", trap="means over groups, with the number of observations")
    poisson = f". poisson duree age\n\nIteration 0:  Log likelihood = -20411.2\nIteration 1:  Log likelihood = -20410.9\n\nPoisson regression                                      Number of obs = 9,000\n                                                        LR chi2(1)    =  3.41\n                                                        Prob > chi2   = 0.0648\nLog likelihood = -20410.9                               Pseudo R2     = 0.0001\n\n------------------------------------------------------------------------------\n       duree | Coefficient  Std. err.      z    P>|z|     [95% conf. interval]\n-------------+----------------------------------------------------------------\n         age |   .0002914   .0001578     1.85   0.065    -.0000179    .0006007\n       _cons |   1.778118   .0087621   202.93   0.000     1.760945    1.795291\n------------------------------------------------------------------------------\n"
    c.add("poisson.log", poisson, rules="health_11", trap="iterations and degrees of freedom of a test")
    c.add("codebook.log", ". codebook sortie, compact\n\nVariable   Obs Unique       Mean  Min  Max  Label\n-------------------------------------------------------------------\nage       9000     97   48.13211    0   96  âge à l'entrée\nduree     9000     17    6.00811    1   19  durée du séjour\n-------------------------------------------------------------------\n", "refuse", [("EXTREME_VALUE", {"needle": "duree", "column": None})], "health_11")
    uni = "                                The SAS System          10:12 Monday, May 6, 2024   3\n\n                              The TABULATE Procedure\n\n" + right([["Discharge", "N", "ColPctN", "Mean"], ["home", 7650, "85.00", "5.98"], ["transfer", 1080, "12.00", "6.04"], ["death", 270, "3.00", "6.10"], ["All", 9000, "100.00", "5.99"]], [14, 10, 10, 10])
    c.add("tabulate.lst", uni, rules="health_11", trap="a page number and an hour in the heading")
    c.add("univariate.lst", "                                The SAS System\n\n                            The UNIVARIATE Procedure\n                               Variable:  duree\n\n                             Extreme Observations\n\n                  ----Lowest----        ----Highest---\n                  Value      Obs        Value      Obs\n                      1       17           16     2210\n                      1       88           16     4105\n                      1      134           17     1187\n                      1      151           17     6402\n                      1      209           19     3377\n", "refuse", [("EXTREME_VALUE", {})], "health_11", grave=False)


def latex(c):
    s, p, t = stays(), pupils(), travel()
    c.add("modelsummary.tex", "\\begin{table}\n\\centering\n\\begin{tabular}[t]{lcc}\n\\toprule\n  & Modèle 1 & Modèle 2\\\\\n\\midrule\n(Intercept) & \\num{12.014} & \\num{11.310}\\\\\n & (\\num{0.056}) & (\\num{0.201})\\\\\ntechno & \\num{-0.034} & \\num{-0.041}\\\\\n & (\\num{0.101}) & (\\num{0.102})\\\\\n\\midrule\nNum.Obs. & \\num{5200} & \\num{4160}\\\\\nR2 & \\num{0.002} & \\num{0.011}\\\\\nRMSE & \\num{2.94} & \\num{2.91}\\\\\n\\bottomrule\n\\end{tabular}\n\\end{table}\n", rules="depp_10", trap="modelsummary")
    c.add("etudiants.tex", r("library(xtable)\nx <- with(d, tapply(note, list(academie, serie), length))\nprint(xtable(x, digits = 0, caption = \"Nombre d'élèves\"), booktabs = TRUE)\n", p), "refuse", [("FREQ_MIN", {"needle": "Mayotte"})], "depp_10")
    c.add("xtable_lm.tex", r("library(xtable)\nprint(xtable(lm(note ~ serie, d)))\ncat('% N = ', nrow(d), '\\n')\n", p), rules="depp_10", trap="coefficients of R in LaTeX, N in a comment")
    c.add("kable.tex", r("cat(knitr::kable(aggregate(cbind(n = 1, duree) ~ classe, d, function(x) if (all(x == 1)) length(x) else mean(x)), format = 'latex', booktabs = TRUE, digits = 1, col.names = c('Classe', 'Séjours', 'Durée moyenne'), caption = 'Nombre de séjours et durée moyenne'), sep = '\\n')\n", s), rules="health_11", trap="counts and means of R in LaTeX")
    c.add("panneaux.tex", "\\begin{tabular}{lrr}\n\\hline\n & Women & Men \\\\\n\\hline\n\\multicolumn{3}{l}{\\textit{Panel A: respondents}} \\\\\nUrban & 1,204 & 1,177 \\\\\nRural & 655 & 4 \\\\\n\\multicolumn{3}{l}{\\textit{Panel B: mean age}} \\\\\nUrban & 45.2 & 46.1 \\\\\nRural & 48.0 & 47.3 \\\\\n\\hline\n\\end{tabular}\n", "refuse", [("FREQ_MIN", {"needle": "Rural & 655", "column": 3})])


def programs(c):
    c.add("prepa.R", "# Recode les classes d'âge\nbornes <- c(0, 18, 45, 65, 80, Inf)\nlibs <- c('0-17', '18-44', '45-64', '65-79', '80+')\nsejours <- arrow::read_parquet('sejours.parquet')\nsejours$classe <- cut(sejours$age, bornes, labels = libs, right = FALSE)\nfor (g in c('05M09', '04M05')) print(table(sejours$classe[sejours$ghm == g]))\nset.seed(20240502)\n", rules="health_11", trap="bounds, labels and a seed in R")
    c.add("macro.sas", "%let an = 2022;\nproc sql;\n  create table work.t as select ghm, count(*) as n, mean(duree) as dms\n  from pmsi.sejours&an where age between 18 and 64 group by ghm having n >= 11;\nquit;\nproc print data=work.t; run;\n", rules="health_11", trap="a program of SAS")
    c.add("cartes.sas", "data patients;\n  input num sexe $ age gly;\n  datalines;\n1 F 45 1.02\n2 H 52 1.31\n3 H 38 0.98\n4 F 61 1.24\n5 F 29 0.91\n6 H 33 1.08\n;\nrun;\nproc means data=patients; run;\n", "refuse", [("CODE_EMBEDS_DATA", {})], "health_11", grave=True)
    c.add("figer.py", "from pathlib import Path\n# figé pour reproduire la figure 3\nAGES = [45, 52, 38, 61, 29, 33, 70, 48, 55, 41, 36, 67, 59, 44, 31]\nREVENUS = [23100, 31800, 18500, 27250, 20900, 22700, 19800, 30100, 28750, 26600, 21250, 18900, 24400, 33050, 17800]\nimport matplotlib.pyplot as plt\nplt.scatter(AGES, REVENUS)\nplt.savefig('f3.png')\n", "refuse", [("CODE_EMBEDS_DATA", {})], grave=True)
    c.add("suivi.md", "# Suivi\n\n- [x] table 1 relue (2 fois)\n- [ ] table 4 à refaire\n\nVoir avec Monsieur Jean Dupuis, 12 rue des Lilas, 63000 Clermont-Ferrand.\n", "refuse", [("ID_DIRECT", {"needle": "rue des Lilas"})], grave=True)
    c.add("description.md", "# Demande de sortie n° 14\n\nPopulation : 9 000 séjours de 2022, 3 établissements. Deux tableaux et une figure ; effectifs de 11 et plus.\n\n| Fichier | Contenu |\n|---|---|\n| casemix.csv | 5 groupes, effectifs et moyennes |\n| fig1.svg | durée moyenne par âge |\n", rules="health_11", trap="small numbers in a description")


def build(c):
    for family in (tables, consoles, latex, programs):
        family(c)
    s = stays()
    base = pd.crosstab(s.classe, s.sortie)
    less = base.copy()
    less.iloc[2, 1] -= 4
    keep = lambda frame: frame.to_csv(sep=";", index_label="Patients hospitalisés")
    c.add("version_2.csv", keep(less), "refuse", [("DIFFERENCING", {"line": 4})], "health_11", released={"released/version_1.csv": keep(base)})
