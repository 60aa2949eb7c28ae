"""Part i, consoles: R (survey, Hmisc, Epi, dplyr), gretl, PSPP, pandas, statsmodels, scikit-learn; Stata and SAS as they print."""
import contextlib
import io

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import statsmodels.api as sm
import statsmodels.formula.api as smf

from kit import stata_regress, stata_summarize, stata_tab, stata_tab2
from kit_files import CALM, r
from part_i_data import donors, few, gretl, households, patients, people, pspp, pupils, roomy, sample, smcl, undated


def rsafe(c):
    q, p, h, s = pupils(), patients(), households(), donors()
    roomy(pd.crosstab([q.secteur, q.sexe], q.ses_q), 20)
    c.add("r_ftable.txt", r("ftable(xtabs(~ secteur + sexe + ses_q, d))\n", q, echo=True), rules="depp_10", trap="a flat table of three variables")
    c.add("r_svy.txt", r("suppressPackageStartupMessages(library(survey))\np <- svydesign(ids = ~1, weights = ~poids, data = d)\nsvymean(~revenu, p)\nsvyby(~revenu, ~region, p, svymean)\nsvyby(~revenu, ~region, p, unwtd.count)\nsvyciprop(~I(statut == 'Locataire'), p)\n", h, echo=True), rules="insee_menages", trap="survey: means, errors, unweighted counts")
    c.add("r_svyglm.txt", r("suppressPackageStartupMessages(library(survey))\np <- svydesign(ids = ~1, weights = ~poids, data = d)\nm <- svyglm(log(revenu) ~ enfants + region, p)\nround(coef(summary(m)), 4)\nregTermTest(m, ~region)\nnobs(m)\n", h, echo=True), rules="insee_menages", trap="Wald test on 3 and 4095 degrees", forbidden=[*CALM, "DOF_LOW"])
    c.add("r_coxph.txt", r("library(survival)\nm <- coxph(Surv(dtime, death) ~ age + nodes + factor(grade), d)\nm\ncox.zph(m)\n", p, echo=True), rules="health_11", trap="Cox and its test of proportions: df of one")
    c.add("r_survfit_print.txt", r("library(survival)\nsurvfit(Surv(dtime / 365.25, death) ~ grade, d)\nsurvdiff(Surv(dtime, death) ~ grade, d)\n", p, echo=True), rules="health_11", trap="medians of survival, observed and expected")
    c.add("r_tukey.txt", r("d$ses_q <- factor(d$ses_q)\nm <- aov(score ~ ses_q, d)\nnrow(d)\nTukeyHSD(m)\npairwise.t.test(d$score, d$ses_q)\n", q, echo=True), rules="depp_10", trap="differences with lwr, upr and p adj")
    c.add("r_step.txt", r("m <- lm(lwage ~ ed + exp + wks + sex + union + married, d)\nstep(m, direction = 'backward')\nnobs(m)\n", sample("wages"), echo=True), rules="dads_5", trap="steps with Df 1, RSS and AIC")
    c.add("r_mixed.txt", r("library(nlme)\nm <- lme(score ~ SES, random = ~1 | School, data = d)\nfixed.effects(m)\nVarCorr(m)\nintervals(m)$fixed\nAIC(m)\nnobs(m)\n", q, echo=True), rules="depp_10", trap="a mixed model: variances and intervals")
    roomy(q.groupby(["secteur", "ses_q"]).size().to_frame(), 20)
    c.add("r_tibble.txt", r("suppressMessages(library(dplyr))\nas_tibble(d) |> group_by(secteur, ses_q) |> summarise(eleves = n(), moyenne = mean(score), ecart = sd(score), .groups = 'drop')\n", q, echo=True), rules="depp_10", trap="a tibble: types under the names, row numbers")
    c.add("r_kruskal.txt", r("nrow(d)\nkruskal.test(kappa ~ mgus, d)\nfisher.test(table(d$sexe, d$death))$p.value\nprop.test(c(sum(d$death[d$sexe == 'Femmes']), sum(d$death[d$sexe == 'Hommes'])), as.vector(table(d$sexe)))\n", s, echo=True), rules="health_11", trap="chi-squared with one degree, proportions")
    c.add("r_stat_table.txt", r("suppressPackageStartupMessages(library(Epi))\nd$grade <- factor(d$grade)\nstat.table(list(Age = cut(age, c(0, 45, 55, 65, 120)), Grade = grade), list(count(), mean(nodes)), data = d, margins = TRUE)\n", p, echo=True), rules="health_11", trap="Epi's boxes with counts and means")
    c.add("r_summary_m.txt", r("suppressPackageStartupMessages(library(Hmisc))\nprint(summaryM(age + meno + chemo ~ grade, data = d, overall = TRUE))\n", p.assign(meno=np.where(p.meno == 1, "oui", "non"), chemo=np.where(p.chemo == 1, "oui", "non"))), rules="health_11", trap="Hmisc's summary: quartiles a/b/c and n (%)", forbidden=["FREQ_MIN", "ROWS_INDIVIDUAL", "ID_DIRECT"])


