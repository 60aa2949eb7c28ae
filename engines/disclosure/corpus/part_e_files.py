"""Part e, files: other tools and other ways to hide than part d. Fresh: the engine is not mended on it."""
import io
import os
import pickle
import sqlite3
import tarfile
import tempfile

import numpy as np
import pandas as pd
import statsmodels.api as sm
import statsmodels.formula.api as smf

from kit_files import book, figure, knit, notebook, office, page, pandoc, patched, picture, r, rows_of, saved, word, work, zipped
from part_e_text import pupils, stays, travel


def sheets(c):
    s, p, t = stays(), pupils(), travel()
    import openpyxl
    import xlsxwriter
    from openpyxl.styles import Font
    from openpyxl.workbook.defined_name import DefinedName
    cross = pd.crosstab(p[p.academie != "Mayotte"].academie, p.serie, margins=True, margins_name="Ensemble")
    wb = openpyxl.Workbook()
    ws = wb.active
    ws.title = "Tab. 1"
    ws.append(["Tableau 1 — Élèves par académie et série, rentrée 2023"])
    ws.merge_cells("A1:E1")
    ws.append(["", "Séries", "", "", ""])
    ws.merge_cells("B2:D2")
    for row in rows_of(cross, "Académie"):
        ws.append(row)
    ws.append(["Source : Depp, base élèves académiques. Lecture : 9 élèves sur 10 sont en lycée public."])
    for cell in ws[3]:
        cell.font = Font(bold=True)
    c.add("eleves.xlsx", saved(wb), rules="depp_10", trap="merged headers, a total, a reading note")
    months = pd.DataFrame({"mois": pd.date_range("2022-01-01", periods=6, freq="MS"), "entrées": [731, 702, 760, 744, 729, 751], "lits": [88, 88, 90, 90, 90, 91], "taux d'occupation": [0.83, 0.81, 0.88, 0.86, 0.84, 0.85]})
    with pd.ExcelWriter(c.path("mensuel.xlsx"), engine="xlsxwriter", datetime_format="mm/yyyy") as w:
        months.to_excel(w, sheet_name="mensuel", index=False)
    c.add("mensuel.xlsx", None, rules="health_11", trap="dates, beds, rates")
    out = io.BytesIO()
    wb = xlsxwriter.Workbook(out, {"in_memory": True})
    one, two = wb.add_worksheet("A lire"), wb.add_worksheet("Croisé")
    one.write(0, 0, "Séjours par âge et sortie, un tableau")
    table = pd.crosstab(s[s.ghm == "01M30"][:400].classe, s[s.ghm == "01M30"][:400].sortie)
    for row, cells in enumerate(rows_of(table, "Nb patients")):
        two.write_row(row + 3, 1, cells)
    wb.close()
    at = next((i, j) for i in range(len(table)) for j in range(table.shape[1]) if 0 < table.iloc[i, j] < 11)
    c.add("croise_decale.xlsx", out.getvalue(), "refuse", [("FREQ_MIN", {"sheet": "Croisé", "cell": f"{'CDEF'[at[1]]}{5 + at[0]}"})], "health_11")
    wb = book({"R": rows_of(cross, "Élèves")})
    secret = wb.create_sheet("param")
    for row in [["INE", "nom", "prenom", "note"], ["0712345678A", "LEROY", "Camille", 12.5], ["0712345679B", "PETIT", "Hugo", 9.0], ["0712345680C", "MOREAU", "Inès", 15.5]]:
        secret.append(row)
    secret.sheet_state = "veryHidden"
    c.add("tres_cachee.xlsx", saved(wb), "refuse", [("HIDDEN_CONTENT", {"sheet": "param"})], "depp_10", grave=True)
    wb = book({"R": rows_of(cross, "Élèves")})
    wb["R"]["H3"] = 4
    wb["R"]["H3"].number_format = ";;;"
    wb["R"]["G3"] = "dont Mayotte"
    wb["R"]["G3"].font = Font(color="FFFFFFFF")
    c.add("invisible.xlsx", saved(wb), "refuse", [("HIDDEN_CONTENT", {"sheet": "R", "cell": "H3"})], "depp_10")
    wb = book({"R": rows_of(cross, "Élèves")})
    wb.defined_names["chemin"] = DefinedName("chemin", attr_text="\"D:\\projets\\u1234\\base_eleves_2023.sas7bdat\"", hidden=True)
    c.add("nom_cache.xlsx", saved(wb), "refuse", [("HIDDEN_CONTENT", {})], "depp_10")
    out = io.BytesIO()
    wb = xlsxwriter.Workbook(out, {"in_memory": True})
    ws = wb.add_worksheet("Nuage")
    ws.write_row(0, 0, ["âge", "durée"])
    for row, (x, y) in enumerate(s[["age", "duree"]].head(60).itertuples(index=False)):
        ws.write_row(row + 1, 0, [int(x), int(y)])
    chart = wb.add_chart({"type": "scatter"})
    chart.add_series({"categories": "=Nuage!$A$2:$A$61", "values": "=Nuage!$B$2:$B$61"})
    ws.insert_chart("D2", chart)
    wb.close()
    c.add("nuage.xlsx", out.getvalue(), "refuse", [("ROWS_INDIVIDUAL", {"sheet": "Nuage"})], "health_11", grave=True)
    c.add("calc_croise.ods", office("a.xlsx", saved(book({"Feuille1": [["Service", "Patients", "dont décès"], ["Cardio", 912, 41], ["Pneumo", 701, 38], ["Gériatrie", 797, 5]]})), "ods"), "refuse", [("FREQ_MIN", {"sheet": "Feuille1", "cell": "C4"})], "health_11")
    c.add("calc_long.ods", office("a.csv", cross.to_csv(), "ods"), rules="depp_10", trap="LibreOffice from CSV, totals")
    wb = book({"Synthèse": rows_of(cross, "Élèves"), "Brouillon": [["Académie", "élèves"], ["Mayotte", 3]]})
    wb["Brouillon"].sheet_state = "hidden"
    c.add("brouillon.ods", office("a.xlsx", saved(wb), "ods"), "refuse", [("HIDDEN_CONTENT", {"sheet": "Brouillon"})], "depp_10")


