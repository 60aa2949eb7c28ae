"""Makes the files beside this script with the tools that researchers use.

Run in a virtual environment with the packages of requirements.txt: `python make.py`. The files
are committed, so that tests need no Python; the script says how they came to be. Zip times and
other accidents differ between runs: commit anew only what changed on purpose.
"""
import base64, gzip, io, json, os, pickle, tarfile, zipfile
import numpy as np, pandas as pd
import matplotlib
matplotlib.use("Agg")
matplotlib.rcParams["svg.hashsalt"] = "bulle"
import matplotlib.pyplot as plt
import openpyxl
from openpyxl.styles import Font
from openpyxl.comments import Comment
from openpyxl.workbook.defined_name import DefinedName
import docx
from docx.shared import RGBColor

os.chdir(os.path.dirname(os.path.abspath(__file__)))
rng = np.random.default_rng(7)
SAFE = [("Sexe", "Effectif", "% des patients"), ("Femmes", 412, 50.7), ("Hommes", 400, 49.3), ("Total", 812, 100.0)]
SMALL = [("Commune", "Effectif"), ("Ambert", 412), ("Billom", 4), ("Cusset", 388)]


def sheet(wb, rows, name=None, first=False):
    ws = wb.active if first else wb.create_sheet(name)
    if name:
        ws.title = name
    for row in rows:
        ws.append(row)
    return ws


def xlsx():
    wb = openpyxl.Workbook(); ws = sheet(wb, SAFE, "Résultats", True); wb.save("safe.xlsx")
    wb = openpyxl.Workbook(); ws = wb.active; ws.title = "Tableau 1"
    ws["B2"] = "Patients par commune"
    for r, row in enumerate(SMALL):
        for c, v in enumerate(row):
            ws.cell(4 + r, 2 + c, v)
    wb.save("small.xlsx")
    wb = openpyxl.Workbook(); sheet(wb, SAFE, "Résultats", True)
    h = sheet(wb, SMALL, "Données"); h.sheet_state = "hidden"
    v = sheet(wb, [("code", "libellé"), ("a", "b")], "Secret"); v.sheet_state = "veryHidden"
    wb.save("hidden_sheets.xlsx")
    wb = openpyxl.Workbook(); ws = sheet(wb, SAFE, "Feuille", True)
    ws.append(("Autres", 120, 14.8)); ws.row_dimensions[5].hidden = True
    ws["E1"] = "notes"; ws["E2"] = "vu"; ws.column_dimensions["E"].hidden = True
    ws["G2"] = 733; ws["G2"].number_format = ";;;"
    ws["G3"] = "Dupont"; ws["G3"].font = Font(color="FFFFFFFF")
    ws["B2"].comment = Comment("dont 3 à Ambert", "x")
    wb.defined_names["base"] = DefinedName("base", attr_text="\"812 foyers\"", hidden=True)
    wb.properties.creator = "Claire Martin"
    wb.save("hidden_things.xlsx")
    wb = openpyxl.Workbook(); ws = sheet(wb, SAFE, "R", True)
    from openpyxl.chart import ScatterChart, Reference, Series
    pts = wb.create_sheet("nuage"); pts.append(("age", "revenu"))
    for x, y in zip(rng.uniform(18, 90, 60), rng.lognormal(7, .4, 60)):
        pts.append((round(x, 2), round(y, 2)))
    ch = ScatterChart(); ch.series.append(Series(Reference(pts, min_col=2, min_row=2, max_row=61), Reference(pts, min_col=1, min_row=2, max_row=61)))
    ws.add_chart(ch, "F2"); wb.save("chart.xlsx")
    # xlsxwriter keeps a cache with each chart.
    import xlsxwriter
    wb = xlsxwriter.Workbook("chart_cache.xlsx"); ws = wb.add_worksheet("R")
    for r, row in enumerate(SAFE): ws.write_row(r, 0, row)
    c = wb.add_chart({"type": "column"})
    c.add_series({"values": "=Retiré!$A$1:$A$3", "values_data": [4, 7, 2], "categories_data": ["a", "b", "c"], "categories": "=Retiré!$B$1:$B$3"})
    ws.insert_chart("F2", c); wb.close()
    # A pivot cache as Excel writes it, added to a workbook of openpyxl.
    rec = '<?xml version="1.0" encoding="UTF-8"?><pivotCacheRecords xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" count="3">' + "".join(f'<r><s v="p{i}"/><n v="{i*37}"/></r>' for i in range(3)) + "</pivotCacheRecords>"
    with zipfile.ZipFile("safe.xlsx") as a, zipfile.ZipFile("pivot.xlsx", "w", zipfile.ZIP_DEFLATED) as b:
        for n in a.namelist(): b.writestr(n, a.read(n))
        b.writestr("xl/pivotCache/pivotCacheRecords1.xml", rec)


