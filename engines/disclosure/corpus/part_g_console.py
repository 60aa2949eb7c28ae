"""Part g, consoles: PSPP, sqlite3, DuckDB, polars, R with its banner, linearmodels, lifelines, pyfixest; Stata and SAS as they print."""
import contextlib
import io

import duckdb
import lifelines
import pandas as pd
import polars as pl
import pyfixest as pf
import statsmodels.api as sm
from lifelines.utils import survival_table_from_events
from linearmodels.iv import IV2SLS
from linearmodels.panel import PanelOLS

from kit_files import r, work
from part_g_data import births, cohort, farms, few, homes, roomy, seekers, small_cohort


def pspp(syntax, frame):
    """What PSPP lists of `syntax` on `frame`, whose text columns are short."""
    kinds = " ".join(f"{c} {'A24' if frame[c].dtype == object else 'F8.2'}" for c in frame.columns)
    head = f"GET DATA /TYPE=TXT /FILE='data.csv' /ENCODING='UTF-8' /DELIMITERS=',' /QUALIFIER='\"' /FIRSTCASE=2 /VARIABLES={kinds}.\n"
    return work([["pspp", "-o", "out.txt", "s.sps"]], {"s.sps": head + syntax, "data.csv": frame.to_csv(index=False)}, ["out.txt"])[1][0].decode()


def sqlite(commands, frame):
    return work([["sqlite3", "-batch", ":memory:", ".import --csv data.csv t", *commands]], {"data.csv": frame.to_csv(index=False)})[0]


def session(script, frame):
    """A session of R as `R --no-save < script` leaves it: the banner, the commands and what they print."""
    inputs = {"s.R": script, "data.csv": frame.to_csv(index=False)}
    return work([["R", "--no-save", "--no-restore", "-f", "s.R"]], inputs)[0]


def said(call):
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        call()
    return out.getvalue()


def foreign(c):
    h, s, b, f = homes(), seekers(), births(), farms()
    c.add("pspp_effectifs.txt", pspp("FREQUENCIES /VARIABLES=statut dpe.\nMEANS TABLES=loyer BY dpe /CELLS=MEAN COUNT STDDEV.\n", h), rules="irdes_15", trap="PSPP's boxes, percent valid and cumulative")
    roomy(h.dpe.value_counts().to_frame(), 15)
    rare = s[s.motif == "Sortie de détention"]
    few(pd.crosstab(rare.region, rare.tranche), 11)
    c.add("pspp_croise.txt", pspp("CROSSTABS /TABLES=region BY tranche /CELLS=COUNT ROW.\n", rare), "refuse", [("FREQ_MIN", {"needle": "region Bretagne"})])
    c.add("pspp_descriptives.txt", pspp("DESCRIPTIVES /VARIABLES=poids terme age.\n", b), "refuse", [("EXTREME_VALUE", {"needle": "poids"})], "health_11", forbidden=["FREQ_MIN", "ROWS_INDIVIDUAL"])
    c.add("pspp_regression.txt", pspp("DESCRIPTIVES /VARIABLES=loyer surface pieces /STATISTICS=MEAN STDDEV.\nREGRESSION /VARIABLES=surface pieces /DEPENDENT=loyer /STATISTICS=COEFF R ANOVA CI.\n", h), trap="ANOVA's df, confidence bounds of coefficients, N in its own table")
    c.add("pspp_list.txt", pspp("SELECT IF otex = 4500.\nLIST /CASES=FROM 1 TO 14.\n", f), "refuse", [("ROWS_INDIVIDUAL", {})], "enterprise", grave=True)
    c.add("sqlite_groupes.txt", sqlite([".mode box", "select dpe, count(*) as logements, round(avg(loyer), 1) as loyer_moyen, round(avg(surface), 1) as surface from t group by dpe"], h), trap="sqlite's boxes, classes A to G")
    c.add("sqlite_lignes.txt", sqlite([".mode box", "select type, mode, cim, terme, poids, age from t where cim = 'O24.4' limit 12"], b), "refuse", [("ROWS_INDIVIDUAL", {})], "health_11", grave=True)
    c.add("sqlite_rare.md", sqlite([".mode markdown", "select cim, count(*) as accouchements, round(avg(terme), 1) as terme from t group by cim"], b), "refuse", [("FREQ_MIN", {"needle": "O88.1"}), ("MAGNITUDE_FEW", {"needle": "O88.1"})], "health_11")
    duckdb.register("s", s)
    c.add("duckdb_motifs.txt", said(lambda: duckdb.sql("select motif, sexe, count(*) as demandeurs, median(jours) as jours from s where motif <> 'Sortie de détention' group by all order by all").show()), rules="irdes_15", trap="DuckDB's boxes with types under the names")
    c.add("duckdb_rare.txt", said(lambda: duckdb.sql("select region, count(*) as demandeurs from s where motif = 'Sortie de détention' and age > 58 group by all order by all").show()), "refuse", [("FREQ_MIN", {"needle": "Normandie"})])
    p = pl.from_pandas(h)
    c.add("polars_dpe.txt", str(p.group_by("dpe").agg(pl.len().alias("n"), pl.col("loyer").mean().round(1), pl.col("surface").median()).sort("dpe")) + "\n", trap="a polars frame: shape and types")
    c.add("polars_tete.txt", "In [4]: base.head(9)\nOut[4]:\n" + str(pl.from_pandas(s).drop("motif").head(9)) + "\n", "refuse", [("ROWS_INDIVIDUAL", {})], grave=True)


