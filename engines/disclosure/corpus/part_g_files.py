"""Part g, files: workbooks, documents, pages, notebooks, figures, archives, data files, each by a tool that makes them."""
import io
import json
import os
import pickle
import tarfile
import tempfile

import numpy as np
import pandas as pd
import polars as pl

from kit_files import CALM, book, knit, notebook, office, page, pandoc, patched, r, rows_of, saved, word, work, zipped
from part_g_data import births, cohort, farms, few, fr, homes, nir, roomy, seekers
from part_g_figures import bars, build as figures, points
from part_g_traps import build as traps

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def publication(cell=None):
    """A workbook as offices publish: a page of reading, five tables with merged headers, notes; `cell` is put in table 4."""
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
    s, wb = seekers()[lambda d: d.motif != "Sortie de détention"], Workbook()
    ws = wb.active
    ws.title = "Lisez-moi"
    for row in [["Demandeurs d'emploi en 2022"], ["Mise à jour : 12 mars 2024"], [], ["Onglet", "Contenu"], ["T1", "Région et sexe"], ["T2", "Région et âge"], ["T3", "Métier"], ["T4", "Motif et région"], ["T5", "Durées"], [], ["Champ : 6 140 demandeurs. Contrôle : 2 passages."]]:
        ws.append(row)
    tables = {"T1": pd.crosstab(s.region, s.sexe), "T2": pd.crosstab(s.region, s.tranche), "T3": pd.crosstab(s.rome, s.sexe), "T4": pd.crosstab(s.motif, s.region),
              "T5": s.groupby("region").jours.agg(["size", "mean", "median"]).round(1).rename(columns={"size": "Effectif", "mean": "Durée moyenne (j)", "median": "Médiane (j)"})}
    for at, (name, t) in enumerate(tables.items(), 1):
        ws, last = wb.create_sheet(name), t.shape[1] + 2
        ws.append([f"Tableau {at} — " + {"T5": "Durée d'inscription"}.get(name, "Nombre de demandeurs d'emploi")])
        ws.merge_cells(start_row=1, end_row=1, start_column=1, end_column=last)
        ws.append(["Fin 2022"])
        for row in rows_of(t):
            ws.append(row)
        ws.append([])
        ws.append(["Lecture : données brutes. Source : fichier des demandeurs, version 2 ; note 1 : 4 régions."])
        ws["A1"].font = Font(bold=True, size=12)
        for c in ws[3]:
            c.font, c.fill, c.alignment, c.border = Font(bold=True), PatternFill("solid", fgColor="DDE6F0"), Alignment(horizontal="center"), Border(bottom=Side(style="thin"))
        ws.freeze_panes = "B4"
        ws.column_dimensions["A"].width = 24
        if name != "T5":
            roomy(t, 15)
    if cell:
        wb["T4"][cell[0]] = cell[1]
    wb.properties.creator = "openpyxl"
    return wb


