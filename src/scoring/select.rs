//! Order statistics of a column without sorting it.

/// What is at one position of the sorted column.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Position {
    /// The value there.
    pub value: f64,
    /// How many values are smaller.
    pub below: usize,
    /// How many values are equal, this one included.
    pub equal: usize,
    /// The smallest larger value.
    pub next: Option<f64>,
}

/// Up to this size a sort is faster than two passes with a table.
const SMALL: usize = 2_048;
/// One bucket for each sign, exponent and first four bits of the mantissa.
const BUCKETS: usize = 1 << 16;
/// More positions than this would need more than one byte per bucket.
const MOST: usize = 100;

/// The bucket of what is missing, behind those of all numbers.
const MISSING: usize = BUCKETS - 1;

/// The bucket of a value: never decreasing in the value.
fn bucket(value: f64) -> usize {
    if value.is_nan() {
        return MISSING;
    }
    let bits = value.to_bits();
    // Negative numbers turn all their bits, the others the first: the order of the numbers as whole numbers.
    let mask = ((bits as i64 >> 63) as u64) | (1 << 63);
    ((bits ^ mask) >> 48) as usize
}

/// The number whose bits after those of its bucket are all zero: 12 or 0.375, but not 0.1 or 1000.001.
fn plain(bucket: usize) -> f64 {
    let top = (bucket as u64) << 48;
    let mask = if top >> 63 == 1 {
        1 << 63
    } else {
        u64::MAX << 48
    };
    f64::from_bits(top ^ mask)
}

/// Counts a value: in the low half all values of a bucket, in the high half those that are not [`plain`]. (A bare
/// number, since the allocator gives zeroed ones for free.)
fn count(counts: &mut [u64], value: f64) {
    if let Some(n) = counts.get_mut(bucket(value)) {
        let is_plain = value.to_bits() << 16 == 0;
        *n += 1 + (u64::from(!is_plain) << 32);
    }
}

fn all(count: u64) -> usize {
    count as u32 as usize
}

fn all_plain(count: u64) -> bool {
    count >> 32 == 0
}

/// What is at the positions (from 0, not decreasing) that `wanted` asks for, given how many values are known.
///
/// `value` gives a finite number without minus zero, or `f64::NAN` for what is missing.
pub(super) fn positions<T>(
    cells: &[T],
    value: impl Fn(&T) -> f64 + Copy,
    wanted: impl FnOnce(usize) -> Vec<usize>,
) -> Vec<Position> {
    // A bucket counts in 32 bits.
    if cells.len() <= SMALL || u32::try_from(cells.len()).is_err() {
        return sorted_positions(cells, value, wanted);
    }
    // Two tables, used in turn: equal neighbours do not wait for each other's count.
    let mut counts = vec![0_u64; 2 * BUCKETS];
    let (even, odd) = counts.split_at_mut(BUCKETS);
    let (pairs, rest) = cells.as_chunks::<2>();
    for [a, b] in pairs {
        count(even, value(a));
        count(odd, value(b));
    }
    for cell in rest {
        count(even, value(cell));
    }
    for (e, o) in even.iter_mut().zip(odd) {
        *e += *o;
    }
    let known = cells.len() - even.get(MISSING).map_or(0, |n| all(*n));
    let wanted = wanted(known);
    if wanted.len() > MOST {
        return sorted_positions(cells, value, |_| wanted);
    }

    // The buckets to look into: those that hold a position, and the next one that is not empty.
    let mut parts: Vec<Part> = Vec::new();
    let mut codes = vec![0_u8; BUCKETS];
    let mut start = 0;
    let mut left = wanted.iter().copied().peekable();
    let mut need_next = false;
    for (bucket, (&n, code)) in even.iter().zip(&mut codes).enumerate().take(MISSING) {
        let count = all(n);
        if count == 0 {
            continue;
        }
        let end = start + count;
        let holds = left.peek().is_some_and(|p| *p < end);
        if holds || need_next {
            // Counts and days mostly have a bucket for themselves: then there is nothing to collect.
            let values = if all_plain(n) {
                vec![plain(bucket)]
            } else {
                Vec::with_capacity(count)
            };
            parts.push(Part {
                start,
                count,
                values,
            });
            if !all_plain(n) {
                *code = parts.len() as u8;
            }
        }
        need_next = holds;
        while left.next_if(|p| *p < end).is_some() {}
        if left.peek().is_none() && !need_next {
            break;
        }
        start = end;
    }
    for v in wanted_values(cells, value, &codes, &parts) {
        let code = codes.get(bucket(v)).copied().unwrap_or(0);
        if let Some(part) = parts.get_mut(usize::from(code).wrapping_sub(1)) {
            part.values.push(v);
        }
    }
    wanted
        .into_iter()
        .filter_map(|p| {
            let at = parts.iter().rposition(|part| part.start <= p)?;
            let next = parts.get(at + 1).map(|part| smallest(&part.values));
            Some(parts.get_mut(at)?.position(p, next))
        })
        .collect()
}

