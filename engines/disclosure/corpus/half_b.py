"""The second half: written after the engine was mended on the first, and measured before anything was mended on it."""
import numpy as np
import pandas as pd
import statsmodels.api as sm
import statsmodels.formula.api as smf

from kit import Corpus, anes, fair, firms, fr, french_csv, hie, run_r, stata_regress, stata_summarize, stata_tab, stata_tab2


def smcl(text):
    """A log in SMCL, as Stata writes it unless told otherwise."""
    out = ["{smcl}", "{txt}{sf}{ul off}{.-}"]
    for line in text.splitlines():
        if line.startswith(". "):
            out.append("{com}" + line + "{txt}")
        elif set(line) <= set("-+") and line:
            head, plus, tail = line.partition("+")
            out.append("{hline %d}{c +}{hline %d}" % (len(head), len(tail)) if plus else "{hline %d}" % len(line))
        elif "|" in line:
            head, _, tail = line.partition("|")
            out.append(head + "{c |}{res}" + tail)
        else:
            out.append(line)
    return "\n".join(out) + "\n"


def sas_freq(series, name):
    counts, cum, total = series.value_counts().sort_index(), 0, len(series)
    out = ["                                        The SAS System", "", "                                      The FREQ Procedure", "",
           f"                                            Cumulative    Cumulative", f"{name:<14}Frequency     Percent     Frequency      Percent",
           "-" * 66]
    for label, n in counts.items():
        cum += n
        out.append(f"{label:<14}{n:>9d}{100 * n / total:>12.2f}{cum:>14d}{100 * cum / total:>13.2f}")
    return "\n".join(out) + "\n"


def sas_means(frame, by, value, extremes):
    out = ["                                       The MEANS Procedure", "", f"                                  Analysis Variable : {value}", ""]
    head = f"{by:<14}{'N Obs':>8}{'N':>8}{'Mean':>14}{'Std Dev':>14}" + (f"{'Minimum':>14}{'Maximum':>14}" if extremes else "")
    out += [head, "-" * len(head)]
    for label, g in frame.groupby(by):
        line = f"{label:<14}{len(g):>8d}{len(g):>8d}{g[value].mean():>14.7f}{g[value].std():>14.7f}"
        out.append(line + (f"{g[value].min():>14.7f}{g[value].max():>14.7f}" if extremes else ""))
    return "\n".join(out) + "\n"


