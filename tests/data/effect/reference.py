"""Makes reference.json: what an implementation that shares nothing with the crate says.

Python 3, scipy 1.17, numpy 2.4, mpmath 1.4. Run it in this folder: python reference.py > reference.json
"""
import json
import mpmath as mp
import numpy as np
from scipy import optimize, stats

LEVELS = [0.8, 0.9, 0.95, 0.99, 0.999]
rng = np.random.default_rng(20240501)
out = {}

mp.mp.dps = 40
out["normal"] = [[c, float(mp.sqrt(2) * mp.erfinv(mp.mpf(c)))] for c in LEVELS]


def t_quantile(df, c):
    rest = 1 - mp.mpf(c)
    f = lambda t: mp.betainc(mp.mpf(df) / 2, 0.5, 0, df / (df + t * t), regularized=True) - rest
    guess = stats.t.ppf(0.5 + c / 2, df)
    return float(mp.findroot(f, (guess * (1 - 1e-6), guess * (1 + 1e-6)), solver="anderson"))


out["student"] = [[df, c, t_quantile(df, c)] for df in [1, 2, 3, 7, 29, 180, 998, 1002, 40000] for c in LEVELS]

# n, m, difference ÷ deviation, confidence, power (upper tail of the noncentral t)
out["means_power"] = []
for n, m, d, c in [(2, 2, 3.0, 0.95), (2, 3, 8.0, 0.999), (20, 20, 1.0, 0.95), (10, 50, 0.4, 0.9), (64, 64, 0.5, 0.95),
                   (1000, 250, 0.1, 0.99), (30000, 30000, 0.02, 0.8), (5, 5, 0.01, 0.95)]:
    df = n + m - 2
    p = stats.nct.sf(stats.t.ppf(0.5 + c / 2, df), df, d / np.sqrt(1 / n + 1 / m))
    out["means_power"].append([n, m, d, c, float(p)])

# Simulated samples in cents, and what scipy says of them.
out["samples"] = []
for n, m, c in [(8, 5, 0.95), (12, 30, 0.9), (25, 25, 0.999)]:
    def group(size, lift, spread):
        before = rng.gamma(2.0, 3000, size)
        after = 0.8 * before + rng.normal(3000 + lift, spread, size)
        return np.round(after).astype(int), np.round(before).astype(int)

    (y1, x1), (y0, x0) = group(n, 900, 1500), group(m, 0, 2500)

    def welch(a, b):
        i = stats.ttest_ind(a, b, equal_var=False).confidence_interval(c)
        return [float(np.mean(a) - np.mean(b)), float(i.low), float(i.high)]

    pair = stats.ttest_rel(y1, x1).confidence_interval(c)
    # The coefficients of a regression of y on the group and x.
    design = np.column_stack([np.ones(n + m), np.r_[np.ones(n), np.zeros(m)], np.r_[x1, x0]])
    _, effect, theta = np.linalg.lstsq(design, np.r_[y1, y0].astype(float), rcond=None)[0]
    a1, a0 = y1 - theta * x1, y0 - theta * x0
    adjusted = welch(a1, a0)
    assert abs(adjusted[0] - effect) < 1e-6
    var = lambda a, b: np.var(a, ddof=1) / len(a) + np.var(b, ddof=1) / len(b)
    out["samples"].append({
        "confidence": c, "treated": np.c_[y1, x1].tolist(), "control": np.c_[y0, x0].tolist(),
        "difference": welch(y1, y0), "changes": welch(y1 - x1, y0 - x0),
        "before_after": [float(np.mean(y1 - x1)), float(pair.low), float(pair.high)],
        "cuped": adjusted, "theta": float(theta), "reduction": float(1 - var(a1, a0) / var(y1, y0)),
    })


def wilson(x, n, z):
    # The two rates at which the score test stands on the edge, found by their definition.
    f = lambda p: (x / n - p) ** 2 * n - z * z * p * (1 - p)
    low = 0.0 if x == 0 else optimize.brentq(f, 0.0, x / n - 1e-12, xtol=1e-15)
    high = 1.0 if x == n else optimize.brentq(f, x / n + 1e-12, 1.0, xtol=1e-15)
    return low, high


