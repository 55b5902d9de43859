#!/usr/bin/env python3
"""Times DuckDB, Polars and this crate on the same columns: from transactions to recency, frequency and spend of
every customer and their three quintiles. README.md says how to run it and what is and is not in the times."""

import argparse
import os
import pathlib
import statistics
import sys
import tempfile
import time

import throughput

FILES = [("customer", "u64", "uint64"), ("day", "i32", "int32"), ("amount", "i64", "int64")]
OURS_STEPS = ["ledger", "histories", "rfm"]


def arguments():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--transactions", type=int, default=10_000_000)
    p.add_argument("--customers", type=int, default=1_000_000, help="before those without a purchase drop out")
    p.add_argument("--threads", type=int, default=2, help="of each of the three")
    p.add_argument("--repeat", type=int, default=5, help="timed runs of each, after one that is not timed")
    p.add_argument("--dump", help="folder of the columns; written if it is empty or missing (default: a temporary one)")
    p.add_argument("--program", help="a built `throughput` to run instead of `cargo run`")
    p.add_argument("--peers-only", action="store_true", help="leave this crate out; missing columns are made by numpy")
    a = p.parse_args()
    if min(a.transactions, a.customers, a.threads, a.repeat) < 1:
        p.error("counts start at 1")
    return a


def make_columns(folder, transactions, customers):
    """Columns of the shape of the example's, for `--peers-only`: not the same numbers."""
    import numpy as np

    rng = np.random.default_rng(1)
    rate = rng.gamma(0.5, size=customers)
    counts = rng.multinomial(transactions, rate / rate.sum())
    ids = 1_000_000_000 + np.cumsum(rng.integers(1, 1000, customers))
    rng.shuffle(ids)
    customer = np.repeat(ids.astype("<u8"), counts)
    rng.shuffle(customer)
    day = np.sort(rng.integers(19_723, 19_723 + 731, transactions)).astype("<i4")
    amount = np.maximum(1, np.exp(rng.normal(8.0, 0.8, transactions)).round()).astype("<i8")
    folder.mkdir(parents=True, exist_ok=True)
    for (name, ending, _), values in zip(FILES, [customer, day, amount]):
        values.tofile(folder / f"{name}.{ending}")


def read_columns(folder):
    import numpy as np

    columns = {name: np.fromfile(folder / f"{name}.{ending}", f"<{kind[0]}{np.dtype(kind).itemsize}")
               for name, ending, kind in FILES}
    lengths = {len(c) for c in columns.values()}
    if len(lengths) != 1 or lengths == {0}:
        sys.exit(f"the files in `{folder}` are empty or do not have the same number of rows")
    return columns


class DuckDB:
    name = "DuckDB"

    def __init__(self, columns, threads):
        import duckdb

        self.version = duckdb.__version__
        self.connection = duckdb.connect(config={"threads": threads})
        # A scan of numpy arrays would be timed with the query; a table of its own is what DuckDB is fastest on.
        self.connection.execute("create table transactions as select * from columns")

    def run(self):
        return self.connection.sql("""
            select customer, last_day, purchases, spend,
                   ntile(5) over (order by last_day) as r,
                   ntile(5) over (order by purchases) as f,
                   ntile(5) over (order by spend) as m
            from (select customer, max(day) as last_day, count(*) as purchases, sum(amount)::bigint as spend
                  from transactions group by customer)
        """).to_arrow_table()

    def facts(self, result):
        return [result.column(i).to_numpy() for i in range(4)]


