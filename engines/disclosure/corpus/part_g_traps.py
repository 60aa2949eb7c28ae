"""Part g, traps: safe files whose small numbers are prices, codes, estimates, hours, pages or figures of countries."""
import numpy as np
import pandas as pd
import statsmodels.api as sm
import statsmodels.formula.api as smf

from kit_files import CALM, book, figure, office, pandoc, r, rows_of, saved, word
from part_g_data import births, fr, homes, roomy, seekers


def tables(c):
    d = sm.datasets.fertility.load_pandas().data.set_index("Country Code")
    years = [str(y) for y in range(1960, 2011, 10)]
    c.add("fertilite.csv", d.loc[["FRA", "ITA", "ESP", "PRT", "BEL", "DEU", "GRC"], years].round(2).to_csv(), trap="public figures of countries by year", forbidden=[*CALM, "OBS_TOO_MANY", "CLASS_DISCLOSURE"])
    c.add("ocean.tsv", sm.datasets.elnino.load_pandas().data.astype({"YEAR": int}).tail(20).to_csv(sep="\t", index=False), trap="temperatures by year and month", forbidden=[*CALM, "PLOT_POINTS"])
    c.add("tarifs.csv", "Code CCAM;Libellé;Activité;Tarif (€)\nJQGD010;Accouchement céphalique unique;1;313,50\nJQGA002;Césarienne programmée;1;313,50\nJQGA002;Césarienne programmée;4;145,00\nJMMA001;Épisiotomie;1;6,27\nJNBD001;Dilatation du col;1;8,36\n", rules="health_11", trap="prices of acts, a column of activities 1 and 4", encoding="cp1252", forbidden=[*CALM, "MAGNITUDE_FEW"])
    c.add("nomenclature.csv", "niveau;code;libellé;remplacé_par\n1;A;Agriculture, sylviculture et pêche;\n2;01;Culture et production animale;\n3;01.4;Production animale;\n4;01.41;Élevage de vaches laitières;01.41Z\n4;01.43;Élevage de chevaux;01.43Z\n2;02;Sylviculture;\n2;03;Pêche et aquaculture;\n", rules="enterprise", trap="a list of codes, no figure")
    b = births()
    cross = 100 * pd.crosstab(b.type, b["mode"], normalize="index")
    c.add("profils.html", "<html><body><p>Profils en ligne, en %. Champ : 4 800 accouchements.</p>" + cross.round(1).to_html() + "</body></html>\n", rules="health_11", trap="profiles in percent, each below 100", forbidden=[*CALM, "CLASS_DISCLOSURE"])
    smd = [("Age", "31.0", "30.8", "0.04"), ("First child", "0.45", "0.44", "0.02"), ("Preterm", "0.07", "0.08", "0.03"), ("Diabetes", "0.12", "0.12", "0.01")]
    c.add("balance.tex", "\\begin{table}\n\\caption{Covariate balance after weighting}\n\\begin{tabular}{lccc}\n\\hline\n & Treated & Control & Std. diff. \\\\\n\\hline\n" + "".join(" & ".join(row) + " \\\\\n" for row in smd) + "\\hline\nObservations & 2,417 & 2,383 & \\\\\n\\hline\n\\end{tabular}\n\\end{table}\n", trap="means and standardized differences, counts in the last row")
    c.add("horaires.ods", office("a.xlsx", saved(book({"Délais": [["Étape", "Délai médian (h:mm)", "Délai médian (min)", "Séjours"], ["Admission", "0:08", 8, 4800], ["Bloc", "1:35", 95, 1032], ["Suites", "72:00", 4320, 4762]]})), "ods"), rules="health_11", trap="delays in hours and minutes")
    survey = [["Opinion sur le logement"], ["", "Propriétaires (n = 3 252)", "", "Locataires (n = 2 348)", ""], ["Item", "Moyenne (1 à 5)", "Satisfaits (%)", "Moyenne (1 à 5)", "Satisfaits (%)"], ["1. Bruit", 3.9, 71.2, 3.1, 52.4], ["2. Chauffage", 3.6, 64.0, 2.7, 41.8], ["3. Voisinage", 4.2, 80.5, 3.8, 69.1]]
    wb = book({"Q12": survey})
    for area in ("A1:E1", "B2:C2", "D2:E2"):
        wb["Q12"].merge_cells(area)
    c.add("opinion.xlsx", saved(wb), rules="irdes_15", trap="scores of one to five under two merged headers with their n")


