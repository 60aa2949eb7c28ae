#!/usr/bin/env python3
"""Cross-tabulation with dominance: this engine beside ACRO and polars, CPU seconds, one process a point.

    cargo build --release -p disclosure --example cross_tab
    pip install acro==1.0.2 polars
    python3 benches/disclosure_acro.py target/release/examples/cross_tab [ROWSxCELLS ...]

Data: zipf(0.7) categories, lognormal(3, 1.6) values, seed 1; the three read the same columns from memory. ACRO is given 300 s."""
import json
import math
import os
import subprocess
import sys
import tempfile

POINTS = ["100000x100", "1000000x100", "1000000x10000", "1000000x250000", "10000000x10000"]


def columns(rows, cells):
    import numpy as np
    rng = np.random.default_rng(1)
    side = int(math.isqrt(cells))
    weights = 1 / np.arange(1, side + 1) ** 0.7
    pick = lambda: rng.choice(side, rows, p=weights / weights.sum()).astype("<u4")
    return pick(), pick(), rng.lognormal(3, 1.6, rows).astype("<f8")


def child(tool, folder):
    """Runs in a process of its own: prints CPU seconds, and peak MiB above what it held before."""
    import resource
    import time

    import numpy as np
    a, b, v = (np.fromfile(f"{folder}/{name}", dtype) for name, dtype in (("a", "<u4"), ("b", "<u4"), ("v", "<f8")))
    if tool == "acro":
        import contextlib
        import io
        import logging

        import acro
        import pandas as pd
        logging.disable(logging.CRITICAL)
        frame = pd.DataFrame({"a": a, "b": b, "v": v})
        with contextlib.redirect_stdout(io.StringIO()):
            session = acro.ACRO(suppress=False)
            start = time.process_time()
            session.crosstab(frame.a, frame.b, values=frame.v, aggfunc="sum")
            spent = time.process_time() - start
    else:
        import polars as pl
        frame = pl.DataFrame({"a": a, "b": b, "v": v})
        start = time.process_time()
        out = frame.group_by("a", "b").agg(n=pl.len(), sum=pl.col("v").sum(), max=pl.col("v").max(), min=pl.col("v").min())
        out.with_columns(few=pl.col("n") < 10, dominated=pl.col("max") > 0.9 * pl.col("sum"))
        spent = time.process_time() - start
    print(json.dumps([spent, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024]))


def run(command, env=None):
    try:
        answer = subprocess.run(command, capture_output=True, text=True, timeout=300, env={**os.environ, **(env or {})}, check=True)
        return answer.stdout.strip().splitlines()[-1]
    except subprocess.TimeoutExpired:
        return None


def main():
    program, points = sys.argv[1], sys.argv[2:] or POINTS
    print("| rows x cells | engine s | polars s (1 thread) | ACRO s | polars / engine | ACRO / engine |\n|---|---|---|---|---|---|")
    for point in points:
        rows, cells = map(int, point.split("x"))
        with tempfile.TemporaryDirectory() as folder:
            for name, column in zip("abv", columns(rows, cells)):
                column.tofile(f"{folder}/{name}")
            best = lambda times: min(times)
            own = best([float(run([program, folder]).split()[0]) for _ in range(3)])
            this = [sys.executable, __file__, "--child"]
            polars = best([json.loads(run(this + ["polars", folder], {"POLARS_MAX_THREADS": "1"}))[0] for _ in range(3)])
            told = run(this + ["acro", folder])
            acro = json.loads(told)[0] if told else None
            shown = f"{acro:.2f}" if acro else "not finished in 300 s"
            print(f"| {rows:.0e} x {cells} | {own:.3f} | {polars:.3f} | {shown} | {polars / own:.1f} | {acro / own:.0f} |" if acro
                  else f"| {rows:.0e} x {cells} | {own:.3f} | {polars:.3f} | {shown} | {polars / own:.1f} | – |", flush=True)


if __name__ == "__main__":
    child(*sys.argv[2:]) if sys.argv[1] == "--child" else main()