class Polars:
    name = "Polars"

    def __init__(self, columns, _threads):
        import polars

        self.pl = polars
        self.version = polars.__version__
        self.frame = polars.DataFrame(columns)

    def run(self):
        pl = self.pl

        def quintile(name):
            rank = pl.col(name).rank("ordinal").cast(pl.UInt64)
            return ((rank - 1) * 5 // pl.len() + 1).cast(pl.UInt8)

        # The fastest of Polars's ways here: the same calls on the frame itself, or lazily on the in-memory engine,
        # took a third longer.
        return (
            self.frame.lazy()
            .group_by("customer")
            .agg(last_day=pl.max("day"), purchases=pl.len(), spend=pl.sum("amount"))
            .with_columns(r=quintile("last_day"), f=quintile("purchases"), m=quintile("spend"))
            .collect(engine="streaming")
        )

    def facts(self, result):
        return [result[name].to_numpy() for name in result.columns[:4]]


def by_customer(facts):
    import numpy as np

    order = np.argsort(facts[0], kind="stable")
    return [column[order].astype("int64") for column in facts]


def check(columns, peers, ours):
    """Everybody computed the same thing, or there is nothing to compare."""
    import numpy as np

    results = [by_customer(peer.facts(peer.run())) for peer in peers]
    for peer, other in zip(peers[1:], results[1:]):
        for name, a, b in zip(["customer", "last_day", "purchases", "spend"], results[0], other):
            if not np.array_equal(a, b):
                sys.exit(f"{peers[0].name} and {peer.name} differ in `{name}`")
    truth = {
        "customers": len(results[0][0]),
        "purchases": len(columns["customer"]),
        "amount_minor": int(columns["amount"].sum()),
        "last_day_sum": int(results[0][1].sum()),
    }
    if (sum_of := int(results[0][3].sum())) != truth["amount_minor"]:
        sys.exit(f"the sum of all spend is {sum_of}, that of the column {truth['amount_minor']}")
    said = []
    if ours is not None:
        for key, value in ours.get("checksum", {}).items():
            if truth.get(key) != value:
                sys.exit(f"this crate says `{key}` = {value}, the others {truth.get(key)}")
            said.append(key)
    print(f"{truth['purchases']:,} transactions of {truth['customers']:,} customers")
    print(f"last day, purchases and spend of every customer: {' = '.join(p.name for p in peers)}")
    if ours is not None:
        print(f"totals of this crate, equal to theirs: {', '.join(said) or 'none printed'}")


def timed(peer):
    start = time.perf_counter()
    result = peer.run()
    seconds = time.perf_counter() - start
    del result
    return seconds


def main():
    args = arguments()
    # Polars reads this once, when it is imported.
    os.environ["POLARS_MAX_THREADS"] = str(args.threads)
    with tempfile.TemporaryDirectory(prefix="peers-") as temporary:
        folder = pathlib.Path(args.dump or temporary)
        if not all((folder / f"{name}.{ending}").exists() for name, ending, _ in FILES):
            if args.peers_only:
                make_columns(folder, args.transactions, args.customers)
            else:
                throughput.run(args.transactions, args.customers, args.threads, folder, args.program)
        columns = read_columns(folder)
    rows = len(columns["customer"])
    if rows != args.transactions:
        sys.exit(f"`{folder}` holds {rows} transactions, not {args.transactions}: give `--transactions {rows}`, the "
                 "customers to match, or another folder")

    def ours():
        return throughput.run(args.transactions, args.customers, args.threads, None, args.program)

    peers = [DuckDB(columns, args.threads), Polars(columns, args.threads)]
    first = None if args.peers_only else ours()
    check(columns, peers, first)

    runs = []
    seconds = {peer.name: [] for peer in peers}
    # In turn, so that a busy moment of the machine hits all of them.
    for _ in range(args.repeat):
        if not args.peers_only:
            runs.append(ours())
        for peer in peers:
            seconds[peer.name].append(timed(peer))

    table = [(peer.name, peer.version, seconds[peer.name]) for peer in peers]
    if runs:
        table.insert(0, ("customer-value", "this tree", [sum(r["steps"][s] for s in OURS_STEPS) for r in runs]))
    report(args, table, runs)


def report(args, table, runs):
    print(f"\n{throughput.machine()}; {args.threads} threads each; {args.repeat} runs in turn\n")
    print("| Tool | Version | Seconds, median | Seconds, best | Time against ours, median | Best |")
    print("|---|---|--:|--:|--:|--:|")
    base = table[0][2] if runs else None
    for name, version, times in table:
        ratios = ["", ""]
        if base:
            ratios = [f"{statistics.median(times) / statistics.median(base):.2f}", f"{min(times) / min(base):.2f}"]
        print(f"| {name} | {version} | {statistics.median(times):.3f} | {min(times):.3f} | {ratios[0]} | {ratios[1]} |")
    if runs:
        steps = ", ".join(f"{s} {statistics.median(r['steps'][s] for r in runs):.3f}" for s in OURS_STEPS)
        over = max(r["peak_bytes"] - r["input_bytes"] for r in runs) / args.transactions
        print(f"\ncustomer-value by step (median seconds): {steps}")
        print(f"customer-value, peak memory over the input: {over:.1f} bytes per transaction")


if __name__ == "__main__":
    main()