def runsafe(c):
    q, p, s, f, w = pupils(), patients(), donors(), sample("farms"), sample("wages")
    c.add("r_describe.txt", r("suppressPackageStartupMessages(library(Hmisc))\ndescribe(d[, c('age', 'nodes')])\n", p, echo=True), "refuse", [("EXTREME_VALUE", {"needle": "lowest"})], "health_11")
    c.add("r_xtabs_margins.txt", r("addmargins(xtabs(~ tranche + traitement, d))\n", p, echo=True), "refuse", [("FREQ_MIN", {"needle": "< 45"})], "health_11")
    c.add("r_count.txt", r("suppressMessages(library(dplyr))\nas_tibble(d) |> count(chapter, sort = TRUE) |> print(n = 20)\n", s, echo=True), "refuse", [("FREQ_MIN", {"needle": "Congenital"})], "health_11")
    c.add("r_glimpse.txt", r("suppressMessages(library(dplyr))\nglimpse(d[, c('age', 'grade', 'nodes', 'pgr', 'er', 'dtime')])\n", p, echo=True), "refuse", [("ROWS_INDIVIDUAL", {})], "health_11", grave=True)
    c.add("r_tibble_lignes.txt", r("suppressMessages(library(dplyr))\nas_tibble(d) |> filter(nodes > 20) |> select(age, grade, nodes, pgr, er, dtime)\n", p, echo=True), "refuse", [("ROWS_INDIVIDUAL", {})], "health_11", grave=True)
    c.add("r_residus.txt", r("m <- lm(lwage ~ ed + exp, d)\nround(residuals(m)[1:40], 3)\n", w, echo=True), "refuse", [("ROWS_INDIVIDUAL", {})], "dads_5", grave=True)
    c.add("r_split.txt", r("split(d$goutput, d$region)[1:2] |> lapply(head, 24)\n", f, echo=True), "refuse", [("ROWS_INDIVIDUAL", {})], "fiscal_11", grave=True)
    c.add("r_range.txt", r("tapply(d$goutput, d$region, range)\n", f, echo=True), "refuse", [("EXTREME_VALUE", {})], "fiscal_11")
    c.add("r_kmeans.txt", r("set.seed(4)\nk <- kmeans(scale(d[, c('nodes', 'pgr', 'er')]), 9)\ntable(cluster = k$cluster)\n", p[p.age < 50].assign(pgr=lambda d: d.pgr ** 1.0), echo=True), "refuse", [("FREQ_MIN", {})], "health_11")
    c.add("r_survfit_petit.txt", r("library(survival)\nsummary(survfit(Surv(dtime, death) ~ 1, d[d$tranche == '< 45 ans' & d$traitement == 'Hormonothérapie' | d$nodes > 30, ]))\n", p, echo=True), "refuse", [("FREQ_MIN", {})], "health_11")
    model = "m <- lm(goutput ~ size + urea + seed, d)\ncoef(m)\nc(n = nobs(m), df = df.residual(m), r2 = round(summary(m)$r.squared, 6))\n"
    c.add("r_ddl_un.txt", r(model, f.head(5), echo=True), "refuse", [("DOF_LOW", {})], "fiscal_11")
    c.add("r_sature.txt", r(model, f.head(4), echo=True), "refuse", [("MODEL_SATURATED", {})], "fiscal_11")
    g = gretl("ols lwage const ed exp wks\nomit wks\nmodtest --white --quiet\n", w[["lwage", "ed", "exp", "wks"]])
    c.add("gretl_ols.txt", g, rules="dads_5", trap="gretl: criteria, tests, a range of observations", forbidden=[*CALM, "DOF_LOW"])
    yes = w.assign(married=(w.married == "yes") * 1, union=(w.union == "yes") * 1)[["married", "union", "lwage"]]
    c.add("gretl_xtab.txt", gretl("xtab married union\n", yes), rules="dads_5", trap="gretl's cross table: codes in brackets")
    c.add("gretl_summary.txt", gretl("summary lwage\n", yes), "refuse", [("EXTREME_VALUE", {"needle": "Minimum"})], "dads_5")
    c.add("gretl_print.txt", gretl("smpl 101 130\nprint lwage ed exp wks --byobs\n", w[["lwage", "ed", "exp", "wks"]]), "refuse", [("ROWS_INDIVIDUAL", {})], "dads_5", grave=True)