def sheets(c):
    from odf import office as odf_office
    from odf.dc import Creator, Date
    from odf.opendocument import OpenDocumentSpreadsheet
    from odf.table import Table, TableCell, TableRow
    from odf.text import P
    import xlsxwriter
    h, b, f = homes(), births(), farms()
    c.add("publication.xlsx", saved(publication()), rules="irdes_15", trap="a page of reading, merged titles, notes, five tables")
    c.add("publication_petit.xlsx", saved(publication(("C5", 4))), "refuse", [("FREQ_MIN", {"sheet": "T4", "cell": "C5"})], "irdes_15", forbidden=["ROWS_INDIVIDUAL", "ID_DIRECT", "HIDDEN_CONTENT"])
    wb = book({"Maternités": rows_of(roomy(pd.crosstab(b.type, b["mode"]), 11), "Type") + [["dont O88.1", 1, 2, 3]]})
    ws = wb["Maternités"]
    ws.row_dimensions.group(6, 6, outline_level=1, hidden=True)
    c.add("lignes_pliees.xlsx", saved(wb), "refuse", [("HIDDEN_CONTENT", {"sheet": "Maternités", "line": 6})], "health_11")
    shared = "".join(f'<s v="{v}"/>' for v in ["Tanguy Le Goff", "Maëlle Rivoal", "Erwan Kerbrat", "Nolwenn Cariou", "Gwenaël Prigent"])
    main = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    cache = f'<?xml version="1.0" encoding="UTF-8"?><pivotCacheDefinition {main} recordCount="5"><cacheSource type="worksheet"><worksheetSource ref="A1:B6" sheet="base"/></cacheSource><cacheFields count="2"><cacheField name="agent"><sharedItems count="5">{shared}</sharedItems></cacheField><cacheField name="prime"><sharedItems containsNumber="1"/></cacheField></cacheFields></pivotCacheDefinition>'
    records = f'<?xml version="1.0" encoding="UTF-8"?><pivotCacheRecords {main} count="5">' + "".join(f'<r><x v="{i}"/><n v="{1200 + 71 * i}"/></r>' for i in range(5)) + "</pivotCacheRecords>"
    dpe = roomy(h.dpe.value_counts().sort_index().rename("Logements").to_frame(), 15)
    c.add("pivot.xlsx", patched(saved(book({"DPE": rows_of(dpe, "DPE")})), {"xl/pivotCache/pivotCacheDefinition1.xml": cache, "xl/pivotCache/pivotCacheRecords1.xml": records}), "refuse", [("EMBEDDED_OBJECT", {})], grave=True)
    out = io.BytesIO()
    wb = xlsxwriter.Workbook(out, {"in_memory": True})
    ws = wb.add_worksheet("Figure")
    ws.write(0, 0, "Loyer et surface")
    chart, some = wb.add_chart({"type": "scatter"}), h.head(80)
    chart.add_series({"name": "Logements", "categories": "='[base.xlsx]menages'!$A$2:$A$81", "values": "='[base.xlsx]menages'!$B$2:$B$81", "categories_data": some.surface.tolist(), "values_data": some.loyer.tolist()})
    ws.insert_chart("B3", chart)
    wb.close()
    c.add("graphique_lie.xlsx", out.getvalue(), "refuse", [("PLOT_POINTS", {})], grave=True)
    _, files = r("library(openxlsx)\nwb <- createWorkbook(creator = 'openxlsx')\naddWorksheet(wb, 'loyers')\nt <- aggregate(cbind(loyer, surface) ~ statut, d, mean)\nt$logements <- as.vector(table(d$statut)[t$statut])\nt$part <- t$logements / nrow(d)\nt$maj <- as.Date('2024-03-12')\nwriteDataTable(wb, 1, t)\naddStyle(wb, 1, createStyle(numFmt = '0.0%'), rows = 2:4, cols = 5)\naddStyle(wb, 1, createStyle(numFmt = 'dd/mm/yyyy'), rows = 2:4, cols = 6)\nsaveWorkbook(wb, 'l.xlsx')\nwb <- createWorkbook(creator = 'openxlsx')\naddWorksheet(wb, 'suivi')\nwriteData(wb, 1, data.frame(Service = c('Urgences', 'Maternité', 'Dialyse'), Inclus = c(1204, 412, 187), `dont revus` = c(988, 409, 140), check.names = FALSE), startRow = 3, startCol = 2)\nsaveWorkbook(wb, 's.xlsx')\n", h, ("l.xlsx", "s.xlsx"))
    c.add("openxlsx_loyers.xlsx", files[0], rules="irdes_15", trap="openxlsx of R: percent and date formats on numbers", forbidden=[*CALM, "HIDDEN_CONTENT"])
    c.add("openxlsx_suivi.xlsx", files[1], "refuse", [("DERIVED_COUNT", {"sheet": "suivi"})], "health_11")
    wb = book({"Totaux": rows_of(roomy(pd.crosstab(h.statut, h.pieces), 15), "Statut") + [["Ensemble", *[f"=SUM({k}2:{k}4)" for k in "BCDEF"]]]})
    c.add("formules.xlsx", office("a.xlsx", saved(wb), "xlsx"), rules="irdes_15", trap="totals by formulas that LibreOffice computed")
    thread = '<?xml version="1.0" encoding="UTF-8"?><ThreadedComments xmlns="http://schemas.microsoft.com/office/spreadsheetml/2018/threadedcomments"><threadedComment ref="B2" dT="2024-03-12T10:00:00.00" personId="{1}" id="{2}"><text>Les 2 refus viennent de la clinique de Redon</text></threadedComment></ThreadedComments>'
    c.add("fil_de_discussion.xlsx", patched(saved(book({"DPE": rows_of(dpe, "DPE")})), {"xl/threadedComments/threadedComment1.xml": thread}), "refuse", [("HIDDEN_CONTENT", {})], "health_11")
    iris = [["CODE_IRIS", "Ménages", "Revenu médian (€)"], ["352380101", 1204, 21840], ["352380102", 988, 19310], ["352380204", 1377, 24050]]
    c.add("iris.xlsx", saved(book({"IRIS": iris})), "review", [("GEO_FINE", {"sheet": "IRIS"})], "insee_menages", forbidden=["FREQ_MIN", "ID_DIRECT"])

    def sheet(name, rows, hidden=(), note=None):
        d = OpenDocumentSpreadsheet()
        t = Table(name=name)
        for at, row in enumerate(rows, 1):
            tr = TableRow(visibility="filter") if at in hidden else TableRow()
            for v in row:
                number = isinstance(v, (int, float))
                kind = {"valuetype": "percentage", "value": v} if isinstance(v, float) and v < 1 else {"valuetype": "float", "value": v} if number else {"valuetype": "string"}
                cell = TableCell(**kind)
                if note and (at, v) == note[0]:
                    a = odf_office.Annotation()
                    for element, text in ((Creator, "relecture"), (Date, "2024-03-12T10:00:00")):
                        e = element()
                        e.addText(text)
                        a.addElement(e)
                    a.addElement(P(text=note[1]))
                    cell.addElement(a)
                cell.addElement(P(text=f"{100 * v:.1f} %".replace(".", ",") if kind["valuetype"] == "percentage" else str(v)))
                tr.addElement(cell)
            t.addElement(tr)
        d.spreadsheet.addElement(t)
        return saved(d)
    rows = [["OTEX", "Libellé", "Exploitations", "Part"], *[[str(k), v, int(n), round(n / len(f), 3)] for (k, n), v in zip(f.otex.value_counts().sort_index().items(), ["Céréales", "Viticulture", "Bovins lait", "Bovins viande", "Polyculture"])]]
    c.add("otex.ods", sheet("OTEX", rows), rules="fiscal_11", trap="odfpy: codes as text, percentages as typed cells")
    c.add("filtre.ods", sheet("OTEX", [*rows, ["7100", "Apiculture", 3, 0.001]], hidden=(7,)), "refuse", [("HIDDEN_CONTENT", {"sheet": "OTEX"})], "fiscal_11")
    c.add("annotation.ods", sheet("OTEX", rows, note=((3, "Viticulture"), "dont le domaine de Mme Costes, 96 % du chiffre")), "refuse", [("HIDDEN_CONTENT", {"sheet": "OTEX"})], "fiscal_11")
    c.add("parts.ods", sheet("Parts", [["Maternité", "Accouchements", "Décès périnatals"], ["Rennes", 3877, 0.008], ["Redon", 430, 0.009], ["Vannes", 1690, 0.011]]), "refuse", [("DERIVED_COUNT", {"sheet": "Parts"})], "health_11")


