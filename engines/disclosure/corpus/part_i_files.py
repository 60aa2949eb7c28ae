"""Part i, files: workbooks, documents, pages, notebooks, archives and data files, each by a tool that makes them."""
import gzip
import io
import os
import pickle
import tarfile
import tempfile
import zipfile

import numpy as np
import pandas as pd

import part_i_figures
from kit_files import CALM, book, knit, notebook, office, page, pandoc, patched, picture, r, rows_of, saved, word, work, zipped
from part_i_data import companies, donors, few, fr, households, luhn, patients, people, pupils, roomy, sample

README = "Sorties du projet : tableaux et programmes.\nPopulation : 2 982 patientes, 1978-1993. Cellules de moins de 11 masquées.\n"


def good_cross():
    p = patients()
    return roomy(pd.crosstab(p.tranche, p.grade), 11).rename(columns={2: "Grade 2", 3: "Grade 3"})


def bad_cross():
    p = patients()
    t = pd.crosstab(p.tranche, p.traitement)
    few(t, 11)
    return t


def sheets(c):
    import xlsxwriter
    import xlwt
    from openpyxl.comments import Comment
    from openpyxl.styles import Font
    from openpyxl.workbook.defined_name import DefinedName
    q, p, h = pupils(), patients(), households()
    good, bad = rows_of(good_cross(), "Âge"), rows_of(bad_cross(), "Âge")
    score = q.groupby("secteur").score.agg(["size", "mean", "std"]).round(2).set_axis(["Élèves", "Score moyen", "Écart-type"], axis=1)
    c.add("grades.ods", office("a.xlsx", saved(book({"Grades": good, "Lisez-moi": [["Registre 1978-1993"], ["Version", 2], ["Tableaux", 1]]})), "ods"), rules="health_11", trap="LibreOffice: a sheet of reading with a version")
    c.add("grades.xls", office("a.xlsx", saved(book({"Grades": good})), "xls"), rules="health_11", trap="the old binary workbook of LibreOffice")
    c.add("scores.fods", office("a.xlsx", saved(book({"Scores": rows_of(score, "Secteur")})), "fods"), rules="depp_10", trap="a flat XML workbook")
    c.add("scores_office.html", office("a.xlsx", saved(book({"Scores": rows_of(score, "Secteur")})), "html"), rules="depp_10", trap="a workbook saved as a page", forbidden=["FREQ_MIN", "ROWS_INDIVIDUAL", "ID_DIRECT", "HIDDEN_CONTENT"])
    wb = xlwt.Workbook()
    ws = wb.add_sheet("Traitements")
    for i, row in enumerate(bad):
        for j, v in enumerate(row):
            ws.write(i, j, v)
    c.add("traitements.xls", saved(wb), "refuse", [("FREQ_MIN", {"sheet": "Traitements"})], "health_11")
    c.add("traitements.ods", office("a.xlsx", saved(book({"T1": good, "T2": bad})), "ods"), "refuse", [("FREQ_MIN", {"sheet": "T2"})], "health_11")
    wb = book({"T1": good, "T2": [["Cause", "Décès"], ["Circulatoire", 745], ["Tumeurs", 567], ["Sang", 4]]})
    c.add("deux_onglets.xlsx", saved(wb), "refuse", [("FREQ_MIN", {"sheet": "T2", "cell": "B4"})], "health_11")
    wb = book({"T1": good, "brut": rows_of(p[["age", "grade", "nodes", "dtime"]].head(12), "no")})
    wb["brut"].sheet_state = "hidden"
    c.add("onglet_masque.xlsx", saved(wb), "refuse", [("HIDDEN_CONTENT", {"sheet": "brut"})], "health_11", grave=True)
    wb = book({"T1": good, "param": [["cle"], [812], [4]]})
    wb["param"].sheet_state = "veryHidden"
    c.add("onglet_tres_masque.xlsx", saved(wb), "refuse", [("HIDDEN_CONTENT", {"sheet": "param"})], "health_11")
    wb = book({"T1": [[*row, x] for row, x in zip(good, ["dont hormones", 4, 32, 139, 96, 40])]})
    wb["T1"].column_dimensions["D"].hidden = True
    c.add("colonne_masquee.xlsx", saved(wb), "refuse", [("HIDDEN_CONTENT", {"sheet": "T1"})], "health_11")
    wb = book({"T1": good})
    wb["T1"]["E3"] = "dont 4 sous hormones"
    wb["T1"]["E3"].font = Font(color="FFFFFFFF")
    c.add("police_blanche.xlsx", saved(wb), "refuse", [("HIDDEN_CONTENT", {"sheet": "T1"})], "health_11")
    wb = book({"T1": bad})
    for row in wb["T1"].iter_rows(min_row=2, min_col=2):
        for cell in row:
            if cell.value < 11:
                cell.number_format = ";;;"
    c.add("format_invisible.xlsx", saved(wb), "refuse", [("HIDDEN_CONTENT", {"sheet": "T1"})], "health_11")
    wb = book({"T1": good})
    wb["T1"]["B2"].comment = Comment("4 de ces patientes viennent du même service", "relecture")
    c.add("commentaire.xlsx", saved(wb), "refuse", [("HIDDEN_CONTENT", {"sheet": "T1"})], "health_11")
    wb = book({"T1": good})
    wb.defined_names["base"] = DefinedName("base", attr_text="{38,3,22;41,3,4;52,2,0;67,3,7;45,2,1}", hidden=True)
    c.add("nom_cache.xlsx", saved(wb), "refuse", [("HIDDEN_CONTENT", {})], "health_11")
    out = io.BytesIO()
    wb = xlsxwriter.Workbook(out, {"in_memory": True})
    ws = wb.add_worksheet("Taux")
    rate = p.groupby("tranche").recur.mean().mul(100).round(1)
    for i, (k, v) in enumerate([("Âge", "Rechute (%)"), *rate.items()]):
        ws.write_row(i, 0, [k, v])
    chart = wb.add_chart({"type": "column"})
    chart.add_series({"name": "=Taux!$B$1", "categories": "=Taux!$A$2:$A$6", "values": "=Taux!$B$2:$B$6"})
    ws.insert_chart("D2", chart)
    ws.write(7, 0, "Champ : 2 982 patientes ; 5 classes d'âge.")
    wb.close()
    c.add("taux_graphique.xlsx", out.getvalue(), rules="health_11", trap="a chart of rates whose values the sheet shows", forbidden=[*CALM, "EMBEDDED_OBJECT", "PLOT_POINTS"])
    out = io.BytesIO()
    wb = xlsxwriter.Workbook(out, {"in_memory": True})
    ws, d = wb.add_worksheet("Nuage"), p.sample(70, random_state=4)
    ws.write(0, 0, "Suivi selon l'âge")
    chart = wb.add_chart({"type": "scatter"})
    chart.add_series({"categories": "='[registre.xlsx]a'!$A$1:$A$70", "values": "='[registre.xlsx]a'!$B$1:$B$70", "categories_data": d.age.tolist(), "values_data": d.dtime.tolist()})
    ws.insert_chart("B3", chart)
    wb.close()
    c.add("nuage_lie.xlsx", out.getvalue(), "refuse", [("PLOT_POINTS", {})], "health_11", grave=True)
    wb = book({"Revenus": [["Revenus par région"], [], ["", "Ménages", "Revenu moyen (€)", "Médiane (€)", "Part (%)"], *[[k, len(v), round(v.mean()), round(v.median()), round(100 * len(v) / len(h), 1)] for k, v in h.groupby("region").revenu], [], ["Note : 4 régions ; 2 passages ; données de 2021."]]})
    wb["Revenus"].merge_cells("A1:E1")
    for row in wb["Revenus"]["C4:D7"]:
        for cell in row:
            cell.number_format = "# ##0"
    c.add("revenus.xlsx", saved(wb), rules="insee_menages", trap="a merged title, notes, formats with spaces")
    _, files = r("library(openxlsx)\nt <- as.data.frame(table(Age = d$tranche, Grade = d$grade))\nwb <- createWorkbook(creator = 'openxlsx')\naddWorksheet(wb, 'long')\nwriteDataTable(wb, 1, t)\naddWorksheet(wb, 'modele')\nm <- glm(recur ~ age + nodes, binomial, d)\nwriteData(wb, 2, round(coef(summary(m)), 4), rowNames = TRUE)\nwriteData(wb, 2, data.frame(N = nobs(m), AIC = round(AIC(m), 1)), startRow = 6)\nsaveWorkbook(wb, 'a.xlsx')\n", patients(), ("a.xlsx",))
    c.add("openxlsx_modele.xlsx", files[0], rules="health_11", trap="a long table of R and a model with its N", forbidden=[*CALM, "HIDDEN_CONTENT", "N_MISSING"])
    lines = [["siret", "ventes"], *[[v, k] for v, k in zip((luhn(luhn(v) + "0001") for v in ("62041877", "51930244", "83107615")), (812, 977, 640))]]
    c.add("etablissements.xlsx", saved(book({"a": lines})), "refuse", [("ID_DIRECT", {"sheet": "a"})], "enterprise", grave=True)
    c.add("lignes.ods", office("a.xlsx", saved(book({"base": rows_of(p[["age", "meno", "grade", "nodes", "pgr", "er"]].sample(40, random_state=5).reset_index(drop=True), "no")})), "ods"), "refuse", [("ROWS_INDIVIDUAL", {})], "health_11", grave=True)