def boxed(c):
    q, p, n = pupils(), patients(), people()
    text = lambda s, d: pspp(s, d).decode()
    c.add("pspp_oneway.txt", text("ONEWAY /VARIABLES=score BY secnum.\nT-TEST /GROUPS=secnum(1,2) /VARIABLES=score.\n", q[["score"]].assign(secnum=(q.secteur == "Privé") * 1 + 1)), rules="depp_10", trap="PSPP: df between groups of one, tests", forbidden=[*CALM, "DOF_LOW"])
    c.add("pspp_logistic.lst", text("LOGISTIC REGRESSION recur WITH age nodes grade.\n", p[["recur", "age", "nodes", "grade"]]), rules="health_11", trap="PSPP: classification table of hundreds, Wald, Exp(B)", forbidden=[*CALM, "DOF_LOW"])
    roomy(pd.crosstab(n.diplome, n.sexe), 40)
    c.add("pspp_crosstabs.html", pspp("CROSSTABS /TABLES=diplome BY sexe /CELLS=COUNT ROW.\n", n[["diplome", "sexe"]], "out.html"), trap="PSPP's own HTML")
    c.add("pspp_effectifs.pdf", pspp("FREQUENCIES /VARIABLES=diplome.\n", n[["diplome"]], "out.pdf"), trap="PSPP's own PDF")
    c.add("pspp_petit.csv", pspp("CROSSTABS /TABLES=tranche BY traitement /CELLS=COUNT.\n", p[["tranche", "traitement"]], "out.csv"), "refuse", [("FREQ_MIN", {})], "health_11")
    c.add("pspp_extremes.lst", text("FREQUENCIES /VARIABLES=grade /FORMAT=NOTABLE /STATISTICS=MEAN STDDEV.\nEXAMINE /VARIABLES=nodes /STATISTICS=EXTREME(3).\n", p[["grade", "nodes"]]), "refuse", [("EXTREME_VALUE", {})], "health_11")
    c.add("pspp_liste.lst", text("SELECT IF nodes > 25.\nLIST /VARIABLES=age grade nodes pgr er dtime.\n", p[["age", "grade", "nodes", "pgr", "er", "dtime"]]), "refuse", [("ROWS_INDIVIDUAL", {})], "health_11", grave=True)
    c.add("pspp_petit.html", pspp("FREQUENCIES /VARIABLES=year.\n", p[["year"]], "out.html"), "refuse", [("FREQ_MIN", {})], "health_11")


