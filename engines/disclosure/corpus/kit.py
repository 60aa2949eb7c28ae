"""What both halves of the corpus share: real microdata, writers, labels with the place of each finding."""
import json
import os
import subprocess
from pathlib import Path

import numpy as np
import pandas as pd
import statsmodels.api as sm

NBSP = "\u202f"


class Corpus:
    """Files with their labels; a place is found by a needle in the written text, so that it is never typed by hand."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.labels = {}

    def _write(self, name, text, encoding):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode(encoding))

    def safe(self, name, text, rules="generic_10", trap="", encoding="utf-8"):
        self._write(name, text, encoding)
        self.labels[name] = {"rules": rules, "unsafe": False, "trap": trap, "findings": []}

    def unsafe(self, name, text, places, rules="generic_10", grave=False, encoding="utf-8", released=None, supporting=None):
        """`places`: (rule, needle or None, column or None); `grave`: identifiers or microdata, never to be missed."""
        self._write(name, text, encoding)
        findings = []
        for rule, needle, column in places:
            line = None
            if needle is not None:
                hits = [at for at, line in enumerate(text.splitlines(), 1) if needle in line]
                assert hits, f"{name}: {needle!r} is not in the text"
                line = hits[0]
            findings.append({"rule": rule, "line": line, "column": column})
        label = {"rules": rules, "unsafe": True, "grave": grave, "findings": findings}
        for key, files in (("released", released), ("supporting", supporting)):
            label[key] = []
            for other, content in (files or {}).items():
                self._write(other, content, "utf-8")
                label[key].append(other)
        self.labels[name] = label

    def done(self):
        with open(self.folder / "labels.json", "w") as file:
            json.dump(self.labels, file, ensure_ascii=False, indent=1, sort_keys=True)
            file.write("\n")


def run_r(script, data):
    """Runs R on `data` (a CSV given as `data.csv`); `R_COMMAND` says how, e.g. `Rscript` or a container's."""
    folder = Path(os.environ["R_FOLDER"])
    data.to_csv(folder / "data.csv", index=False)
    (folder / "script.R").write_text("options(width=100)\nd <- read.csv('data.csv')\n" + script)
    command = os.environ.get("R_COMMAND", "Rscript").split() + ["script.R"]
    answer = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if answer.returncode:
        raise SystemExit(answer.stderr)
    return answer.stdout


def fair():
    d = sm.datasets.fair.load_pandas().data
    d["plan"] = np.where(d.religious > 2, "religieuse", "peu religieuse")
    jobs = {1: "étudiante", 2: "agricole", 3: "employée", 4: "enseignante", 5: "cadre", 6: "supérieure"}
    d["metier"] = d.occupation.map(jobs)
    ages = {17.5: "moins de 20", 22: "20-24", 27: "25-29", 32: "30-34", 37: "35-39", 42: "40 et plus"}
    d["tranche"] = d.age.map(ages)
    return d


def anes():
    d = sm.datasets.anes96.load_pandas().data
    d["vote_name"] = d.vote.map({0: "Clinton", 1: "Dole"})
    d["school"] = d.educ.map({1: "none", 2: "some HS", 3: "HS", 4: "some college", 5: "CC", 6: "BA", 7: "MA+"})
    return d


def hie():
    d = sm.datasets.randhie.load_pandas().data
    d = d.rename(columns={"mdvis": "visits"})
    d["health"] = np.select([d.hlthp == 1, d.hlthf == 1, d.hlthg == 1], ["poor", "fair", "good"], "excellent")
    d["plan"] = np.where(d.lncoins == 0, "free care", "coinsurance")
    return d


def firms(seed=7, n=400):
    """Enterprises with a heavy-tailed turnover: the only data here that no survey gave."""
    rng = np.random.default_rng(seed)
    sectors = ["bois", "métal", "papier", "textile", "verre", "chimie"]
    regions = ["Nord", "Sud", "Est", "Ouest"]
    return pd.DataFrame({
        "secteur": rng.choice(sectors, n, p=[0.3, 0.25, 0.2, 0.15, 0.07, 0.03]),
        "region": rng.choice(regions, n, p=[0.4, 0.3, 0.2, 0.1]),
        "siren": [f"{300000000 + i * 137}" for i in range(n)],
        "ca": np.round(rng.lognormal(6, 1.6, n)),
    })


def fr(value, decimals=0, sep=NBSP):
    """A number as French offices write it."""
    text = f"{value:,.{decimals}f}"
    return text.replace(",", "\0").replace(".", ",").replace("\0", sep)


