"""Part f, files."""
import io
import pickle

import numpy as np
import pandas as pd
import statsmodels.formula.api as smf

from kit_files import book, figure, knit, notebook, office, page, pandoc, patched, r, rows_of, saved, word, zipped
from part_f_text import workers


def build(c):
    w = workers()
    cross = pd.crosstab(w.pcs, w.contrat)
    good = cross.drop("1 Agriculteurs")
    from openpyxl.comments import Comment
    wb = book({"Sommaire": [["Tableau", "Titre", "Page"], [1, "Postes par PCS", 2], [2, "Heures moyennes", 3]], "T1": [["Postes par PCS et contrat"], *rows_of(good, "PCS"), ["Total", *good.sum().tolist()]],
               "T2": [["Contrat", "Heures moyennes", "Part (%)"], ["CDI", 1600.2, 78.1], ["CDD", 1598.7, 14.0], ["Autres", 1602.4, 7.9]]})
    c.add("classeur.xlsx", saved(wb), rules="dads_5", trap="a table of contents with ranks and pages")
    wb = book({"T1": rows_of(good, "PCS")})
    wb["T1"]["A7"] = "Note : les 2 agriculteurs sont exclus"
    c.add("note.xlsx", saved(wb), "refuse", [("FREQ_MIN", {"sheet": "T1"})], "dads_5")
    wb = book({"Postes": rows_of(cross, "Nombre de postes")})
    c.add("postes.xlsx", saved(wb), "refuse", [("CLASS_DISCLOSURE", {"sheet": "Postes"})], "dads_5")
    import xlsxwriter
    out = io.BytesIO()
    wb = xlsxwriter.Workbook(out, {"in_memory": True})
    ws = wb.add_worksheet("Part")
    for i, row in enumerate(rows_of((100 * good.div(good.sum(axis=1), axis=0)).round(1), "En %")):
        ws.write_row(i, 0, row)
    ws.write(6, 0, "Champ : 7 400 postes")
    ws.write_comment("B2", "voir M. Girard, girard@exemple.fr")
    wb.close()
    c.add("avec_note.xlsx", out.getvalue(), "refuse", [("HIDDEN_CONTENT", {"sheet": "Part", "cell": "B2"})], "dads_5", grave=True)
    wb = book({"T1": rows_of(good, "PCS"), "indiv": [["pcs", "heures", "salaire"]] + [[a, float(b), float(s)] for a, b, s in w[["pcs", "heures", "salaire"]].head(60).itertuples(index=False)]})
    c.add("deux_feuilles.ods", office("a.xlsx", saved(wb), "ods"), "refuse", [("ROWS_INDIVIDUAL", {"sheet": "indiv"})], "dads_5", grave=True)
    good.to_excel(c.path("pcs.ods"), engine="odf")
    c.add("pcs.ods", None, rules="dads_5", trap="codes in labels")
    model = smf.ols("np.log(salaire) ~ heures", w).fit()
    rows = [["", "(1)"], ["Heures", f"{model.params['heures']:.5f}***"], ["", f"({model.bse['heures']:.5f})"], ["Constante", f"{model.params['Intercept']:.3f}***"], ["", f"({model.bse['Intercept']:.3f})"], ["Observations", "7 400"], ["R²", f"{model.rsquared:.3f}"]]
    c.add("regression.docx", saved(word(["Tableau 2. Salaire et heures", rows, "*** p<0,01"])), rules="dads_5", trap="stars and errors in a document")
    c.add("texte.docx", saved(word(["Résultats", "Les postes de la zone 94 sont peu nombreux.", rows_of(pd.crosstab(w.zone, w.contrat), "Postes")])), "refuse", [("FREQ_MIN", {})], "dads_5")
    c.add("rapport.odt", pandoc("# Postes\n\n## 1.2 Contrats\n\n" + good.to_markdown() + "\n\n[^1]\n\n[^1]: Voir page 12.\n", "odt"), rules="dads_5", trap="numbered headings and a footnote")
    c.add("note.rtf", pandoc("Taux de CDI : 78,1 % en 2023 (7 400 postes, 3 régions).\n\n| Contrat | Postes |\n|---|---|\n| CDI | 5 772 |\n| CDD | 1 036 |\n", "rtf"), rules="dads_5", trap="a short text in RTF")
    c.add("page.pdf", page(["Figure 1 : 3 régions, 7 400 postes.", rows_of(good, "Postes"), "Page 1 / 2"]), rules="dads_5", trap="pages and figures")
    c.add("corse.pdf", page(["Postes par zone", [["Zone", "Postes"], ["84", "4 440"], ["76", "2 945"], ["94", "3"]]]), "refuse", [("FREQ_MIN", {"page": 1})], "dads_5")
    c.add("pivot.html", w.pivot_table(index="pcs", columns="contrat", values="salaire", aggfunc=["count", "mean"]).round(0).to_html(), "refuse", [("CLASS_DISCLOSURE", {})], "dads_5")
    c.add("moyennes.html", w[w.zone != "94 Corse"].groupby("zone").salaire.agg(["size", "mean", "median"]).round(0).style.to_html(), rules="dads_5", trap="sizes, means, medians")
    c.add("sortie.html", knit("# Modèle\n\n```{r}\nd <- read.csv('data.csv')\nm <- lm(log(salaire) ~ heures, d)\nknitr::kable(round(coef(summary(m)), 4))\nnobs(m)\n```\n", w, "html"), rules="dads_5", trap="kable of coefficients")
    c.add("lignes.html", w[["pcs", "contrat", "heures", "salaire"]].sample(15, random_state=9).to_html(), "refuse", [("ROWS_INDIVIDUAL", {})], "dads_5", grave=True)
    c.add("calculs.ipynb", notebook(["#md # Calculs\n\n1. Lecture\n2. Tableau", "import pandas as pd\nd = pd.read_csv('data.csv')\nd.groupby('contrat').agg(n=('heures', 'size'), h=('heures', 'mean')).round(1)", "round(d.heures.mean(), 1)"], w[["contrat", "heures"]]), rules="dads_5", trap="a list in Markdown, one number printed")
    c.add("describe.ipynb", notebook(["import pandas as pd\nd = pd.read_csv('data.csv')\nd.describe()"], w[["heures", "salaire"]]), "refuse", [("EXTREME_VALUE", {"cell_index": 0})], "dads_5")
    c.add("nuage.svg", figure(lambda axes: axes.plot(w.heures.head(60), w.salaire.head(60), "x"), "svg"), "refuse", [("PLOT_POINTS", {})], "dads_5")
    c.add("moustaches.pdf", figure(lambda axes: axes.boxplot([g.salaire.head(300) for _, g in w[w.zone != "94 Corse"].groupby("zone")]), "pdf"), "refuse", [("PLOT_POINTS", {})], "dads_5")
    c.add("evolution.svg", figure(lambda axes: [axes.plot(range(2003, 2024), 100 + np.cumsum(np.sin(np.arange(21) + k)), marker="o") for k in range(5)], "svg"), rules="dads_5", trap="five series of years with markers")
    c.add("envoi.zip", zipped({"LISEZMOI.txt": "Trois tableaux sur 7 400 postes ; population : salariés au 31/12.\n", "pcs.csv": good.to_csv(sep=";", index_label="Postes"), "pcs.ods": open(c.path("pcs.ods"), "rb").read()}), rules="dads_5", trap="two formats in an archive")
    c.add("envoi_petit.zip", zipped({"LISEZMOI.txt": "Un tableau sur 7 400 postes.\n", "x/pcs.csv": cross.to_csv(sep=";", index_label="Postes")}), "refuse", [("CLASS_DISCLOSURE", {"member": "x/pcs.csv"})], "dads_5")
    out = io.BytesIO()
    w.head(50).to_feather(out)
    c.add("w.arrow", out.getvalue(), "refuse", [("BINARY_DATASET", {})], "dads_5", grave=True)
    from sklearn.ensemble import RandomForestRegressor
    forest = RandomForestRegressor(3, max_depth=3, random_state=0).fit(w[["heures"]].head(40), w.salaire.head(40))
    c.add("foret.pkl", pickle.dumps(forest), "refuse", [("MODEL_CONTAINS_DATA", {})], "dads_5", grave=True)
    c.add("joint.xlsx", patched(saved(book({"T1": rows_of(good, "PCS")})), {"xl/embeddings/Microsoft_Word_Document.docx": saved(word(["Voir Luc Morel, né le 03/04/1962."]))}), "refuse", [("EMBEDDED_OBJECT", {})], "dads_5", grave=True)
