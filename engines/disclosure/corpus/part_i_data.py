"""Part i, data: public samples that R's packages ship (pupils, patients, donors of blood, wages, rice farms, firms), read once by R,
and seeded firms and households where none fit; what a safe table must hold is asserted, never assumed."""
import io
import re
from functools import cache

import numpy as np
import pandas as pd

from kit_files import r, work
from part_g_data import few, fr, luhn, nir, roomy  # noqa: F401 (kept together for the other modules)

SAMPLES = {"pupils": "merge(as.data.frame(nlme::MathAchieve), as.data.frame(nlme::MathAchSchool)[, c('School', 'Sector', 'Size')])",
           "patients": "survival::rotterdam", "donors": "survival::flchain", "people": "psych::bfi[, c('gender', 'education', 'age', 'A1', 'C4')]",
           "wages": "plm_get('Wages')", "males": "plm_get('Males')", "farms": "plm_get('RiceFarms')", "firms": "plm_get('EmplUK')",
           "colon": "survival::colon", "dutch": "MASS::nlschools", "students": "MASS::survey", "logan": "survival::logan"}


@cache
def _all():
    script = "plm_get <- function(n) { e <- new.env(); data(list = n, package = 'plm', envir = e); as.data.frame(e[[n]]) }\n"
    script += "".join(f"write.csv({code}, '{name}.csv', row.names = FALSE)\n" for name, code in SAMPLES.items())
    _, files = r(script, outputs=[f"{name}.csv" for name in SAMPLES])
    return {name: pd.read_csv(io.BytesIO(content)) for name, content in zip(SAMPLES, files)}


def pupils():
    """7 185 pupils of 160 schools: sector, sex, minority, score in mathematics."""
    d = _all()["pupils"].copy()
    d["secteur"] = d.Sector.map({"Public": "Public", "Catholic": "Privé"})
    d["sexe"] = d.Sex.map({"Female": "Filles", "Male": "Garçons"})
    d["score"] = d.MathAch.clip(lower=0).round(2)
    d["ses_q"] = pd.qcut(d.SES, 4, labels=["Q1", "Q2", "Q3", "Q4"]).astype(str)
    return d


def patients():
    """2 982 patients of Rotterdam: age, size and grade of a tumour, treatments, time to relapse and to death."""
    d = _all()["patients"].copy()
    d["tranche"] = pd.cut(d.age, [0, 44, 54, 64, 74, 120], labels=["< 45 ans", "45-54 ans", "55-64 ans", "65-74 ans", "75 ans et +"]).astype(str)
    d["traitement"] = np.select([d.chemo == 1, d.hormon == 1], ["Chimiothérapie", "Hormonothérapie"], "Aucun")
    d["annees"] = (d.dtime / 365.25).round(2)
    return d


def donors():
    d = _all()["donors"].copy()
    d["sexe"] = d.sex.map({"F": "Femmes", "M": "Hommes"})
    return d


def people():
    d = _all()["people"].dropna().copy()
    d["sexe"] = d.gender.map({1: "Hommes", 2: "Femmes"})
    d["diplome"] = d.education.map({1: "Sans", 2: "CAP", 3: "Bac", 4: "Licence", 5: "Master"})
    return d


def sample(name):
    return _all()[name].copy()


def companies(n=520, seed=1201):
    """Enterprises with a turnover, seeded: no public sample names them."""
    g = np.random.default_rng(seed)
    d = pd.DataFrame({"a17": g.choice(["C1 Agroalimentaire", "C3 Équipements", "FZ Construction", "GZ Commerce", "JZ Information"], n, p=[0.15, 0.1, 0.3, 0.3, 0.15]),
                      "taille": g.choice(["0 à 9", "10 à 49", "50 à 249"], n, p=[0.6, 0.3, 0.1]), "ca": g.lognormal(6, 0.8, n).round(), "salaries": g.poisson(14, n)})
    d.insert(0, "entreprise", [f"P{i:04d}" for i in range(n)])
    return d


def households(n=4100, seed=6077):
    g = np.random.default_rng(seed)
    d = pd.DataFrame({"region": g.choice(["Corse", "Grand Est", "Hauts-de-France", "Occitanie"], n, p=[0.1, 0.3, 0.3, 0.3]), "enfants": g.choice([0, 1, 2, 3, 4], n, p=[0.45, 0.22, 0.2, 0.09, 0.04]),
                      "statut": g.choice(["Propriétaire", "Locataire"], n, p=[0.6, 0.4]), "revenu": g.lognormal(10.1, 0.5, n).round(-1)})
    d["poids"] = g.uniform(2000, 9000, n).round(1)
    return d


def pspp(syntax, frame, out="out.txt"):
    """What PSPP writes of `syntax` on `frame`, in the format that `out` names."""
    kinds = " ".join(f"{c} {'A24' if frame[c].dtype == object else 'F8.2'}" for c in frame.columns)
    head = f"GET DATA /TYPE=TXT /FILE='data.csv' /ENCODING='UTF-8' /DELIMITERS=',' /QUALIFIER='\"' /FIRSTCASE=2 /VARIABLES={kinds}.\n"
    return work([["pspp", "-o", out, "s.sps"]], {"s.sps": head + syntax, "data.csv": frame.to_csv(index=False)}, [out])[1][0]


def gretl(script, frame):
    """The session that gretlcli prints of `script` on `frame`, whose banner and date are left out."""
    said = work([["gretlcli", "-b", "s.inp"]], {"s.inp": "open data.csv --quiet\n" + script, "data.csv": frame.to_csv(index=False)})[0]
    return "\n".join(line for line in said.splitlines() if "/tmp" not in line and "session" not in line.lower()) + "\n"


def smcl(text):
    """A log as Stata keeps it in SMCL: commands in {com}, output in {txt} with figures in {res}."""
    rule = lambda found: "".join("{c +}" if part == "+" else "{hline %d}" % len(part) for part in re.findall(r"-+|\+", found.group()))
    out = ["{smcl}", "{com}{sf}{ul off}{txt}"]
    for line in text.splitlines():
        drawn = re.sub(r"-{9,}(\+-{9,})*", rule, line)
        if line.startswith(". "):
            out.append("{com}" + line)
        elif drawn != line:
            out.append("{txt}" + re.sub(r"= +\S+$", lambda v: "{res}" + v.group(), drawn))
        elif " | " in line or line.rstrip().endswith("|"):
            head, _, tail = line.partition("|")
            out.append("{txt}" + head + "{c |}{res}" + re.sub(r"(?<=\s)\|", "{txt}{c |}{res}", tail))
        else:
            out.append("{txt}" + line)
    return "\n".join(out + ["{txt}{sf}{ul off}", ""])


def undated(text):
    """What statsmodels and R print, without the day and hour of the run."""
    return re.sub(r"(Time: +)\d\d:\d\d:\d\d", r"\g<1>09:14:02", re.sub(r"(Date: +)\w{3}, \d\d \w{3} \d{4}", r"\g<1>Tue, 12 Mar 2024", text))