def documents(c):
    s, p, t = stays(), pupils(), travel()
    import docx
    from pptx import Presentation
    from pptx.util import Inches
    cross = pd.crosstab(s.classe, s.ghm.where(s.ghm != "22M02", "05M09"))
    text = "---\ntitle: Séjours 2022\n---\n\nChamp : 9 000 séjours, 3 établissements.\n\nTable: Séjours par classe d'âge et GHM\n\n" + cross.to_markdown() + "\n\n1. Premier point\n2. Second point\n"
    c.add("sejours.docx", pandoc(text, "docx"), rules="health_11", trap="numbered lists and codes of groups")
    few = [["Mode", "Travellers", "Mean income"], ["air", 58, "41.7"], ["bus", 30, "29.7"], ["ferry", 3, "22.1"], ["car", 59, "42.2"]]
    c.add("modes.docx", saved(word(["Table 4. Travellers by mode", few, "Source: survey."])), "refuse", [("FREQ_MIN", {"row": 4, "column": 2}), ("MAGNITUDE_FEW", {"row": 4, "column": 3})])
    d = word(["Les séjours sont décrits ci-dessous.", rows_of(cross, "Séjours")])
    d.add_comment(runs=d.paragraphs[0].runs, text="Mme Garnier (née le 12/03/1951) est la seule en 14Z14 après 80 ans", author="relecteur")
    c.add("annote.docx", saved(d), "refuse", [("HIDDEN_CONTENT", {})], "health_11", grave=True)
    d = word(["Voir l'en-tête."])
    d.sections[0].header.paragraphs[0].text = "Extraction pour jean.roux@exemple.fr"
    c.add("en_tete.docx", saved(d), "refuse", [("ID_DIRECT", {})], grave=True)
    deck = Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[5])
    slide.shapes.title.text = "Patients par service"
    t2 = slide.shapes.add_table(4, 2, Inches(1), Inches(2), Inches(5), Inches(2)).table
    for i, row in enumerate([("Service", "Patients"), ("Cardio", 912), ("Soins palliatifs", 7), ("Gériatrie", 797)]):
        for j, value in enumerate(row):
            t2.cell(i, j).text = str(value)
    out = io.BytesIO()
    deck.save(out)
    c.add("reunion.pptx", out.getvalue(), "refuse", [("FREQ_MIN", {"page": 1})], "health_11")
    c.add("calc.odt", office("a.docx", saved(word(["Tableau. Élèves par académie", [["Académie", "Élèves", "Note moyenne"], ["Lyon", "2 080", "12,1"], ["Clermont", "1 560", "11,9"]]])), "odt"), rules="depp_10", trap="an ODT of LibreOffice, means")
    odt = office("a.docx", saved(word(["Tableau. Élèves par académie", [["Académie", "Élèves"], ["Lyon", "2 080"], ["Mayotte", "8"], ["Clermont", "1 560"]]])), "odt")
    c.add("calc_petit.odt", odt, "refuse", [("FREQ_MIN", {"row": 3, "column": 2})], "depp_10")
    c.add("lettre.rtf", pandoc("Le modèle compte 5 200 élèves ; la note moyenne est de 12,0 (écart-type 3,0) en 2023.\n\nTrois élèves de Mayotte ont été retirés.\n", "rtf"), "refuse", [("FREQ_MIN", {})], "depp_10")
    c.add("tab.rtf", office("a.odt", pandoc("Séjours par sortie\n\n" + pd.crosstab(s.classe, s.sortie)[["domicile", "mutation"]].to_markdown(), "odt"), "rtf"), rules="health_11", trap="an RTF of two programs")
    c.add("rapport.pdf", office("a.odt", pandoc(text, "odt"), "pdf"), rules="health_11", trap="a PDF from pandoc and LibreOffice")
    c.add("annexe.pdf", page(["Annexe A", "Les effectifs sont donnés par classe.", None, None, [["Classe", "Patients", "Part"], ["0-17 ans", "1 689", "18,8 %"], ["18-44 ans", "6", "0,1 %"], ["45-64 ans", "1 850", "20,6 %"]]]), "refuse", [("FREQ_MIN", {"page": 3})], "health_11")
    from pypdf import PdfReader, PdfWriter
    w = PdfWriter()
    w.append(PdfReader(io.BytesIO(page(["Résultats agrégés."]))))
    w.add_attachment("individus.csv", s[["classe", "ghm", "duree", "sortie", "age"]].head(50).to_csv(index=False).encode())
    out = io.BytesIO()
    w.write(out)
    c.add("joint.pdf", out.getvalue(), "refuse", [("EMBEDDED_OBJECT", {"part": "individus.csv"})], "health_11", grave=True)
    w = PdfWriter()
    w.append(PdfReader(io.BytesIO(page(["Résultats."]))))
    w.encrypt("x", algorithm="AES-256")
    out = io.BytesIO()
    w.write(out)
    c.add("ferme.pdf", out.getvalue(), "review", [("ARCHIVE_ENCRYPTED", {})])
    _, files = r("pdf('g.pdf', width=5, height=4)\nplot(d$age[1:80], d$duree[1:80], xlab='age', ylab='duree')\ndev.off()\npdf('h.pdf', width=5, height=4)\nbarplot(tapply(d$duree, d$classe, mean), las=2)\ninvisible(dev.off())\n", s, ("g.pdf", "h.pdf"))
    c.add("nuage_r.pdf", files[0], "refuse", [("PLOT_POINTS", {})], "health_11")
    c.add("barres_r.pdf", files[1], rules="health_11", trap="bars of R")


