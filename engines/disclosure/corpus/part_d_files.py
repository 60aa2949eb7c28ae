"""Part d, files of office programs, pages, notebooks, pictures, archives, data files: each made by the tool that makes them."""
import io
import json
import os
import pickle
import tarfile
import tempfile

import numpy as np
import pandas as pd
import statsmodels.formula.api as smf

from kit import anes, fair, fr, hie
from kit_files import book, figure, knit, notebook, office, page, pandoc, patched, picture, r, rows_of, saved, word, work, zipped

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def data():
    f, a, h = fair(), anes(), hie()
    plans = pd.crosstab(h.health, h.plan)
    jobs = pd.crosstab(f[f.tranche.isin(["35-39", "40 et plus"])].metier, f.tranche)
    schools = pd.crosstab(a.school, a.vote_name)
    return f, a, h, plans, jobs, schools


def sheets(c):
    f, a, h, plans, jobs, schools = data()
    import openpyxl
    from openpyxl.comments import Comment
    from openpyxl.styles import Font
    wb = book({"Tableau 1": [["Assurés selon la santé et le contrat"], [], *rows_of(plans, "Santé")], "Lecture": [["Source : enquête 1974-1982, 3 sites."], ["Page", 2]]})
    wb["Tableau 1"]["A1"].font = Font(bold=True)
    c.add("tableaux.xlsx", saved(wb), rules="health_11", trap="a title above, a note in a second sheet")
    wb = book({"Note": [["Deux tableaux"]], "Tableau 2": [["Effectifs par âge"], [], *rows_of(jobs, "Profession")]})
    where = (list(jobs.index).index("étudiante"), list(jobs.columns).index("40 et plus"))
    c.add("tableaux_petit.xlsx", saved(wb), "refuse", [("FREQ_MIN", {"sheet": "Tableau 2", "cell": f"{'BCDEFG'[where[1]]}{4 + where[0]}"})], "health_11")
    rates = pd.DataFrame({"Année": [2019, 2020, 2021, 2022], "Séjours": [41233, 38790, 40115, 42006], "Évolution": [0.012, -0.059, 0.034, 0.047], "Taux (‰)": [4.1, 3.9, 4.0, 4.2]})
    import xlsxwriter
    out = io.BytesIO()
    wb = xlsxwriter.Workbook(out, {"in_memory": True})
    ws, pct = wb.add_worksheet("Série"), wb.add_format({"num_format": "+0.0%;-0.0%"})
    for col, name in enumerate(rates.columns):
        ws.write(0, col, name)
        for row, value in enumerate(rates[name]):
            ws.write(row + 1, col, float(value), pct if name == "Évolution" else None)
    chart = wb.add_chart({"type": "column"})
    chart.add_series({"values": "=Série!$B$2:$B$5", "categories": "=Série!$A$2:$A$5", "name": "Séjours"})
    ws.insert_chart("F2", chart)
    wb.close()
    c.add("serie_graphique.xlsx", out.getvalue(), rules="health_11", trap="years, changes in percent, a chart of the visible cells")
    out = io.BytesIO()
    wb = xlsxwriter.Workbook(out, {"in_memory": True})
    ws, back = wb.add_worksheet("Résultats"), wb.add_worksheet("base")
    for row, cells in enumerate(rows_of(plans, "Santé")):
        ws.write_row(row, 0, cells)
    for row, cells in enumerate(f[["age", "educ", "children", "religious", "affairs"]].head(80).round(3).itertuples(index=False)):
        back.write_row(row + 1, 0, list(cells))
    back.write_row(0, 0, ["age", "educ", "children", "religious", "affairs"])
    back.hide()
    wb.close()
    c.add("feuille_cachee.xlsx", out.getvalue(), "refuse", [("HIDDEN_CONTENT", {"sheet": "base"}), ("ROWS_INDIVIDUAL", {"sheet": "base"})], "health_11", grave=True)
    wb = book({"T": rows_of(plans, "Santé") + [["inconnue", 2, 1]]})
    wb["T"].row_dimensions[len(plans) + 2].hidden = True
    c.add("ligne_cachee.xlsx", saved(wb), "refuse", [("HIDDEN_CONTENT", {"sheet": "T", "line": len(plans) + 2})], "health_11")
    wb = book({"T": rows_of(plans, "Santé")})
    wb["T"]["B2"].comment = Comment("Vérifier avec Mme Lefèvre, 06 71 22 33 44", "stat")
    c.add("commentaire.xlsx", saved(wb), "refuse", [("HIDDEN_CONTENT", {"sheet": "T", "cell": "B2"})], "health_11", grave=True)
    records = '<?xml version="1.0" encoding="UTF-8"?><pivotCacheRecords xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" count="40">' + "".join(f'<r><n v="{20 + i}"/><s v="{"FH"[i % 2]}"/><n v="{i * 311 % 997}"/></r>' for i in range(40)) + "</pivotCacheRecords>"
    c.add("tcd.xlsx", patched(saved(book({"T": rows_of(plans, "Santé")})), {"xl/pivotCache/pivotCacheRecords1.xml": records}), "refuse", [("EMBEDDED_OBJECT", {"part": "xl/pivotCache/pivotCacheRecords1.xml"})], "health_11")
    two = a.pivot_table(index="school", columns="vote_name", values="income", aggfunc=["count", "mean"]).round(1)
    two.to_excel(c.path("deux_niveaux.xlsx"))
    c.add("deux_niveaux.xlsx", None, "refuse", [("FREQ_MIN", {"sheet": "Sheet1"})])
    c.add("calc.xlsx", office("a.csv", h.groupby("health").visits.agg(["count", "mean"]).round(2).to_csv(), "xlsx"), trap="a workbook of LibreOffice")
    plans.to_excel(c.path("plans.ods"), engine="odf", sheet_name="Feuille1")
    c.add("plans.ods", None, rules="health_11", trap="pandas and odfpy")
    c.add("petit.ods", office("a.xlsx", saved(book({"Effectifs": rows_of(schools, "Number of voters")})), "ods"), "refuse", [("FREQ_MIN", {"sheet": "Effectifs", "cell": "C" + str(2 + list(schools.index).index("none"))})])
    wb = book({"R": rows_of(plans, "Santé")})
    for row, value in enumerate(["identifiant", *[f"A{i:05d}" for i in range(1, 5)]], 1):
        wb["R"].cell(row, 5, value)
    wb["R"].column_dimensions["E"].hidden = True
    c.add("colonne_cachee.ods", office("a.xlsx", saved(wb), "ods"), "refuse", [("HIDDEN_CONTENT", {"sheet": "R"})], "health_11")