def models(c):
    t = sm.datasets.grunfeld.load_pandas().data.set_index(["firm", "year"])
    panel = PanelOLS.from_formula("invest ~ value + capital + EntityEffects", t).fit(cov_type="clustered", cluster_entity=True)
    c.add("panel.txt", str(panel) + "\n", trap="linearmodels: entities, periods and observations per entity", forbidden=["DOF_LOW", "ID_DIRECT", "ROWS_INDIVIDUAL", "DERIVED_COUNT"])
    crime = sm.datasets.statecrime.load_pandas().data.head(13)
    c.add("iv_court.txt", str(IV2SLS.from_formula("murder ~ 1 + poverty + hs_grad + white + [single ~ urban]", crime).fit(debiased=True)) + "\n", "refuse", [("DOF_LOW", {"needle": "F(4,8)"})])
    co = cohort()
    cox = lifelines.CoxPHFitter().fit(co.assign(b=(co.bras == "B") * 1).drop(columns="bras"), "mois", "rechute")
    c.add("cox.txt", said(lambda: cox.print_summary(style="ascii", decimals=3)), rules="health_11", trap="lifelines: partial likelihood, concordance, one covariate of two values")
    c.add("table_de_survie.txt", survival_table_from_events(small_cohort().mois, small_cohort().rechute).to_string() + "\n", "refuse", [("FREQ_MIN", {"needle": "29.0 "})], "health_11")
    c.add("pyfixest.txt", said(lambda: pf.feols("loyer ~ surface | dpe + statut", homes(), vcov={"CRV1": "dpe"}).summary()), trap="pyfixest: fixed effects, inference by seven clusters", forbidden=["DOF_LOW", "FREQ_MIN", "ROWS_INDIVIDUAL", "EXTREME_VALUE", "ID_DIRECT"])
    macro = sm.datasets.macrodata.load_pandas().data
    c.add("arima.txt", str(sm.tsa.ARIMA(macro.infl, order=(2, 0, 1)).fit().summary()) + "\n", trap="orders, lags and tests of a series of 203 quarters")
    c.add("trimestres.txt", macro[["year", "quarter", "realgdp", "cpi", "unemp", "tbilrate"]].tail(24).astype({"year": int, "quarter": int}).to_string(index=False) + "\n", trap="national accounts by quarter, no individual", forbidden=["ROWS_INDIVIDUAL", "FREQ_MIN", "OBS_TOO_MANY", "EXTREME_VALUE"])


