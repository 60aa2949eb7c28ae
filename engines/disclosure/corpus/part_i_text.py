"""Part i, text: tables in French and English, their traps and their leaks. Labels come from the rules of the field alone: neither
the engine's sources nor its answers were looked at. Fresh: nothing is mended on it."""
import json

import pandas as pd

import part_i_console
import part_i_prose
import part_i_records
import part_i_traps
from kit_files import CALM
from part_i_data import companies, donors, few, fr, households, patients, people, pupils, roomy, sample


def csv(*rows, sep=";"):
    return "\n".join(sep.join(map(str, row)) for row in rows) + "\n"


def safe_tables(c):
    q, p, h, n = pupils(), patients(), households(), people()
    g = q.groupby(["secteur", "sexe"]).agg(n=("score", "size"), m=("score", "mean"), s=("score", "std"))
    c.add("eleves_secteur.csv", csv(["Secteur", "Sexe", "Élèves", "Score moyen", "Écart-type"], *[[*k, fr(v.n), fr(v.m, 2), fr(v.s, 2)] for k, v in g.iterrows()]), rules="depp_10", encoding="cp1252", trap="scores of two decimals beside counts")
    c.add("taux_departements.csv", csv(["Rang", "Code", "Département", "Taux de pauvreté (%)", "Évolution sur 5 ans (points)"], [1, "93", "Seine-Saint-Denis", "28,4", "+0,9"], [2, "974", "La Réunion", "36,1", "-1,2"], [3, "2B", "Haute-Corse", "19,6", "-0,4"], [4, "66", "Pyrénées-Orientales", "20,9", "+0,3"], [5, "02", "Aisne", "18,1", "0,0"], [6, "2A", "Corse-du-Sud", "17,2", "-0,8"]), trap="ranks, codes of departments with Corsica and overseas")
    c.add("emploi_milliers.csv", "Emploi salarié au 4e trimestre (en milliers)\n" + csv(["Secteur", 2018, 2019, 2020, 2021, 2022], ["Agriculture", "3,1", "3,0", "3,0", "2,9", "2,9"], ["Industrie", "41,7", "41,9", "41,0", "41,2", "41,8"], ["Construction", "18,4", "18,9", "19,2", "19,9", "20,0"], ["Tertiaire", "188,2", "190,5", "187,3", "193,8", "196,0"], ["Ensemble", "251,4", "254,3", "250,5", "257,8", "260,7"]), rules="dads_5", trap="thousands with a decimal, years as headers")
    c.add("odds_ratios.csv", csv(["Variable", "OR", "IC 95 % inf.", "IC 95 % sup.", "p"], ["Âge (par 10 ans)", "1,42", "1,31", "1,54", "< 0,001"], ["Grade 3", "2,07", "1,66", "2,58", "< 0,001"], ["Ménopause", "0,88", "0,71", "1,09", "0,24"], ["Taille > 50 mm", "3", "2,1", "4", "< 0,001"], ["N", fr(len(p)), "", "", ""]), rules="health_11", trap="odds ratios, one of them a whole number")
    w = h.groupby("region").agg(n=("poids", "size"), p=("poids", "sum"), r=("revenu", "mean"))
    c.add("menages_ponderes.csv", csv(["Région", "Ménages enquêtés", "Ménages (pondéré)", "Revenu moyen (€)"], *[[k, fr(v.n), fr(v.p), fr(v.r)] for k, v in w.iterrows()]), rules="insee_menages", encoding="utf-8-sig", trap="raw and weighted numbers")
    t = (pd.crosstab(p.tranche, p.grade) / 10).round().astype(int) * 10
    roomy(t, 11)
    c.add("arrondis_dizaine.csv", "# Effectifs arrondis à la dizaine\n" + t.rename(columns={2: "Grade 2", 3: "Grade 3"}).to_csv(index_label="Âge"), rules="health_11", trap="counts rounded to ten, no totals")
    c.add("secret_croise.csv", csv(["Région", "Propriétaire", "Locataire", "Logé gratuit", "Ensemble"], ["Nord", 812, 455, 75, 1342], ["Sud", 640, "s", "s", 1088], ["Est", 505, "s", "s", 921], ["Ouest", 733, 431, 40, 1204], ["Ensemble", 2690, 1678, 187, 4555]), rules="insee_menages", trap="masks in blocks: no line gives one back")
    g = h.groupby("region").revenu
    c.add("distribution_revenu.csv", csv(["Région", "Ménages", "D1", "Q1", "Médiane", "Q3", "D9", "D9/D1"], *[[k, fr(len(v)), *[fr(v.quantile(x)) for x in (0.1, 0.25, 0.5, 0.75, 0.9)], fr(v.quantile(0.9) / v.quantile(0.1), 1)] for k, v in g]), rules="insee_menages", trap="deciles over hundreds of households")
    e = companies()
    g = e.groupby("a17").agg(n=("ca", "size"), ca=("ca", "mean"), s=("salaries", "mean"))
    c.add("entreprises_a17.csv", csv(["A17", "Libellé", "Nombre d'entreprises", "CA moyen (k€)", "Salariés par entreprise"], *[[*k.split(" ", 1), v.n.astype(int), fr(v.ca), fr(v.s, 1)] for k, v in g.iterrows()]), rules="enterprise", trap="codes A17, means of dozens of firms")
    c.add("pcs_un_chiffre.csv", csv(["PCS", "Intitulé", "Postes", "Salaire net médian (€)"], [2, "Artisans, commerçants, chefs d'entreprise", "1 204", "3 120"], [3, "Cadres", "18 933", "3 410"], [4, "Professions intermédiaires", "24 871", "2 290"], [5, "Employés", "31 006", "1 640"], [6, "Ouvriers", "22 418", "1 730"]), rules="dads_5", trap="occupational groups of one digit")
    c.add("seuil_cinq.csv", csv(["Zone d'emploi", "Salariés", "dont apprentis"], ["Ussel", 4180, 62], ["Mauriac", 2964, 5], ["Saint-Flour", 5217, 41]), rules="dads_5", trap="exactly five under a minimum of five")
    c.add("ghm.csv", csv(["GHM", "Libellé", "Niveau", "Séjours", "DMS (j)", "Tarif (€)"], ["05M092", "Insuffisances cardiaques, niveau 2", 2, "1 204", "7,4", "3 918,22"], ["05M093", "Insuffisances cardiaques, niveau 3", 3, "988", "11,2", "5 410,07"], ["14Z13A", "Accouchements uniques par voie basse", "A", "3 377", "3,1", "2 210,40"], ["28Z04Z", "Hémodialyse, en séances", "Z", "9 120", "0", "356,06"]), rules="health_11", encoding="cp1252", trap="codes of stays, levels, days, tariffs")
    sizes = e.taille.value_counts()
    c.add("tranches_effectif.csv", csv(["Tranche d'effectif", "Entreprises", "Part (%)"], ["0 salarié", fr(2310), "52,8"], ["1 ou 2 salariés", fr(1015), "23,2"], ["3 à 5 salariés", 480, "11,0"], ["6 à 9 salariés", fr(sizes["0 à 9"]), fr(100 * sizes["0 à 9"] / 4375, 1)]), rules="enterprise", trap="classes of size that read as small counts")
    kids = h.enfants.value_counts().sort_index()
    roomy(kids.to_frame(), 15)
    c.add("nombre_enfants.csv", csv(["Nombre d'enfants", "Ménages"], *kids.items()), rules="irdes_15", trap="numbers of children as labels")
    n["a1"] = n.A1.clip(upper=5).astype(int)
    lik, base = pd.crosstab(n.sexe, n.a1), n.groupby("sexe").size()
    roomy(lik, 20)
    c.add("likert.csv", "Réponses de 1 (pas du tout) à 5 (tout à fait), en %\n" + csv(["Sexe", *lik.columns, "Base"], *[[k, *(100 * v / v.sum()).round(0).astype(int), fr(base[k])] for k, v in lik.iterrows()]), trap="shares without decimals under headers 1 to 5, large bases")
    s = donors()
    ages = s[s.age.between(50, 62)].groupby("age").size()
    roomy(ages.to_frame(), 11)
    c.add("age_detaille.tsv", "âge\tdonneurs\n" + "".join(f"{a}\t{k}\n" for a, k in ages.items()), rules="health_11", trap="single years of age")
    num = q[["SES", "score", "MEANSES", "Size"]]
    c.add("vcov.csv", num.cov().to_csv(), rules="depp_10", trap="a covariance matrix in full precision", forbidden=["FREQ_MIN", "ROWS_INDIVIDUAL", "ID_DIRECT"])
    c.add("roc.csv", csv(["threshold", "sensitivity", "specificity", "youden"], *[[f"{k / 10:.1f}", f"{1 - (k / 10) ** 2:.3f}", f"{(k / 10) ** 0.5:.3f}", f"{(k / 10) ** 0.5 - (k / 10) ** 2:.3f}"] for k in range(1, 10)], sep=","), rules="health_11", trap="a ROC at nine thresholds")
    life = [(y, int((p.annees >= y).sum())) for y in (1, 3, 5, 7, 9)]
    surv = [["Année", "Patientes à risque", "Survie (%)"], *[[y, fr(k), fr(100 * (1 - ((p.annees < y) & (p.death == 1)).mean()), 1)] for y, k in life]]
    c.add("survie_annees.csv", csv(*surv), rules="health_11", trap="hundreds at risk at five dates")
    c.add("payroll_en.csv", 'Industry,Firms,"Payroll, EUR m",Mean pay,"Change, %"\nFood,"1,204","3,118.4","27,410",(3.2)\nMachinery,988,"4,002.9","34,120",1.8\nPaper,214,612.0,"31,005",(0.4)\n', rules="enterprise", trap="commas for thousands, negatives in brackets")
    c.add("indices_base.csv", csv(["Mois", "IPI (base 100 en 2021)", "CVS", "Coefficient saisonnier"], ["janv. 2023", "98,4", "99,1", "0,993"], ["févr. 2023", "97,2", "99,4", "0,978"], ["mars 2023", "108,8", "99,0", "1,099"], ["avr. 2023", "99,9", "100,2", "0,997"]), rules="enterprise", trap="an index by month of the year")
    c.add("nc_partout.csv", csv(["Commune", "Foyers fiscaux", "Revenu médian (€)"], ["Le Puy-en-Velay", "9 812", "18 840"], ["Saugues", "1 104", "17 020"], ["La Besseyre", "nc", "nc"], ["Desges", "nc", "nc"], ["Langeac", "2 117", "18 002"]).replace(" ", "\u202f"), rules="fiscal_11", trap="masks nc without any total")
    c.add("duree_log.csv", csv(["étape", "début", "fin", "secondes", "essais"], ["import", "2024-03-12 09:14:02", "2024-03-12 09:14:09", 7, 1], ["calage", "2024-03-12 09:14:09", "2024-03-12 09:31:44", 1055, 3], ["variance", "2024-03-12 09:31:44", "2024-03-12 09:31:49", 5, 1]), trap="steps of a program: seconds, tries")
    c.add("zonage.csv", csv(["Zone", "Communes", "Population (milliers)", "Densité (hab./km²)"], ["Urbain dense", "812", "25 411,3", "2 910,4"], ["Urbain intermédiaire", "3 204", "18 902,0", "411,7"], ["Rural autonome", "15 377", "13 655,8", "38,2"]), rules="insee_menages", trap="communes, thousands, densities")