def pages(c):
    s, p, t = stays(), pupils(), travel()
    from great_tables import GT
    g = s.groupby("classe").agg(sejours=("duree", "size"), dms=("duree", "mean")).round(2).reset_index()
    c.add("great_tables.html", GT(g).tab_header("Séjours par classe d'âge").as_raw_html(), rules="health_11", trap="great_tables with its style sheet")
    low = pd.crosstab(p.academie, p.serie).reset_index()
    c.add("great_tables_petit.html", GT(low).tab_header("Nombre d'élèves").as_raw_html(), "refuse", [("FREQ_MIN", {})], "depp_10")
    c.add("mixte.html", "<html><body><h1>Coûts</h1>" + smf.ols("duree ~ age", s).fit().summary().as_html() + pd.crosstab(s.classe, s.ghm).to_html() + "</body></html>", "refuse", [("FREQ_MIN", {})], "health_11")
    c.add("pandoc.html", pandoc("# Élèves\n\nRentrée 2023, 5 200 élèves de 4 académies.\n\n| Série | Élèves | Moyenne |\n|---|---:|---:|\n| générale | 2 860 | 12,0 |\n| techno | 1 300 | 11,9 |\n| pro | 1 040 | 12,1 |\n", "html"), rules="depp_10", trap="a page of pandoc")
    c.add("commentaire.html", "<html><body><!-- exclus : 4 patients de Thiers --><table><tr><th>Service</th><th>Patients</th></tr><tr><td>Cardio</td><td>912</td></tr></table></body></html>\n", "refuse", [("HIDDEN_CONTENT", {})], "health_11")
    c.add("knitr_tete.html", knit("# Données\n\n```{r}\nd <- read.csv('data.csv')\nhead(d[, c('classe', 'ghm', 'duree', 'sortie', 'age')], 8)\n```\n", s, "html"), "refuse", [("ROWS_INDIVIDUAL", {})], "health_11", grave=True)
    import plotly.graph_objects as go
    fig = go.Figure(go.Scatter(x=s.age.head(70).tolist(), y=s.duree.head(70).tolist(), mode="markers"))
    c.add("plotly.html", fig.to_html(include_plotlyjs="cdn", div_id="f"), "refuse", [("PLOT_POINTS", {})], "health_11")
    c.add("rmd_glm.md", knit("# Décès\n\n```{r}\nd <- read.csv('data.csv')\nm <- glm(I(sortie == 'décès') ~ classe, binomial, d)\nround(cbind(OR = exp(coef(m)), exp(confint.default(m))), 3)\nnobs(m)\n```\n", s, "md"), rules="health_11", trap="odds ratios of R Markdown")
    c.add("rmd_table.md", knit("# Sorties\n\n```{r, echo=FALSE}\nd <- read.csv('data.csv')\nd <- d[d$ghm == '22M02', ]\nknitr::kable(as.data.frame(table(sortie = d$sortie)), col.names = c('Sortie', 'Séjours'))\n```\n", s, "md"), "refuse", [("FREQ_MIN", {})], "health_11")