def rsessions(c):
    h, b, co, s = homes(), births(), cohort(), seekers()
    roomy(pd.crosstab(b.type, b["mode"]), 11)
    c.add("r_banniere.Rout", session("d <- read.csv('data.csv')\ntable(d$type, d$mode)\nwith(d, chisq.test(type, mode))$p.value\nt(sapply(split(d$poids, d$type), function(x) c(n = length(x), moyenne = mean(x), sd = sd(x))))\nsessionInfo()$R.version$version.string\n", b), rules="health_11", trap="R's banner with its version, date and nickname")
    c.add("r_survfit.txt", r("library(survival)\nsummary(survfit(Surv(mois, rechute) ~ bras, d))\n", small_cohort(), echo=True), "refuse", [("FREQ_MIN", {"needle": "   29 "})], "health_11")
    at_risk = co.groupby("bras").mois.apply(lambda m: (m >= 24).sum())
    assert at_risk.min() > 100 and co[co.rechute == 1].groupby(["bras", pd.cut(co.mois, [0, 6, 12, 18, 24])], observed=True).size().min() > 50
    c.add("r_survfit_dates.txt", r("library(survival)\nsummary(survfit(Surv(mois, rechute) ~ bras, d), times = c(6, 12, 18))\n", co, echo=True), rules="health_11", trap="a life table at three dates, big groups")
    c.add("r_cox.txt", r("library(survival)\nsummary(coxph(Surv(mois, rechute) ~ bras + age, d))\n", co, echo=True), rules="health_11", trap="Cox: number of events, tests on 2 df")
    c.add("r_gmodels.txt", r("library(gmodels)\nCrossTable(d$motif, d$tranche, prop.chisq = FALSE, prop.t = FALSE)\n", s[(s.region == "Bretagne")], echo=True), "refuse", [("FREQ_MIN", {"needle": "Sortie de d"})])
    few(pd.crosstab(s[s.region == "Bretagne"].motif, s[s.region == "Bretagne"].tranche), 10)
    c.add("r_psych.txt", r("library(psych)\ndescribe(d[, c('loyer', 'surface')])\n", h, echo=True), "refuse", [("EXTREME_VALUE", {"needle": "loyer   "})], forbidden=["ROWS_INDIVIDUAL", "FREQ_MIN"])
    c.add("r_plm.txt", r("suppressMessages(library(plm))\nsummary(plm(invest ~ value + capital, d, index = c('firm', 'year')))\n", sm.datasets.grunfeld.load_pandas().data, echo=True), "refuse", [("EXTREME_VALUE", {"needle": "-184.00792"})], "enterprise", forbidden=["DOF_LOW", "FREQ_MIN"])
    c.add("r_tapply.txt", r("tapply(d$loyer, d[c('statut', 'pieces')], function(x) round(mean(x)))\ntable(d$statut, d$pieces)\n", h, echo=True), trap="means over a cross, then their counts")
    roomy(pd.crosstab(h.statut, h.pieces), 10)
    c.add("r_dplyr.txt", r("suppressMessages(library(dplyr))\nd |> group_by(region, sexe) |> summarise(n = n(), duree = mean(jours), .groups = 'drop')\nd |> filter(alloc > 52) |> count(rome, sexe)\n", s[s.motif != "Sortie de détention"], echo=True), "refuse", [("FREQ_MIN", {"needle": "1 F1703 Femmes"})])
    few(s[(s.motif != "Sortie de détention") & (s.alloc > 52)].groupby(["rome", "sexe"]).size().to_frame(), 10)
    c.add("r_factanal.txt", r("p <- prcomp(d[, c('sau', 'bovins', 'uth', 'pbs')], scale. = TRUE)\nsummary(p)\nround(p$rotation, 3)\nnrow(d)\n", farms(), echo=True), rules="enterprise", trap="loadings and shares of variance")


BANNER = """
  ___  ____  ____  ____  ____ ®
 /__    /   ____/   /   ____/      18.0
___/   /   /___/   /   /___/       SE—Standard Edition

 Statistics and Data Science       Copyright 1985-2023 StataCorp LLC
                                   StataCorp
                                   4905 Lakeway Drive
                                   College Station, Texas 77845 USA
                                   800-782-8272        https://www.stata.com
                                   979-696-4600        service@stata.com

Stata license: 40-user network perpetual
Serial number: 401806209137
  Licensed to: Centre d'accès aux données
               France

Notes:
      1. Unicode is supported; see help unicode_advice.
      2. Maximum number of variables is set to 5,000 but can be increased; see help set_maxvar.

"""


