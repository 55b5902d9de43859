#!/usr/bin/env python3
"""Runs the `throughput` example at growing sizes and prints the rows per second of each as a Markdown table.
Needs Python alone."""

import argparse
import statistics

import throughput

STEPS = ["ledger", "histories", "rfm", "review"]


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--millions", default="1,2,5,10,20,40", help="sizes in millions of transactions")
    p.add_argument("--per-customer", type=int, default=10, help="transactions per customer")
    p.add_argument("--threads", type=int, default=2)
    p.add_argument("--repeat", type=int, default=3, help="runs of each size, in turn; the median counts")
    p.add_argument("--program", help="a built `throughput` to run instead of `cargo run`")
    args = p.parse_args()
    sizes = [round(float(m) * 1_000_000) for m in args.millions.split(",")]
    if min(sizes) < args.per_customer or min(args.per_customer, args.threads, args.repeat) < 1:
        p.error("counts start at 1, and a size is at least one customer")

    runs = {size: [] for size in sizes}
    for _ in range(args.repeat):
        for size in sizes:
            customers = size // args.per_customer
            runs[size].append(throughput.run(size, customers, args.threads, None, args.program))

    print(f"{throughput.machine()}; {args.threads} threads; median of {args.repeat} runs\n")
    print("| Transactions | " + " | ".join(f"{s}, s" for s in STEPS) + " | all, s | rows per second | against the middle |")
    print("|--:" * (len(STEPS) + 4) + "|")
    totals = {n: statistics.median(sum(r["steps"][s] for s in STEPS) for r in runs[n]) for n in sizes}
    # Against the median size, not the smallest: that one fits a cache and would make every other look slow.
    middle = statistics.median(n / totals[n] for n in sizes)
    for n in sizes:
        rate = n / totals[n]
        steps = " | ".join(f"{statistics.median(r['steps'][s] for r in runs[n]):.3f}" for s in STEPS)
        print(f"| {n:,} | {steps} | {totals[n]:.3f} | {rate:,.0f} | {(rate / middle - 1) * 100:+.0f} % |")


if __name__ == "__main__":
    main()
