"""Compares `bulle protect` with pytauargus' OPT on the same tables, in one run.

    pip install pytauargus==0.6.0 scipy
    cargo run --release -p disclosure --example protect_shapes -- TABLES [SEED]
    python benches/protect_tauargus.py --bulle target/release/bulle TABLES [NAME...]

For each table: cost of the secondary cells and CPU seconds (user and system, of the process and
its children), and whether each pattern is valid by an independent audit (scipy's HiGHS, one
linear program for each level of each primary cell).
"""

import argparse
import csv
import json
import os
import pathlib
import resource
import subprocess
import sys
import tempfile

OPT = """
import sys, pytauargus._tauargus as t
code = t.HiTaSCtrl().full_jj(in_file_jj=sys.argv[1], out_file=sys.argv[2], max_time=int(sys.argv[3]))
print("code", code)
"""


def load(folder):
    with open(folder / "cells.csv") as file:
        cells = list(csv.DictReader(file))
    relations = json.loads((folder / "relations.json").read_text())["constraints"]
    return cells, relations


def write_jj(path, cells, relations, cost):
    """tau-ARGUS' JJ file: cells (index value cost status lb ub lpl upl spl), then the sums."""
    index = {cell["id"]: at for at, cell in enumerate(cells)}
    with open(path, "w") as file:
        file.write(f"0\n{len(cells)}\n")
        for at, c in enumerate(cells):
            weight = c["cost_value"] if cost == "value" else c["cost_count"]
            file.write(f"{at} {c['value']} {weight} {c['status']} {c['lb']} {c['ub']} "
                       f"{c['lpl']} {c['upl']} 0\n")
        file.write(f"{len(relations)}\n")
        for r in relations:
            terms = [f"{index[r['total']]} (-1)"] + [f"{index[c]} (1)" for c in r["children"]]
            file.write(f"0 {len(terms)} : {' '.join(terms)}\n")


def timed(command, limit, folder):
    """Runs in a folder that is thrown away: tau-ARGUS leaves files where it runs."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=limit,
                              cwd=folder)
        output, code = done.stdout + done.stderr, done.returncode
    except subprocess.TimeoutExpired:
        output, code = "not finished", None
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return output, code, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def audit(cells, relations, suppressed):
    """How many levels of primary cells are not met (independent of both programs)."""
    import numpy as np
    from scipy.optimize import linprog
    from scipy.sparse import coo_matrix
    at = {cell["id"]: n for n, cell in enumerate(c for c in cells if c["id"] in suppressed)}
    rows, cols, values = [], [], []
    for n, r in enumerate(relations):
        for cell, sign in [(r["total"], -1)] + [(c, 1) for c in r["children"]]:
            if cell in at:
                rows.append(n), cols.append(at[cell]), values.append(sign)
    matrix = coo_matrix((values, (rows, cols)), shape=(len(relations), len(at))).tocsr()
    matrix = matrix[np.diff(matrix.indptr) > 0]
    chosen = [c for c in cells if c["id"] in at]
    bounds = [(float(c["lb"]) - float(c["value"]), float(c["ub"]) - float(c["value"]))
              for c in chosen]
    missed = 0
    for n, c in enumerate(chosen):
        if c["status"] != "u":
            continue
        for sign, level in ((-1, float(c["upl"])), (1, float(c["lpl"]))):
            if level <= 0:
                continue
            objective = np.zeros(len(at))
            objective[n] = sign
            found = linprog(objective, A_eq=matrix, b_eq=np.zeros(matrix.shape[0]),
                            bounds=bounds, method="highs")
            missed += not (found.status == 3 or -found.fun >= level - 1e-6 * max(1, level))
    primaries = {c["id"] for c in cells if c["status"] == "u"}
    forbidden = {c["id"] for c in cells if c["status"] == "z"}
    return missed + len(primaries - suppressed) + len(forbidden & suppressed)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bulle", required=True)
    parser.add_argument("--cost", choices=["value", "count"], default="value")
    parser.add_argument("--limit", type=int, default=120, help="wall seconds for each program")
    parser.add_argument("--no-audit", action="store_true")
    parser.add_argument("--no-opt", action="store_true")
    parser.add_argument("tables", type=pathlib.Path)
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    options.bulle, options.tables = os.path.abspath(options.bulle), options.tables.resolve()
    names = options.names or sorted(p.name for p in options.tables.iterdir())
    print("table cells primary | OPT cost, cells, CPU s, missed | bulle cost, cells, CPU s, "
          "missed, bound | bulle/OPT", flush=True)
    for name in names:
        folder = options.tables / name
        cells, relations = load(folder)
        costs = {c["id"]: float(c[f"cost_{options.cost}"]) for c in cells}
        primaries = {c["id"] for c in cells if c["status"] == "u"}
        line, found = [f"{name} {len(cells)} {len(primaries)}"], {}
        with tempfile.TemporaryDirectory() as work:
            jj, out = os.path.join(work, "t.jj"), os.path.join(work, "out")
            write_jj(jj, cells, relations, options.cost)
            runs = {"opt": [sys.executable, "-c", OPT, jj, out, str(options.limit // 60 or 1)],
                    "bulle": [options.bulle, "protect", "--cells", str(folder / "cells.csv"),
                              "--relations", str(folder / "relations.json"),
                              "--cost", options.cost, "--out", os.path.join(work, "p.csv")]}
            if options.no_opt:
                del runs["opt"]
            for program, command in runs.items():
                output, code, cpu = timed(command, options.limit, work)
                suppressed = None
                if program == "opt" and os.path.exists(out):
                    ids = {int(text.split()[0]) for text in open(out) if text.split()}
                    suppressed = {cells[at]["id"] for at in ids} | primaries
                if program == "bulle" and code == 0:
                    with open(os.path.join(work, "p.csv")) as file:
                        suppressed = {row["id"] for row in csv.DictReader(file)}
                if suppressed is None:
                    line.append(f"none ({output.strip().splitlines()[-1] if output else code}) "
                                f"{cpu:.2f}")
                    continue
                cost = sum(costs[c] for c in suppressed - primaries)
                found[program] = cost
                missed = "-" if options.no_audit else audit(cells, relations, suppressed)
                text = f"{cost:g} {len(suppressed - primaries)} {cpu:.2f} {missed}"
                if program == "bulle":
                    text += "".join(" lb " + row.split()[-1] for row in output.splitlines()
                                    if row.startswith("lower bound"))
                line.append(text)
        if len(found) == 2:
            line.append(f"{found['bulle'] / max(found['opt'], 1e-9):.4f}")
        print(" | ".join(line), flush=True)


if __name__ == "__main__":
    main()
