#!/usr/bin/env python3
"""Times fits of the Python package `lifetimes` and of this crate's `fit` example on the same customers, and prints both and
their ratio as a Markdown table. Needs numpy and lifetimes.

Build the example first: cargo build --release --example fit. The seconds are those of the fit with the collapsing of alike
customers, on one thread, without reading the file; the median of the runs."""

import argparse
import csv
import json
import os
import pathlib
import statistics
import subprocess
import tempfile
import time
import warnings

# Before numpy: one thread for both.
os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", RAYON_NUM_THREADS="1")

import numpy as np
from lifetimes import BetaGeoFitter, ModifiedBetaGeoFitter, ParetoNBDFitter

ROOT = pathlib.Path(__file__).resolve().parents[2]
MODELS = {"bg-nbd": BetaGeoFitter, "mbg-nbd": ModifiedBetaGeoFitter, "pareto-nbd": ParetoNBDFitter}


def sample():
    end = np.datetime64("1997-09-30")
    days = {}
    with open(ROOT / "examples/data/cdnow_sample.csv") as file:
        for row in csv.DictReader(file):
            day = np.datetime64(row["date"])
            if day <= end:
                days.setdefault(row["customer"], set()).add(day)
    rows = []
    for own in days.values():
        first, last = min(own), max(own)
        rows.append((len(own) - 1, (last - first).astype(int) / 7, (end - first).astype(int) / 7))
    return np.array(rows)


def master():
    kinds = np.loadtxt(ROOT / "tests/lifetime_reference/cdnow_master.csv", delimiter=",", skiprows=1)
    rows = np.repeat(kinds[:, :3], kinds[:, 3].astype(int), axis=0)
    rows[:, 1:] /= 7
    return rows


def simulated(n):
    """Customers of a BG/NBD with the parameters of the sample, seen for 26 to 78 weeks, in whole days."""
    random = np.random.default_rng(7)
    age = random.integers(182, 546, n) / 7.0
    rate = random.gamma(0.243, 1 / 4.414, n)
    leave = random.beta(0.793, 2.426, n)
    x, last, t = np.zeros(n), np.zeros(n), np.zeros(n)
    active = np.arange(n)
    with np.errstate(divide="ignore"):
        while len(active):
            t[active] += random.exponential(size=len(active)) / rate[active]
            active = active[t[active] <= age[active]]
            x[active] += 1
            last[active] = np.minimum(np.ceil(t[active] * 7) / 7, age[active])
            active = active[random.random(len(active)) >= leave[active]]
    return np.column_stack([x, last, age])


def theirs(model, rows, repeat):
    seconds = []
    for _ in range(repeat):
        fitter = MODELS[model]()
        start = time.perf_counter()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                fitter.fit(rows[:, 0], rows[:, 1], rows[:, 2])
            except Exception as error:
                return f"{type(error).__name__}"
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds)


def ours(program, model, rows, repeat):
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "customers.csv"
        with open(path, "w") as file:
            file.write("x,t_x,T\n")
            file.writelines(f"{int(x)},{t!r},{age!r}\n" for x, t, age in rows.tolist())
        command = [program, "--model", model, "--summary", str(path), "--time-unit", "week", "--json"]
        seconds = []
        for _ in range(repeat):
            found = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
            seconds.append(found[0]["seconds"])
        return statistics.median(seconds)


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--program", default=str(ROOT / "target/release/examples/fit"), help="the built example")
    p.add_argument("--repeat", type=int, default=3)
    p.add_argument("--simulated", type=int, default=1_000_000, help="customers; 0 leaves them out")
    args = p.parse_args()

    tasks = [("sample", sample(), list(MODELS)), ("master", master(), list(MODELS))]
    if args.simulated:
        tasks.append((f"{args.simulated:,} simulated", simulated(args.simulated), ["bg-nbd"]))
    print("| Customers | Model | lifetimes, s | ours, s | ratio |\n|:--|:--|--:|--:|--:|")
    for name, rows, models in tasks:
        for model in models:
            mine = ours(args.program, model, rows, args.repeat)
            other = theirs(model, rows, args.repeat)
            if isinstance(other, str):
                print(f"| {name} | {model} | {other} | {mine:.4f} | |", flush=True)
            else:
                print(f"| {name} | {model} | {other:.3f} | {mine:.4f} | {other / mine:.0f} |", flush=True)


if __name__ == "__main__":
    main()