def ods():
    df = pd.DataFrame(SMALL[1:], columns=SMALL[0]); df.to_excel("small.ods", engine="odf", index=False, sheet_name="T1")
    from odf.opendocument import OpenDocumentSpreadsheet
    from odf.style import Style, TableProperties
    from odf.table import Table, TableRow, TableCell
    from odf.text import P
    d = OpenDocumentSpreadsheet(); st = Style(name="h", family="table"); st.addElement(TableProperties(display="false")); d.automaticstyles.addElement(st)
    for name, rows, style in (("Visible", SAFE, None), ("Caché", SMALL, st)):
        t = Table(name=name, stylename=style) if style else Table(name=name)
        for row in rows:
            tr = TableRow(); t.addElement(tr)
            for v in row:
                c = TableCell(valuetype="float", value=v) if not isinstance(v, str) else TableCell(valuetype="string")
                c.addElement(P(text=str(v))); tr.addElement(c)
        d.spreadsheet.addElement(t)
    d.save("hidden.ods")


def table(d, rows):
    t = d.add_table(len(rows), len(rows[0]))
    for r, row in enumerate(rows):
        for c, v in enumerate(row): t.cell(r, c).text = str(v)


def word():
    d = docx.Document(); d.add_paragraph("Les patients par sexe."); table(d, SAFE); d.core_properties.author = "python-docx"; d.save("safe.docx")
    d = docx.Document(); d.add_heading("Tableau 1"); table(d, SMALL); d.save("small.docx")
    d = docx.Document(); p = d.add_paragraph("Visible. "); r = p.add_run("caché : 733"); r.font.hidden = True
    r = p.add_run("blanc : 734"); r.font.color.rgb = RGBColor(255, 255, 255)
    from docx.oxml import parse_xml
    W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    d.add_paragraph("Reste. ")._p.append(parse_xml(f'<w:del {W} w:id="1" w:author="a"><w:r><w:delText>supprimé : 735</w:delText></w:r></w:del>'))
    d.core_properties.author = "Claire Martin"
    if hasattr(d, "add_comment"): d.add_comment(runs=p.runs[0], text="vu avec 736", author="x")
    d.save("hidden.docx")
    d = docx.Document(); d.add_paragraph("Un classeur."); d.save("tmp.docx")
    with zipfile.ZipFile("tmp.docx") as a, zipfile.ZipFile("embedded.docx", "w", zipfile.ZIP_DEFLATED) as b:
        for n in a.namelist(): b.writestr(n, a.read(n))
        b.write("small.xlsx", "word/embeddings/Microsoft_Excel_Worksheet.xlsx")
    os.remove("tmp.docx")
    from odf.opendocument import OpenDocumentText
    from odf.table import Table, TableRow, TableCell
    from odf.text import P
    d = OpenDocumentText(); d.text.addElement(P(text="Patients par commune")); t = Table(name="T")
    for row in SMALL:
        tr = TableRow(); t.addElement(tr)
        for v in row:
            c = TableCell(); c.addElement(P(text=str(v))); tr.addElement(c)
    d.text.addElement(t); d.save("small.odt")
    from pptx import Presentation
    from pptx.util import Inches
    p = Presentation(); s = p.slides.add_slide(p.slide_layouts[5]); s.shapes.title.text = "Patients"
    t = s.shapes.add_table(4, 2, Inches(1), Inches(2), Inches(5), Inches(2)).table
    for r, row in enumerate(SMALL):
        for c, v in enumerate(row): t.cell(r, c).text = str(v)
    s.notes_slide.notes_text_frame.text = "dont 3 à Billom"; p.save("small.pptx")
    rows = "".join("\\trowd\\cellx3000\\cellx6000 " + "".join(f"{v}\\cell " for v in r) + "\\row\n" for r in SMALL)
    open("small.rtf", "w").write("{\\rtf1\\ansi\\ansicpg1252{\\fonttbl{\\f0 Arial;}}{\\info{\\author Claire Martin}}\\pard Patients par commune\\par\n" + rows + "\\pard {\\v cach\\'e9 733} fin\\par}")