def documents(c):
    f, a, h, plans, jobs, schools = data()
    from docx.oxml import parse_xml
    model = smf.ols("affairs ~ age + educ", f).fit()
    coefs = [["Variable", "Coefficient", "Erreur type", "p"]] + [[n, f"{model.params[n]:.3f}".replace(".", ","), f"{model.bse[n]:.3f}".replace(".", ","), f"{model.pvalues[n]:.3f}".replace(".", ",")] for n in model.params.index] + [["Observations", f"{int(model.nobs)}", "", ""]]
    c.add("rapport.docx", saved(word(["1. Introduction", "Le tableau porte sur 6 366 femmes, interrogées en 1974 (page 3, tableau 2).", coefs, "Note : 3 modèles ont été estimés."])), rules="health_11", trap="coefficients and numbers of sections")
    small = rows_of(jobs, "Effectifs")
    c.add("rapport_petit.docx", saved(word(["Tableau 1. Professions par âge", small])), "refuse", [("FREQ_MIN", {"row": 2 + list(jobs.index).index("étudiante")})], "health_11")
    d = word(["Les assurés par santé.", rows_of(plans, "Santé")])
    d.paragraphs[0]._p.append(parse_xml(f'<w:ins {W} w:id="3" w:author="a" w:date="2024-05-02T09:00:00Z"><w:r><w:t xml:space="preserve"> Trois personnes ont été exclues.</w:t></w:r></w:ins>'))
    d.paragraphs[0]._p.append(parse_xml(f'<w:del {W} w:id="4" w:author="a" w:date="2024-05-02T09:00:00Z"><w:r><w:delText xml:space="preserve"> dont 3 à Dayton</w:delText></w:r></w:del>'))
    c.add("revisions.docx", saved(d), "refuse", [("HIDDEN_CONTENT", {})], "health_11")
    base = saved(word(["Graphique 1. Part des assurés par contrat."]))
    c.add("classeur_joint.docx", patched(base, {"word/embeddings/Microsoft_Excel_Sheet1.xlsx": saved(book({"Feuil1": [["Commune", "Effectif"], ["A", 1204], ["B", 5], ["C", 733]]}))}), "refuse", [("EMBEDDED_OBJECT", {"part": "word/embeddings/Microsoft_Excel_Sheet1.xlsx"})], "health_11")
    text = "---\ntitle: Résultats\n---\n\n# Résultats\n\nLe revenu médian est de 18 310 euros en 2021.\n\n" + plans.to_markdown() + "\n"
    c.add("pandoc.docx", pandoc(text, "docx"), trap="a document of pandoc")
    c.add("pandoc.odt", pandoc(text, "odt"), trap="an ODT of pandoc")
    few = "# Effectifs\n\n" + schools.rename_axis("Number of voters").to_markdown() + "\n"
    c.add("petit.odt", pandoc(few, "odt"), "refuse", [("FREQ_MIN", {"row": 2 + list(schools.index).index("none")})])
    c.add("note.rtf", office("a.docx", saved(word(["Tableau 3. Visites", rows_of(plans, "Persons")])), "rtf"), trap="an RTF of LibreOffice")
    c.add("petit.rtf", pandoc(few, "rtf"), "refuse", [("FREQ_MIN", {})])
    c.add("tableau.pdf", page(["Table 1. Persons by plan and health, 1974-1982", rows_of(plans, "Persons"), None, "Page 2. Two sites out of 6."]), trap="page numbers")
    c.add("tableau_petit.pdf", page(["Préambule.", None, "Tableau 2. Nombre de femmes par profession", small]), "refuse", [("FREQ_MIN", {"page": 2})], "health_11")
    c.add("bureau.pdf", office("a.docx", saved(word(["Tableau 1. Nombre de ménages", [["Statut", "Ménages", "Part (%)"], ["Propriétaires", "13 220", "57,9"], ["Locataires", "9 610", "42,1"]]])), "pdf"), rules="insee_menages", trap="a PDF of LibreOffice")
    c.add("bureau_petit.pdf", office("a.xlsx", saved(book({"T": [["Number of persons"], rows_of(schools, "School")[0], *rows_of(schools)[1:]]})), "pdf"), "refuse", [("FREQ_MIN", {"page": 1})])
    c.add("auteur.pdf", page(["Résultats. Le taux est de 41,5 %."], author="Sophie Delorme"), "review", [("METADATA_LEAK", {})])
    locked = work([["qpdf", "--encrypt", "a", "b", "256", "--", "in.pdf", "out.pdf"]], {"in.pdf": page(["Tableau", small])}, ["out.pdf"])[1][0]
    c.add("protege.pdf", locked, "review", [("ARCHIVE_ENCRYPTED", {})])


