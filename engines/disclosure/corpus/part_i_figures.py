"""Part i, figures: pictures of tables, charts of rates, clouds of points, and what interactive charts carry."""
import io
import json

import matplotlib
import numpy as np
import pandas as pd
import statsmodels.api as sm

from kit_files import CALM, figure, picture, r, rows_of, saved
from part_i_data import donors, households, patients, people, pupils, sample

QUIET = [*CALM, "PLOT_POINTS"]


def still(c):
    p, q, s = patients(), pupils(), donors()
    stats = q.groupby("secteur").score.agg(["size", "mean", "std"]).round(2).set_axis(["Eleves", "Moyenne", "Ecart-type"], axis=1)
    c.add("table_scores.png", picture(rows_of(stats, "Secteur")), rules="depp_10", trap="a picture of a table", forbidden=["FREQ_MIN", "ROWS_INDIVIDUAL", "ID_DIRECT"])
    rate = p.groupby("tranche").recur.mean() * 100
    bars = lambda a: (a.bar(range(5), rate), a.set_xticks(range(5), rate.index), a.set_ylabel("Taux de rechute (%)"))
    c.add("taux.png", figure(bars, "png", (6, 3.4), 150), rules="health_11", trap="bars of rates as pixels", forbidden=QUIET)
    c.add("taux.pdf", figure(bars, "pdf", (6, 3.4)), rules="health_11", trap="bars of rates in a PDF", forbidden=QUIET)
    macro = sm.datasets.macrodata.load_pandas().data
    c.add("chomage.svg", figure(lambda a: (a.plot(macro.year + macro.quarter / 4, macro.unemp), a.set_ylabel("Unemployment rate (%)")), "svg"), trap="a line of 203 quarters", forbidden=QUIET)
    c.add("table_causes.png", picture([["Cause", "Deces"], ["Circulatoire", 745], ["Tumeurs", 567], ["Peau", 4], ["Sang", 4]]), "refuse", [], "health_11")
    d = p.sample(130, random_state=3)
    cloud = lambda a: (a.scatter(d.age, d.dtime, s=10), a.set_xlabel("age"), a.set_ylabel("suivi (jours)"))
    c.add("nuage.png", figure(cloud, "png"), "review", [("UNREADABLE", {})], "health_11")
    c.add("nuage.svg", figure(cloud, "svg"), "refuse", [("PLOT_POINTS", {})], "health_11")
    c.add("nuage.pdf", figure(cloud, "pdf"), "refuse", [("PLOT_POINTS", {})], "health_11")
    c.add("nuage.eps", figure(cloud, "eps"), "refuse", [("PLOT_POINTS", {})], "health_11")
    c.add("nuage.jpg", figure(cloud, "jpg"), "review", [("UNREADABLE", {})], "health_11")
    c.add("boites.svg", figure(lambda a: a.boxplot([g.er for _, g in p.groupby("grade")]), "svg"), "refuse", [("PLOT_POINTS", {})], "health_11")
    with matplotlib.rc_context({"svg.fonttype": "none"}):
        n = s.chapter.value_counts()
        c.add("causes.svg", figure(lambda a: (a.bar_label(a.barh(n.index, n.to_numpy())), a.set_xlabel("Nombre de décès")), "svg", (6, 4)), "refuse", [("FREQ_MIN", {})], "health_11")
        t = p.groupby(["tranche", "grade"]).recur.mean().unstack() * 100

        def heat(a):
            a.imshow(t)
            a.set_title("Taux de rechute (%), 2 982 patientes")
            a.set_yticks(range(5), t.index)
            a.set_xticks(range(2), ["Grade 2", "Grade 3"])
            for i in range(5):
                for j in range(2):
                    a.text(j, i, f"{t.iloc[i, j]:.1f}", ha="center")
        c.add("carte_chaleur.svg", figure(heat, "svg"), rules="health_11", trap="rates in a matrix of colours", forbidden=QUIET)
        c.add("titre_petit.svg", figure(lambda a: (a.plot([1, 2, 3, 4, 5], [100, 75, 50, 50, 25]), a.set_title("Survie, hormones avant 45 ans (n = 4)")), "svg"), "refuse", [("FREQ_MIN", {})], "health_11")
    g = np.arange(1, 13)
    c.add("coefficients.svg", figure(lambda a: (a.errorbar(g, np.sin(g) / 4, yerr=0.1, fmt="o"), a.axhline(0), a.set_xlabel("mois (N = 7 874)")), "svg"), rules="health_11", trap="twelve estimates with their bars of error", forbidden=QUIET)