def small_counts(c):
    s, q, p, m, f = donors(), pupils(), patients(), sample("males"), sample("farms")
    causes = s.chapter.value_counts()
    c.add("causes_deces.csv", causes.rename("décès").to_csv(index_label="chapitre CIM"), "refuse", [("FREQ_MIN", {"needle": "Congenital", "column": 2}), ("FREQ_MIN", {"needle": "Blood", "column": 2})], "health_11")
    t = pd.crosstab(q.School, q.Minority).head(25)
    c.add("minorite_lycee.csv", "\n".join(["lycée;non;oui", *[f"L{i + 1:03d};{v.No};{v.Yes}" for i, (_, v) in enumerate(t.iterrows())]]) + "\n", "refuse", [("FREQ_MIN", {"line": 2, "column": 3})], "depp_10")
    t = pd.crosstab(p.tranche, p.traitement)
    c.add("traitements_age.tsv", t.to_csv(sep="\t", index_label="Âge"), "refuse", [("FREQ_MIN", {"needle": "65-74", "column": 3}), ("FREQ_MIN", {"needle": "< 45", "column": 4})], "health_11", encoding="utf-16")
    t = pd.crosstab(m.industry, m.ethn)
    c.add("industry_ethnicity.md", t.to_markdown() + "\n", "refuse", [("FREQ_MIN", {"needle": "Mining"})])
    t = pd.crosstab(f.region, f.status, margins=True, margins_name="Total")
    c.add("rizieres.csv", t.to_csv(sep=";"), "refuse", [("FREQ_MIN", {"needle": "langan", "column": 2 + list(t.columns).index("share")})], "dads_5")
    c.add("annees_inclusion.csv", p.groupby("year").size().rename("patients").reset_index().rename(columns={"year": "année"}).to_csv(sep=";", index=False), "refuse", [("FREQ_MIN", {"needle": "1978", "column": 2})], "health_11")
    g = f.groupby(["region", "varieties"]).agg(farms=("size", "count"), mean_output=("goutput", "mean")).round(1).reset_index()
    few(g[["farms"]], 11)
    c.add("varieties_long.csv", g.to_csv(index=False), "refuse", [("FREQ_MIN", {}), ("MAGNITUDE_FEW", {})], "fiscal_11")
    c.add("entete_petit.csv", csv(["Indicateur", "Ensemble (n = 2 982)", "Moins de 45 ans sous hormones (n = 4)"], ["Rechute à 5 ans (%)", "38,2", "50,0"], ["Suivi médian (ans)", "7,9", "6,1"]), "refuse", [("FREQ_MIN", {"line": 1, "column": 3})], "health_11")
    c.add("non_pondere.csv", csv(["Région", "Effectif non pondéré", "Effectif pondéré"], ["Corse", 3, "16 204"], ["Grand Est", "1 218", "6 701 388"], ["Occitanie", "1 244", "6 790 112"]), "refuse", [("FREQ_MIN", {"needle": "Corse", "column": 2})], "insee_menages")
    c.add("ifi_trente.csv", csv(["Arrondissement", "Redevables", "Patrimoine moyen (M€)"], ["Paris 7e", "4 118", "3,1"], ["Paris 16e", "9 872", "2,9"], ["Paris 19e", "37", "1,9"]), "refuse", [("FREQ_MIN", {"needle": "19e", "column": 2}), ("MAGNITUDE_FEW", {"needle": "19e", "column": 3})], "fiscal_ifi_50")
    c.add("deux_entreprises.csv", csv(["A88", "Entreprises", "Chiffre d'affaires (M€)"], ["10", "1 204", "8 911"], ["11", "212", "1 402"], ["12", "2", "377"]), "refuse", [("FREQ_MIN", {"needle": "12;2", "column": 2})], "enterprise")
    c.add("comptages.json", json.dumps({"population": "patientes incluses", "n": 2982, "par_grade": [{"grade": 2, "effectif": 794}, {"grade": 3, "effectif": 2188}], "perdues_de_vue": {"effectif": 6}}, ensure_ascii=False, indent=1), "refuse", [("FREQ_MIN", {})], "health_11")
    c.add("largeur_fixe.txt", f"{'Service':<24}{'Séjours':>10}{'Décès':>8}\n" + "".join(f"{a:<24}{fr(b):>10}{d:>8}\n" for a, b, d in [("Cardiologie", 4120, 188), ("Néphrologie", 1377, 41), ("Ophtalmologie", 2904, 2), ("Pneumologie", 1988, 97)]), "refuse", [("FREQ_MIN", {"needle": "Ophtalmologie"})], "health_11")