def consoles(c):
    h, s = homes(), seekers()
    c.add("tests.txt", r("t.test(loyer ~ statut == 'Propriétaire', d)\nwilcox.test(surface ~ statut == 'Propriétaire', d)\nkruskal.test(loyer ~ dpe, d)\ntable(d$statut)\n", h, echo=True), trap="W, df = 6, confidence bounds", forbidden=[*CALM, "DOF_LOW"])
    fit = smf.logit("long ~ C(tranche) + sexe", s.assign(long=(s.jours > 365) * 1)).fit(disp=0)
    m = fit.get_margeff().summary_frame()
    out = ". quietly logit long i.tranche i.sexe\n\n. margins, dydx(*)\n\nAverage marginal effects                                 Number of obs = 6,200\nModel VCE: OIM\n\nExpression: Pr(long), predict()\ndy/dx wrt:  2.tranche 3.tranche 2.sexe\n\n" + "-" * 78 + "\n             |            Delta-method\n             |      dy/dx   std. err.      z    P>|z|     [95% conf. interval]\n-------------+" + "-" * 64 + "\n"
    out += "".join(f"{name:>12} | {v.iloc[0]:>10.7f} {v.iloc[1]:>10.7f} {v.iloc[2]:>8.2f} {v.iloc[3]:>7.3f}  {v.iloc[4]:>12.7f} {v.iloc[5]:>11.7f}\n" for name, v in zip(["2.tranche", "3.tranche", "2.sexe"], [row for _, row in m.iterrows()])) + "-" * 78 + "\nNote: dy/dx for factor levels is the discrete change from the base level.\n"
    c.add("stata_marges.log", out, rules="irdes_15", trap="marginal effects, levels 2 and 3")


def documents(c):
    h = homes()
    toc = ["Sommaire", "1. Introduction ........ 3", "2. Données ........ 5", "2.1. Champ ........ 6", "3. Résultats ........ 9", "Annexe A ........ 12"]
    cross = roomy(pd.crosstab(h.statut, h.pieces), 15)
    c.add("rapport_annuel.pdf", office("a.docx", saved(word([*toc, "3. Résultats", "Tableau 3. Nombre de logements par nombre de pièces", rows_of(cross, "Statut")])), "pdf"), rules="irdes_15", trap="a contents with dotted pages, LibreOffice")
    fit = smf.ols("loyer ~ surface + pieces", h).fit()
    text = "# Modèle\n\nLe loyer suit $y_i = a + b s_i + e_i$ (1).\n\n| Variable | Coef. | Err. type | t |\n|---|---:|---:|---:|\n" + "".join(f"| {k} | {fit.params[k]:.2f} | {fit.bse[k]:.2f} | {fit.tvalues[k]:.1f} |\n" for k in fit.params.index) + f"\nN = {fr(fit.nobs)}, R² = {fit.rsquared:.3f}, {fr(fit.df_resid)} degrés de liberté.\n".replace("R² = 0.", "R² = 0,")
    c.add("modele.docx", pandoc(text, "docx"), rules="irdes_15", trap="an equation, coefficients and t in a document")


def pictures(c):
    g = np.random.default_rng(3)
    names = ["Âge", "Sexe", "IMC", "Tabac", "Diabète", "HTA", "Stade II", "Stade III"]
    hr = np.exp(g.normal(0.1, 0.3, 8))
    c.add("foret.svg", figure(lambda axes: (axes.errorbar(hr, range(8), xerr=0.2 * hr, fmt="s", color="k"), axes.set_yticks(range(8), names), axes.axvline(1, ls="--"), axes.set_xlabel("HR (IC 95 %), 2 600 patients")), "svg", bbox_inches="tight"), rules="health_11", trap="a forest plot: markers of estimates", forbidden=[*CALM, "PLOT_POINTS"])
    lead = range(-5, 6)
    c.add("evenement.pdf", figure(lambda axes: (axes.errorbar(lead, [0.1, -0.1, 0.0, 0.1, 0, 0.4, 0.9, 1.2, 1.3, 1.3, 1.4], yerr=0.3, fmt="o"), axes.axhline(0), axes.set_xlabel("années depuis la réforme (7 400 postes)")), "pdf", bbox_inches="tight"), rules="dads_5", trap="an event study: eleven estimates", forbidden=[*CALM, "PLOT_POINTS"])
    h = homes()[["loyer", "surface", "pieces"]].corr().round(2)

    def heat(axes):
        axes.pcolormesh(h, cmap="Blues")
        axes.set_xticks([0.5, 1.5, 2.5], h.columns)
        axes.set_yticks([0.5, 1.5, 2.5], h.columns)
        axes.set_title("Corrélations, 5 600 logements")
        for i in range(3):
            for j in range(3):
                axes.text(j + 0.5, i + 0.5, f"{h.iloc[i, j]:.2f}".replace(".", ","), ha="center")
    c.add("correlations.svg", figure(heat, "svg"), rules="irdes_15", trap="correlations in a matrix of colours", forbidden=[*CALM, "PLOT_POINTS"])


def build(c):
    for family in (tables, consoles, documents, pictures):
        family(c)
