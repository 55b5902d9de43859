"""Runs the `throughput` example of this repository and reads what it prints."""

import json
import os
import pathlib
import platform
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]


def run(transactions, customers, threads, dump=None, program=None):
    """One run; returns the object of its `--json`. `program` stands in for `cargo run`."""
    if program is None:
        command = ["cargo", "run", "--quiet", "--release", "--example", "throughput", "--"]
    else:
        command = [os.path.abspath(program)]
    command += ["--transactions", str(transactions), "--customers", str(customers)]
    command += ["--threads", str(threads), "--json"]
    if dump is not None:
        command += ["--dump", os.path.abspath(dump)]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    if done.returncode != 0:
        sys.exit(f"`{' '.join(command)}` ended with status {done.returncode}")
    return json.loads(done.stdout)


def machine():
    """The processor, the cores this process may use, and the system, in one line."""
    name = platform.processor() or platform.machine()
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as info:
            name = next(l.split(":", 1)[1].strip() for l in info if l.startswith("model name"))
    except (OSError, StopIteration):
        pass
    try:
        cores = len(os.sched_getaffinity(0))
    except AttributeError:
        cores = os.cpu_count()
    return f"{name}, {cores} cores, {platform.system()} {platform.release()}"