/// The values whose buckets have a code. Whether one has is a coin toss where values repeat, so every value is
/// written and only the place moves: no branch to guess wrong.
fn wanted_values<T>(
    cells: &[T],
    value: impl Fn(&T) -> f64,
    codes: &[u8],
    parts: &[Part],
) -> Vec<f64> {
    let collected = parts.iter().filter(|part| part.values.is_empty());
    let total: usize = collected.map(|part| part.count).sum();
    if total == 0 {
        return Vec::new();
    }
    let mut values = vec![0.0; total + 1];
    let mut place = 0;
    for cell in cells {
        let v = value(cell);
        if let Some(slot) = values.get_mut(place) {
            *slot = v;
        }
        place += usize::from(codes.get(bucket(v)).is_some_and(|code| *code != 0));
    }
    values.truncate(place);
    values
}

/// The values of one bucket.
struct Part {
    /// How many values are in the buckets before.
    start: usize,
    count: usize,
    /// All of them, or one if all are equal.
    values: Vec<f64>,
}

impl Part {
    fn position(&mut self, position: usize, next: Option<f64>) -> Position {
        let low = smallest(&self.values);
        let last = self.values.len().saturating_sub(1);
        if self.values.iter().all(|v| *v == low) {
            return Position {
                value: low,
                below: self.start,
                equal: self.count,
                next,
            };
        }
        let nth = (position - self.start).min(last);
        let value = *self.values.select_nth_unstable_by(nth, f64::total_cmp).1;
        let (mut below, mut equal, mut above) = (0, 0, f64::INFINITY);
        for v in &self.values {
            below += usize::from(*v < value);
            equal += usize::from(*v == value);
            above = if *v > value { above.min(*v) } else { above };
        }
        Position {
            value,
            below: self.start + below,
            equal,
            next: if above < f64::INFINITY {
                Some(above)
            } else {
                next
            },
        }
    }
}

fn smallest(values: &[f64]) -> f64 {
    // Four at a time do not wait for each other.
    let less = |a: f64, b: f64| if a < b { a } else { b };
    let (fours, rest) = values.as_chunks::<4>();
    let lanes = fours
        .iter()
        .fold([f64::INFINITY; 4], |[a, b, c, d], [x, y, z, w]| {
            [less(*x, a), less(*y, b), less(*z, c), less(*w, d)]
        });
    lanes.iter().chain(rest).copied().fold(f64::INFINITY, less)
}

/// The known values of a column, smallest first.
pub(super) fn sorted<T>(cells: &[T], value: impl Fn(&T) -> f64) -> Vec<f64> {
    let mut values: Vec<f64> = cells.iter().map(value).filter(|v| !v.is_nan()).collect();
    values.sort_unstable_by(f64::total_cmp);
    values
}

fn sorted_positions<T>(
    cells: &[T],
    value: impl Fn(&T) -> f64,
    wanted: impl FnOnce(usize) -> Vec<usize>,
) -> Vec<Position> {
    let values = sorted(cells, value);
    wanted(values.len())
        .into_iter()
        .filter_map(|p| {
            let value = *values.get(p)?;
            let below = values.partition_point(|v| *v < value);
            let until = values.partition_point(|v| *v <= value);
            Some(Position {
                value,
                below,
                equal: until - below,
                next: values.get(until).copied(),
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn buckets_keep_the_order() {
        let values = [
            -1e300, -1.0, -1e-300, 0.0, 1e-310, 1e-300, 0.5, 1.0, 1.07, 1e300,
        ];
        for pair in values.windows(2) {
            assert!(bucket(pair[0]) <= bucket(pair[1]), "{pair:?}");
        }
        assert!(bucket(f64::MAX) < bucket(f64::NAN));
        assert!(bucket(f64::MAX) < BUCKETS);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn selection_equals_sorting(
            seed in proptest::collection::vec(
                prop_oneof![Just(f64::NAN), (-40_i32..40).prop_map(f64::from), -1e3..1e3_f64, Just(1e300), Just(-1e300)],
                1..80,
            ),
            wanted in proptest::collection::vec(0.0..1.0_f64, 1..12),
        ) {
            // Many rows out of few values, and many out of many.
            for spread in [0.0, 1e-9, 0.1] {
                let cells: Vec<f64> = (0..3_000).map(|i| seed[i % seed.len()] + spread * (i as f64)).collect();
                let ask = |known: usize| {
                    let mut ps: Vec<usize> = wanted.iter().map(|w| (w * known as f64) as usize).filter(|p| *p < known).collect();
                    ps.sort_unstable();
                    ps
                };
                prop_assert_eq!(positions(&cells, |v| *v, ask), sorted_positions(&cells, |v| *v, ask));
            }
        }
    }
}