def documents(c):
    from docx.oxml import parse_xml
    h, b, co = homes(), births(), cohort()
    cross = roomy(pd.crosstab(h.statut, h.pieces), 15)
    d = word(["Conditions de logement", "1. Champ et méthode", "L'étude porte sur 5 600 logements. Deux modèles sont estimés (annexe 2, page 14).", "2. Résultats", "Tableau 1. Logements selon le statut et le nombre de pièces", rows_of(cross, "Statut"), "Source : enquête 2020, 4 vagues. Lecture : 290 propriétaires vivent dans 1 pièce."])
    d.sections[0].footer.paragraphs[0].text = "Page 3 sur 12 — version 2 du 12/03/2024"
    c.add("logement.docx", saved(d), rules="irdes_15", trap="sections, a footer with pages, numbers of rooms as headers")
    c.add("naissances.docx", saved(word(["Bilan 2022 des maternités", "Les 4 800 accouchements se répartissent en quatre types d'établissement. On y compte quatre décès maternels, tous après embolie.", "La césarienne concerne 21,4 % des accouchements."])), "refuse", [("FREQ_MIN", {})], "health_11")
    d = word(["Maternités selon le type", [["Type", "Accouchements"], ["I", "1 474"], ["IIA", "1 191"], ["Centre de Belle-Île", "5"]]])
    d.tables[0].rows[3]._tr.get_or_add_trPr().append(parse_xml(f'<w:del {W} w:id="7" w:author="x" w:date="2024-03-12T10:00:00Z"/>'))
    for cell in d.tables[0].rows[3].cells:
        run = cell.paragraphs[0].runs[0]._r
        gone = parse_xml(f'<w:del {W} w:id="8" w:author="x" w:date="2024-03-12T10:00:00Z"><w:r><w:delText>{run.text}</w:delText></w:r></w:del>')
        run.getparent().replace(run, gone)
    c.add("ligne_supprimee.docx", saved(d), "refuse", [("HIDDEN_CONTENT", {})], "health_11")
    d = word(["Le taux de césarienne est stable."])
    run = d.paragraphs[0].add_run(" Patiente 0412 : terme 28, poids 1 520 g, décédée le 14/02.")
    run.font.hidden = True
    c.add("texte_masque.docx", saved(d), "refuse", [("HIDDEN_CONTENT", {})], "health_11", grave=True)
    tex = "\\documentclass{article}\n\\begin{document}\n\\section{Loyers}\nVoir le tableau~1 et \\cite{x}.\n\n\\begin{table}\\caption{Loyer moyen et logements}\n\\begin{tabular}{lrr}\n\\hline\nDPE & Logements & Loyer (euros) \\\\\n\\hline\n" + "".join(f"{k} & {len(g)} & {g.mean():.1f} \\\\\n" for k, g in h.groupby("dpe").loyer) + "\\hline\n\\end{tabular}\\end{table}\n\n{}\\section*{R\\'ef\\'erences}\nRosen, S. (1974). Hedonic prices and implicit markets. Journal of Political Economy, 82(1), 34--55.\n\\end{document}\n"
    c.add("loyers.odt", pandoc(tex.replace(" et \\cite{x}", "").replace("{}", ""), "odt", "latex"), rules="irdes_15", trap="pandoc from LaTeX, a reference with pages")
    latex = lambda body: work([["pdflatex", "-interaction=batchmode", "a.tex"]], {"a.tex": "\\documentclass[11pt,a4paper]{article}\n\\usepackage[utf8]{inputenc}\n\\usepackage[T1]{fontenc}\n\\usepackage{booktabs}\n\\pdfinfoomitdate=1\\pdftrailerid{}\n\\begin{document}\n" + body + "\n\\end{document}\n"}, ["a.pdf"])[1][0]
    table = lambda rows: "\\begin{tabular}{l" + "r" * (len(rows[0]) - 1) + "}\n\\toprule\n" + " \\\\\n".join(" & ".join(map(str, row)) for row in rows).replace(" \\\\\n", " \\\\\n\\midrule\n", 1) + " \\\\\n\\bottomrule\n\\end{tabular}\n"
    events = co.groupby("bras").rechute.agg(["size", "sum"])
    good = [["Bras", "Patients", "Rechutes", "HR (IC 95 \\%)"], *[[k, v["size"], v["sum"], "1" if k == "A" else "0,63 (0,56--0,71)"] for k, v in events.iterrows()]]
    c.add("essai.pdf", latex("\\section{Résultats}\nLe rapport de risque est de 0,63 (p < 0,001), 24 mois de suivi.\n\n" + table(good) + "\n\\newpage\n\\section*{Références}\nKaplan, E. L., Meier, P. (1958). Nonparametric estimation from incomplete observations. JASA, 53(282), 457--481."), rules="health_11", trap="pdfTeX: hazard ratios with intervals, pages, a reference")
    c.add("essai_petit.pdf", latex("\\section{Méthode}\nDeux bras, 24 mois.\n\\newpage\n\\section{Résultats}\n" + table([["Effet indésirable", "Bras A (patients)", "Bras B (patients)"], ["Nausées", 188, 204], ["Neutropénie", 61, 57], ["Choc anaphylactique", 2, 14]])), "refuse", [("FREQ_MIN", {"page": 2})], "health_11")
    import weasyprint
    style = "<style>@page { size: A4; @bottom-right { content: 'page ' counter(page) } } td, th { border: 1px solid #888; padding: 3pt }</style>"
    html = lambda t, text: style + f"<h1>Logements</h1><p>{text}</p>" + t
    pdf = lambda text: weasyprint.HTML(string=text).write_pdf()
    c.add("dpe.pdf", pdf(html(h.groupby("dpe").loyer.agg(["size", "mean"]).round(1).rename(columns={"size": "Logements", "mean": "Loyer moyen"}).to_html(), "Classes A à G, 5 600 logements.")), rules="irdes_15", trap="WeasyPrint: pages counted in the foot, classes of energy")
    last = pd.crosstab(h[h.surface > 140].statut, h[h.surface > 140].dpe)
    few(last, 10)
    c.add("dpe_grands.pdf", pdf(html("<p>Tableau 7. Nombre de logements de plus de 140 m²</p>" + last.to_html(), "Annexe.")), "refuse", [("FREQ_MIN", {"page": 1})])
    from fpdf import FPDF
    p = FPDF()
    p.add_page()
    p.set_font("helvetica", size=11)
    for line in ["Liste des patientes à rappeler", "LE BIHAN Soizic, née le 04/11/1989, " + nir("2891122278031"), "GUILLOU Annaïg, née le 21/02/1993, " + nir("2930229019114"), "PERRON Clotilde, née le 09/07/1985, " + nir("2850744055071")]:
        p.cell(0, 8, line, new_x="LMARGIN", new_y="NEXT")
    c.add("rappels.pdf", bytes(p.output()), "refuse", [("ID_DIRECT", {"page": 1})], "health_11", grave=True)
    from pptx import Presentation
    from pptx.chart.data import CategoryChartData
    from pptx.enum.chart import XL_CHART_TYPE
    from pptx.util import Inches
    deck, data = Presentation(), CategoryChartData()
    data.categories = ["I", "IIA", "Belle-Île"]
    data.add_series("Accouchements", (1474, 1191, 5))
    slide = deck.slides.add_slide(deck.slide_layouts[5])
    slide.shapes.title.text = "Accouchements par type"
    slide.shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, Inches(1), Inches(1.6), Inches(7), Inches(4.5), data)
    c.add("comite.pptx", saved(deck), "refuse", [("EMBEDDED_OBJECT", {})], "health_11")
    deck = Presentation()
    deck.core_properties.author = deck.core_properties.last_modified_by = ""
    slide = deck.slides.add_slide(deck.slide_layouts[1])
    slide.shapes.title.text = "3. Principaux résultats"
    slide.placeholders[1].text = "5 600 logements enquêtés en 2020\nLoyer moyen : 787,6 euros (+ 2,1 % en 4 ans)\nClasse F ou G : 15,1 %"
    c.add("seminaire.pptx", saved(deck), rules="irdes_15", trap="a slide with its number, years and shares")