def pages(c):
    f, a, h, plans, jobs, schools = data()
    style = plans.style.background_gradient(axis=None).format("{:,}").set_caption("Persons by health and plan")
    c.add("style.html", style.to_html(), trap="a styled table of pandas, colours with numbers")
    low = pd.crosstab(f.children.astype(int), f.metier)
    c.add("style_petit.html", low.style.set_caption("Effectifs").to_html(), "refuse", [("FREQ_MIN", {"column": 7})], "health_11")
    c.add("modele.html", "<html><body>" + smf.logit("vote ~ educ + income", a).fit(disp=0).summary().as_html() + "</body></html>", trap="a summary of statsmodels in HTML")
    c.add("knitr.html", knit("# Visits\n\n```{r}\nd <- read.csv('data.csv')\ntable(d$health, d$plan)\nround(coef(lm(visits ~ disea, d)), 3)\n```\n", h, "html"), trap="a page of knitr and pandoc")
    c.add("calc.html", office("a.csv", schools.to_csv(), "html"), "refuse", [("FREQ_MIN", {})])
    c.add("cache.html", "<!DOCTYPE html>\n<html><body>\n<p>Taux : 41,5 %</p>\n<div style=\"display:none\"><table><tr><th>Commune</th><th>Effectif</th></tr><tr><td>A</td><td>3</td></tr></table></div>\n</body></html>\n", "refuse", [("HIDDEN_CONTENT", {})], "health_11")
    c.add("rmarkdown.md", knit("# Femmes par profession\n\n```{r}\nd <- read.csv('data.csv')\nknitr::kable(table(d$metier, d$tranche))\n```\n", f, "md"), "refuse", [("FREQ_MIN", {"needle": "|étudiante"})], "health_11")
    c.add("rmarkdown_sur.md", knit("# Contrats\n\n```{r}\nd <- read.csv('data.csv')\nknitr::kable(aggregate(visits ~ plan, d, function(x) c(n = length(x), m = mean(x))), digits = 2)\n```\n", h, "md"), trap="kable of means")