def derived(c):
    c.add("pour_cent.csv", csv(["Service", "Patients", "Décès (%)", "Réadmission (%)"], ["Neurologie", 1412, "4,1", "9,8"], ["Brûlés", 142, "2,1", "14,8"], ["Urologie", 988, "2,9", "8,0"]), "refuse", [("DERIVED_COUNT", {"needle": "Brûlés", "column": 3})], "health_11")
    c.add("pour_cent_mille.csv", csv(["Territoire", "Population", "Cas pour 100 000"], ["Haute-Loire", "227 300", "61,6"], ["Lozère sud", "18 400", "21,7"], ["Cantal", "143 900", "38,9"]), "refuse", [("DERIVED_COUNT", {"needle": "Lozère sud", "column": 3})], "health_11")
    c.add("complement.csv", csv(["Établissement", "Élèves inscrits", "dont présents à l'épreuve"], ["Collège A", 412, 377], ["Collège B", 187, 182], ["Collège C", 655, 601]), "refuse", [("DERIVED_COUNT", {"needle": "Collège B"})], "depp_10")
    c.add("masse_moyenne.csv", csv(["Commune", "Revenus déclarés (€)", "Revenu moyen par foyer (€)"], ["Aurillac", "268 400 000", "22 000"], ["Lavigerie", "147 000", "21 000"], ["Vic", "18 900 000", "21 600"]), "refuse", [("DERIVED_COUNT", {"needle": "Lavigerie"})], "fiscal_11")
    c.add("champ_titre.csv", "Tableau 7. Devenir à 12 mois (en %). Champ : 231 patients greffés.\n" + csv(["Devenir", "Part (%)"], ["Greffon fonctionnel", "91,8"], ["Retour en dialyse", "6,5"], ["Décès", "1,7"]), "refuse", [("DERIVED_COUNT", {"needle": "Décès"})], "health_11")
    c.add("seul_masque.csv", csv(["Zone", "CDI", "CDD", "Intérim", "Total"], ["Brive", "3 104", "688", "412", "4 204"], ["Tulle", "1 887", "s", "204", "2 094"], ["Ussel", "902", "177", "88", "1 167"]).replace(" ", "\u00a0"), "refuse", [("SECONDARY_RECOVERABLE", {"needle": "Tulle", "column": 3})], "dads_5")
    c.add("sous_regions.csv", csv(["Région", "Département", "Exploitations bio"], ["Auvergne", "Allier", "212"], ["Auvergne", "Cantal", "c"], ["Auvergne", "Puy-de-Dôme", "388"], ["Auvergne", "Total", "607"], ["Limousin", "Corrèze", "204"], ["Limousin", "Creuse", "177"], ["Limousin", "Total", "381"]), "refuse", [("SECONDARY_RECOVERABLE", {"needle": "Cantal"})], "fiscal_11")
    c.add("hors_apprentis.csv", csv(["Zone", "Salariés hors apprentis"], ["Brive", "4 133"], ["Tulle", "2 391"], ["Ussel", "1 102"]), "refuse", [("DIFFERENCING", {})], "dads_5", released={"hors_apprentis_avant.csv": csv(["Zone", "Salariés"], ["Brive", "4 204"], ["Tulle", "2 394"], ["Ussel", "1 167"])})
    c.add("reprise_masquee.csv", csv(["Service", "Femmes", "Hommes", "Ensemble"], ["Cardiologie", "s", "s", "412"], ["Dialyse", "88", "121", "209"], ["Urologie", "s", "s", "655"], ["Ensemble", "204", "1 072", "1 276"]), "refuse", [("SECONDARY_RECOVERABLE", {})], "health_11", released={"reprise_avant.csv": csv(["Service", "Femmes"], ["Cardiologie", "109"], ["Dialyse", "88"], ["Urologie", "<11"])})
    c.add("millesime.csv", csv(["Zone", "Salariés 2023"], ["Brive", "4 207"], ["Tulle", "2 389"], ["Ussel", "1 170"]), rules="dads_5", trap="another year than what was released", released={"millesime_avant.csv": csv(["Zone", "Salariés 2022"], ["Brive", "4 204"], ["Tulle", "2 394"], ["Ussel", "1 167"])}, forbidden=[*CALM, "DIFFERENCING"])
    c.add("unanime.csv", csv(["Quartier", "Propriétaires", "Locataires", "Ensemble"], ["Centre", "188", "412", "600"], ["Les Pins", "0", "64", "64"], ["Gare", "212", "155", "367"]), "refuse", [("CLASS_DISCLOSURE", {"needle": "Les Pins"})], "insee_menages")
    c.add("presque_unanime.csv", csv(["Quartier", "Propriétaires", "Locataires", "Ensemble"], ["Centre", "188", "412", "600"], ["Les Pins", "9", "451", "460"], ["Gare", "212", "155", "367"]), "refuse", [("CLASS_DISCLOSURE", {"needle": "Les Pins"})], "insee_menages", forbidden=["FREQ_MIN"])