def by_r(c):
    p = patients()
    script = "pdf('a.pdf', 5, 4); plot(d$age[1:140], d$er[1:140], xlab = 'age', ylab = 'er'); invisible(dev.off())\n"
    script += "svg('b.svg', 5, 4); barplot(tapply(d$recur, d$tranche, mean) * 100, ylab = 'Rechute (%)'); invisible(dev.off())\n"
    script += "library(survival)\nsvg('c.svg', 5, 4); plot(survfit(Surv(dtime / 365.25, death) ~ grade, d), mark.time = FALSE, xlab = 'ans', ylab = 'Survie'); invisible(dev.off())\n"
    script += "m <- lm(dtime ~ age + nodes, d[1:150, ])\nsvg('d.svg', 5, 4); plot(m, which = 2); invisible(dev.off())\n"
    script += "library(ggplot2)\nt <- aggregate(cbind(taux = recur * 100) ~ tranche + grade, d, mean)\nt$grade <- factor(t$grade)\nggsave('e.svg', ggplot(t, aes(tranche, taux, fill = grade)) + geom_col(position = 'dodge'), device = svg, width = 5, height = 4)\n"
    script += "ggsave('f.pdf', ggplot(d[1:200, ], aes(age, nodes, colour = factor(grade))) + geom_point(), width = 5, height = 4)\n"
    _, files = r(script, p, ("a.pdf", "b.svg", "c.svg", "d.svg", "e.svg", "f.pdf"))
    c.add("r_nuage.pdf", files[0], "refuse", [("PLOT_POINTS", {})], "generic_10")
    c.add("r_barres_taux.svg", files[1], rules="generic_10", trap="bars of R", forbidden=QUIET)
    c.add("r_qq.svg", files[3], "refuse", [("PLOT_POINTS", {})], "generic_10")
    c.add("ggplot_taux.svg", files[4], rules="generic_10", trap="ggplot2: grouped bars of rates", forbidden=QUIET)
    c.add("ggplot_nuage.pdf", files[5], "refuse", [("PLOT_POINTS", {})], "generic_10")


def living(c):
    import altair as alt
    import plotly.graph_objects as go
    from bokeh.embed import file_html
    from bokeh.plotting import figure as bokeh_figure
    from bokeh.resources import CDN
    p = patients()
    d = p.sample(90, random_state=4)
    rate = (p.groupby("tranche").recur.mean() * 100).round(1)
    page = lambda fig: fig.to_html(include_plotlyjs="cdn", div_id="f")
    c.add("plotly_nuage.html", page(go.Figure(go.Scatter(x=d.age.tolist(), y=d.dtime.tolist(), mode="markers"))), "refuse", [], "generic_10", grave=True)
    c.add("plotly_boites.html", page(go.Figure([go.Box(y=g.er.tolist()[:80], name=f"Grade {k}") for k, g in p.groupby("grade")])), "refuse", [], "generic_10", grave=True)
    b = bokeh_figure(title="Suivi selon l'âge")
    b.scatter(d.age.tolist(), d.dtime.tolist())
    c.add("bokeh_nuage.html", file_html(b, CDN, "nuage").replace(b.id, "p1"), "refuse", [], "generic_10", grave=True)
    out = io.StringIO()
    alt.Chart(d[["age", "er"]]).mark_point().encode(x="age", y="er").save(out, format="svg")
    c.add("altair_nuage.svg", out.getvalue(), "refuse", [("PLOT_POINTS", {})], "generic_10")
    c.add("altair_nuage.json", alt.Chart(d[["age", "er", "grade"]]).mark_point().encode(x="age", y="er", color="grade:N").to_json(), "refuse", [], "generic_10", grave=True)
    out = io.StringIO()
    alt.Chart(rate.rename("taux").reset_index()).mark_bar().encode(x="tranche", y=alt.Y("taux", title="Taux de rechute (%)")).save(out, format="svg")
    c.add("altair_taux.svg", out.getvalue(), rules="generic_10", trap="Vega: bars of five rates", forbidden=QUIET)


def build(c):
    for family in (still, by_r, living):
        family(c)