def notebooks(c):
    f, a, h, plans, jobs, schools = data()
    c.add("carnet.ipynb", notebook(["#md # Visites\nTableau 1, page 3.", "import pandas as pd\nd = pd.read_csv('data.csv')\nd.shape", "pd.crosstab(d.health, d.plan)", "d.groupby('plan').visits.agg(['count', 'mean', 'std']).round(2)"], h[["health", "plan", "visits"]]), trap="an executed notebook of groups")
    c.add("carnet_tete.ipynb", notebook(["import pandas as pd\nd = pd.read_csv('data.csv')\nd.head(8)", "d.groupby('metier').size()"], f[["age", "educ", "children", "affairs", "metier"]]), "refuse", [("ROWS_INDIVIDUAL", {"cell_index": 0})], "health_11", grave=True)
    c.add("carnet_petit.ipynb", notebook(["import pandas as pd\nd = pd.read_csv('data.csv')", "#md ## Vote", "print(pd.crosstab(d.school, d.vote_name))"], a[["school", "vote_name"]]), "refuse", [("FREQ_MIN", {"cell_index": 2})])
    c.add("carnet_nuage.ipynb", notebook(["%matplotlib inline\n%config InlineBackend.figure_formats = ['svg']\nimport pandas as pd, matplotlib.pyplot as plt\nd = pd.read_csv('data.csv')", "plt.scatter(d.income, d.age);"], a[["income", "age"]].sample(70, random_state=3)), "refuse", [("PLOT_POINTS", {"cell_index": 1})])


def pictures(c):
    f, a, h, plans, jobs, schools = data()
    rng = np.random.default_rng(11)
    x, y = rng.normal(45, 12, 90), rng.lognormal(7.4, 0.4, 90)
    for kind, decision in (("svg", "refuse"), ("pdf", "refuse"), ("png", "review")):
        rule = ("PLOT_POINTS", {}) if decision == "refuse" else ("UNREADABLE", {})
        c.add(f"nuage.{kind}", figure(lambda axes: axes.scatter(x, y, s=14), kind), decision, [rule])
    bars = h.groupby("health").visits.mean()
    c.add("barres.svg", figure(lambda axes: (axes.bar(bars.index, bars.to_numpy()), axes.set_ylabel("Mean visits (n = 20 186)")), "svg"), trap="bars of means")
    c.add("courbes.pdf", figure(lambda axes: (axes.plot(range(2005, 2021), np.linspace(40, 52, 16), marker="s", label="Femmes"), axes.plot(range(2005, 2021), np.linspace(44, 50, 16), marker="o", label="Hommes"), axes.legend()), "pdf"), trap="two series with markers")
    c.add("tableau.png", picture(rows_of(plans, "Persons"), title="Number of persons"), rules="health_11", trap="a picture of a table")
    c.add("tableau_petit.png", picture([["Commune", "Patients"], ["Ambert", 412], ["Billom", 4], ["Cusset", 388]]), "refuse", [("FREQ_MIN", {})], "health_11")
    c.add("tableau_petit.jpg", picture(rows_of(schools, "Voters"), "jpg", (5.4, 3.2), "Number of voters"), "refuse", [("FREQ_MIN", {})])
    c.add("boites.svg", figure(lambda axes: axes.boxplot([h[h.plan == "free care"].visits[:400], h[h.plan != "free care"].visits[:400]]), "svg"), "refuse", [("PLOT_POINTS", {})])