def build(folder):
    c = Corpus(folder)
    f, a, h, e = fair(), anes(), hie(), firms(seed=11)

    # SMCL and SAS listings
    c.safe("health.smcl", smcl(stata_tab(h.health, "health")), "health_11", "SMCL")
    c.unsafe("school.smcl", smcl(stata_tab(a.school[:300], "school")), [("FREQ_MIN", "none", None)], "irdes_15")
    c.safe("freq.lst", sas_freq(h.health, "health"), "irdes_15", "SAS FREQ")
    c.unsafe("freq_few.lst", sas_freq(f[f.tranche == "35-39"].metier, "metier"), [("FREQ_MIN", "étudiante", None)], "irdes_15")
    c.safe("means.lst", sas_means(h, "health", "visits", False), "irdes_15", "SAS MEANS")
    c.unsafe("means_minmax.lst", sas_means(h, "health", "visits", True), [("EXTREME_VALUE", "fair", None)], "irdes_15")

    # several tables in a file, titles, notes
    one = french_csv(f.metier.value_counts().rename("Effectif").to_frame(), index_name="Profession")
    two = french_csv(pd.crosstab(f.tranche, f.plan), index_name="Tranche d'âge")
    c.safe("deux_tableaux.csv", "Tableau 1. Effectifs par profession\n" + one + "\nTableau 2. Effectifs par âge\n" + two + "Source : enquête 1974\n", "health_11", "two tables with titles and a source")
    three = french_csv(pd.crosstab(f[f.affairs > 0].tranche, f[f.affairs > 0].metier), index_name="Tranche d'âge")
    c.unsafe("trois_tableaux.csv", "Tableau 1. Effectifs par profession\n" + one + "\nTableau 2. Effectifs par âge et profession\n" + three,
             [("FREQ_MIN", "35-39", None)], "health_11")
    t = pd.crosstab(f.tranche, f.metier, margins=True, margins_name="Ensemble")
    c.unsafe("marges.csv", french_csv(t, index_name="Nombre de femmes"), [("FREQ_MIN", "moins de 20", None)], "dads_5")
    c.safe("marges_ok.csv", french_csv(pd.crosstab(f.tranche, f.plan, margins=True, margins_name="Ensemble"), index_name="Nombre de femmes"), "dads_5", "margins")
    npct = pd.DataFrame({"Femmes, n (%)": ["812 (40,1 %)", "1 213 (59,9 %)"], "Hommes, n (%)": ["640 (44,0 %)", "815 (56,0 %)"]}, index=["Oui", "Non"])
    c.safe("n_pct.csv", ";" + ";".join(npct.columns) + "\n" + "".join(f"{i};{';'.join(r)}\n" for i, r in npct.iterrows()), "health_11", "n (%) cells")
    npct.iloc[0, 1] = "6 (0,4 %)"
    c.unsafe("n_pct_few.csv", ";" + ";".join(npct.columns) + "\n" + "".join(f"{i};{';'.join(r)}\n" for i, r in npct.iterrows()), [("FREQ_MIN", "Oui", 3)], "health_11")
    long = f.groupby(["tranche", "metier"]).size().rename("effectif").reset_index()
    c.unsafe("long.csv", long.to_csv(index=False), [("FREQ_MIN", "40 et plus,étudiante", 3)], "health_11")
    longok = h.groupby(["plan", "health"]).agg(nb_assures=("visits", "size"), visites_moyennes=("visits", "mean")).round(2).reset_index()
    c.safe("long_ok.csv", longok.to_csv(index=False), "health_11", "long form")
    c.safe("ratio.csv", "secteur,ratio,variation (%),n\nbois,3.2,4.1,812\nverre,1.1,-2.0,655\n", trap="ratios and variations below the minimum")
    c.safe("ages.csv", "groupe;âge moyen;durée (jours);effectif\nA;45,2;5,1;1 204\nB;51,8;7,9;655\n", "health_11", "ages and durations")
    c.safe("scores.csv", "question,score (1-5),respondents\nq1,3,812\nq2,4,800\nq3,2,799\n", trap="scores")
    c.safe("heures.csv", "heure;séjours\n0;1204\n1;812\n2;655\n3;512\n4;498\n", "health_11", "hours as labels")
    c.safe("enfants.csv", "nombre d'enfants;effectif\n0;2414\n1;1159\n2;1481\n3;781\n4;328\n", "health_11", "a number of children as label")
    c.safe("prix.csv", "produit;prix (€);évolution\npain;3,5;+2,1 %\nlait;1,2;-0,4 %\n", "enterprise", "prices")
    c.unsafe("zero_cent.csv", "Établissement;Décès;Survie\nA;0;412\nB;15;380\n", [("CLASS_DISCLOSURE", "A;", 3)], "insee_menages")
    c.safe("naf.csv", "NAF;Libellé;Nb établissements\n1,Bois;Scierie;812\n".replace("1,Bois", "1610A") + "2311Z;Verre;120\n", "enterprise", "activity codes")
    c.safe("milliers.txt", "Région          Effectif\nNord           1 204 512\nSud              812 005\nEst              655 120\n", "health_11", "numbers with blanks in aligned text")
    c.unsafe("milliers_few.txt", "Région          Effectif\nNord           1 204 512\nSud                    6\nEst              655 120\n", [("FREQ_MIN", "Sud", None)], "health_11")

    # derived, rates, quantiles, extremes
    c.unsafe("taux_100000.csv", "Département;Population;Taux pour 100 000\nA;52 000;9,6\nB;804 000;12,1\n", [("DERIVED_COUNT", "A;", 3)], "health_11")
    c.unsafe("champ.csv", "Champ : 812 patients\nMotif;Part (%)\nA;0,6\nB;45,1\nC;30,2\n", [("DERIVED_COUNT", "A;", 2)], "health_11")
    c.safe("champ_ok.csv", "Champ : 81 200 patients\nMotif;Part (%)\nA;0,6\nB;45,1\nC;30,2\n", "health_11", "a small percentage of a large base")
    c.unsafe("somme_moyenne.csv", "secteur;somme des ventes;moyenne des ventes\nbois;40 000;10 000\nverre;900 000;1 500\n", [("DERIVED_COUNT", "bois", None)], "health_11")
    c.unsafe("etendue.csv", "groupe;n;minimum;maximum\nA;812;17;64\nB;655;18;71\n", [("EXTREME_VALUE", "A;", 3), ("EXTREME_VALUE", "A;", 4)], "health_11")
    dec = h.visits.quantile([0.1, 0.5, 0.9])
    c.safe("deciles.csv", "plan;n;D1;D5;D9\ntotal;20190;0,2;1,5;7,1\nfree;4000;0,3;2,5;9,2\n", "health_11", "deciles")
    c.unsafe("deciles_few.csv", "plan;n;D1;D9\ntotal;20190;0,2;7,1\nrare;60;0,3;9,2\n", [("QUANTILE_FEW", "rare", 3)], "health_11")
    top = e.groupby("secteur").ca.agg(lambda s: 100 * s.nlargest(2).sum() / s.sum())
    c.unsafe("top2.csv", "sector,firms,share of the two largest (%)\nwood,120,31.0\nglass,12,93.5\n", [("DOMINANCE", "glass", 3)])
    c.safe("top2_ok.csv", "sector,firms,share of the two largest (%)\nwood,120,31.0\nglass,12,43.5\n", trap="shares of leaders below the limit")
    ctl = e.groupby("secteur").agg(n=("ca", "size"), ca=("ca", "sum"), big=("ca", "max"))
    ctl.loc["bois", "big"] = 0.9 * ctl.loc["bois", "ca"]
    c.unsafe("ca.csv", french_csv(ctl[["n", "ca"]].set_axis(["Nb entreprises", "CA"], axis=1), index_name="Secteur"), [("DOMINANCE", "bois", 3)], "enterprise",
             supporting={"controle_ca.csv": french_csv(ctl[["big", "ca"]].set_axis(["Plus grosse contribution", "Total"], axis=1), index_name="Secteur", thousands="")})

    # models
    c.safe("poisson.txt", str(smf.poisson("visits ~ idp + disea + physlm", h).fit(disp=0).summary()) + "\n", trap="poisson")
    c.safe("ols2.txt", str(smf.ols("affairs ~ C(metier) + age", f).fit().summary()) + "\n", trap="indicators of large categories")
    c.safe("coef.tex", smf.ols("affairs ~ age + educ", f).fit().summary2().as_latex() + "\n", trap="summary2 in LaTeX")
    c.safe("regress2.log", stata_regress(h, "visits", ["idp", "disea", "physlm"]), trap="regress")
    c.unsafe("regress_sat.log", stata_regress(f.head(5), "affairs", ["age", "educ", "religious"]), [("DOF_LOW", "Residual |", None)])
    c.unsafe("modeles.csv", "variable,(1),(2)\nage,-0.036***,0.004\n,(0.005),(0.008)\neduc,0.1**,0.2**\n,(0.04),(0.05)\n", [("N_MISSING", None, None)])
    c.safe("modeles_n.csv", "variable,(1),(2)\nage,-0.036***,0.004\n,(0.005),(0.008)\neduc,0.1**,0.2**\n,(0.04),(0.05)\nObservations,6366,6366\nR2,0.02,0.03\n", trap="two models side by side")
    c.safe("odds.csv", "terme;OR;IC 95 % inf;IC 95 % sup;p\nâge;1,02;0,98;1,07;0,31\nsexe;0,71;0,52;0,97;0,03\nN;944;;;\n", "health_11", "odds ratios with their intervals")
    c.safe("chi2.txt", "Pearson chi2(3) =  12.4021   Pr = 0.006\n\nN = 944\n", trap="a test with three degrees of freedom")
    c.safe("r_ttest.txt", run_r("print(t.test(age ~ vote, data=d))\n", a), trap="a t test")
    c.safe("r_anova.txt", run_r("print(anova(lm(age ~ factor(educ), data=d)))\n", a), trap="analysis of variance")
    c.unsafe("r_lm_few.txt", run_r("m <- lm(affairs ~ age + educ, data=d[1:9,])\ns <- summary(m); print(s$coefficients); cat('Residual standard error:', s$sigma, 'on', m$df.residual, 'degrees of freedom\\n')\n", f), [("DOF_LOW", "degrees of freedom", None)])
    c.unsafe("r_crosstab.txt", run_r("print(addmargins(xtabs(~ educ + PID, data=d)))\n", a), [("FREQ_MIN", None, None)])
    c.safe("r_xtabs.txt", run_r("print(addmargins(xtabs(~ health + plan, data=d)))\n", h), trap="xtabs with margins")
    c.safe("r_tapply.txt", run_r("print(round(tapply(d$visits, list(d$health, d$plan), mean), 2))\n", h), trap="means of a cross table")
    c.safe("r_quantile.txt", run_r("print(quantile(d$disea, c(.1,.25,.5,.75,.9)))\ncat('n =', nrow(d), '\\n')\n", h), trap="quantiles")
    c.unsafe("r_surv.txt", run_r("library(survival)\nprint(summary(survfit(Surv(age, vote) ~ 1, data=d[1:60,])))\n", a), [("FREQ_MIN", None, None)])
    c.unsafe("r_fivenum.txt", run_r("print(summary(d$income))\nprint(tapply(d$age, d$educ, range))\n", a), [("EXTREME_VALUE", None, None)])

    # pandas
    g = h.groupby("health").visits.describe().round(2)
    c.unsafe("groupby_describe.txt", g.to_string() + "\n", [("EXTREME_VALUE", "excellent", None)])
    c.safe("groupby_mean.txt", h.groupby(["plan", "health"]).visits.agg(["size", "mean", "std"]).round(3).to_string() + "\n", trap="two index levels")
    pv = a.pivot_table(index="school", columns="vote_name", values="age", aggfunc=["count", "mean"]).round(1)
    c.unsafe("pivot.txt", pv.to_string() + "\n", [("FREQ_MIN", "none", None)])
    c.safe("corr.txt", h[["visits", "disea", "lpi"]].corr().round(3).to_string() + "\n", trap="correlations")
    c.unsafe("groups.json.txt", f.metier[:200].value_counts().to_string() + "\n", [("FREQ_MIN", "étudiante", None)], "health_11")
    c.unsafe("residuals.txt", pd.DataFrame({"fitted": [2.1, 1.9, 3.3, 2.2, 2.9, 3.0], "resid": [0.1, -0.9, 0.3, 1.2, 0.9, -0.2], "age": [32, 27, 22, 37, 42, 27], "educ": [12, 14, 16, 17, 12, 14]}).to_string() + "\n",
             [("ROWS_INDIVIDUAL", None, None)], grave=True)

    # microdata and identifiers in other dresses
    c.unsafe("sejours.csv", "id_patient;sexe;age;diagnostic;duree\n" + "".join(f"P{i:04d};{1 + i % 2};{20 + i % 60};{'ABCDEF'[i % 6]}{10 + i % 80};{1 + i % 9}\n" for i in range(60)), [("ROWS_INDIVIDUAL", None, None)], "health_11", grave=True)
    c.unsafe("list.log", ". list age educ religious children in 1/6\n\n" + f[["age", "educ", "religious", "children"]].head(6).to_string() + "\n", [("ROWS_INDIVIDUAL", None, None)], grave=True)
    c.unsafe("siret.txt", "Entreprises enquêtées : 732 829 320 00074 et 356 000 000 00048.\n", [("ID_DIRECT", "732", None)], "enterprise", grave=True)
    c.unsafe("iban.csv", "compte;solde\nFR14 2004 1010 0505 0001 3M02 606;1200\n", [("ID_DIRECT", "FR14", 1)], "fiscal_11", grave=True)
    c.unsafe("naissances.csv", "date de naissance;sexe;commune\n12/06/1985;F;29019\n03/01/1990;H;35238\n", [("ID_DIRECT", "12/06/1985", 1)], "health_11", grave=True)
    c.unsafe("adresses.txt", "Le patient demeure 12 rue de la Paix à Lyon.\n", [("ID_DIRECT", "12 rue", None)], "health_11", grave=True)
    c.unsafe("uuid.csv", "uid,n_visits\n" + "".join(f"{i:08x}-aaaa-4bbb-8ccc-{(i * 7919) % 16**12:012x},{20 + i}\n" for i in range(1, 8)), [("ID_PSEUDONYM", None, 1)], grave=True)
    c.safe("bibliography.txt", "Fair, R. (1978). A theory of extramarital affairs. Journal of Political Economy, 86(1), 45-61. doi:10.1086/260646\n", trap="a reference with pages")
    c.safe("readme.txt", "Ce dossier contient 3 tableaux et 2 figures sur les femmes interrogées en 1974. Les comptes sont arrondis à 5. Version 2 du 12/06/2024.\n", trap="a description with small numbers")
    c.unsafe("lettre.txt", "Sur les 812 dossiers, seuls trois ménages ont été exclus ; un individu a refusé.\n", [("FREQ_MIN", "trois ménages", None)], "insee_menages")
    c.unsafe("sql.sql", "INSERT INTO patients VALUES\n(1, 'F', 45, 'I21'),\n(2, 'H', 52, 'I25'),\n(3, 'F', 38, 'J18'),\n(4, 'H', 61, 'I21');\nSELECT * FROM patients;\n", [("CODE_EMBEDS_DATA", None, None)], grave=True)
    c.safe("script.py", "import pandas as pd\nd = pd.read_csv('data.csv')\nm = d.groupby('plan').agg({'visits': 'mean'})\nprint(m)\nfor k in range(3):\n    print(k)\n", trap="a program")
    c.unsafe("iris.csv", "IRIS;Nb ménages;Revenu médian\n751010101;812;24 500\n751010102;640;31 200\n", [("GEO_FINE", "751010101", 1)], "insee_menages")

    # masks and differences
    c.unsafe("masque_ailleurs.csv", "Région;Femmes;Hommes;Total\nNord;120;130;250\nSud;s;s;96\nEst;70;60;130\n", [("SECONDARY_RECOVERABLE", "Sud", None)], "health_11",
             released={"released/femmes.csv": "Région;Effectif\nNord;250\nSud;96\nEst;130\n", "released/sexe.csv": "Sexe;Effectif\nFemmes;282\nHommes;194\n"}) if False else None
    c.unsafe("masque_publie.csv", "Région;Effectif\nNord;250\nSud;s\nEst;130\nOuest;96\n", [("SECONDARY_RECOVERABLE", "Sud", 2)], "health_11",
             released={"released/regions.csv": "Région;Effectif\nNord;250\nSud;7\nEst;130\nOuest;96\n"})
    c.unsafe("sous_total.csv", "Activité;Effectif\nA1;120\nA2;s\nTotal A;126\nB1;80\nB2;70\nTotal B;150\nEnsemble;276\n", [("SECONDARY_RECOVERABLE", "A2", 2)], "health_11")
    c.safe("sous_total_ok.csv", "Activité;Effectif\nA1;s\nA2;s\nTotal A;126\nB1;80\nB2;70\nTotal B;150\nEnsemble;276\n", "health_11", "two masks in a subtotal")
    base = pd.crosstab(h.health, h.plan)
    less = pd.crosstab(h.health[6:], h.plan[6:])
    c.unsafe("hors_six.csv", less.to_csv(), [("DIFFERENCING", None, None)], released={"released/tous.csv": "Counts\n" + base.to_csv()}) if False else None
    c.unsafe("hors.csv", french_csv(less, index_name="Nombre d'assurés"), [("DIFFERENCING", None, None)], "health_11",
             released={"released/tous.csv": french_csv(base, index_name="Nombre d'assurés")})
    other = pd.crosstab(h.health[10000:], h.plan[10000:])
    c.safe("annee_2.csv", french_csv(other, index_name="Nombre d'assurés 1975"), "health_11", "another year than what was released")
    c.labels["annee_2.csv"]["released"] = ["released/annee_1.csv"]
    c._write("released/annee_1.csv", french_csv(pd.crosstab(h.health[:10000], h.plan[:10000]), index_name="Nombre d'assurés 1974"), "utf-8")
    c.done()