def pages(c):
    from prettytable import PrettyTable
    from tableone import TableOne
    b, h, s = births(), homes(), seekers()
    good = b[b.cim != "O88.1"]
    roomy(pd.crosstab(good["mode"], good.cim), 11)
    one = TableOne(good, columns=["age", "poids", "mode", "cim"], categorical=["mode", "cim"], groupby="rang", pval=True, missing=False)
    c.add("tableone.html", one.to_html(), rules="health_11", trap="tableone: n (%), mean (SD), p-values")
    bad = TableOne(b, columns=["age", "cim"], categorical=["cim"], groupby="rang", missing=False)
    c.add("tableone_petit.html", bad.to_html(), "refuse", [("FREQ_MIN", {})], "health_11")
    t = PrettyTable(["DPE", "Logements", "Loyer moyen", "Écart-type"])
    for k, g in h.groupby("dpe").loyer:
        t.add_row([k, fr(len(g)), fr(g.mean(), 1), fr(g.std(), 1)])
    c.add("dpe.html", t.get_html_string(attributes={"class": "t"}), rules="irdes_15", trap="prettytable, French numbers")
    c.add("rapport.html", knit("# Accouchements\n\n```{r}\nd <- read.csv('data.csv')\nknitr::kable(table(d$type, d$mode))\nm <- glm(I(mode == 'Césarienne') ~ age + type, binomial, d)\nround(coef(summary(m)), 3)\nnobs(m)\n```\n", b, "html"), rules="health_11", trap="knitr: a cross table, a logistic model and its N")
    c.add("rapport_poids.html", knit("# Poids\n\n```{r}\nd <- read.csv('data.csv')\nsummary(d$poids)\n```\n", b, "html"), "refuse", [("EXTREME_VALUE", {})], "health_11")
    c.add("attribut.html", "<!DOCTYPE html>\n<html lang=\"fr\"><body><table><tr><th>Maternité</th><th>Accouchements</th></tr>\n<tr><td>Rennes</td><td>3 877</td></tr>\n<tr hidden><td>Belle-Île</td><td>5</td></tr>\n<tr><td>Vannes</td><td>1 690</td></tr></table></body></html>\n", "refuse", [("HIDDEN_CONTENT", {})], "health_11")
    data = json.dumps({"x": {"data": [s[k].head(30).tolist() for k in ("region", "sexe", "age", "rome", "jours", "alloc")], "container": "<table class='display'></table>"}}, ensure_ascii=False)
    c.add("datatable.html", "<!DOCTYPE html>\n<html><body><h1>Demandeurs</h1><div id=\"w1\" class=\"datatables html-widget\"></div>\n<script type=\"application/json\" data-for=\"w1\">" + data + "</script></body></html>\n", "refuse", [("EMBEDDED_OBJECT", {})], grave=True)