def documents(c):
    import docx
    from fpdf import FPDF
    from weasyprint import HTML
    p, q = patients(), pupils()
    good, bad = rows_of(good_cross(), "Âge"), rows_of(bad_cross(), "Âge")
    text = "# Rechutes\n\nSur 2 982 patientes, 50,9 % ont rechuté. Deux modèles sont comparés (annexe 3, page 12).\n\n" + good_cross().to_markdown() + "\n\nSource : registre. Lecture : 5 classes d'âge, 2 grades.\n"
    leak = text.replace("Deux modèles", "On compte aussi six décès liés au traitement. Deux modèles")
    for kind in ("docx", "odt", "rtf", "html"):
        c.add(f"rechutes.{kind}", pandoc(text, kind), rules="health_11", trap=f"pandoc: prose and a table in {kind}")
    c.add("rechutes_deces.rtf", pandoc(leak, "rtf"), "refuse", [("FREQ_MIN", {})], "health_11")
    c.add("rechutes_deces.odt", pandoc(leak, "odt"), "refuse", [("FREQ_MIN", {})], "health_11")
    c.add("traitements.docx", saved(word(["Traitements selon l'âge", bad, "Champ : 2 982 patientes."])), "refuse", [("FREQ_MIN", {})], "health_11")
    c.add("traitements.rtf", office("a.docx", saved(word(["Traitements selon l'âge", bad])), "rtf"), "refuse", [("FREQ_MIN", {})], "health_11")
    c.add("annexe_word.pdf", office("a.docx", saved(word(["Annexe 2. Grades selon l'âge", good, "Page 14 sur 20"])), "pdf"), rules="health_11", trap="LibreOffice's PDF with its page numbers")
    d = docx.Document(io.BytesIO(saved(word(["Les effectifs sont stables.", good]))))
    d.core_properties.author = d.core_properties.last_modified_by = ""
    d.core_properties.comments = ""
    c.add("grades.docx", saved(d), rules="health_11", trap="a document with empty properties")
    d = word(["Tableau fourni dans le classeur joint."])
    part = docx.opc.part.Part(docx.opc.packuri.PackURI("/word/embeddings/Microsoft_Excel_Sheet1.xlsx"), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", saved(book({"brut": rows_of(p[["age", "grade", "nodes"]].head(20), "no")})), d.part.package)
    d.part.relate_to(part, "http://schemas.openxmlformats.org/officeDocument/2006/relationships/package")
    c.add("classeur_joint.docx", saved(d), "refuse", [("EMBEDDED_OBJECT", {})], "health_11", grave=True)
    main = "<w:comments xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"><w:comment w:id=\"1\" w:author=\"relecteur\" w:date=\"2024-03-12T10:00:00Z\"><w:p><w:r><w:t>Attention : 4 patientes seulement dans cette case</w:t></w:r></w:p></w:comment></w:comments>"
    d = word(["La part de rechutes baisse avec l'âge."])
    part = docx.opc.part.Part(docx.opc.packuri.PackURI("/word/comments.xml"), "application/vnd.openxmlformats-officedocument.wordprocessingml.comments+xml", main.encode(), d.part.package)
    d.part.relate_to(part, "http://schemas.openxmlformats.org/officeDocument/2006/relationships/comments")
    c.add("commente.docx", saved(d), "refuse", [("HIDDEN_CONTENT", {})], "health_11")
    pages = [f"<h1>Grades</h1><p>Champ : 2 982 patientes (1978-1993).</p>{good_cross().to_html()}", f"<h1>Traitements</h1>{bad_cross().to_html()}"]
    c.add("weasy.pdf", HTML(string=pages[0]).write_pdf(), rules="health_11", trap="WeasyPrint: a bordered table")
    c.add("weasy_petit.pdf", HTML(string="<p style='page-break-after: always'>Présentation du registre, version 2.</p>" + pages[1]).write_pdf(), "refuse", [("FREQ_MIN", {"page": 2})], "health_11")
    pdf = FPDF()
    pdf.set_creation_date(pd.Timestamp("2024-03-12", tz="UTC"))
    pdf.add_page()
    pdf.set_font("Helvetica", size=10)
    with pdf.table() as table:
        for row in rows_of(q.groupby("sexe").score.agg(["size", "mean", "std"]).round(2).rename(columns={"size": "Élèves", "mean": "Moyenne", "std": "Écart-type"}), "Sexe"):
            cells = table.row()
            for v in row:
                cells.cell(str(v))
    c.add("fpdf.pdf", bytes(pdf.output()), rules="depp_10", trap="fpdf2: a table of means")
    rows = [["no", "age", "grade", "nodes", "er", "dtime"], *[[i, v.age, v.grade, v.nodes, v.er, v.dtime] for i, v in enumerate(p.sample(15, random_state=6).itertuples(), 1)]]
    c.add("extrait.pdf", page(["Patientes retenues pour la relecture", rows]), "refuse", [("ROWS_INDIVIDUAL", {})], "health_11", grave=True)
    tex = "\\documentclass{article}\\pdfinfoomitdate=1\\pdftrailerid{}\\usepackage[utf8]{inputenc}\\usepackage[T1]{fontenc}\\begin{document}\n%s\n\\end{document}\n"
    build = lambda body: work([["pdflatex", "-interaction=batchmode", "a.tex"]], {"a.tex": tex % body}, ["a.pdf"])[1][0]
    table = lambda rows: "\\begin{tabular}{lrr}\\hline\n" + "".join(" & ".join(map(str, row)) + " \\\\\n" for row in rows) + "\\hline\\end{tabular}"
    c.add("latex_survie.pdf", build("\\section{Survie} The 5-year survival is 74.7\\% (95\\% CI 73.1--76.3) in 2,982 patients.\n\n" + table([["Grade", "Patients", "Deaths"], [2, 794, 262], [3, 2188, 1010]])), rules="health_11", trap="pdfTeX: grades, sections, confidence bounds")
    c.add("latex_causes.pdf", build("\\section{Causes}" + table([["Cause", "D\\'ec\\`es", "Part (\\%)"], ["Circulatoire", 745, "34,3"], ["Peau", 4, "0,2"]])), "refuse", [("FREQ_MIN", {"page": 1})], "health_11")


def pages(c):
    import itables
    from great_tables import GT
    p, q = patients(), pupils()
    t = q.groupby(["secteur", "sexe"], as_index=False).agg(n=("score", "size"), mean=("score", "mean"))
    c.add("great_tables.html", GT(t, id="t").tab_header("Scores in mathematics", "7,185 pupils").fmt_number("mean", decimals=2).as_raw_html(), rules="depp_10", trap="great_tables: styles full of numbers", forbidden=[*CALM, "HIDDEN_CONTENT", "EMBEDDED_OBJECT"])
    bad = bad_cross()
    c.add("great_tables_petit.html", GT(bad.reset_index(), id="t").as_raw_html(), "refuse", [("FREQ_MIN", {})], "irdes_15")
    c.add("styler.html", good_cross().style.background_gradient(cmap="Blues").set_uuid("a").to_html(), rules="irdes_15", trap="pandas' Styler: colours by cell")
    c.add("stats.html", q[["score", "SES"]].agg(["count", "mean", "std", "median"]).round(3).to_html(), rules="depp_10", trap="pandas: statistics without extremes")
    c.add("describe.html", p[["age", "nodes"]].describe().round(2).to_html(), "refuse", [("EXTREME_VALUE", {})], "irdes_15")
    c.add("itables.html", "<!DOCTYPE html><html><body>" + itables.to_html_datatable(p[["age", "grade", "nodes", "pgr", "dtime"]].head(40), connected=True, table_id="t") + "</body></html>\n", "refuse", [], "irdes_15", grave=True)
    rmd = "# Cohorte\n\n```{r}\nd <- read.csv('data.csv')\nlibrary(survival)\nprint(survfit(Surv(dtime, death) ~ grade, d))\nknitr::kable(table(d$tranche, d$grade))\n```\n"
    c.add("cohorte.html", knit(rmd, p, "html"), rules="irdes_15", trap="knitr and pandoc: code, output, a table")
    c.add("cohorte.docx", knit(rmd, p, "docx"), rules="irdes_15", trap="knitr's Word: code and output")
    c.add("cohorte_tete.html", knit("```{r}\nd <- read.csv('data.csv')\nd[1:7, c('age', 'grade', 'nodes', 'pgr', 'dtime')]\n```\n", p, "html"), "refuse", [("ROWS_INDIVIDUAL", {})], "irdes_15", grave=True)
    _, files = r("suppressPackageStartupMessages(library(flextable))\nt <- aggregate(cbind(score = score) ~ secteur + sexe, d, mean)\nt$eleves <- as.vector(table(d$secteur, d$sexe))\nsave_as_docx(flextable(t), path = 'a.docx')\nx <- as.data.frame.matrix(table(d$School, d$Minority))[1:8, ]\nsave_as_docx(flextable(cbind(lycee = sprintf('L%02d', 1:8), x)), path = 'b.docx')\n", q.assign(School="S" + q.School.astype(str)), ("a.docx", "b.docx"))
    c.add("flextable.docx", files[0], rules="depp_10", trap="flextable of R", forbidden=[*CALM, "METADATA_LEAK"])
    c.add("flextable_petit.docx", files[1], "refuse", [("FREQ_MIN", {})], "depp_10")
    c.add("commentaire.html", "<html><body><p>Survie à 5 ans : 74,7 %.</p><!-- base : 38 ans, grade 3, 22 ganglions ; 41 ans, grade 3, 4 ganglions --></body></html>\n", "refuse", [("HIDDEN_CONTENT", {})], "irdes_15")


def notebooks(c):
    import nbformat
    from nbconvert import HTMLExporter, MarkdownExporter, PythonExporter
    p, q = patients(), pupils()
    small = p[["age", "grade", "nodes", "recur", "dtime", "death", "tranche", "traitement"]]
    good = notebook(["#md # Rechute\n3 modèles, graine 7.", "import pandas as pd, statsmodels.formula.api as smf\nd = pd.read_csv('data.csv')\nlen(d)", "pd.crosstab(d.tranche, d.grade)", "m = smf.logit('recur ~ age + nodes', d).fit(disp=0)\nprint(m.params.round(4)); print(int(m.nobs), int(m.df_resid))"], small)
    c.add("rechute.ipynb", good, rules="irdes_15", trap="a length, a cross table, parameters, df")
    convert = lambda text, exporter: exporter.from_notebook_node(nbformat.reads(text, 4))[0]
    c.add("rechute_carnet.md", convert(good, MarkdownExporter()), rules="irdes_15", trap="nbconvert: Markdown of a notebook", forbidden=["FREQ_MIN", "ROWS_INDIVIDUAL", "ID_DIRECT", "EXTREME_VALUE"])
    c.add("rechute_carnet.py", convert(good, PythonExporter()), rules="irdes_15", trap="nbconvert: the program of a notebook")
    bad = notebook(["import pandas as pd\nd = pd.read_csv('data.csv')", "d.groupby(['tranche', 'traitement']).size()"], small)
    c.add("traitements.ipynb", bad, "refuse", [("FREQ_MIN", {"cell_index": 1})], "irdes_15")
    c.add("traitements_carnet.html", convert(bad, HTMLExporter(template_name="basic")), "refuse", [("FREQ_MIN", {})], "irdes_15")
    c.add("lignes.ipynb", notebook(["import pandas as pd\nd = pd.read_csv('data.csv')", "d[d.nodes > 20].sort_values('dtime')[['age', 'grade', 'nodes', 'dtime', 'death']]"], small), "refuse", [("ROWS_INDIVIDUAL", {"cell_index": 1})], "irdes_15", grave=True)
    c.add("boucle.ipynb", notebook(["import pandas as pd\nd = pd.read_csv('data.csv')", "for i, v in d.head(8).iterrows():\n    print(i, v.age, v.grade, v.nodes, v.dtime)"], small), "refuse", [("ROWS_INDIVIDUAL", {"cell_index": 1})], "irdes_15", grave=True)


def archives(c):
    p, q = patients(), pupils()
    good, bad = good_cross().to_csv(index_label="Âge"), bad_cross().to_csv(index_label="Âge")
    c.add("sortie.zip", zipped({"LISEZMOI.txt": README, "t/grades.csv": good, "t/grades.ods": office("a.xlsx", saved(book({"G": rows_of(good_cross(), "Âge")})), "ods"), "src/modele.R": "set.seed(7)\nd <- readRDS('d.rds')\nsummary(glm(recur ~ age, binomial, d))$coefficients\n"}), rules="health_11", trap="a description, two tables, a program")

    def tar(files, mode):
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode=mode, **({"compresslevel": 9} if mode == "w:bz2" else {})) as t:
            for name, text in files.items():
                info = tarfile.TarInfo(name)
                info.size = len(text.encode())
                t.addfile(info, io.BytesIO(text.encode()))
        return out.getvalue()
    c.add("sortie.tar", tar({"README": README, "grades.csv": good}, "w:"), rules="health_11", trap="a plain tar")
    c.add("sortie_petit.tar.bz2", tar({"README": README, "t/traitements.csv": bad}, "w:bz2"), "refuse", [("FREQ_MIN", {})], "health_11")
    rows = p[["age", "grade", "nodes", "dtime", "death"]].head(60).to_csv(index=False)
    c.add("emboite.zip", zipped({"LISEZMOI.txt": README, "annexe.zip": zipped({"base/registre.csv": rows})}), "refuse", [("ROWS_INDIVIDUAL", {})], "health_11", grave=True)
    c.add("registre.csv.gz", gzip.compress(rows.encode(), mtime=0), "refuse", [("ROWS_INDIVIDUAL", {})], "health_11", grave=True)
    import pyzipper
    out = io.BytesIO()
    with pyzipper.AESZipFile(out, "w", encryption=pyzipper.WZ_AES) as z:
        z.setpassword(b"secret")
        z.writestr("a.csv", rows)
    c.add("chiffre.zip", out.getvalue(), "review", [("ARCHIVE_ENCRYPTED", {})], "health_11")
    some = p.drop(columns=["tranche", "traitement"]).head(50)
    with tempfile.TemporaryDirectory() as folder:
        import pyreadstat
        at = lambda name: os.path.join(folder, name)
        pyreadstat.write_sav(some, at("a.sav"))
        pyreadstat.write_por(some.rename(columns=lambda n: n[:8]), at("a.por"))
        pyreadstat.write_xport(some.rename(columns=lambda n: n[:8]), at("a.xpt"))
        some.to_feather(at("a.feather"))
        some.to_stata(at("a.dta"), version=117, time_stamp=pd.Timestamp("2024-03-12"))
        some.to_parquet(at("a.parquet"))
        np.save(at("a.npy"), some.select_dtypes("number").to_numpy(float))
        read = {name: open(at(name), "rb").read() for name in os.listdir(folder)}
    names = {"a.sav": "registre.sav", "a.por": "registre.por", "a.xpt": "registre.xpt", "a.feather": "registre.feather", "a.dta": "registre.dta", "a.npy": "registre.npy"}
    for name, out_name in names.items():
        c.add(out_name, read[name], "refuse", [("BINARY_DATASET", {})], "health_11", grave=True)
    c.add("tableau.txt", read["a.parquet"], "refuse", [("TYPE_MISMATCH", {})], "health_11", grave=True)
    _, files = r("save(d, file = 'a.RData')\nlibrary(survival)\nm <- coxph(Surv(dtime, death) ~ age, d, model = TRUE, x = TRUE, y = TRUE)\nsaveRDS(m, 'm.rds')\n", some, ("a.RData", "m.rds"))
    c.add("espace.RData", files[0], "refuse", [("BINARY_DATASET", {})], "health_11", grave=True)
    c.add("cox.rds", files[1], "refuse", [], "health_11", grave=True)
    c.add("registre.pkl", pickle.dumps(some), "refuse", [("BINARY_DATASET", {})], "health_11", grave=True)
    c.add("base.zip", zipped({"LISEZMOI.txt": README, "programmes/donnees.sav": read["a.sav"]}), "refuse", [("BINARY_DATASET", {"member": "programmes/donnees.sav"})], "health_11", grave=True)


def build(c):
    for family in (sheets, documents, pages, notebooks, archives, part_i_figures.build):
        family(c)
