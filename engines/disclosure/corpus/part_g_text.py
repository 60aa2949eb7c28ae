"""Part g, text: French and English tables, prose, LaTeX, programs. Other data, words and tools than parts a to f; the engine's
rules were not read and not run before the labels stood. Fresh: nothing is mended on it."""
import json
import re

import numpy as np
import pandas as pd
import pyfixest as pf
import statsmodels.api as sm
import statsmodels.formula.api as smf
from statsmodels.iolib.summary2 import summary_col

import part_g_console
from kit_files import CALM, pandoc, r
from part_g_data import births, exporters, farms, few, fr, homes, luhn, nir, roomy, seekers


def lines(rows, sep=";"):
    return "\n".join(sep.join(map(str, row)) for row in rows) + "\n"


def tables(c):
    s, b, f, h = seekers(), births(), farms(), homes()
    rome = s.groupby("rome").agg(n=("jours", "size"), d=("jours", "median"))
    head = ["Code ROME", "Métier", "Demandeurs d'emploi (cat. A)", "Évol. annuelle (%)", "Ancienneté médiane (jours)"]
    names = dict(zip(rome.index, ["Conduite d'engins", "Assistance auprès d'adultes", "Maçonnerie", "Personnel de cuisine", "Études informatiques"]))
    rows = [[k, names[k], fr(v.n), e, f"{v.d:.0f}"] for (k, v), e in zip(rome.iterrows(), ["+1,8", "-0,4", "+3,1", "-2,7", "0,0"])]
    c.add("demandeurs_rome.csv", lines([head, *rows]), rules="irdes_15", encoding="cp1252", trap="trade codes, changes with signs, days")
    naf = [["APE", "Libellé", "Unités légales", "Effectifs salariés (milliers)"], ["01.41Z", "Élevage de vaches laitières", "1 204", "3,1"], ["01.43Z", "Élevage de chevaux", "312", "0,4"],
           ["05.20Z", "Extraction de lignite", "2", "0,1"], ["08.92Z", "Extraction de tourbe", "17", "0,1"]]
    c.add("unites_ape.csv", lines(naf).replace(" 204", "\u00a0204"), "refuse", [("FREQ_MIN", {"needle": "05.20Z", "column": 3})], "enterprise", encoding="cp1252", forbidden=["ID_DIRECT", "ROWS_INDIVIDUAL"])
    towns = [["Code commune", "Commune", "Population municipale 2021", "Foyers fiscaux", "Part des foyers imposés (%)"], ["35238", "Rennes", "225 081", "128 940", "47,2"], ["29019", "Brest", "139 619", "84 310", "42,0"],
             ["56121", "Lorient", "57 084", "36 455", "38,7"], ["22278", "Saint-Brieuc", "44 224", "27 018", "36,9"]]
    c.add("communes_grandes.csv", re.sub(r"(?<=\d) (?=\d)", "\u202f", lines(towns)), rules="fiscal_11", trap="codes of communes above 20 000 inhabitants, shares of large bases", forbidden=[*CALM, "GEO_FINE"])
    ifi = [["Code commune", "Commune", "Population", "Redevables IFI", "Patrimoine moyen (€)"], ["35093", "Dinard", "10 181", "214", "2 412 000"], ["44055", "La Baule-Escoublac", "16 912", "388", "2 577 000"], ["35288", "Saint-Malo", "47 255", "301", "2 204 000"]]
    c.add("ifi_communes.csv", lines(ifi), "review", [("GEO_FINE", {})], "fiscal_ifi_50", forbidden=["FREQ_MIN", "ID_DIRECT"])
    cim = b.groupby("cim").agg(n=("terme", "size"), t=("terme", "mean"))
    rows = [[k, f"{v.n:.0f}", f"{v.t:.1f}".replace(".", ",")] for k, v in cim.iterrows()]
    c.add("cim10.tsv", lines([["CIM-10", "Séjours", "Terme moyen (SA)"], *[x for x in rows if x[0] != "O88.1"]], "\t"), rules="health_11", trap="diagnosis codes that look like numbers, weeks of pregnancy")
    deaths = [["CIM-10", "Diagnostic principal", "Séjours", "dont décès"], ["I21.0", "Infarctus antérieur", "1 288", "104"], ["I26.9", "Embolie pulmonaire", "940", "61"], ["J12.8", "Pneumopathie virale", "702", "55"], ["O72.1", "Hémorragie du post-partum", "251", "3"]]
    c.add("cim10_deces.csv", lines(deaths), "refuse", [("FREQ_MIN", {"needle": "O72.1", "column": 4})], "health_11", encoding="cp1252")
    edge = [["Service", "Patients", "Réhospitalisés"], ["Cardiologie", 412, 36], ["Néphrologie", 187, 11], ["Rhumatologie", 93, 11], ["Gériatrie", 655, 84]]
    c.add("seuil_atteint.csv", lines(edge), rules="health_11", trap="exactly the minimum")
    c.add("seuil_manque.csv", lines([*edge[:3], ["Rhumatologie", 93, 10], edge[4]]), "refuse", [("FREQ_MIN", {"needle": "Rhumato", "column": 3})], "health_11")
    c.add("seuil_dix.csv", "Group,Respondents,Mean score\nUrban,412,3.4\nRural,10,3.1\nCoastal,58,3.9\n", trap="exactly ten under a minimum of ten", forbidden=[*CALM, "MAGNITUDE_FEW"])
    masks = [["Bassin", "Exploitations", "dont bio", "SAU (ha)"], ["Aubrac", "412", "88", "31 204"], ["Causses", "s", "s", "s"], ["Lévézou", "655", "c", "48 877"], ["Ségala", "<11", "nd", "s"], ["Carladez", "204", "31", "15 990"]]
    c.add("masques_partout.csv", lines(masks), rules="fiscal_11", trap="four kinds of marks, no totals")
    total = [["Type de maternité", "Césariennes", "Voie basse", "Total"], ["I", "312", "1 162", "1 474"], ["IIA", "245", "946", "1 191"], ["IIB", "s", "905", "912"], ["III", "215", "755", "970"], ["Ensemble", "779", "3 768", "4 547"]]
    c.add("masque_unique.tsv", lines(total, "\t"), "refuse", [("SECONDARY_RECOVERABLE", {"line": 4, "column": 2})], "health_11", encoding="utf-16", forbidden=["ID_DIRECT", "ROWS_INDIVIDUAL"])
    one = "Tableau 1. Postes salariés\n\nRégion;Postes\nBretagne;1 824\nNormandie;1 819\nCentre;1 232\n\nTableau 2. Postes salariés, hors apprentis\n\nRégion;Postes\nBretagne;1 702\nNormandie;1 816\nCentre;1 140\n"
    c.add("deux_champs.csv", one, "refuse", [("DIFFERENCING", {})], "dads_5", forbidden=["FREQ_MIN"])
    two = "Tableau 1. Postes salariés au 31/12/2021\n\nRégion;Postes\nBretagne;1 824\nNormandie;1 819\nCentre;1 232\n\nTableau 2. Postes salariés au 31/12/2022\n\nRégion;Postes\nBretagne;1 827\nNormandie;1 815\nCentre;1 240\n"
    c.add("deux_dates.csv", two, rules="dads_5", trap="stocks of two years, three apart", forbidden=[*CALM, "DIFFERENCING"])
    c.add("incidence.csv", "Département;Habitants;Nouveaux cas pour 1 000 hab.\nLozère;76 600;1,31\nCantal;143 800;0,04\nAveyron;279 600;1,18\n", "refuse", [("DERIVED_COUNT", {"needle": "Cantal", "column": 3})], "health_11")
    c.add("incidence_sure.csv", "Département;Habitants;Nouveaux cas pour 1 000 hab.\nLozère;76 600;1,31\nCantal;143 800;0,94\nAveyron;279 600;1,18\n", rules="health_11", trap="rates that hold for dozens of cases")
    c.add("wage_bill.tsv", "Local area\tWage bill (EUR)\tAverage wage (EUR)\nRedon\t41300000\t26100\nPloërmel\t18920000\t25400\nQuiberon\t104000\t26000\n", "refuse", [("DERIVED_COUNT", {"needle": "Quiberon"})], "dads_5")
    c.add("chomage_durees.csv", lines([["Région", "Sortants", "Durée moyenne (j)", "Durée la plus longue (j)"], *[[k, len(g), f"{g.mean():.1f}".replace(".", ","), g.max()] for k, g in s.groupby("region").jours]]), "refuse", [("EXTREME_VALUE", {"column": 4})], "irdes_15", forbidden=["FREQ_MIN"])
    c.add("prix.csv", "Mois;Indice des prix (base 100 en 2015);Variation mensuelle (%);Pondération (1/10 000)\n2023-10;118,2;0,1;1 482\n2023-11;118,0;-0,2;1 482\n2023-12;118,1;0,1;1 482\n2024-01;117,9;-0,2;1 495\n", rules="enterprise", trap="an index, weights, months")
    c.add("changes.csv", "Date;USD;GBP;JPY;CHF\n02/01/2024;1,0956;0,86645;155,93;0,9305\n03/01/2024;1,0919;0,86438;155,54;0,9303\n04/01/2024;1,0953;0,86308;157,87;0,9333\n05/01/2024;1,0921;0,86135;158,22;0,9314\n", trap="exchange rates by day")
    ages = pd.crosstab(pd.cut(s.age, [14, 24, 34, 44, 54, 66], labels=["15-24", "25-34", "35-44", "45-54", "55 et +"]), s.sexe)
    c.add("pyramide.csv", lines([["Âge", *ages.columns], *[[k, *v] for k, v in zip(ages.index, roomy(ages, 15).to_numpy())]]), rules="irdes_15", trap="ages as labels")
    engel = sm.datasets.engel.load_pandas().data
    q = engel.groupby(pd.qcut(engel.income, 5, labels=["Q1", "Q2", "Q3", "Q4", "Q5"]), observed=True).foodexp.agg(["size", "mean"]).round(1)
    c.add("engel_quintiles.csv", q.to_csv(index_label="income quintile"), trap="47 households in each fifth")
    cut = pd.cut(engel.income, 8).value_counts(sort=False)
    few(cut.to_frame(), 10)
    c.add("engel_classes.txt", cut.to_string() + "\n", "refuse", [("FREQ_MIN", {})], forbidden=["ROWS_INDIVIDUAL", "ID_DIRECT"])


