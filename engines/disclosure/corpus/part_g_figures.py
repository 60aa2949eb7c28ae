"""Part g, figures: ggplot2 and gnuplot beside matplotlib, Altair and lifelines; maps, survival curves, labels on bars."""
import io

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import statsmodels.api as sm
from lifelines import KaplanMeierFitter
from lifelines.plotting import add_at_risk_counts

from kit_files import figure, r, work
from part_g_data import births, cohort, farms, homes, seekers, small_cohort


def bars(h):
    """Mean rents by class, as text in the SVG."""
    with matplotlib.rc_context({"svg.fonttype": "none"}):
        m = h.groupby("dpe").loyer.mean()
        return figure(lambda axes: (axes.bar(m.index, m.to_numpy()), axes.set_ylabel("Loyer moyen (euros)"), axes.set_title("Loyers par classe, 5 600 logements")), "svg")


def points(h, kind):
    some = h.head(90)
    return figure(lambda axes: (axes.scatter(some.surface, some.loyer, s=12), axes.set_xlabel("surface")), kind)


def curves(frames, kind, counts=False):
    """Survival curves of lifelines, with the numbers at risk below."""
    with matplotlib.rc_context({"svg.fonttype": "none"}):
        fig, axes = plt.subplots(figsize=(5, 3.8))
        fits = [KaplanMeierFitter(label=k).fit(g.mois, g.rechute) for k, g in frames.groupby("bras")]
        for fit in fits:
            fit.plot_survival_function(ax=axes, ci_show=False)
        axes.set_xlabel("mois")
        if counts:
            add_at_risk_counts(*fits, ax=axes, rows_to_show=["At risk"])
        plt.tight_layout()
        out = io.BytesIO()
        fig.savefig(out, format=kind, dpi=150, metadata={"Date": None} if kind == "svg" else None)
        plt.close(fig)
        return out.getvalue()


def map_of(axes, dots=None):
    """Four made-up regions coloured by class, with `dots` above them where given."""
    g, colours = np.random.default_rng(12), ["#deebf7", "#9ecae1", "#4292c6", "#08519c"]
    for i, (x, y) in enumerate([(0, 0), (3, 0), (0, 3), (3, 3)]):
        turn = np.linspace(0, 2 * np.pi, 60)
        size = 1.3 + 0.15 * g.random(60)
        axes.fill(x + size * np.cos(turn), y + size * np.sin(turn), color=colours[i], label=["5 à 10 %", "10 à 15 %", "15 à 20 %", "20 % et plus"][i])
    axes.legend(title="Part des actifs")
    if dots is not None:
        axes.scatter(dots[:, 0], dots[:, 1], s=6, color="red")
    axes.axis("off")


def ggplots(c):
    h, b = homes(), births()
    head = "library(ggplot2)\n"
    script = head + "ggsave('b.pdf', ggplot(aggregate(loyer ~ dpe, d, mean), aes(dpe, loyer)) + geom_col() + labs(y = 'Loyer moyen', caption = '5 600 logements'), width = 5, height = 3.5)\n"
    script += "ggsave('j.pdf', ggplot(d[1:120, ], aes(statut, loyer)) + geom_jitter(width = .2), width = 5, height = 3.5)\n"
    script += "svg('x.svg', 5, 3.5)\nprint(ggplot(d[1:700, ], aes(dpe, loyer)) + geom_boxplot())\ndev.off()\n"
    script += "s <- data.frame(mois = 1:24, i = 100 + cumsum(sin(1:24) / 3)); s$lo <- s$i - 1.2; s$hi <- s$i + 1.2\nsvg('r.svg', 5, 3.5)\nprint(ggplot(s, aes(mois, i)) + geom_ribbon(aes(ymin = lo, ymax = hi), alpha = .3) + geom_line() + geom_point(size = 1))\ninvisible(dev.off())\n"
    _, (col, jitter, box, ribbon) = r(script, h, ("b.pdf", "j.pdf", "x.svg", "r.svg"))
    c.add("ggplot_colonnes.pdf", col, rules="irdes_15", trap="columns of ggplot2", forbidden=["PLOT_POINTS", "FREQ_MIN", "EXTREME_VALUE"])
    c.add("ggplot_nuage.pdf", jitter, "refuse", [("PLOT_POINTS", {})])
    c.add("ggplot_boites.svg", box, "refuse", [("PLOT_POINTS", {})])
    c.add("ggplot_ruban.svg", ribbon, trap="24 months with a marker each and a band", forbidden=["PLOT_POINTS", "FREQ_MIN"])
    macro = sm.datasets.macrodata.load_pandas().data
    plot = lambda what: work([["gnuplot", "g.gp"]], {"g.gp": f"set terminal svg size 500,350\nset output 'g.svg'\nset datafile separator ','\n{what}\n", "m.csv": macro[["realgdp", "unemp"]].to_csv(header=False), "p.csv": farms().head(90)[["sau", "pbs"]].to_csv(index=False, header=False)}, ["g.svg"])[1][0]
    c.add("gnuplot_serie.svg", plot("set xlabel 'trimestre'\nplot 'm.csv' using 1:3 with lines title 'taux de chomage'"), trap="gnuplot: a series of 203 quarters as a line", forbidden=["PLOT_POINTS", "FREQ_MIN"])
    c.add("gnuplot_nuage.svg", plot("plot 'p.csv' using 1:2 with points pt 7 title 'exploitations'"), "refuse", [("PLOT_POINTS", {})], "fiscal_11")


