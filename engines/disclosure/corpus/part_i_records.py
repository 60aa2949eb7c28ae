"""Part i, records and identifiers: single units in every print that people use; keys of persons and firms; look-alikes."""
import hashlib
import json
import uuid

import numpy as np

from part_i_data import donors, fr, luhn, nir, patients, people, pupils, sample


def lines(rows, sep=";"):
    return "\n".join(sep.join(map(str, row)) for row in rows) + "\n"


def printed(c):
    p, q, w, s, f = patients(), pupils(), sample("wages"), donors(), sample("farms")
    c.add("registre.csv", p.drop(columns=["pid", "tranche", "traitement"]).head(90).to_csv(index=False), "refuse", [("ROWS_INDIVIDUAL", {})], "health_11", grave=True)
    c.add("registre_fr.csv", p[["age", "meno", "size", "grade", "nodes", "annees"]].tail(55).to_csv(sep=";", decimal=",", index=False), "refuse", [("ROWS_INDIVIDUAL", {})], "health_11", grave=True, encoding="cp1252")
    c.add("donneurs.tsv", s.drop(columns="sexe").sample(80, random_state=2).to_csv(sep="\t", index=False), "refuse", [("ROWS_INDIVIDUAL", {})], "health_11", grave=True, encoding="utf-16")
    c.add("eleves.jsonl", "".join(json.dumps({"lycee": str(v.School), "sexe": v.sexe, "minorite": v.Minority, "ses": v.SES, "score": v.score}, ensure_ascii=False) + "\n" for v in q.sample(45, random_state=5).itertuples()), "refuse", [("ROWS_INDIVIDUAL", {})], "depp_10", grave=True)
    c.add("salaires.xml", '<?xml version="1.0" encoding="UTF-8"?>\n<salaries>\n' + "".join(f'  <salarie><diplome>{v.ed}</diplome><anciennete>{v.exp}</anciennete><semaines>{v.wks}</semaines><sexe>{v.sex}</sexe><log_salaire>{v.lwage}</log_salaire></salarie>\n' for v in w.sample(30, random_state=6).itertuples()) + "</salaries>\n", "refuse", [("ROWS_INDIVIDUAL", {})], "dads_5", grave=True)
    c.add("rizieres.md", f[["region", "status", "varieties", "size", "totlabor", "goutput"]].sample(18, random_state=7).to_markdown(index=False) + "\n", "refuse", [("ROWS_INDIVIDUAL", {})], "fiscal_11", grave=True)
    wide = p.drop(columns=["tranche", "traitement"]).sample(7, random_state=8)
    c.add("pandas_replie.txt", ">>> d.sample(7, random_state=8)\n" + wide.to_string(line_width=60) + "\n", "refuse", [("ROWS_INDIVIDUAL", {})], "health_11", grave=True)
    block = "".join(f"*************************** {i}. row ***************************\n" + "".join(f"{k:>10}: {getattr(v, k)}\n" for k in ("age", "grade", "nodes", "pgr", "er", "dtime", "death")) for i, v in enumerate(p.sample(8, random_state=9).itertuples(), 1))
    c.add("mysql_vertical.txt", "mysql> SELECT age, grade, nodes, pgr, er, dtime, death FROM registre LIMIT 8\\G\n" + block + "8 rows in set (0.02 sec)\n", "refuse", [("ROWS_INDIVIDUAL", {})], "health_11", grave=True)
    fixed = "".join(f"{v.School:>5}{v.Sex[0]}{1 if v.Minority == 'Yes' else 0}{v.SES:>7.3f}{v.score:>6.2f}{v.Size:>5}\n" for v in q.sample(60, random_state=10).itertuples())
    c.add("fichier_plat.txt", "LYCEESMINSES    SCORE TAILL\n" + fixed, "refuse", [("ROWS_INDIVIDUAL", {})], "depp_10", grave=True)
    c.add("sans_entete.csv", lines([[v.ed, v.exp, v.wks, v.sex, v.union, v.lwage] for v in w.sample(40, random_state=11).itertuples()], ","), "refuse", [("ROWS_INDIVIDUAL", {})], "dads_5", grave=True)
    c.add("predictions.csv", "obs,y,yhat,residual\n" + "".join(f"{i},{v.lwage:.5f},{6.2 + 0.03 * v.ed:.5f},{v.lwage - 6.2 - 0.03 * v.ed:.5f}\n" for i, v in enumerate(w.sample(60, random_state=12).itertuples(), 1)), "refuse", [("ROWS_INDIVIDUAL", {})], "dads_5", grave=True)
    c.add("dix_plus_gros.csv", "rang;secteur;effectifs;salaire\n" + "".join(f"{i};{int(v.sector)};{fr(1000 * v.emp)};{v.wage:.1f}\n" for i, v in enumerate(sample("firms").nlargest(10, "emp").itertuples(), 1)), "refuse", [], "enterprise", grave=True)
    sas = "NOTE: Invalid data for revenu in line 118 27-33.\n"
    for i, v in enumerate(w.sample(6, random_state=13).itertuples()):
        sas += f"RULE:     ----+----1----+----2----+----3----+----4----+----5\n{118 + 40 * i}       {v.ed} {v.exp} {v.wks} {v.sex} {v.union} NC\ned={v.ed} exp={v.exp} wks={v.wks} sex={v.sex} union={v.union} revenu=. _ERROR_=1 _N_={118 + 40 * i}\n"
    c.add("sas_invalide.log", "12         data work.w; infile 'w.txt'; input ed exp wks sex $ union $ revenu; run;\n\n" + sas + "NOTE: 4165 records were read from the infile 'w.txt'.\n", "refuse", [("ROWS_INDIVIDUAL", {})], "dads_5", grave=True)
    c.add("entretiens.txt", "Caractères des enquêtés interrogés en détail :\n\n" + "".join(f"- enquêté {i} : {v.sexe[:-1].lower()}, {int(v.age)} ans, diplôme {v.diplome.lower()}, réponse {int(v.A1)}\n" for i, v in enumerate(people().sample(9, random_state=14).itertuples(), 1)), "refuse", [], grave=True)