def notebooks(c):
    import nbformat
    from nbconvert import HTMLExporter
    b, h, s = births(), homes(), seekers()
    c.add("loyers.ipynb", notebook(["#md # 1. Loyers\nGraine : 42, version 3.", "import pandas as pd, statsmodels.formula.api as smf\npd.__version__", "d = pd.read_csv('data.csv')\nprint(d.groupby('dpe').loyer.agg(['count', 'mean', 'std']).round(1))", "print(smf.ols('loyer ~ surface + C(statut)', d).fit().summary())"], h[["dpe", "loyer", "surface", "statut"]]), rules="irdes_15", trap="a version, groups, a model")
    c.add("describe.ipynb", notebook(["import pandas as pd\nd = pd.read_csv('data.csv')", "d.describe().round(1)"], b[["poids", "terme", "age"]]), "refuse", [("EXTREME_VALUE", {"cell_index": 1})], "health_11", forbidden=["FREQ_MIN", "ID_DIRECT"])
    c.add("filtre.ipynb", notebook(["import pandas as pd\nd = pd.read_csv('data.csv')", "x = d[(d.cim == 'O88.1')]\nprint(f'Effectif : {len(x)}, terme moyen : {x.terme.mean():.1f}')"], b[["cim", "terme"]]), "refuse", [("FREQ_MIN", {"cell_index": 1})], "health_11")
    made = notebook(["import pandas as pd\nd = pd.read_csv('data.csv')\nd.sample(9, random_state=4)"], s[["region", "sexe", "age", "rome", "jours", "alloc"]])
    html, _ = HTMLExporter(template_name="basic").from_notebook_node(nbformat.reads(made, 4))
    c.add("carnet.html", html, "refuse", [("ROWS_INDIVIDUAL", {})], grave=True)