def python(c):
    q, p, s, w = pupils(), patients(), donors(), sample("wages")
    c.add("logit.txt", undated(str(smf.logit("recur ~ age + nodes + C(grade)", p).fit(disp=0).summary())) + "\n", rules="generic_10", trap="a logit: Df Model 3, iterations", forbidden=[*CALM, "DOF_LOW"])
    c.add("quantreg.txt", undated(str(smf.quantreg("lwage ~ ed + exp", w).fit(0.9).summary())) + "\n", rules="dads_5", trap="a quantile regression: bandwidth, sparsity")
    c.add("mnlogit.txt", undated(str(sm.MNLogit(pd.cut(p.nodes, [-1, 0, 3, 99], labels=False), sm.add_constant(p[["age", "grade"]])).fit(disp=0).summary())) + "\n", rules="generic_10", trap="a multinomial logit: equations y=1 and y=2", forbidden=[*CALM, "DOF_LOW"])
    out = io.StringIO()
    p[["age", "grade", "nodes", "dtime"]].info(buf=out, memory_usage=False)
    c.add("df_info.txt", out.getvalue(), rules="generic_10", trap="info() of pandas: columns numbered from 0, types")
    c.add("isna.txt", str(s[["age", "kappa", "creatinine", "chapter"]].isna().sum()) + "\n", rules="generic_10", trap="missing values: none or hundreds")
    c.add("pivot_pandas.txt", q.pivot_table(index="secteur", columns="sexe", values="score", aggfunc=["mean", "count"], margins=True).round(2).to_string() + "\n", rules="depp_10", trap="two levels of headers with margins")
    c.add("resample.txt", w.groupby("ed").agg(n=("lwage", "size"), m=("lwage", "mean")).query("n > 40").round(3).to_string() + "\n", rules="dads_5", trap="years of schooling as row labels")
    c.add("polars_sectors.txt", str(pl.from_pandas(q[["secteur", "sexe", "score"]]).group_by("secteur", "sexe").agg(pl.len(), pl.col("score").mean().alias("mean"), pl.col("score").quantile(0.9).alias("p90")).sort("secteur", "sexe")) + "\n", rules="depp_10", trap="a polars frame with a ninth decile of large groups")
    out = io.StringIO()
    duckdb.register("p", p)
    with contextlib.redirect_stdout(out):
        duckdb.sql("select tranche, traitement, count(*) as n, avg(nodes) as ganglions from p group by all order by all").show()
    c.add("duckdb_traitements.txt", out.getvalue(), "refuse", [("FREQ_MIN", {"needle": "65-74 ans   │ Chimio"}), ("MAGNITUDE_FEW", {"needle": "65-74 ans   │ Chimio"})], "generic_10")
    c.add("percentiles.txt", p[["nodes", "pgr"]].describe(percentiles=[0.001, 0.5, 0.999]).round(1).to_string() + "\n", "refuse", [("EXTREME_VALUE", {"needle": "max"})], "generic_10")
    c.add("value_counts.txt", str(s.chapter.value_counts()) + "\n", "refuse", [("FREQ_MIN", {"needle": "Skin"})], "generic_10")
    from sklearn.metrics import classification_report
    y = np.array(["stable"] * 640 + ["rechute"] * 210 + ["décès toxique"] * 4)
    c.add("rapport_classes.txt", classification_report(y, np.roll(y, 60)), "refuse", [("FREQ_MIN", {"needle": "décès toxique"})], "generic_10")
    c.add("rapport_classes_sur.txt", classification_report(q.secteur, np.roll(q.secteur, 400), digits=3), rules="depp_10", trap="precision, recall, supports of thousands")
    c.add("polars_glimpse.txt", pl.from_pandas(w).glimpse(return_type="string", max_items_per_column=10) + "\n", "refuse", [("ROWS_INDIVIDUAL", {})], "dads_5", grave=True)


