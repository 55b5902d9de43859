"""The figures of behaviour, computed a second time: python, numpy, scipy, pandas; nothing of the crate. See README.md."""
import csv, json, math, os, random, sys
from collections import Counter, defaultdict
from datetime import date, timedelta
from statistics import fmean, median, stdev

import numpy as np
from scipy import integrate, special, stats

HERE = os.path.dirname(os.path.abspath(__file__))
FROM, TO = date(2024, 1, 1), date(2024, 7, 1)
WITHIN, PER, HALF, FREQUENT = 7, 30, 90, 1


def make():
    rng = random.Random(20240701)
    rows = []
    for customer, (n, hour, step) in enumerate([(14, 23, 12), (9, 8, 25), (5, 14, 40)], 1):
        day = date(2023, 12, 20)
        for _ in range(n):
            day += timedelta(days=rng.choice([0, 1, 1, 1]) * max(0, round(rng.gauss(step, step / 3))))
            at = "" if rng.random() < 0.1 else round(rng.gauss(hour, 2)) % 24
            paid = rng.randrange(0, 9000)
            off = rng.choice([0, 0, "", paid // 4])
            category = rng.choice(["books", "books", "games", "music", ""])
            rows.append(["purchase", customer, day, at, rng.choice(["web", "store", ""]), category, paid, off, "", ""])
        for _ in range(n + 3):
            day = date(2023, 12, 25) + timedelta(days=rng.randrange(200))
            way = rng.choice(["inbound", "outbound", "outbound"])
            channel = rng.choice(["phone", "email"])
            kind = rng.choice(["browse", "offer", "question"])
            late = rng.choice(["", "", rng.randrange(60, 900_000)])
            at = round(rng.gauss(hour, 3)) % 24
            rows.append([way, customer, day, at, channel, "", "", "", kind, late])
    rng.shuffle(rows)
    with open(os.path.join(HERE, "records.csv"), "w", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow("what customer day hour channel category paid discount kind latency".split())
        out.writerows(rows)


def exact_rayleigh(n, length):
    """P(resultant of n random directions > length), by Kluyver's integral; only for n >= 5."""
    f = lambda t: special.j1(length * t) * special.j0(t) ** n
    return 1 - length * integrate.quad(f, 0, 400, limit=4000)[0]


def circle(places, size):
    angles = np.array(places) / size * 2 * math.pi
    n = len(angles)
    r = 1 - stats.circvar(angles)
    return {
        "n": n, "mean": float(stats.circmean(angles) / (2 * math.pi) * size), "r": float(r),
        "p": float(math.exp(math.sqrt(1 + 4 * n + 4 * (n * n - (n * r) ** 2)) - (1 + 2 * n))),
        "p_exact": float(exact_rayleigh(n, n * r)) if n >= 5 else None,
    }


def figures(rows):
    rows = [dict(r, day=date.fromisoformat(r["day"])) for r in rows]
    customers = sorted({r["customer"] for r in rows})
    rows = [r for r in rows if FROM <= r["day"] < TO]
    buys = [r for r in rows if r["what"] == "purchase"]
    ins = [r for r in rows if r["what"] == "inbound"]
    outs = [r for r in rows if r["what"] == "outbound"]
    last = TO - timedelta(days=1)

    answers, judged = defaultdict(int), defaultdict(int)
    for o in outs:
        if o["day"] + timedelta(days=WITHIN) > TO:
            continue
        judged[o["channel"]] += 1
        came = any(x["customer"] == o["customer"] and 0 <= (x["day"] - o["day"]).days < WITHIN for x in buys + ins)
        answers[o["channel"]] += came or (o["latency"] != "" and int(o["latency"]) < WITHIN * 86400)

    cvs, pairs, active, frequent, buyers, decayed = [], [], 0, 0, 0, 0.0
    for c in customers:
        days = sorted({r["day"] for r in buys if r["customer"] == c})
        active += len(days)
        buyers += bool(days)
        frequent += bool(days) and len(days) / (TO - FROM).days >= FREQUENT / PER
        gaps = [(b - a).days for a, b in zip(days, days[1:])]
        if len(gaps) > 1:
            cvs.append(stdev(gaps) / fmean(gaps))
        pairs += [a / (a + b) for a, b in zip(gaps, gaps[1:])]
        own = {r["day"] for r in buys + ins if r["customer"] == c}
        decayed += sum(0.5 ** ((last - d).days / HALF) for d in own)
    v = fmean([(r - 0.5) ** 2 for r in pairs]) if pairs else None

    spend = Counter()
    for b in buys:
        if b["category"]:
            spend[b["category"]] += int(b["paid"])
    paid = sum(int(b["paid"]) for b in buys)
    off = sum(int(b["discount"] or 0) for b in buys)
    preferred = Counter(r["channel"] for r in buys + ins if r["channel"])
    seconds = lambda rs: [int(r["latency"]) for r in rs if r["latency"] != ""]
    browses = sum(r["kind"] == "browse" for r in ins + outs)
    hours = lambda rs: [int(r["hour"]) for r in rs if r["hour"] != ""]
    return {
        "customers": len(customers), "purchases": len(buys), "contacts": len(ins + outs), "active_days": active,
        "interaction_rate": len(ins + outs) / (TO - FROM).days * PER / len(customers),
        "decayed_activity": decayed / len(customers),
        "frequent_share": frequent / buyers,
        "latency": [[len(s), fmean(s) / 3600, median(s) / 3600] if s else None for s in (seconds(ins), seconds(outs))],
        "response_rate": sum(answers.values()) / sum(judged.values()),
        "responses": {c: [judged[c], answers[c]] for c in sorted(judged)},
        "category_concentration": sum((s / sum(spend.values())) ** 2 for s in spend.values()),
        "spend_shares": {c: s / sum(spend.values()) for c, s in sorted(spend.items())},
        "channel_shares": {c: n / sum(preferred.values()) for c, n in sorted(preferred.items())},
        "discount_share": off / (paid + off),
        "discounted_purchases": sum(int(b["discount"] or 0) > 0 for b in buys) / len(buys),
        "price_index": paid / (paid + off),
        "gap_variation": fmean(cvs) if cvs else None,
        "regularity": (1 - 4 * v) / (8 * v) if v else None,
        "browse_to_buy": len(buys) / browses if browses else None,
        "purchase_hour": circle(hours(buys), 24), "contact_hour": circle(hours(ins), 24),
        "purchase_weekday": circle([b["day"].weekday() for b in buys], 7),
    }


if __name__ == "__main__":
    make()
    with open(os.path.join(HERE, "records.csv")) as file:
        rows = list(csv.DictReader(file))
    out = {c: figures([r for r in rows if r["customer"] == c]) for c in "123"}
    out["all"] = figures(rows)
    with open(os.path.join(HERE, "expected.json"), "w") as file:
        json.dump(out, file, indent=1)
        file.write("\n")