def others(c):
    b, h, s = births(), homes(), seekers()
    good = h.groupby("dpe").size().rename("logements").to_csv(sep=";")
    readme = "Sorties du projet : un tableau, une figure et un classeur.\nPopulation : 5 600 logements, enquête 2020.\n"
    c.add("livraison.zip", zipped({"LISEZMOI.txt": readme, "tab/dpe.csv": good, "fig/loyers.svg": bars(h), "tab/publication.xlsx": saved(publication())}), rules="irdes_15", trap="a description, a table, a figure, a workbook")
    bad = saved(word(["Suivi", [["Centre", "Patients"], ["Rennes", "1 204"], ["Redon", "3"], ["Vannes", "412"]]]))
    c.add("livraison_petit.zip", zipped({"LISEZMOI.txt": readme, "doc/suivi.docx": bad, "tab/dpe.csv": good}), "refuse", [("FREQ_MIN", {"member": "doc/suivi.docx"})], "health_11")
    with tempfile.TemporaryDirectory() as folder:
        import h5py
        import pyreadstat
        p = lambda name: os.path.join(folder, name)
        some = s.drop(columns="tranche").head(60)
        pyreadstat.write_sav(some, p("b.zsav"), compress=True)
        pyreadstat.write_dta(b.head(60), p("b.dta"), version=14)
        pl.from_pandas(some).write_parquet(p("b.parquet"))
        with h5py.File(p("b.h5"), "w") as file:
            file["poids"] = b.poids.head(60).to_numpy()
            file["age"] = b.age.head(60).to_numpy()
        import duckdb
        base = duckdb.connect(p("b.duckdb"))
        base.register("v", some)
        base.execute("CREATE TABLE t AS SELECT age, jours FROM v LIMIT 20")
        base.close()
        read = {name: open(p(name), "rb").read() for name in sorted(os.listdir(folder))}
    c.add("livraison_base.zip", zipped({"LISEZMOI.txt": readme, "programmes/1/interne.zsav": read["b.zsav"]}), "refuse", [("BINARY_DATASET", {"member": "programmes/1/interne.zsav"})], grave=True)
    c.add("maternites.dta", read["b.dta"], "refuse", [("BINARY_DATASET", {})], "health_11", grave=True)
    c.add("mesures.h5", read["b.h5"], "refuse", [("BINARY_DATASET", {})], "health_11", grave=True)
    c.add("effectifs.csv", read["b.parquet"], "refuse", [("TYPE_MISMATCH", {})], grave=True)
    _, files = r("m <- lm(poids ~ terme + age, d)\nsaveRDS(m, 'm.rds')\n", b.head(50), ("m.rds",))
    c.add("regression.rds", files[0], "refuse", [("BINARY_DATASET", {})], "health_11", grave=True)
    from sklearn.neighbors import KNeighborsRegressor
    c.add("voisins.pkl", pickle.dumps(KNeighborsRegressor(3).fit(h[["surface", "pieces"]].head(40), h.loyer.head(40))), "refuse", [("MODEL_CONTAINS_DATA", {})], grave=True)
    out = io.BytesIO()
    script = "adresses <- data.frame(\n  id = 1:6,\n  age = c(34, 51, 29, 62, 45, 38),\n  loyer = c(612, 745, 580, 810, 690, 655),\n  surface = c(48, 71, 39, 88, 64, 55)\n)\nplot(loyer ~ surface, adresses)\n"
    with tarfile.open(fileobj=out, mode="w:xz") as tar:
        for name, content in (("README.md", readme), ("src/figure.R", script)):
            info = tarfile.TarInfo(name)
            info.size = len(content.encode())
            tar.addfile(info, io.BytesIO(content.encode()))
    c.add("reproduction.tar.xz", out.getvalue(), "refuse", [("CODE_EMBEDS_DATA", {})], grave=True)
    c.add("figure_double.png", points(h, "png") + zipped({"base.csv": s.head(50).to_csv(index=False)}), "refuse", [("TYPE_MISMATCH", {})], grave=True)


def build(c):
    for family in (sheets, documents, pages, notebooks, figures, traps, others):
        family(c)