def keys(c):
    g = np.random.default_rng(99)
    nirs = [nir(v) for v in ("1790244109021", "2861163113044", "2950435238102", "167032B033017", "201042A004056", "1531029019088")]
    assert all(len(v) == 15 for v in nirs), nirs
    spaced = lambda v: f"{v[0]} {v[1:3]} {v[3:5]} {v[5:7]} {v[7:10]} {v[10:13]} {v[13:]}"
    c.add("nir_espaces.csv", lines([["identifiant", "sexe", "prestations (€)"], *[[spaced(v), "HF"[int(v[0]) - 1], f"{g.uniform(200, 900):.2f}".replace(".", ",")] for v in nirs]]), "refuse", [("ID_DIRECT", {"line": 2, "column": 1})], "health_11", grave=True)
    c.add("nir_phrase.md", f"Deux dossiers restent à vérifier avant l'appariement, dont le {spaced(nirs[1])} (doublon).\n", "refuse", [("ID_DIRECT", {"line": 1})], "health_11", grave=True)
    sirets = [luhn(luhn(f"{v}") + f"000{k}") for k, v in enumerate((52310477, 80119265, 43277108, 39911042, 75403216), 1)]
    c.add("siret_ventes.csv", lines([["siret", "ape", "ventes_keur"], *[[v, ape, int(g.integers(100, 9000))] for v, ape in zip(sirets, ["4711D", "1071C", "4520A", "6201Z", "4941A"])]], ","), "refuse", [("ID_DIRECT", {"line": 2, "column": 1})], "enterprise", grave=True)
    c.add("siren_note.md", f"Le groupe dominant (SIREN {sirets[3][:3]} {sirets[3][3:6]} {sirets[3][6:9]}) réalise l'essentiel des ventes du secteur.\n", "refuse", [("ID_DIRECT", {"line": 1})], "enterprise", grave=True)
    iban = lambda bban: f"FR{98 - int(bban + '1527' + '00') % 97:02d}{bban}"
    banks = [iban(f"{30004 + k:05d}00{812 + k}0001{k}{5730184 + 71 * k:07d}{11 + k}"[:23]) for k in range(4)]
    c.add("virements.csv", lines([["compte", "montant"], *[[v, f"{g.uniform(900, 2900):.2f}"] for v in banks]]), "refuse", [("ID_DIRECT", {"line": 2, "column": 1})], "fiscal_11", grave=True)
    names = [("Morvan", "Aurélie", "14/02/1987"), ("Kessler", "Thibaut", "03/11/1974"), ("Benali", "Samira", "22/07/1991"), ("Peyrade", "Loïc", "30/05/1968"), ("Costa", "Inês", "09/12/1983"), ("Vandamme", "Hugo", "17/08/1995")]
    c.add("suivi_nominal.csv", lines([["Nom", "Prénom", "Date de naissance", "Score"], *[[*v, int(g.integers(8, 20))] for v in names]]), "refuse", [("ID_DIRECT", {"line": 2})], "depp_10", grave=True, encoding="cp1252")
    streets = ["12 rue des Lavandières, 35000 Rennes", "4 impasse du Moulin, 29200 Brest", "87 avenue Jean Jaurès, 56100 Lorient", "3 bis place de l'Église, 22300 Lannion", "151 boulevard de la Liberté, 44000 Nantes"]
    c.add("adresses.csv", lines([["logement", "adresse", "surface"], *[[i, v, int(g.integers(30, 120))] for i, v in enumerate(streets, 1)]]), "refuse", [("ID_DIRECT", {"line": 2, "column": 2})], "insee_menages", grave=True)
    c.add("contacts.csv", lines([["centre", "inclus", "contact"], ["Brest", 412, "02.61.91.31.04"], ["Nantes", 655, "+33 2 61 91 33 35"], ["Rennes", 388, "02 61 91 43 21"]]), "refuse", [("ID_DIRECT", {"line": 2, "column": 3})], "health_11", grave=True)
    mails = [f"{a[1].lower()}.{a[0].lower()}@exemple.org".replace("é", "e").replace("ï", "i").replace("ê", "e") for a in names]
    c.add("survey_links.csv", lines([["respondent", "wave", "score"], *[[m, 2, int(g.integers(1, 7))] for m in mails]], ","), "refuse", [("ID_DIRECT", {"line": 2, "column": 1})], grave=True)
    c.add("hachages.csv", lines([["id_hash", "sejours", "cout"], *[[hashlib.sha256(f"{k}".encode()).hexdigest(), int(g.integers(1, 9)), int(g.integers(900, 40000))] for k in range(14)]]), "refuse", [("ID_PSEUDONYM", {})], "health_11", grave=True)
    c.add("uuid_panel.csv", lines([["panel_id", "age", "vote"], *[[uuid.UUID(int=int(g.integers(1 << 62)) << 64 | int(g.integers(1 << 62)), version=4), int(g.integers(18, 90)), "ABC"[int(g.integers(3))]] for _ in range(16)]], ","), "refuse", [("ID_PSEUDONYM", {})], grave=True)
    c.add("numeros_anonymes.csv", lines([["num_anonyme", "annee", "consultations"], *[[f"P{int(v):07d}K{k % 7}", 2019 + k % 3, int(g.integers(1, 14))] for k, v in enumerate(g.choice(9999999, 20, replace=False))]]), "refuse", [("ID_PSEUDONYM", {})], "health_11", grave=True)
    points = [[f"{48 + v:.5f}".replace(".", ","), f"{-1 - w:.5f}".replace(".", ","), int(g.integers(400, 1500))] for v, w in g.random((12, 2))]
    c.add("geolocalise.csv", lines([["latitude", "longitude", "loyer"], *points]), "refuse", [], "insee_menages", grave=True)
    c.add("carreaux.csv", lines([["idcar_200m", "menages", "niveau_vie_moyen"], *[[f"CRS3035RES200mN{2700000 + 200 * k}E{3400000 + 600 * k}", 40 + 7 * k, 19000 + 311 * k] for k in range(6)]]), "review", [("GEO_FINE", {})], "insee_menages", forbidden=["FREQ_MIN"])
    c.add("montants_longs.csv", lines([["Agrégat", "Montant (€)"], ["Impôt sur le revenu", "178305511802212"], ["TVA", "200114099887311"], ["CSG", "290074033158801"], ["Taxe foncière", "118902208841377"]]), trap="amounts of fifteen digits, keys wrong", forbidden=["ID_DIRECT", "ID_PSEUDONYM", "FREQ_MIN", "ROWS_INDIVIDUAL"])
    assert all(97 - int(v[:13]) % 97 != int(v[13:]) for v in ("178305511802212", "200114099887311", "290074033158801", "118902208841377"))
    c.add("codes_produits.csv", lines([["Code CPF", "Code douanier", "Libellé", "Entreprises", "Ventes (k€)"], ["10.71.11", "19059030", "Pain frais", 1204, 88120], ["10.71.12", "19059060", "Pâtisserie", 988, 71004], ["10.72.11", "19054010", "Biscottes", 41, 30977]]), rules="enterprise", trap="customs codes of eight digits")


def build(c):
    for family in (printed, keys):
        family(c)