def french_csv(frame, decimals=0, sep=";", thousands=NBSP, index_name=""):
    lines = [sep.join([index_name] + [str(c) for c in frame.columns])]
    for label, row in frame.iterrows():
        cells = [fr(v, decimals if isinstance(decimals, int) else decimals[i], thousands) if not isinstance(v, str) else v
                 for i, v in enumerate(row)]
        lines.append(sep.join([str(label)] + cells))
    return "\n".join(lines) + "\n"


def stata_tab(series, name):
    """`tabulate` of one variable, as Stata prints it."""
    counts = series.value_counts().sort_index()
    total, cum = counts.sum(), 0.0
    out = [f". tabulate {name}", "", f"{name:>11} |      Freq.     Percent        Cum.", "-" * 12 + "+" + "-" * 35]
    for label, n in counts.items():
        cum += 100 * n / total
        out.append(f"{str(label):>11} | {n:>10,d} {100 * n / total:>11.2f} {cum:>11.2f}")
    out += ["-" * 12 + "+" + "-" * 35, f"{'Total':>11} | {total:>10,d} {100.0:>11.2f}", ""]
    return "\n".join(out)


def stata_tab2(frame, a, b, percent=False):
    table = pd.crosstab(frame[a], frame[b])
    width = 11
    head = "".join(f"{str(c):>10}" for c in table.columns)
    bar = "-" * (width + 1) + "+" + "-" * (10 * table.shape[1] + 1) + "+" + "-" * 10
    out = [f". tabulate {a} {b}" + (", row" if percent else ""), "", f"{'':>{width}} | {b:^{10 * table.shape[1] - 1}}",
           f"{a:>{width}} |{head} |     Total", bar]
    for label, row in table.iterrows():
        out.append(f"{str(label):>{width}} |" + "".join(f"{v:>10,d}" for v in row) + f" |{row.sum():>10,d}")
        if percent:
            out.append(f"{'':>{width}} |" + "".join(f"{100 * v / row.sum():>10.2f}" for v in row) + f" |{100.0:>10.2f}")
            out.append(bar)
    if not percent:
        out.append(bar)
    sums = table.sum()
    out.append(f"{'Total':>{width}} |" + "".join(f"{v:>10,d}" for v in sums) + f" |{sums.sum():>10,d}")
    return "\n".join(out) + "\n"


def stata_summarize(frame, names):
    out = [f". summarize {' '.join(names)}", "", "    Variable |        Obs        Mean    Std. dev.       Min        Max",
           "-" * 13 + "+" + "-" * 57]
    for name in names:
        s = frame[name]
        out.append(f"{name:>12} |{s.count():>11,d}{s.mean():>12.6g}{s.std():>13.6g}{s.min():>11.6g}{s.max():>11.6g}")
    return "\n".join(out) + "\n"


def stata_regress(frame, y, xs):
    x = sm.add_constant(frame[xs].astype(float))
    fit = sm.OLS(frame[y].astype(float), x).fit()
    n, k, dfr = int(fit.nobs), int(fit.df_model), int(fit.df_resid)
    rows = [("Model", fit.ess, k), ("Residual", fit.ssr, dfr)]
    side = [f"Number of obs   = {n:>9,d}", f"F({k}, {dfr})".ljust(16) + f"= {fit.fvalue:>9.2f}", f"Prob > F        = {fit.f_pvalue:>9.4f}",
            f"R-squared       = {fit.rsquared:>9.4f}", f"Adj R-squared   = {fit.rsquared_adj:>9.4f}", f"Root MSE        = {np.sqrt(fit.mse_resid):>9.5g}"]
    out = [f". regress {y} {' '.join(xs)}", "", f"      Source |       SS           df       MS      {side[0]}",
           f"-------------+----------------------------------   {side[1]}"]
    for i, (name, ss, df) in enumerate(rows):
        out.append(f"{name:>12} | {ss:>11.9g} {df:>9,d}  {ss / max(df, 1):>11.9g}   {side[2 + i]}")
    out.append(f"-------------+----------------------------------   {side[4]}")
    out.append(f"{'Total':>12} | {fit.centered_tss:>11.9g} {n - 1:>9,d}  {fit.centered_tss / (n - 1):>11.9g}   {side[5]}")
    out += ["", "-" * 78, f"{y:>12} | Coefficient  Std. err.      t    P>|t|     [95% conf. interval]", "-" * 13 + "+" + "-" * 64]
    ci = fit.conf_int()
    for name in xs + ["const"]:
        shown = "_cons" if name == "const" else name
        out.append(f"{shown:>12} | {fit.params[name]:>10.7g} {fit.bse[name]:>10.7g} {fit.tvalues[name]:>8.2f} {fit.pvalues[name]:>7.3f}"
                   f"  {ci.loc[name, 0]:>12.7g} {ci.loc[name, 1]:>11.7g}")
    out.append("-" * 78)
    return "\n".join(out) + "\n"
