#!/usr/bin/env python3
"""Writes cdnow_sample.csv from CDNOW_sample.txt of the PyPI package `lifetimes`.

    pip download --no-deps lifetimes==0.11.3 && unzip -o Lifetimes-0.11.3-py3-none-any.whl
    python3 convert.py < lifetimes/datasets/CDNOW_sample.txt > cdnow_sample.csv
"""

import sys

# newline="" keeps line ends as they are written here, on every system.
out = open(sys.stdout.fileno(), "w", newline="", encoding="ascii")
out.write("customer,date,amount\n")
for line in sys.stdin:
    _master_id, sample_id, date, _cds, dollars = line.split()
    out.write(f"{int(sample_id)},{date[:4]}-{date[4:6]}-{date[6:]},{dollars}\n")
