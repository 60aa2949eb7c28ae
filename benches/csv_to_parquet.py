#!/usr/bin/env python3
"""CSV to Parquet: CPU seconds and peak memory of ours and of DuckDB with a full type pass.

    python3 -m venv VENV && VENV/bin/pip install duckdb
    cargo build --release -p tabular --example convert
    VENV/bin/python benches/csv_to_parquet.py [MEGABYTES] [FOLDER] [RUNS]

Makes FOLDER/bench-MEGABYTES.csv once (seeded: 40 mixed columns as in a French deposit, some
with quoted line breaks), then runs both converters on it in turns and prints the median of each.
The output of ours is read by DuckDB and compared with the source: rows, and the codes as text.
"""
import os, random, resource, statistics, subprocess, sys, tempfile, time

MEGABYTES = int(sys.argv[1]) if len(sys.argv) > 1 else 300
FOLDER = sys.argv[2] if len(sys.argv) > 2 else tempfile.gettempdir()
RUNS = int(sys.argv[3]) if len(sys.argv) > 3 else 3
ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
OURS = os.path.join(ROOT, "target", "release", "examples", "convert")
WORDS = ("l'été à l'hôpital, près de Noël", "cœur", "Œuf-en-Ternois", "néant", "suivi médical",
         "ambulatoire", "séjour complet", "retour à domicile", "transfert", "décès constaté")


def row(rng, i):
    """One row: ids, codes, dates, amounts, flags, text."""
    day = f"20{rng.randint(10, 24)}-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}"
    note = " ".join(rng.choices(WORDS, k=rng.randint(1, 4)))
    if i % 50 == 0:
        note += "\nsuite sur une autre ligne, avec \"\"guillemets\"\""
    cells = [
        str(i), str(10**18 + rng.randrange(10**17)), f"{rng.randint(1000, 97999):05}",
        str(10**13 + rng.randrange(8 * 10**13)), f"{rng.randint(1, 95):02}", rng.choice("12"),
        str(rng.randint(1920, 2010)), day, f"{day} {rng.randint(0, 23):02}:{rng.randint(0, 59):02}:00",
        f"{rng.randint(0, 500000) / 100:.2f}", f"{rng.uniform(-90, 90):.6f}", f'"{note}"',
        rng.choice(WORDS).split(",")[0], rng.choice(("A", "B", "C", "")), f"{rng.choice('CDEIJ')}{rng.randint(10, 99)}{rng.randint(0, 9)}",
    ]
    for k in range(6):
        cells.append(str(rng.randint(0, 10 ** (k + 1))))
    for k in range(6):
        cells.append("" if rng.random() < 0.2 else f"{rng.random() * 10 ** k:.{k % 3 + 1}f}")
    for k in range(6):
        cells.append(rng.choice("01"))
    for k in range(4):
        cells.append(rng.choice(("oui", "non", "ne sait pas", "")))
    cells += [f"{rng.randint(1, 28):02}/{rng.randint(1, 12):02}/2020",
              f"{rng.randint(0, 999999):06}", str(rng.randint(100000, 999999))]
    return ",".join(cells)


def make(path):
    """Writes random rows in blocks; blocks repeat with new ids, which keeps the making short."""
    rng, size, i = random.Random(20260101), 0, 0
    pool = [row(rng, i).split(",", 2) for i in range(60_000)]
    with open(path + ".part", "w", encoding="utf-8", newline="") as out:
        out.write(",".join(["id", "ident19", "code_postal", "siret", "dep"] + [f"v{k}" for k in range(35)]) + "\n")
        while size < MEGABYTES * 1_000_000:
            rng.shuffle(pool)
            text = "".join(f"{i + k},{10**18 + rng.randrange(10**17)},{cells[2]}\n" for k, cells in enumerate(pool))
            i += len(pool)
            size += len(text.encode())
            out.write(text)
    os.rename(path + ".part", path)


def run(command):
    """(user + system seconds, peak MB, wall seconds) of a command that must succeed."""
    start = time.monotonic()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(child.pid, 0)
    assert status == 0, (command, status)
    return used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, time.monotonic() - start


def main():
    source = os.path.join(FOLDER, f"bench-{MEGABYTES}.csv")
    if not os.path.exists(source):
        make(source)
    ours, theirs = source + ".ours.parquet", source + ".duckdb.parquet"
    query = (f"COPY (SELECT * FROM read_csv('{source}', sample_size=-1)) TO '{theirs}' "
             "(FORMAT parquet, COMPRESSION zstd)")
    tools = {"ours": ([OURS, source, ours], ours),
             "duckdb sample_size=-1": ([sys.executable, "-c", f"import duckdb; duckdb.sql(\"\"\"{query}\"\"\")"], theirs)}
    figures = {name: [] for name in tools}
    for _ in range(RUNS):
        for name, (command, _) in tools.items():
            figures[name].append(run(command))
    megabytes = os.path.getsize(source) / 1e6
    print(f"{megabytes:.0f} MB of CSV, median of {RUNS}; CPU seconds are user + system")
    for name, runs in figures.items():
        cpu, memory, wall = (statistics.median(column) for column in zip(*runs))
        size = os.path.getsize(tools[name][1]) / 1e6
        print(f"{name:24} {cpu:7.2f} CPU s {wall:7.2f} wall s {memory:7.0f} MB peak {size:7.1f} MB Parquet")
    import duckdb
    count = "SELECT count(*), sum(length(code_postal)), min(typeof(siret)), min(typeof(ident19)) FROM "
    found = duckdb.sql(f"{count} '{ours}'").fetchall()
    raw = duckdb.sql(f"{count} read_csv('{source}', all_varchar=true)").fetchall()
    assert found == raw, (found, raw)
    print("rows and codes are those of the source:", found)


if __name__ == "__main__":
    main()