def stata(c):
    h, s, co = homes(), seekers(), small_cohort()
    out = BANNER + ". use logements\n\n. tabulate dpe, summarize(loyer)\n\n            |          Summary of loyer\n        dpe |        Mean   Std. dev.       Freq.\n------------+------------------------------------\n"
    for name, g in h.groupby("dpe").loyer:
        out += f"{name:>11} | {g.mean():>11.5f} {g.std():>11.6f} {len(g):>11,d}\n"
    out += "------------+------------------------------------\n" + f"{'Total':>11} | {h.loyer.mean():>11.5f} {h.loyer.std():>11.6f} {len(h):>11,d}\n\n. display c(current_date)\n12 Mar 2024\n"
    c.add("stata_banniere.log", out, trap="the banner of the program: its maker's address and telephone, a serial number", forbidden=["FREQ_MIN", "DERIVED_COUNT", "ROWS_INDIVIDUAL", "EXTREME_VALUE"])
    rare = s[(s.motif == "Sortie de détention")]
    cross = pd.crosstab(rare.region, rare.sexe)
    name, _, _, _ = few(cross, 11)
    out = ". table (region) (sexe) if motif == 5, statistic(frequency)\n\n" + "-" * 60 + f"\n{'':<22}|{'sexe':^36}\n{'':<22}|{'Femmes':>12}{'Hommes':>12}{'Total':>12}\n" + "-" * 22 + "+" + "-" * 37 + "\nregion                |\n"
    out += "".join(f"  {k:<20}|" + "".join(f"{n:>12,d}" for n in v) + f"{v.sum():>12,d}\n" for k, v in cross.iterrows()) + f"  {'Total':<20}|" + "".join(f"{n:>12,d}" for n in cross.sum()) + f"{cross.to_numpy().sum():>12,d}\n" + "-" * 60 + "\n"
    c.add("stata_table.log", out, "refuse", [("FREQ_MIN", {"needle": f"  {name}"})])
    cols = ["region", "sexe", "age", "rome", "jours"]
    widths = [20, 6, 3, 5, 5]
    bar = "     +" + "-" * (sum(widths) + 3 * len(widths) - 1) + "+\n"
    line = lambda at, row: f"{at:>4} | " + "   ".join(f"{str(v):>{w}}" for v, w in zip(row, widths)) + " |\n"
    rows = s[cols].iloc[100:109].itertuples(index=False)
    c.add("stata_list.log", ". list region sexe age rome jours in 101/109\n\n" + bar + line("", cols) + bar.replace("+", "|").rstrip() + "\n" + "".join(line(f"{101 + i}.", row) for i, row in enumerate(rows)) + bar, "refuse", [("ROWS_INDIVIDUAL", {})], grave=True)
    out = ". bysort dpe: summarize loyer if surface > 135\n\n"
    for name, g in h[h.surface > 135].groupby("dpe").loyer:
        out += "-" * 80 + f"\n-> dpe = {name}\n\n    Variable |        Obs        Mean    Std. dev.       Min        Max\n-------------+---------------------------------------------------------\n{'loyer':>12} |{len(g):>11,d}{g.mean():>12.6g}{f'{g.std():.6g}' if len(g) > 1 else '.':>13}{g.min():>11.6g}{g.max():>11.6g}\n\n"
    c.add("stata_bysort.log", out, "refuse", [("EXTREME_VALUE", {"needle": "loyer |"}), ("FREQ_MIN", {"needle": "loyer |"})])
    c.add("stata_iv.log", ". ivregress 2sls jours age (alloc = i.region), robust\n\nInstrumental variables 2SLS regression            Number of obs   =      6,200\n                                                  Wald chi2(2)    =       9.14\n                                                  Prob > chi2     =     0.0104\n                                                  R-squared       =     0.0012\n                                                  Root MSE        =     155.38\n\n------------------------------------------------------------------------------\n             |               Robust\n       jours | Coefficient  std. err.      z    P>|z|     [95% conf. interval]\n-------------+----------------------------------------------------------------\n       alloc |   1.204117   4.011202     0.30   0.764    -6.657694    9.065928\n         age |   .4122071   .1391120     2.96   0.003     .1395526    .6848616\n       _cons |   162.8811   138.0012     1.18   0.238    -107.5963    433.3585\n------------------------------------------------------------------------------\nEndogenous: alloc\nExogenous:  age 2.region 3.region 4.region\n\n. estat overid\n\n  Test of overidentifying restrictions:\n\n  Score chi2(2)          =  2.09413  (p = 0.3510)\n", trap="tests on 2 degrees of freedom, no residual ones")
    table = survival_table_from_events(co.mois, co.rechute)
    out = ". sts list\n\n        Failure _d: rechute\n  Analysis time _t: mois\n\nKaplan–Meier survivor function\n\n             At                  Survivor      Std.\n  Time     risk   Fail   Lost    function     error     [95% conf. int.]\n" + "-" * 68 + "\n"
    kept, green = 1.0, 0.0
    for t, row in table.iloc[1:].iterrows():
        kept *= 1 - row.observed / row.at_risk
        green += row.observed / (row.at_risk * (row.at_risk - row.observed)) if row.at_risk > row.observed else 0.0
        error = kept * green**0.5
        out += f"{t:>6.0f}{row.at_risk:>9.0f}{row.observed:>7.0f}{row.censored:>7.0f}{kept:>12.4f}{error:>10.4f}{max(kept - 1.96 * error, 0):>12.4f}{min(kept + 1.96 * error, 1):>10.4f}\n"
    c.add("stata_sts.log", out, "refuse", [("FREQ_MIN", {"needle": "    29        1"})], "health_11")