def pages():
    df = pd.DataFrame(SMALL[1:], columns=SMALL[0])
    df.to_html("small.html", index=False)
    pd.DataFrame(SAFE[1:], columns=SAFE[0]).to_html("safe.html", index=False)
    open("hidden.html", "w").write("<!DOCTYPE html><html><head><style>.c{display:none}</style></head><body><p>Visible.</p><p class='c'>Ambert 3</p><p style='visibility:hidden'>Billom 2</p><!-- Cusset : 4 patients --></body></html>")
    blob = base64.b64encode(b"id,revenu\n1,1200\n2,3400\n").decode()
    open("blob.html", "w").write(f"<html><body><a href='data:text/csv;base64,{blob}'>table</a></body></html>")
    import plotly.graph_objects as go
    f = go.Figure(go.Scatter(x=list(rng.uniform(18, 90, 60).round(2)), y=list(rng.lognormal(7, .4, 60).round(2)), mode="markers"))
    f.write_html("plotly.html", include_plotlyjs="cdn"); f.write_json("plotly.json")
    open("small.md", "w").write("# Patients\n\n" + df.to_markdown(index=False) + "\n\nFin du texte.\n") if __import__("importlib").util.find_spec("tabulate") else open("small.md", "w").write("# Patients\n\n| Commune | Effectif |\n|:---|---:|\n| Ambert | 412 |\n| Billom | 4 |\n\nFin du texte, sans chiffre.\n")
    df.to_latex("small.tex", index=False, caption="Patients par commune")
    pd.DataFrame(SAFE[1:], columns=SAFE[0]).to_latex("safe.tex", index=False)
    df.to_json("small.json", orient="records"); df.to_json("small_split.json", orient="split")


def notebook():
    import nbformat as nb
    from nbformat.v4 import new_notebook, new_code_cell, new_markdown_cell, new_output
    df = pd.DataFrame(SMALL[1:], columns=SMALL[0])
    n = new_notebook(); n.cells = [
        new_markdown_cell("# Résultats"),
        new_code_cell("df", outputs=[new_output("execute_result", {"text/html": df.to_html(), "text/plain": df.to_string()}, execution_count=1)], execution_count=1)]
    nb.write(n, "small.ipynb")
    df = pd.DataFrame(SAFE[1:], columns=SAFE[0]); n = new_notebook(); n.cells = [new_markdown_cell("# Résultats"), new_code_cell("df", outputs=[new_output("execute_result", {"text/html": df.to_html(), "text/plain": df.to_string()}, execution_count=1)], execution_count=1)]
    nb.write(n, "safe.ipynb")


def plots():
    x, y = rng.uniform(18, 90, 80), rng.lognormal(7, .4, 80)
    for ext in ("svg", "pdf", "eps", "png"):
        fig, ax = plt.subplots(figsize=(4, 3)); ax.scatter(x, y); ax.set_xlabel("age"); ax.set_ylabel("revenu")
        fig.savefig(f"scatter.{ext}", metadata={"Date": None} if ext == "svg" else None); plt.close(fig)
        fig, ax = plt.subplots(figsize=(4, 3)); ax.bar(["2019", "2020", "2021"], [41.5, 43.1, 42.7]); ax.set_ylabel("taux")
        fig.savefig(f"bars.{ext}", metadata={"Date": None} if ext == "svg" else None); plt.close(fig)
        fig, ax = plt.subplots(figsize=(4, 3)); ax.plot(range(1990, 2020), np.cumsum(rng.normal(size=30)), marker="o"); ax.set_ylabel("indice")
        fig.savefig(f"series.{ext}", metadata={"Date": None} if ext == "svg" else None); plt.close(fig)
    from PIL import Image, PngImagePlugin
    im = Image.new("RGB", (60, 30), "white"); info = PngImagePlugin.PngInfo(); info.add_text("Author", "Claire Martin"); info.add_text("Description", "dont 3 à Billom"); im.save("text.png", pnginfo=info)
    ex = im.getexif(); ex[0x013B] = "Claire Martin"; ex[0x010E] = "dont 3 a Billom"; im.save("exif.jpg", exif=ex)
    open("appended.png", "wb").write(open("text.png", "rb").read() + b"id,revenu\n1,1200\n")