def notebooks(c):
    s, p, t = stays(), pupils(), travel()
    c.add("modele.ipynb", notebook(["#md # Modèle\nSection 2.1", "import pandas as pd, statsmodels.formula.api as smf\nd = pd.read_csv('data.csv')\nlen(d)", "smf.ols('note ~ C(serie)', d).fit().summary()"], p[["note", "serie"]]), rules="depp_10", trap="a summary of a model in HTML")
    c.add("effectifs.ipynb", notebook(["import pandas as pd\nd = pd.read_csv('data.csv')", "d.academie.value_counts()"], p[["academie"]]), "refuse", [("FREQ_MIN", {"cell_index": 1})], "depp_10")
    c.add("echantillon.ipynb", notebook(["import pandas as pd\nd = pd.read_csv('data.csv')", "#md Quelques lignes", "print(d.sample(10, random_state=2).to_string())"], s[["classe", "ghm", "duree", "sortie", "age"]]), "refuse", [("ROWS_INDIVIDUAL", {"cell_index": 2})], "health_11", grave=True)
    c.add("erreur.ipynb", notebook(["import pandas as pd\nd = pd.read_csv('data.csv')\nd.columns.tolist()", "d.groupby('classe').duree.agg(['size', 'mean', 'median'])"], s[["classe", "duree"]]), rules="health_11", trap="names of columns, sizes and medians")


def pictures(c):
    s, p, t = stays(), pupils(), travel()
    import seaborn as sns
    some = s.sample(75, random_state=5)
    c.add("seaborn.svg", figure(lambda axes: sns.stripplot(data=some, x="sortie", y="age", ax=axes), "svg"), "refuse", [("PLOT_POINTS", {})], "health_11")
    _, files = r("svg('g.svg', width=5, height=4)\nplot(d$age[1:60], d$duree[1:60], pch=19)\ndev.off()\nsvg('h.svg', width=5, height=4)\nbarplot(table(d$sortie)[c('domicile', 'mutation', 'décès')])\ndev.off()\npng('g.png', width=480, height=400)\nplot(d$age[1:60], d$duree[1:60], pch=19)\ninvisible(dev.off())\n", s, ("g.svg", "h.svg", "g.png"))
    c.add("nuage_r.svg", files[0], "refuse", [("PLOT_POINTS", {})], "health_11")
    c.add("barres_r.svg", files[1], rules="health_11", trap="bars of R's device")
    c.add("nuage_r.png", files[2], "review", [("UNREADABLE", {})], "health_11")
    c.add("densite.svg", figure(lambda axes: (sns.kdeplot(data=p, x="note", hue="serie", ax=axes)), "svg"), rules="depp_10", trap="densities of large groups")
    c.add("intervalles.pdf", figure(lambda axes: axes.errorbar(range(1, 6), s.groupby("classe").duree.mean(), yerr=s.groupby("classe").duree.sem() * 1.96, fmt="o"), "pdf"), rules="health_11", trap="five means with intervals, as markers")
    c.add("effectifs.png", picture([["Série", "Élèves", "Note"], ["générale", "2860", "12,0"], ["techno", "1300", "11,9"], ["pro", "1040", "12,1"]], title="Élèves par série"), rules="depp_10", trap="a picture of counts and means")
    c.add("effectifs_petit.png", picture([["Académie", "Élèves"], ["Lyon", "2080"], ["Mayotte", "9"], ["Clermont", "1560"]], title="Élèves par académie"), "refuse", [("FREQ_MIN", {})], "depp_10")
    import PIL.Image
    im, exif, out = PIL.Image.new("RGB", (80, 40), "white"), PIL.Image.Exif(), io.BytesIO()
    exif[0x013B] = "Hélène Marchand"
    im.save(out, "JPEG", exif=exif)
    c.add("exif.jpg", out.getvalue(), "review", [("METADATA_LEAK", {})])