def others(c):
    f, a, h, plans, jobs, schools = data()
    c.add("envoi.zip", zipped({"lisez-moi.txt": "Deux tableaux sur les assurés par contrat, population : 20 186 personnes.\n", "t/plans.csv": plans.to_csv()}), trap="an archive with its description")
    inner = zipped({"petit.csv": schools.to_csv()})
    c.add("poupee.zip", zipped({"note.txt": "Un tableau croisé des votes.\n", "archives/interne.zip": inner}), "refuse", [("FREQ_MIN", {"member": "archives/interne.zip/petit.csv", "line": 2 + list(schools.index).index("none")})])
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as t:
        for name, content in (("sortie/plans.csv", plans.to_csv()), ("sortie/liste.csv", f[["age", "educ", "children", "religious", "affairs"]].head(120).to_csv(index=False))):
            info = tarfile.TarInfo(name)
            info.size = len(content)
            t.addfile(info, io.BytesIO(content.encode()))
    c.add("sortie.tar.gz", out.getvalue(), "refuse", [("ROWS_INDIVIDUAL", {})], grave=True)
    import pyzipper
    out = io.BytesIO()
    with pyzipper.AESZipFile(out, "w", encryption=pyzipper.WZ_AES) as z:
        z.setpassword(b"secret")
        z.writestr("plans.csv", plans.to_csv())
    c.add("chiffre.zip", out.getvalue(), "review", [("ARCHIVE_ENCRYPTED", {})])
    some = f[["age", "educ", "children", "affairs"]].head(40)
    with tempfile.TemporaryDirectory() as folder:
        import joblib
        import pyreadstat
        from sklearn.linear_model import LogisticRegression
        from sklearn.tree import DecisionTreeClassifier
        p = lambda name: os.path.join(folder, name)
        some.to_stata(p("base.dta"), write_index=False, version=118)
        some.to_parquet(p("base.parquet"))
        some.to_feather(p("base.feather"))
        pyreadstat.write_sav(some, p("base.sav"))
        pyreadstat.write_xport(some, p("base.xpt"))
        some.to_pickle(p("base.pkl"))
        joblib.dump(LogisticRegression().fit(some[["age", "educ"]], some.affairs > 1), p("modele.joblib"))
        with open(p("arbre.pkl"), "wb") as file:
            pickle.dump(DecisionTreeClassifier(random_state=0).fit(some[["age", "educ"]], some.children > 1), file)
        read = {name: open(p(name), "rb").read() for name in sorted(os.listdir(folder))}
    for name in ("base.dta", "base.parquet", "base.feather", "base.sav", "base.xpt", "base.pkl"):
        c.add(name, read[name], "refuse", [("BINARY_DATASET", {})], grave=True)
    c.add("modele.joblib", read["modele.joblib"], "review", [("MODEL_ARTIFACT", {})])
    c.add("arbre.pkl", read["arbre.pkl"], "refuse", [("MODEL_CONTAINS_DATA", {})], grave=True)
    said, files = r("saveRDS(d, 'b.rds'); e <- d; save(e, file = 'b.RData')\n", some, ("b.rds", "b.RData"))
    c.add("base.rds", files[0], "refuse", [("BINARY_DATASET", {})], grave=True)
    c.add("base.RData", files[1], "refuse", [("BINARY_DATASET", {})], grave=True)
    c.add("table.json", json.dumps({"titre": "Assurés", "annee": 1982, "lignes": [{"sante": s, "effectif": int(n)} for s, n in h.health.value_counts().items()]}, ensure_ascii=False, indent=1), rules="health_11", trap="a year in JSON")


def build(c):
    for family in (sheets, documents, pages, notebooks, pictures, others):
        family(c)