def build(c):
    ggplots(c)
    h, b, s, f, co = homes(), births(), seekers(), farms(), cohort()
    c.add("survie.svg", curves(co, "svg"), rules="health_11", trap="survival of 2 600 patients by month, every step of dozens", forbidden=["PLOT_POINTS", "FREQ_MIN"])
    low = small_cohort()
    c.add("survie_risque.svg", curves(low, "svg", counts=True), "refuse", [("FREQ_MIN", {})], "health_11")
    c.add("survie_risque.png", curves(low, "png", counts=True), "refuse", [("FREQ_MIN", {})], "health_11")
    c.add("carte.svg", figure(map_of, "svg", (5, 4)), trap="a map of areas by class, with their outlines", forbidden=["PLOT_POINTS", "GEO_FINE", "FREQ_MIN"])
    g = np.random.default_rng(9)
    c.add("carte_points.svg", figure(lambda axes: map_of(axes, g.uniform(-1, 4, (75, 2))), "svg", (5, 4)), "refuse", [("PLOT_POINTS", {})])
    with matplotlib.rc_context({"svg.fonttype": "none"}):
        n = b.groupby("cim").size()
        c.add("barres_etiquettes.svg", figure(lambda axes: (axes.bar_label(axes.bar(n.index, n.to_numpy())), axes.set_ylabel("Nombre de séjours")), "svg"), "refuse", [("FREQ_MIN", {})], "health_11", forbidden=["PLOT_POINTS"])
        c.add("camembert.svg", figure(lambda axes: axes.pie([188, 96, 57, 3], labels=["Domicile (n = 188)", "SSR (n = 96)", "Mutation (n = 57)", "Décès (n = 3)"], autopct="%.1f %%"), "svg"), "refuse", [("FREQ_MIN", {})], "health_11")
        c.add("titre.svg", figure(lambda axes: (axes.plot(range(1, 13), [4, 5, 5, 6, 7, 7, 8, 8, 9, 9, 9, 10]), axes.set_title("Score moyen, femmes de Belle-Île (n = 7)")), "svg"), "refuse", [("FREQ_MIN", {})])
    c.add("loyers.svg", bars(h), rules="irdes_15", trap="bars of means with their text")
    ages = pd.crosstab(pd.cut(s.age, range(15, 70, 5)), s.sexe)
    c.add("pyramide.png", figure(lambda axes: (axes.barh(range(len(ages)), -ages.Femmes), axes.barh(range(len(ages)), ages.Hommes), axes.set_yticks(range(len(ages)), [f"{i.left + 1}-{i.right} ans" for i in ages.index]), axes.set_title("Demandeurs d'emploi : femmes, hommes")), "png", (5.4, 3.8), 160, bbox_inches="tight"), rules="irdes_15", trap="a pyramid of ages as a picture", forbidden=["PLOT_POINTS", "FREQ_MIN", "ID_DIRECT"])
    import altair as alt
    top = h.groupby("dpe", as_index=False).loyer.mean().round(1)
    out = io.StringIO()
    alt.Chart(top).mark_bar().encode(x="dpe", y="loyer").save(out, format="svg")
    c.add("altair.svg", out.getvalue(), rules="irdes_15", trap="bars of Vega", forbidden=["PLOT_POINTS", "FREQ_MIN"])
    out = io.StringIO()
    alt.Chart(h.head(60)[["surface", "loyer"]]).mark_circle().encode(x="surface", y="loyer").save(out, format="html")
    c.add("altair_nuage.html", out.getvalue(), "refuse", [("PLOT_POINTS", {})], grave=True)