def magnitudes(c):
    g = sample("farms").groupby("region").goutput
    c.add("rendements.csv", g.agg(["size", "mean", "min", "max"]).round(1).set_axis(["exploitations", "moyenne", "minimum", "maximum"], axis=1).to_csv(sep=";", decimal=","), "refuse", [("EXTREME_VALUE", {"line": 2, "column": 4}), ("EXTREME_VALUE", {"line": 2, "column": 5})], "fiscal_11", forbidden=["FREQ_MIN"])
    c.add("deciles_courts.csv", csv(["Groupe", "Effectif", "D1", "Médiane", "D9"], ["Ensemble", "2 982", "12,1", "61,4", "98,0"], ["Grade 3, chimiothérapie", "46", "9,8", "40,1", "88,7"]), "refuse", [("QUANTILE_FEW", {"needle": "Grade 3"})], "health_11", forbidden=["FREQ_MIN"])
    c.add("concentration.csv", csv(["Secteur", "Entreprises", "Indice de Herfindahl"], ["Verre", "41", "0,21"], ["Tabac", "9", "0,93"], ["Papier", "188", "0,07"]), "refuse", [("DOMINANCE", {"needle": "Tabac", "column": 3})], "enterprise", forbidden=["FREQ_MIN"])
    c.add("premier.csv", csv(["Secteur", "Entreprises", "Ventes (k€)", "Part de la première entreprise (%)"], ["Verre", "41", "88 120", "31,2"], ["Aciérie", "6", "402 300", "91,4"], ["Papier", "188", "77 004", "12,0"]), "refuse", [("DOMINANCE", {"needle": "Aciérie", "column": 4})], "enterprise", forbidden=["FREQ_MIN"])
    e = companies()
    table = lambda d: csv(["Activité", "Entreprises", "Chiffre d'affaires (k€)"], *[[k, len(v), int(v.sum())] for k, v in d.groupby("a17").ca])
    long = lambda d: csv(["activite", "entreprise", "ca"], *[[v.a17, v.entreprise, int(v.ca)] for v in d.itertuples()])
    assert e.groupby("a17").ca.agg(lambda v: v.max() / v.sum()).max() < 0.4
    c.add("ca_activites.csv", table(e), rules="enterprise", trap="a magnitude table with its contributors, none large", supporting={"ca_activites_contributions.csv": long(e)})
    big = e.copy()
    at = big[big.a17 == "C3 Équipements"].index
    big.loc[at[3], "ca"] = 9 * big.loc[at, "ca"].sum()
    c.add("ca_domine.csv", table(big), "refuse", [("DOMINANCE", {"needle": "C3 Équi", "column": 3})], "enterprise", supporting={"ca_domine_contributions.csv": long(big)}, forbidden=["FREQ_MIN"])
    control = csv(["Activité", "Plus grande contribution", "Deuxième", "Total", "Unités"], ["Verre", "18 200", "9 100", "91 400", "44"], ["Tabac", "61 000", "2 000", "64 100", "7"], ["Papier", "7 800", "7 100", "88 300", "120"])
    c.add("controle_tabac.csv", csv(["Activité", "Unités", "Valeur ajoutée (k€)"], ["Verre", "44", "91 400"], ["Tabac", "7", "64 100"], ["Papier", "120", "88 300"]), "refuse", [("DOMINANCE", {"needle": "Tabac"})], "enterprise", supporting={"controle_tabac_plus_grands.csv": control}, forbidden=["FREQ_MIN"])


def build(c):
    for family in (safe_tables, small_counts, derived, magnitudes, part_i_prose.build, part_i_records.build, part_i_traps.build, part_i_console.build):
        family(c)