def stata(c):
    q, p, s = pupils(), patients(), donors()
    roomy(pd.crosstab(q.secteur, q.ses_q), 20)
    c.add("eleves.smcl", smcl(stata_tab2(q, "secteur", "ses_q", percent=True)), rules="depp_10", trap="SMCL: counts over row percentages")
    c.add("regression.smcl", smcl(stata_regress(q, "score", ["SES", "Size"])), rules="depp_10", trap="SMCL: a regression", forbidden=[*CALM, "DOF_LOW"])
    c.add("causes.smcl", smcl(stata_tab(s.dropna(subset="chapter").assign(chapter=lambda d: d.chapter.str[:11]).chapter, "chapter")), "refuse", [("FREQ_MIN", {})], "health_11")
    c.add("summarize.smcl", smcl(stata_summarize(p, ["age", "nodes", "pgr"])), "refuse", [("EXTREME_VALUE", {})], "health_11")
    v = q.score.sort_values()
    out = ". summarize score, detail\n\n                            score\n-------------------------------------------------------------\n      Percentiles      Smallest\n"
    low, high, k = list(v.head(4)), list(v.tail(4)), [1, 5, 10, 25]
    out += "".join(f"{a:>2}%{v.quantile(a / 100):>12.3g}{b:>15.4g}" + (f"       Obs {len(v):>18,d}\n" if a == 10 else f"       Sum of wgt. {len(v):>10,d}\n" if a == 25 else "\n") for a, b in zip(k, low))
    out += f"\n50%{v.quantile(0.5):>12.4g}                      Mean       {v.mean():>10.6g}\n                        Largest       Std. dev.  {v.std():>10.6g}\n"
    out += "".join(f"{a:>2}%{v.quantile(a / 100):>12.4g}{b:>15.4g}\n" for a, b in zip([75, 90, 95, 99], high))
    c.add("detail.log", out, "refuse", [("EXTREME_VALUE", {"needle": "Smallest"})], "depp_10")
    stat = q.groupby("ses_q").score.agg(["size", "mean", "std", "median"])
    out = ". tabstat score, by(ses_q) statistics(n mean sd p50)\n\nSummary for variables: score\nGroup variable: ses_q\n\n   ses_q |         N      Mean        SD       p50\n---------+----------------------------------------\n" + "".join(f"{k:>8} |{v['size']:>10.0f}{v['mean']:>10.5g}{v['std']:>10.5g}{v['median']:>10.5g}\n" for k, v in stat.iterrows()) + "--------------------------------------------------\n"
    c.add("tabstat.log", out, rules="depp_10", trap="tabstat: N in a column of statistics")
    log = ". stcox age nodes, nolog\n\n        Failure _d: death\n  Analysis time _t: dtime\n\nCox regression with Breslow method for ties\n\nNo. of subjects =        2,982                        Number of obs   =  2,982\nNo. of failures =        1,272\nTime at risk    =    7,714,821\n                                                        LR chi2(2)      = 518.77\nLog likelihood = -9301.4882                             Prob > chi2     = 0.0000\n\n------------------------------------------------------------------------------\n          _t | Haz. ratio   Std. err.      z    P>|z|     [95% conf. interval]\n-------------+----------------------------------------------------------------\n         age |   1.013871   .0022112     6.32   0.000     1.009547    1.018215\n       nodes |   1.079402   .0030011    27.48   0.000     1.073536      1.0853\n------------------------------------------------------------------------------\n\n. estat phtest\n\nTest of proportional-hazards assumption\n\n      -------------------------------------------------------\n                  |       chi2       df       Prob>chi2\n      ------------+------------------------------------------\n      Global test |      11.04        2          0.0040\n      -------------------------------------------------------\n"
    c.add("stcox.log", log, rules="health_11", trap="subjects, failures, time at risk, df of two", forbidden=[*CALM, "DOF_LOW"])
    rows = p.sample(6, random_state=21)
    c.add("list_clean.log", ". list age grade nodes er dtime in 101/106, clean noobs\n\n    age   grade   nodes     er   dtime  \n" + "".join(f"{v.age:>7}{v.grade:>8}{v.nodes:>8}{v.er:>7}{v.dtime:>8}  \n" for v in rows.itertuples()), "refuse", [("ROWS_INDIVIDUAL", {})], "health_11", grave=True)
    c.add("codebook_compte.log", ". count if hormon == 1 & age < 45\n  4\n\n. count\n  2,982\n", "refuse", [("FREQ_MIN", {"line": 2})], "health_11")