def statistic(x, n, y, m, ratio):
    # The most likely rates with this ratio, by minimisation, and Pearson's statistic against them.
    top = min(1.0, 1.0 / ratio)
    term = lambda k, p: 0.0 if k == 0 else k * np.log(p)
    loss = lambda q: -(term(x, ratio * q) + term(n - x, 1 - ratio * q) + term(y, q) + term(m - y, 1 - q))
    slope = lambda q: ((x + y) / q - (ratio * (n - x) / (1 - ratio * q) if n > x else 0)
                       - ((m - y) / (1 - q) if m > y else 0))
    e = 1e-13 * top
    q = top if slope(top - e) > 0 else optimize.brentq(slope, e, top - e, xtol=1e-17, rtol=1e-14)
    part = lambda k, a, p: 0.0 if p >= 1 - 1e-12 and k == a else (k - a * p) ** 2 / (a * p * (1 - p))
    return part(x, n, ratio * q) + part(y, m, q)


out["rates"] = []
for x, n, y, m, c in [(56, 70, 48, 80, 0.95), (9, 10, 3, 10, 0.9), (5, 56, 0, 29, 0.99), (0, 10, 0, 20, 0.95),
                      (10, 10, 0, 20, 0.8), (36, 40, 16, 80, 0.95), (7, 25, 8, 12, 0.999), (0, 15, 4, 18, 0.95),
                      (12, 12, 5, 9, 0.9), (9, 9, 7, 7, 0.95), (210, 5000, 180, 5200, 0.95)]:
    z = stats.norm.ppf(0.5 + c / 2)
    (l1, u1), (l2, u2), p, q = wilson(x, n, z), wilson(y, m, z), x / n, y / m
    row = {"counts": [x, n, y, m], "confidence": c,
           "low": p - q - np.sqrt((p - l1) ** 2 + (u2 - q) ** 2), "high": p - q + np.sqrt((u1 - p) ** 2 + (q - l2) ** 2)}
    if y:
        f = lambda log: statistic(x, n, y, m, np.exp(log)) - z * z
        r = p / q
        middle = np.log(r) if x else -30.0
        row["uplift_low"] = -1.0 if x == 0 else float(np.expm1(optimize.brentq(f, middle - 20, middle, xtol=1e-13)))
        row["uplift_high"] = float(np.expm1(optimize.brentq(f, middle, 20, xtol=1e-13)))
    out["rates"].append(row)

# p, q, n, m, confidence, power by the normal approximation
out["rates_power"] = []
for p, q, n, m, c in [(0.75, 0.5, 77, 77, 0.95), (0.12, 0.1, 4000, 1000, 0.9), (0.02, 0.03, 500, 900, 0.999)]:
    r = (n * p + m * q) / (n + m)
    top = abs(p - q) - stats.norm.isf((1 - c) / 2) * np.sqrt(r * (1 - r) * (1 / n + 1 / m))
    out["rates_power"].append([p, q, n, m, c, float(stats.norm.cdf(top / np.sqrt(p * (1 - p) / n + q * (1 - q) / m)))])


# As a whole number of 2^-53.
def position(experiment, customer):
    h = 0xcbf29ce484222325
    for byte in experiment.encode() + b"\0" + customer.encode():
        h = (h ^ byte) * 0x100000001b3 % 2**64
    h = (h ^ h >> 33) * 0xff51afd7ed558ccd % 2**64
    h = (h ^ h >> 33) * 0xc4ceb9fe1a85ec53 % 2**64
    return (h ^ h >> 33) >> 11


out["positions"] = [[e, i, position(e, i)] for e in ["", "spring call", "春季回访"]
                    for i in ["0", "42", "18446744073709551615", "C-0042", "Zürich 7"]]
print(json.dumps(out, ensure_ascii=False, indent=None, separators=(",", ":"), default=float))
