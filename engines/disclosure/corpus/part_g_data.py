"""Part g, data: job seekers, births, exporters, farms, homes and a cohort, all seeded; keys that identify."""
import numpy as np
import pandas as pd

NBSP = "\u00a0"


def fr(value, decimals=0, sep=NBSP):
    return f"{value:,.{decimals}f}".replace(",", "\0").replace(".", ",").replace("\0", sep)


def roomy(table, t):
    """The table, once every cell is known to be of `t` units at least, and not zero."""
    assert table.to_numpy().min() >= t, table
    return table


def few(table, t):
    """The first cell above zero and below `t`: its row label, its column label and its places from 0."""
    for i, row in enumerate(table.to_numpy()):
        for j, n in enumerate(row):
            if 0 < n < t:
                return table.index[i], table.columns[j], i, j
    raise AssertionError(f"no cell below {t}: {table}")


def seekers(n=6200, seed=2041):
    g = np.random.default_rng(seed)
    d = pd.DataFrame({"region": g.choice(["Bretagne", "Normandie", "Centre-Val de Loire", "Pays de la Loire"], n, p=[0.3, 0.3, 0.2, 0.2]),
                      "sexe": g.choice(["Femmes", "Hommes"], n, p=[0.52, 0.48]),
                      "age": g.integers(16, 66, n), "rome": g.choice(["K1302", "N1103", "G1602", "M1805", "F1703"], n),
                      "motif": g.choice(["Fin de CDD", "Licenciement", "Démission", "Première entrée"], n, p=[0.5, 0.2, 0.15, 0.15]),
                      "jours": g.gamma(2, 110, n).round().astype(int) + 1})
    d["tranche"] = pd.cut(d.age, [0, 24, 49, 99], labels=["15-24 ans", "25-49 ans", "50 ans ou plus"]).astype(str)
    d["alloc"] = g.normal(34, 6, n).round(2)
    d.loc[d.index[:7], ["region", "motif"]] = ["Bretagne", "Sortie de détention"]
    d.loc[d.index[7:60], "motif"] = "Sortie de détention"
    return d.sample(frac=1, random_state=3).reset_index(drop=True)


def births(n=4800, seed=515):
    g = np.random.default_rng(seed)
    d = pd.DataFrame({"type": g.choice(["I", "IIA", "IIB", "III"], n, p=[0.3, 0.25, 0.25, 0.2]),
                      "mode": g.choice(["VB spontanée", "VB instrumentale", "Césarienne"], n, p=[0.66, 0.13, 0.21]),
                      "cim": g.choice(["O80.0", "O82.1", "O14.9", "O24.4", "O72.1"], n, p=[0.55, 0.2, 0.08, 0.12, 0.05]),
                      "terme": g.normal(39.2, 1.6, n).round().clip(28, 42).astype(int), "poids": g.normal(3280, 480, n).round(-1),
                      "age": g.normal(31, 5, n).round().clip(17, 47).astype(int), "rang": g.choice([1, 2, 3], n, p=[0.45, 0.35, 0.2])})
    d.loc[d.index[:6], "cim"] = "O88.1"
    return d


def exporters(n=640, seed=77031):
    g = np.random.default_rng(seed)
    d = pd.DataFrame({"chapitre": g.choice(["22 Boissons", "30 Pharmacie", "39 Plastiques", "73 Ouvrages en fer", "88 Aéronautique"], n, p=[0.3, 0.15, 0.25, 0.25, 0.05]),
                      "pays": g.choice(["Allemagne", "Belgique", "Espagne"], n), "valeur": g.lognormal(5, 0.9, n).round()})
    d.insert(0, "unite", [f"E{i:04d}" for i in range(n)])
    return d


def farms(n=2500, seed=404):
    g = np.random.default_rng(seed)
    return pd.DataFrame({"otex": g.choice([1516, 3500, 4500, 4600, 6184], n), "commune": g.choice([12145, 12202, 48095, 15014, 43157], n),
                         "sau": g.gamma(3, 24, n).round(1), "uth": g.choice([1.0, 1.5, 2.0, 2.5, 3.0], n), "bovins": g.poisson(64, n), "pbs": g.lognormal(11, 0.6, n).round()})


def homes(n=5600, seed=9090):
    g = np.random.default_rng(seed)
    d = pd.DataFrame({"statut": g.choice(["Propriétaire", "Locataire HLM", "Locataire privé"], n, p=[0.57, 0.18, 0.25]),
                      "dpe": g.choice(list("ABCDEFG"), n, p=[0.03, 0.06, 0.24, 0.32, 0.19, 0.1, 0.06]), "pieces": g.choice([1, 2, 3, 4, 5], n, p=[0.08, 0.16, 0.26, 0.27, 0.23]),
                      "surface": g.normal(82, 22, n).round().clip(12, 240)})
    d["loyer"] = (180 + 7.4 * d.surface + g.normal(0, 90, n)).round(0)
    return d


def cohort(n=2600, seed=33):
    """Months to relapse in two arms, followed 24 months: every month has its dozens of events."""
    g = np.random.default_rng(seed)
    arm = g.choice(["A", "B"], n)
    t = np.ceil(g.exponential(np.where(arm == "A", 30, 44)))
    return pd.DataFrame({"mois": np.minimum(t, 24).astype(int), "rechute": (t <= 24).astype(int), "bras": arm, "age": g.normal(61, 9, n).round().astype(int)})


def small_cohort(n=62, seed=8):
    g = np.random.default_rng(seed)
    t = np.ceil(g.exponential(9, n))
    return pd.DataFrame({"mois": np.minimum(t, 30).astype(int), "rechute": (g.random(n) < 0.7).astype(int), "bras": g.choice(["A", "B"], n), "age": g.integers(40, 80, n)})


def nir(body):
    """13 characters and their key: 97 - N mod 97, 2A as 19, 2B as 18."""
    number = int(body.replace("2A", "19").replace("2B", "18"))
    return f"{body}{97 - number % 97:02d}"


def luhn(body):
    """The digits with the last one that Luhn asks for."""
    total = sum(d if i % 2 else (2 * d - 9 if d > 4 else 2 * d) for i, d in enumerate(map(int, reversed(body))))
    return f"{body}{-total % 10}"