def sas(c):
    h, f = homes(), farms()
    c.add("sas_journal.log", "1                                                          The SAS System                         14:02 Tuesday, March 12, 2024\n\nNOTE: Copyright (c) 2016 by SAS Institute Inc., Cary, NC, USA.\nNOTE: SAS (r) Proprietary Software 9.4 (TS1M7)\n      Licensed to CENTRE D'ACCES AUX DONNEES, Site 70248117.\nNOTE: This session is executing on the Linux 5.14 (LIN X64) platform.\n\n1          libname log '/donnees/logement';\nNOTE: Libref LOG was successfully assigned as follows:\n      Engine:        V9\n2          proc means data=log.menages n mean std;\n3            class dpe;\n4            var loyer surface;\n5          run;\n\nNOTE: There were 5600 observations read from the data set LOG.MENAGES.\nNOTE: The PROCEDURE MEANS printed page 1.\nNOTE: PROCEDURE MEANS used (Total process time):\n      real time           0.04 seconds\n      cpu time            0.03 seconds\n\n6          data cellule; set log.menages; where dpe in ('F', 'G'); run;\nNOTE: There were 847 observations read from the data set LOG.MENAGES.\n      WHERE dpe in ('F', 'G');\nNOTE: The data set WORK.CELLULE has 847 observations and 5 variables.\n", trap="a log: line numbers, seconds, pages, variables")
    cols = ["otex", "commune", "sau", "uth", "bovins", "pbs"]
    out = f"{'The SAS System':^70}\n\n" + f"{'Obs':>6}" + "".join(f"{v:>11}" for v in cols) + "\n\n"
    for i, row in enumerate(f[cols].head(11).itertuples(index=False), 1):
        out += f"{i:>6}" + "".join(f"{v:>11g}" for v in row) + "\n"
    c.add("sas_print.lst", out, "refuse", [("ROWS_INDIVIDUAL", {})], "enterprise", grave=True)
    out = f"{'The MEANS Procedure':^78}\n\n{'Analysis Variable : loyer Loyer mensuel (euros)':^78}\n\n" + f"{'dpe':<8}{'N Obs':>8}{'N':>8}{'Mean':>16}{'Std Dev':>16}{'Std Error':>16}\n" + "-" * 72 + "\n"
    for name, g in h.groupby("dpe").loyer:
        out += f"{name:<8}{len(g):>8}{len(g):>8}{g.mean():>16.7f}{g.std():>16.7f}{g.sem():>16.7f}\n"
    c.add("sas_means.lst", out, rules="irdes_15", trap="N Obs beside N, seven decimals")
    counts = h[h.surface < 30].groupby(["statut", "dpe"]).size()
    key, n = next((k, n) for k, n in counts.items() if n < 10)
    out, cum = f"{'The FREQ Procedure':^80}\n\n" + f"{'statut':<18}{'dpe':<5}{'Frequency':>12}{'Percent':>10}{'Cumulative':>13}{'Cumulative':>13}\n{'':<45}{'Frequency':>13}{'Percent':>13}\n" + "-" * 71 + "\n", 0
    for (one, two), k in counts.items():
        cum += k
        out += f"{one:<18}{two:<5}{k:>12d}{100 * k / counts.sum():>10.2f}{cum:>13d}{100 * cum / counts.sum():>13.2f}\n"
    c.add("sas_freq_list.lst", out, "refuse", [("FREQ_MIN", {"needle": f"{key[0]:<18}{key[1]:<5}{n:>12d}"})])


def build(c):
    for family in (foreign, models, rsessions, stata, sas):
        family(c)
