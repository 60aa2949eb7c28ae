"""Writes the demo centre's microdata as CSV files, from the data sets that ship with statsmodels.

    python demo/data.py TARGET

makes TARGET/hie/hie_1.csv to hie_5.csv, TARGET/anes96/anes96.csv, TARGET/fair/fair.csv and
TARGET/manifest.json. Values are copied as the text that they are in the package, never through a binary
number, so that nothing is rounded. Nothing is invented: what differs from the package is said in README.md.
Only the standard library is needed besides the package's files. Exit status: 0, or 1 with the reason.
"""

import csv
import hashlib
import importlib.util
import json
import math
import sys
from pathlib import Path

# What an answer must look like; a package with other data stops the demo instead of changing it silently.
ROWS = {"hie": 20190, "anes96": 944, "fair": 6366}
HEALTH = {("1", "0", "0"): "Bon", ("0", "1", "0"): "Passable", ("0", "0", "1"): "Médiocre",
          ("0", "0", "0"): "Excellent"}


def datasets_folder():
    """The package's folder of data sets; found without importing it, which would cost seconds."""
    spec = importlib.util.find_spec("statsmodels")
    if spec is None or spec.origin is None:
        raise SystemExit("statsmodels is missing: pip install -r demo/requirements.txt")
    return Path(spec.origin).parent / "datasets"


def read(path, delimiter, quote='"'):
    """The header and the rows of a CSV file, every field as text."""
    with path.open(encoding="ascii", newline="") as file:
        rows = list(csv.reader(file, delimiter=delimiter, quotechar=quote))
    return [name.strip() for name in rows[0]], rows[1:]


def hie(datasets):
    """RAND HIE: the original file with its 45 variables, one vintage a study year.

    Decimal commas; the plan as a code of two digits; self-rated health also as a word.
    """
    header, rows = read(datasets / "randhie" / "src" / "randhie.csv", ",")
    at = {name: index for index, name in enumerate(header)}
    vintages = {}
    for row in rows:
        health = HEALTH[tuple(row[at[name]] for name in ("hlthg", "hlthf", "hlthp"))]
        row[at["plan"]] = row[at["plan"]].zfill(2)
        year = row[at["year"]]
        vintages.setdefault(year, []).append([field.replace(".", ",") for field in row] + [health])
    return header + ["health"], dict(sorted(vintages.items()))


def anes96(datasets):
    """ANES 1996, with the logarithm of the place's population that statsmodels adds when it loads."""
    header, rows = read(datasets / "anes96" / "anes96.csv", "\t", "'")
    if len(header) == 1:
        raise SystemExit("anes96.csv: its delimiter is not the tab any more")
    population = header.index("popul")
    rows = [row + [repr(math.log(float(row[population]) + 0.1))] for row in rows]
    return header + ["logpopul"], {"1996": rows}


def fair(datasets):
    """Fair 1978: the sample of the Redbook survey of 1974."""
    header, rows = read(datasets / "fair" / "fair.csv", ",")
    return header, {"1974": rows}


def period(source, vintage):
    """First and last calendar year that a vintage is about.

    HIE families were enrolled from November 1974 to February 1977, so study year k runs, over all
    families, from 1974 + k - 1 to 1977 + k.
    """
    if source == "hie":
        return 1973 + int(vintage), 1977 + int(vintage)
    return int(vintage), int(vintage)


def label(source, vintage):
    """A vintage's name for people, in both languages."""
    if source == "hie":
        return {"en": f"Study year {vintage}", "fr": f"Année d'étude {vintage}"}
    return {"en": vintage, "fr": vintage}


def write(path, header, rows, delimiter, encoding):
    """Writes one CSV file and gives its SHA-256; the same input always gives the same bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file, delimiter=delimiter, lineterminator="\r\n" if encoding == "cp1252" else "\n")
        writer.writerow(header)
        writer.writerows(rows)
    return hashlib.sha256(path.read_bytes()).hexdigest()


def main(target):
    datasets = datasets_folder()
    dialects = {"hie": (hie, ";", "cp1252", ","), "anes96": (anes96, ",", "utf-8", "."),
                "fair": (fair, ";", "utf-8", ".")}
    files = []
    for source, (load, delimiter, encoding, decimal) in dialects.items():
        header, vintages = load(datasets)
        count = sum(len(rows) for rows in vintages.values())
        widths = {len(row) for rows in vintages.values() for row in rows}
        if count != ROWS[source] or widths != {len(header)}:
            raise SystemExit(f"{source}: {count} rows of {widths} fields, expected {ROWS[source]} of {len(header)}")
        for vintage, rows in vintages.items():
            name = f"{source}_{vintage}.csv" if len(vintages) > 1 else f"{source}.csv"
            sha256 = write(target / source / name, header, rows, delimiter, encoding)
            first, last = period(source, vintage)
            files.append({
                "source": source, "vintage": vintage, "label": label(source, vintage),
                "first_year": first, "last_year": last, "codebook": f"codebooks/{source}.xml",
                "path": f"{source}/{name}", "rows": len(rows), "columns": len(header),
                "delimiter": delimiter, "encoding": encoding, "decimal": decimal, "sha256": sha256,
            })
    (target / "manifest.json").write_text(json.dumps({"files": files}, indent=1, ensure_ascii=False) + "\n", "utf-8")
    for file in files:
        print(f"{file['path']}: {file['rows']} rows, {file['columns']} columns, {file['sha256'][:12]}")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit("usage: python demo/data.py TARGET")
    main(Path(sys.argv[1]))