def records(c):
    s, f = seekers(), farms()
    c.add("demandeurs.csv", s.drop(columns="tranche").head(140).to_csv(sep=";", index=False, decimal=","), "refuse", [("ROWS_INDIVIDUAL", {})], "irdes_15", grave=True, encoding="cp1252")
    c.add("exploitations.tsv", f.head(70).to_csv(sep="\t", index=False, decimal=","), "refuse", [("ROWS_INDIVIDUAL", {})], "fiscal_11", grave=True, encoding="utf-16")
    c.add("greffes.csv", sm.datasets.heart.load_pandas().data.to_csv(index=False), "refuse", [("ROWS_INDIVIDUAL", {})], "health_11", grave=True)
    people = [nir(v) for v in ("1840535238114", "2910729019077", "2780656121203", "165022A004118", "288112B033056")]
    c.add("assures.csv", lines([["matricule_assure", "actes", "montant"], *[[n, 12 + 3 * i, f"{410 + 77 * i},50"] for i, n in enumerate(people)]]), "refuse", [("ID_DIRECT", {"line": 2, "column": 1}), ("ID_DIRECT", {"line": 5, "column": 1})], "health_11", grave=True)
    siret = luhn(luhn("41816609") + "0001")
    c.add("relance.md", f"# Relances de l'enquête annuelle\n\n- Reste une réponse à obtenir de l'établissement {siret[:3]} {siret[3:6]} {siret[6:9]} {siret[9:]}, relancé le 12 mars.\n- Taux de réponse : 81,4 % sur 2 310 unités.\n", "refuse", [("ID_DIRECT", {"line": 3})], "enterprise", grave=True)
    rpps = [luhn(f"1000{i}{70423 + 911 * i}") for i in range(3, 8)]
    c.add("prescripteurs.csv", lines([["RPPS", "Spécialité", "Prescriptions"], *[[n, v, 340 + 51 * i] for i, (n, v) in enumerate(zip(rpps, ["Cardiologie", "Médecine générale", "Médecine générale", "Pédiatrie", "Gynécologie"]))]]), "refuse", [("ID_DIRECT", {"line": 2, "column": 1})], "health_11", grave=True)
    c.add("extraction.csv", "# base v3, extraite par Solène Kervella (s.kervella@chu-exemple.fr)\nType;Accouchements\nI;1 474\nIIA;1 191\nIII;970\n", "refuse", [("ID_DIRECT", {"line": 1})], "health_11", grave=True)
    c.add("codes_barres.csv", "Produit;EAN-13;Relevés de prix\nPâtes 500 g;3038350013804;1 204\nFarine 1 kg;3329770045514;988\nRiz 1 kg;1850578006085;1 412\nSucre 1 kg;2910729019078;877\n", rules="enterprise", trap="codes of 13 digits, two that begin as a NIR does")
    cells = exporters().groupby("chapitre").agg(n=("valeur", "size"), v=("valeur", "sum"))
    table = lambda cells: lines([["Chapitre", "Entreprises exportatrices", "Exportations (k€)"], *[[k, int(v.n), int(v.v)] for k, v in cells.iterrows()]])
    shares = exporters().groupby("chapitre").valeur.agg(lambda v: v.nlargest(2).sum() / v.sum())
    assert shares.max() < 0.6
    c.add("exportations.csv", table(cells), rules="enterprise", trap="a magnitude table whose contributors are spread", supporting={"exportations_contributions.csv": exporters().drop(columns="pays").to_csv(index=False)})
    big = exporters()
    one = big[big.chapitre == "88 Aéronautique"].index
    big.loc[one[0], "valeur"] = 12 * big.loc[one, "valeur"].sum()
    cells = big.groupby("chapitre").agg(n=("valeur", "size"), v=("valeur", "sum"))
    c.add("exportations_dom.csv", table(cells), "refuse", [("DOMINANCE", {"needle": "88 Aéro", "column": 3})], "enterprise", supporting={"exportations_dom_contributions.csv": big.drop(columns="pays").to_csv(index=False)}, forbidden=["FREQ_MIN"])
    two = exporters()
    pair = two[two.chapitre == "30 Pharmacie"].index
    rest = two.loc[pair, "valeur"].sum()
    two.loc[pair[:2], "valeur"] = [16 * rest, 13 * rest]
    v = two.loc[pair, "valeur"].sort_values(ascending=False).to_numpy()
    assert v.sum() - v[0] - v[1] < 0.1 * v[0] and v[0] < 0.85 * v.sum()
    cells = two.groupby("chapitre").agg(n=("valeur", "size"), v=("valeur", "sum"))
    c.add("exportations_p.csv", table(cells), "refuse", [("PPERCENT", {"needle": "30 Pharma"})], supporting={"exportations_p_contributions.csv": two.drop(columns="pays").to_csv(index=False)}, forbidden=["FREQ_MIN"])


