"""Part h, files: the same tuning material as office files, pages, pictures and notebooks."""
import io

import numpy as np
import pandas as pd

from kit_files import book, figure, knit, notebook, office, page, pandoc, picture, r, rows_of, saved, word, zipped
from part_h_text import households


def build(c):
    d = households()
    no = d[d.statut != "Autre"]
    cross, good = pd.crosstab(d.region, d.statut, margins=True, margins_name="Total"), pd.crosstab(no.region, no.statut, margins=True, margins_name="Total")
    means = no.groupby("region").agg(n=("revenu", "size"), moyenne=("revenu", "mean"), mediane=("revenu", "median")).round(0)
    wb = book({"Lisez-moi": [["Contenu"], ["Onglet 1 : ménages par région et statut"], ["Onglet 2 : revenus"], ["Version 3 du 12/03/2024"]], "1": rows_of(good, "Région"), "2": rows_of(means, "Région")})
    c.add("trois_feuilles.xlsx", saved(wb), trap="a cover sheet, a total, means")
    wb = book({"T": rows_of(cross, "Région")})
    c.add("croise.xlsx", saved(wb), "refuse", [("FREQ_MIN", {"sheet": "T"})])
    wb = book({"T": rows_of(good.drop(columns="Total").drop(index="Total"), "Région")})
    ws = wb["T"]
    ws["E1"] = "Total"
    for row in range(2, 6):
        ws[f"E{row}"] = f"=SUM(B{row}:D{row})"
    c.add("formules.xlsx", saved(wb), "safe", trap="formulas without stored values")
    import xlsxwriter
    out = io.BytesIO()
    wb = xlsxwriter.Workbook(out, {"in_memory": True})
    ws = wb.add_worksheet("Taux")
    ws.write_row(0, 0, ["Année", "Taux de pauvreté (%)"])
    for i, y in enumerate(range(2012, 2023)):
        ws.write_row(i + 1, 0, [y, 14 + (i % 4) / 10])
    chart = wb.add_chart({"type": "line"})
    chart.add_series({"categories": "=Taux!$A$2:$A$12", "values": "=Taux!$B$2:$B$12", "name": "=Taux!$B$1"})
    ws.insert_chart("D2", chart)
    wb.close()
    c.add("graphique.xlsx", out.getvalue(), trap="a line chart of rates over years")
    c.add("croise.ods", office("a.csv", good.to_csv(), "ods"), trap="LibreOffice's own thumbnail")
    c.add("croise_petit.ods", office("a.csv", cross.to_csv(), "ods"), "refuse", [("FREQ_MIN", {})])
    c.add("note.docx", saved(word(["Note du 12 mars 2024", "Tableau 1. Ménages par région", rows_of(good, "Région"), "Source : enquête, 6 193 ménages. Lecture : 3 ménages sur 5 sont propriétaires."])), trap="a reading note with a proportion")
    c.add("note_petit.docx", saved(word(["Tableau 1. Ménages par région", rows_of(cross, "Région")])), "refuse", [("FREQ_MIN", {})])
    c.add("note.odt", pandoc("# 1. Contexte\n\nEnquête de 2023 : 6 193 ménages.\n\n## 1.1 Résultats\n\n" + means.to_markdown() + "\n\nFigure 2 : voir annexe 3.\n", "odt"), trap="numbered headings")
    c.add("note.pdf", page(["1. Contexte", "Enquête de 2023 : 6 193 ménages, 4 régions.", rows_of(good, "Région"), None, "2. Revenus", rows_of(means, "Région"), "Page 2"]), trap="two pages")
    c.add("note_petit.pdf", page(["Ménages", rows_of(cross, "Région")]), "refuse", [("FREQ_MIN", {"page": 1})])
    c.add("note_office.pdf", office("a.docx", saved(word(["Tableau 1", rows_of(good, "Région")])), "pdf"), trap="a PDF of LibreOffice")
    c.add("page.html", pandoc("# Ménages\n\n" + good.to_markdown() + "\n\nEnquête : 6 193 ménages ; 4 régions.\n", "html"), trap="a page of pandoc")
    c.add("knitr.html", knit("# Résultats\n\n```{r}\nd <- read.csv('data.csv')\ntable(d$region, d$sexe)\nsummary(lm(log(revenu) ~ age, d))\nnrow(d)\n```\n", no, "html"), trap="console answers in a page")
    c.add("knitr_petit.html", knit("# Résultats\n\n```{r}\nd <- read.csv('data.csv')\ntable(d$region, d$statut)\n```\n", d, "html"), "refuse", [("FREQ_MIN", {})])
    c.add("knitr.md", knit("# Résultats\n\n```{r}\nd <- read.csv('data.csv')\ntapply(d$revenu, d$region, mean)\nquantile(d$revenu, c(.25, .5, .75))\n```\n", no, "md"), trap="console answers in Markdown")
    c.add("knitr_tete.md", knit("```{r}\nd <- read.csv('data.csv')\nhead(d, 10)\n```\n", no, "md"), "refuse", [("ROWS_INDIVIDUAL", {})], grave=True)
    c.add("carnet.ipynb", notebook(["#md # Ménages 2023\n\n1. Tableaux", "import pandas as pd\nd = pd.read_csv('data.csv')\nd.shape", "pd.crosstab(d.region, d.statut)", "print(len(d), d.revenu.mean().round(1))\nd.region.nunique()"], no), trap="shape, cross table, numbers printed")
    c.add("carnet_tete.ipynb", notebook(["import pandas as pd\nd = pd.read_csv('data.csv')\nd.head()"], no), "refuse", [("ROWS_INDIVIDUAL", {})], grave=True)
    c.add("carnet_max.ipynb", notebook(["import pandas as pd\nd = pd.read_csv('data.csv')\nd.revenu.max()"], no), "refuse", [("EXTREME_VALUE", {})])
    c.add("carnet_petit.ipynb", notebook(["import pandas as pd\nd = pd.read_csv('data.csv')\nd.statut.value_counts()", "len(d[d.statut == 'Autre'])"], d), "refuse", [("FREQ_MIN", {"cell_index": 0})])
    rate = no.assign(l=no.statut == "Locataire").groupby("region").l.mean() * 100
    c.add("barres.png", figure(lambda a: [a.bar(rate.index, rate), a.set_ylabel("Locataires (%)")], "png"), trap="bars of rates")
    c.add("courbe.png", figure(lambda a: [a.plot(range(2010, 2023), 14 + np.sin(np.arange(13)) / 3), a.set_ylabel("Taux (%)")], "png"), trap="a line of rates")
    c.add("courbes.png", figure(lambda a: [[a.plot(range(2010, 2023), k + 14 + np.sin(np.arange(13) + k) / 3, marker="o", label=f"Région {k}") for k in range(3)], a.legend()], "png"), trap="three lines with markers and a legend")
    c.add("nuage.png", figure(lambda a: a.scatter(no.age.head(120), no.revenu.head(120), s=12), "png"), "review", [("UNREADABLE", {})])
    c.add("nuage_noir.png", figure(lambda a: a.plot(no.age.head(60), no.revenu.head(60), "ko", mfc="none"), "png"), "review", [("UNREADABLE", {})])
    c.add("boites.png", figure(lambda a: a.boxplot([g.revenu for _, g in no.groupby("region")]), "png"), "review", [("UNREADABLE", {})])
    c.add("tableau.png", picture(rows_of(means, "Région")), trap="a picture of a table")
    c.add("tableau_petit.png", picture([["Statut", "Ménages"], ["Locataire", "2348"], ["Autre", "7"], ["Propriétaire", "3605"]]), "review", [])
    said, files = r("png('a.png', 480, 400); barplot(tapply(d$revenu, d$region, mean), ylab = 'Revenu moyen'); dev.off()\npng('b.png', 480, 400); plot(d$age[1:150], d$revenu[1:150]); dev.off()\nsvg('c.svg'); plot(d$age[1:150], d$revenu[1:150]); dev.off()\nsvg('d.svg'); barplot(tapply(d$revenu, d$region, mean)); dev.off()\npdf('e.pdf'); boxplot(revenu ~ region, d); dev.off()\npng('f.png', 480, 400); hist(d$revenu); dev.off()\n", no, ["a.png", "b.png", "c.svg", "d.svg", "e.pdf", "f.png"])
    c.add("r_barres.png", files[0], trap="R's bars of means")
    c.add("r_nuage.png", files[1], "review", [("UNREADABLE", {})])
    c.add("r_nuage.svg", files[2], "refuse", [("PLOT_POINTS", {})])
    c.add("r_barres.svg", files[3], trap="R's bars in SVG")
    c.add("r_boites.pdf", files[4], "refuse", [("PLOT_POINTS", {})])
    c.add("r_hist.png", files[5], "review", [("UNREADABLE", {})], trap="a histogram of counts with a tail")
    c.add("barres.svg", figure(lambda a: [a.bar(rate.index, rate), a.set_ylabel("Locataires (%)")], "svg"), trap="bars in SVG")
    c.add("nuage.svg", figure(lambda a: a.scatter(no.age.head(120), no.revenu.head(120), s=12), "svg"), "refuse", [("PLOT_POINTS", {})])
    c.add("barres.pdf", figure(lambda a: [a.bar(rate.index, rate), a.set_ylabel("Locataires (%)")], "pdf"), trap="bars in PDF")
    c.add("envoi.zip", zipped({"LISEZMOI.txt": "Deux tableaux sur 6 193 ménages.\n", "a.csv": good.to_csv(), "b.csv": means.to_csv()}), trap="an archive")
    c.add("envoi_indiv.zip", zipped({"a.csv": good.to_csv(), "b/c.csv": no.head(30).to_csv(index=False)}), "refuse", [("ROWS_INDIVIDUAL", {"member": "b/c.csv"})], grave=True)