def pdfs():
    from reportlab.lib.pagesizes import A4
    from reportlab.platypus import SimpleDocTemplate, Table, Paragraph, PageBreak
    from reportlab.lib.styles import getSampleStyleSheet
    st = getSampleStyleSheet()["Normal"]
    for name, rows in (("safe.pdf", SAFE), ("small.pdf", SMALL)):
        SimpleDocTemplate(name, pagesize=A4, invariant=1).build([Paragraph("Première page.", st), PageBreak(), Paragraph("Patients", st), Table([[str(v) for v in r] for r in rows])])
    from pypdf import PdfReader, PdfWriter
    from pypdf.generic import DictionaryObject, NameObject, TextStringObject
    w = PdfWriter(); w.append(PdfReader("safe.pdf")); w.add_attachment("base.csv", b"id,revenu\n1,1200\n2,3400\n"); w._root_object[NameObject("/OpenAction")] = DictionaryObject({NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject("app.alert(1)")}); w.add_metadata({"/Author": "Claire Martin"}); w.write("attached.pdf")
    w = PdfWriter(); w.append(PdfReader("safe.pdf")); w.encrypt("secret", algorithm="RC4-128"); w.write("locked.pdf")


def archives():
    buf = io.BytesIO()
    with zipfile.ZipFile(buf, "w", zipfile.ZIP_DEFLATED) as z: z.writestr("t/petit.csv", "Commune;Effectif\nAmbert;412\nBillom;4\n")
    with zipfile.ZipFile("nested.zip", "w", zipfile.ZIP_DEFLATED) as z:
        z.writestr("lisez-moi.txt", "Deux tableaux par commune.\n"); z.writestr("interne.zip", buf.getvalue())
    with tarfile.open("small.tar.gz", "w:gz") as t:
        data = "Commune;Effectif\nAmbert;412\nBillom;4\n".encode(); i = tarfile.TarInfo("a/petit.csv"); i.size = len(data); t.addfile(i, io.BytesIO(data))
    with zipfile.ZipFile("bomb.zip", "w", zipfile.ZIP_DEFLATED) as z: z.writestr("zeros.csv", b"0" * (40 << 20))
    deep = b"fin\n"
    for k in range(12):
        b = io.BytesIO()
        with zipfile.ZipFile(b, "w", zipfile.ZIP_DEFLATED) as z: z.writestr(f"{k}.zip" if k else "a.txt", deep)
        deep = b.getvalue()
    open("deep.zip", "wb").write(deep)
    with zipfile.ZipFile("escape.zip", "w") as z: z.writestr("../../etc/passwd", "x\n")


def data():
    df = pd.DataFrame({"id": range(30), "revenu": rng.lognormal(7, .4, 30)})
    df.to_stata("d.dta", write_index=False); df.to_parquet("d.parquet"); df.to_feather("d.feather"); df.to_pickle("d.pkl")
    import pyreadstat; pyreadstat.write_sav(df, "d.sav"); pyreadstat.write_xport(df, "d.xpt")
    np.save("d.npy", df.revenu.values)
    import sqlite3; os.path.exists("d.sqlite") and os.remove("d.sqlite"); c = sqlite3.connect("d.sqlite"); df.to_sql("t", c); c.commit(); c.close()
    import h5py
    with h5py.File("d.h5", "w") as h: h["x"] = df.revenu.values
    df.to_csv("d.csv.gz", index=False)
    from sklearn.neighbors import KNeighborsClassifier
    from sklearn.linear_model import LogisticRegression
    X, y = df[["revenu"]].values, (df.id % 2).values
    pickle.dump(KNeighborsClassifier().fit(X, y), open("knn.pkl", "wb")); pickle.dump(LogisticRegression().fit(X, y), open("logit.pkl", "wb"))
    import joblib; joblib.dump(LogisticRegression().fit(X, y), "logit.joblib", compress=3)


for make in (xlsx, ods, word, pages, notebook, plots, pdfs, archives, data):
    make()