def prose(c):
    c.add("compte_rendu.md", "# Comité de suivi\n\nLa branche compte 1 204 entreprises dans la région.\nUne seule entreprise extrait encore de la tourbe dans le département.\nProchaine réunion le 14 juin, salle 3.\n", "refuse", [("FREQ_MIN", {"line": 4})], "enterprise")
    c.add("legende.md", "**Figure 2.** Délai médian de prise en charge, femmes de moins de 25 ans (n = 9), Bretagne, 2022.\n\n**Figure 3.** Délai médian de prise en charge, ensemble (n = 6 200).\n", "refuse", [("FREQ_MIN", {"line": 1})])
    c.add("article.md", "# Durées de chômage\n\nNous estimons deux modèles sur trois vagues d'enquête (2019, 2020 et 2021) et cinq classes d'âge.\nSur 6 200 demandeurs, 42,1 % sont sortis en moins de 90 jours, contre 38,6 % deux ans plus tôt ; l'écart est de 3,5 points (t = 4,1 ; p < 0,001).\nVoir le tableau 2, page 7, et l'annexe 3.\n\n## Références\n\nAbbring, J. & van den Berg, G. (2003). The nonparametric identification of treatment effects in duration models. *Econometrica*, 71(5), 1491-1517. doi:10.1111/1468-0262.00456\nLancaster, T. (1990). *The Econometric Analysis of Transition Data*. Cambridge University Press, 352 p.\n", rules="irdes_15", trap="prose with small numbers that count no person, a bibliography")
    c.add("prose_part.md", "Parmi les 214 femmes suivies au centre, 1,4 % ont présenté une embolie amniotique, et 21,5 % une césarienne.\n", "refuse", [("DERIVED_COUNT", {"line": 1})], "health_11")
    c.add("prose_part_sure.md", "Parmi les 4 800 femmes suivies, 21,4 % ont eu une césarienne et 5,2 % une hémorragie ; l'âge moyen est de 31,0 ans (écart-type 5,0).\n", rules="health_11", trap="percentages of a large base in prose")
    c.add("demande.md", "# Demande n° 27\n\nVersion 3 du 12/03/2024, programme lignes 118 à 204 (R 4.2.2).\n\nPopulation : 5 600 logements, enquête 2020. Quatre fichiers : 2 tableaux, 1 figure, 1 programme.\nEffectifs non pondérés d'au moins 15 ; aucun minimum ni maximum.\n", rules="irdes_15", trap="a description with numbers of files, lines and versions")
    c.add("pied_de_page.md", "| Statut | Logements |\n|---|---:|\n| Propriétaire | 3 252 |\n| Locataire HLM | 993 |\n\nRenseignements statistiques : 09 72 72 40 00, du lundi au vendredi.\n", "refuse", [("ID_DIRECT", {"needle": "09 72"})], forbidden=["FREQ_MIN"])