def sas(c):
    p, q = patients(), pupils()
    line = lambda a, b, n: f"|{a:<22}|" + "|".join(f"{v:>12}" for v in b) + "|\n"
    g = q.groupby("secteur").score.agg(["size", "mean", "std"])
    edge = "-" * 63 + "\n"
    c.add("proc_tabulate.lst", "                         The SAS System\n\n" + edge + line("", ["N", "Mean", "Std"], 3) + "|----------------------+------------+------------+------------|\n" + line("secteur", ["", "", ""], 3) + "".join(line(k, [f"{v['size']:.2f}", f"{v['mean']:.2f}", f"{v['std']:.2f}"], 3) for k, v in g.iterrows()) + edge, rules="depp_10", trap="proc tabulate: counts printed with decimals")
    c.add("proc_contents.lst", "                        The CONTENTS Procedure\n\nData Set Name        WORK.REGISTRE              Observations          2982\nMember Type          DATA                       Variables             6\nEngine               V9                         Indexes               0\nCreated              03/12/2024 14:02:11        Observation Length    48\nDeleted Observations 0                          Compressed            NO\n\n              Alphabetic List of Variables and Attributes\n\n                 #    Variable    Type    Len    Format\n\n                 1    age         Num       8    BEST12.\n                 4    dtime       Num       8    BEST12.\n                 3    grade       Num       8    GRADE.\n                 2    nodes       Num       8    BEST12.\n                 5    death       Num       8    BEST12.\n                 6    tranche     Char      8\n", rules="health_11", trap="proc contents: numbers and lengths of variables")
    c.add("proc_logistic.lst", "                        The LOGISTIC Procedure\n\n                          Model Information\n\n            Data Set                      WORK.REGISTRE\n            Number of Response Levels     2\n            Model                         binary logit\n\n         Number of Observations Read        2982\n         Number of Observations Used        2982\n\n                          Response Profile\n                 Ordered                      Total\n                   Value        recur     Frequency\n                       1            1          1518\n                       2            0          1464\n\n          Analysis of Maximum Likelihood Estimates\n\n                               Standard          Wald\nParameter    DF    Estimate       Error    Chi-Square    Pr > ChiSq\n\nIntercept     1     -0.4102      0.1721        5.6811        0.0171\nage           1    -0.00312     0.00301        1.0744        0.2999\nnodes         1      0.1834      0.0131      196.0122        <.0001\n\n      Association of Predicted Probabilities and Observed Responses\n\n          Percent Concordant     66.9    Somers' D    0.349\n          Percent Discordant     32.0    Gamma        0.353\n          Percent Tied            1.1    Tau-a        0.174\n          Pairs               2222352    c            0.674\n", rules="health_11", trap="proc logistic: levels, DF of one, pairs")
    top = p.nodes.sort_values()
    rows = list(zip(top.head(5).items(), top.tail(5).items()))
    c.add("univariate.lst", "                       The UNIVARIATE Procedure\n                           Variable:  nodes\n\n                         Extreme Observations\n\n               ----Lowest----        ----Highest---\n\n               Value      Obs        Value      Obs\n\n" + "".join(f"{a[1]:>20}{a[0] + 1:>9}{b[1]:>13}{b[0] + 1:>9}\n" for a, b in rows), "refuse", [("EXTREME_VALUE", {})], "health_11")
    t = pd.crosstab(p.tranche, p.traitement)
    out = "                          The FREQ Procedure\n\n                  Table of tranche by traitement\n\n     tranche(Age)     traitement(Traitement)\n\n     Frequency       |" + "".join(f"{k[:8]:<8}|" for k in t.columns) + "  Total\n     ----------------+--------+--------+--------+\n"
    for k, v in t.iterrows():
        out += f"     {k:<16}|" + "".join(f"{x:>7} |" for x in v) + f"{v.sum():>7}\n     ----------------+--------+--------+--------+\n"
    c.add("freq_croise.lst", out + "     Total          " + "".join(f"{x:>9}" for x in t.sum()) + f"{t.to_numpy().sum():>9}\n", "refuse", [("FREQ_MIN", {"needle": "     65-74"})], "health_11")
    out = "Obs    age    grade    nodes     pgr      er    dtime    death\n\n" + "".join(f"{i:>3}{v.age:>7}{v.grade:>9}{v.nodes:>9}{v.pgr:>8}{v.er:>8}{v.dtime:>9}{v.death:>9}\n" for i, v in enumerate(p.sample(13, random_state=23).itertuples(), 1))
    c.add("proc_print.lst", "                            The SAS System                            1\n\n" + out, "refuse", [("ROWS_INDIVIDUAL", {})], "health_11", grave=True)


def build(c):
    for family in (rsafe, runsafe, boxed, python, stata, sas):
        family(c)