def others(c):
    s, p, t = stays(), pupils(), travel()
    good = s.groupby("classe").size().rename("patients").to_csv()
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for name, content in (("LISEZMOI.md", "Un tableau de 5 classes d'âge, 9 000 séjours de 2022.\n"), ("tab/classes.csv", good)):
            info = tarfile.TarInfo(name)
            info.size = len(content.encode())
            tar.addfile(info, io.BytesIO(content.encode()))
    c.add("demande.tar", out.getvalue(), rules="health_11", trap="an archive with a table")
    inner = io.BytesIO()
    with tarfile.open(fileobj=inner, mode="w:bz2") as tar:
        content = b"academie;eleves\nLyon;2080\nMayotte;8\nClermont;1560\n"
        info = tarfile.TarInfo("t.csv")
        info.size = len(content)
        tar.addfile(info, io.BytesIO(content))
    c.add("melange.zip", zipped({"a.txt": "Un tableau par académie.\n", "b.tar.bz2": inner.getvalue()}), "refuse", [], "depp_10")
    c.add("classeur.zip", zipped({"note.txt": "Un classeur par académie, rentrée 2023.\n", "x/t.xlsx": saved(book({"F": [["Académie", "Élèves"], ["Lyon", 2080], ["Mayotte", 9], ["Clermont", 1560]]}))}), "refuse", [("FREQ_MIN", {"member": "x/t.xlsx", "cell": "B3"})], "depp_10")
    locked = work([["zip", "-q", "-P", "mot", "out.zip", "t.csv"]], {"t.csv": good}, ["out.zip"])[1][0]
    c.add("verrou.zip", locked, "review", [("ARCHIVE_ENCRYPTED", {})], "health_11")
    some = s[["classe", "ghm", "duree", "sortie", "age"]].head(60)
    with tempfile.TemporaryDirectory() as folder:
        import joblib
        from sklearn.linear_model import LinearRegression
        from sklearn.neighbors import KNeighborsRegressor
        from sklearn.svm import SVC
        path = lambda name: os.path.join(folder, name)
        connection = sqlite3.connect(path("sejours.db"))
        some.to_sql("sejours", connection)
        connection.commit()
        connection.close()
        some.to_parquet(path("sejours.parquet"), compression="zstd")
        np.savez(path("tab.npz"), x=some[["duree", "age"]].to_numpy())
        joblib.dump(KNeighborsRegressor(3).fit(some[["age"]], some.duree), path("voisins.joblib"))
        with open(path("svc.pkl"), "wb") as file:
            pickle.dump(SVC().fit(some[["age", "duree"]], some.sortie == "domicile"), file)
        with open(path("ols.pkl"), "wb") as file:
            pickle.dump(LinearRegression().fit(s[["age"]], s.duree), file)
        with open(path("resultat.pickle"), "wb") as file:
            pickle.dump(smf.ols("duree ~ age", some).fit(), file)
        read = {name: open(path(name), "rb").read() for name in sorted(os.listdir(folder))}
    for name in ("sejours.db", "sejours.parquet", "tab.npz"):
        c.add(name, read[name], "refuse", [("BINARY_DATASET", {})], "health_11", grave=True)
    for name in ("voisins.joblib", "svc.pkl"):
        c.add(name, read[name], "refuse", [("MODEL_CONTAINS_DATA", {})], "health_11", grave=True)
    c.add("ols.pkl", read["ols.pkl"], "review", [("MODEL_ARTIFACT", {})], "health_11")
    c.add("resultat.pickle", read["resultat.pickle"], "refuse", [("MODEL_CONTAINS_DATA", {})], "health_11", grave=True)
    _, files = r("library(haven)\nwrite_sav(d, 's.sav'); write_dta(d, 's.dta'); saveRDS(lm(duree ~ age, d), 'm.rds')\n", some, ("s.sav", "s.dta", "m.rds"))
    c.add("haven.sav", files[0], "refuse", [("BINARY_DATASET", {})], "health_11", grave=True)
    c.add("haven.dta", files[1], "refuse", [("BINARY_DATASET", {})], "health_11", grave=True)
    c.add("lm.rds", files[2], "refuse", [("BINARY_DATASET", {})], "health_11", grave=True)


def build(c):
    for family in (sheets, documents, pages, notebooks, pictures, others):
        family(c)