def latex(c):
    h, b, s = homes(), births(), seekers()
    c.add("broom.tex", r("library(broom)\nlibrary(xtable)\nm <- lm(loyer ~ surface + dpe, d)\nprint(xtable(tidy(m), digits = 3, caption = paste('Loyers,', format(nobs(m), big.mark = ','), 'observations')), include.rownames = FALSE)\n", h), trap="broom's tidy table in LaTeX, N in the caption")
    cross = pd.crosstab(b.cim, b.type)
    name = few(cross, 11)[0]
    c.add("longtable.tex", cross.to_latex(longtable=True, caption="Accouchements par diagnostic et type de maternité", label="tab:cim"), "refuse", [("FREQ_MIN", {"needle": f"{name} &"})], "health_11")
    c.add("etable.tex", pf.etable([pf.feols("loyer ~ surface", h), pf.feols("loyer ~ surface + pieces | dpe", h)], type="tex") + "\n", trap="pyfixest's table in LaTeX", forbidden=["FREQ_MIN", "DOF_LOW", "DUMMY_FEW", "ROWS_INDIVIDUAL"])
    c.add("siunitx.tex", "\\begin{table}\n\\caption{Issue des grossesses, centre de référence}\n\\begin{tabular}{l S[table-format=4.0] S[table-format=2.1] S[table-format=2.1]}\n\\toprule\n{Groupe} & {Femmes} & {Césarienne (\\%)} & {Transfert (\\%)} \\\\\n\\midrule\nSuivi standard & 1474 & 21.2 & 6.4 \\\\\nSuivi renforcé & 187 & 31.0 & 2.1 \\\\\n\\bottomrule\n\\end{tabular}\n\\end{table}\n", "refuse", [("DERIVED_COUNT", {"needle": "renforcé"})], "health_11")
    fits = [smf.ols("loyer ~ surface", h).fit(), smf.ols("loyer ~ surface + pieces", h).fit()]
    c.add("summary_col.tex", summary_col(fits, stars=True, info_dict={"N": lambda m: f"{int(m.nobs):d}"}).as_latex() + "\n", trap="two models side by side")
    c.add("article.docx", pandoc("\\documentclass{article}\\begin{document}\n\\section{Champ}\nL'étude porte sur 4\\,800 accouchements\\footnote{Six patientes transférées avant l'accouchement sont exclues.}.\n\\end{document}\n", "docx", "latex"), "refuse", [("FREQ_MIN", {})], "health_11")


def programs(c):
    s = seekers()
    c.add("analyse.R", "library(survival)\nset.seed(20240312)\nbornes <- c(15, 25, 35, 45, 55, 66)\ncouleurs <- c('#4daf4a', '#377eb8', '#e41a1c', '#984ea3', '#ff7f00', '#ffff33', '#a65628', '#f781bf')\ndeps <- c('22', '29', '35', '56', '14', '27', '50', '61', '76', '18', '28', '36', '37', '41', '45')\nd <- readRDS('demandeurs.rds')\nd$tranche <- cut(d$age, bornes, right = FALSE)\nprint(table(d$tranche, d$sexe)[, 1:2])\nfor (k in 1:5) print(coef(coxph(Surv(jours, sortie) ~ age + sexe, d[d$vague == k, ])))\n", trap="bounds, colours and departments in vectors")
    c.add("figer.R", "library(tibble)\nd <- tribble(\n  ~sexe, ~age, ~motif, ~jours,\n" + ",\n".join(f"  '{v.sexe}', {v.age}, '{v.motif}', {v.jours}" for v in s.head(9).itertuples()) + "\n)\nsummary(lm(jours ~ age, d))\n", "refuse", [("CODE_EMBEDS_DATA", {})], grave=True)
    c.add("saisie.sps", "DATA LIST LIST / num (F4) sexe (A1) age (F3) poids (F5).\nBEGIN DATA\n1 F 31 3280\n2 F 27 2990\n3 M 35 3410\n4 F 22 2710\n5 M 29 3060\n6 M 40 3550\nEND DATA.\nDESCRIPTIVES /VARIABLES=poids /STATISTICS=MEAN.\n", "refuse", [("CODE_EMBEDS_DATA", {})], "health_11", grave=True)
    c.add("recode.sps", "GET FILE='naissances.sav'.\nVALUE LABELS type 1 'I' 2 'IIA' 3 'IIB' 4 'III'\n  /mode 1 'Voie basse' 2 'Instrumentale' 3 'Césarienne programmée' 4 'Césarienne en urgence'.\nRECODE age (LOWEST THRU 24=1) (25 THRU 34=2) (35 THRU HIGHEST=3) INTO classe.\nSELECT IF terme >= 37.\nCROSSTABS /TABLES=classe BY mode /CELLS=COUNT.\n", rules="health_11", trap="labels of values and recodes")
    c.add("charge.sql", "CREATE TABLE demandeurs (id int, age int, rome text, jours int);\nCOPY demandeurs FROM stdin;\n" + "".join(f"{i}\t{v.age}\t{v.rome}\t{v.jours}\n" for i, v in enumerate(s.head(8).itertuples(), 1)) + "\\.\nSELECT rome, count(*) FROM demandeurs GROUP BY 1;\n", "refuse", [("CODE_EMBEDS_DATA", {})], grave=True)
    c.add("requete.sql", "-- tableau 3 : effectifs d'au moins 11\nWITH t AS (\n  SELECT CASE WHEN age < 25 THEN 1 WHEN age < 50 THEN 2 ELSE 3 END AS classe, rome, count(*) AS n, avg(jours) AS duree\n  FROM demandeurs WHERE annee IN (2019, 2020, 2021, 2022) GROUP BY 1, 2\n)\nSELECT * FROM t WHERE n >= 11 ORDER BY 1, 2 LIMIT 100;\n", trap="a query with limits and classes")
    people = [{"sexe": v.sexe, "age": int(v.age), "rome": v.rome, "region": v.region, "jours": int(v.jours), "alloc": float(v.alloc)} for v in s.head(40).itertuples()]
    c.add("demandeurs.json", json.dumps(people, ensure_ascii=False, indent=0), "refuse", [("ROWS_INDIVIDUAL", {})], grave=True)
    fit = smf.ols("loyer ~ surface + pieces", homes()).fit()
    c.add("modele.json", json.dumps({"modele": "loyers", "n": int(fit.nobs), "ddl_residuel": int(fit.df_resid), "r2": round(fit.rsquared, 4), "coefficients": {k: {"estimation": round(v, 4), "erreur_type": round(fit.bse[k], 4), "t": round(fit.tvalues[k], 2)} for k, v in fit.params.items()}}, indent=2), trap="a model in JSON: coefficients, t, degrees of freedom")
    _, files = r("dput(d[1:25, c('sexe', 'age', 'rome', 'jours')], 'donnees.txt')\n", s, ("donnees.txt",))
    c.add("donnees_dput.R", b"d <- " + files[0] + b"summary(glm(I(jours > 90) ~ age, binomial, d))\n", "refuse", [("CODE_EMBEDS_DATA", {})], grave=True)
    c.add("parametres.yaml", "enquete: logement\nmillesime: 2020\nseuils:\n  effectif_min: 15\n  part_max: 0.85\nclasses_surface: [0, 30, 50, 75, 100, 150]\ngraine: 42\nponderation: poids_final\nsorties:\n  - tableau: 1\n    fichier: dpe.csv\n  - tableau: 2\n    fichier: loyers.csv\n", rules="irdes_15", trap="parameters, a seed and thresholds")


def build(c):
    np.random.seed(6)
    for family in (tables, records, prose, latex, programs, part_g_console.build):
        family(c)
