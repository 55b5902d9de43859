//! At which hours and on which weekdays something happens: counts around a circle.

use std::f64::consts::TAU;

use serde::{Deserialize, Serialize};

use crate::metrics::exact::quotient;
use crate::model::{Day, Weekday};

/// From which p-value of Rayleigh's test on there is no usual time.
const FLAT: f64 = 0.05;

/// A usual hour or weekday: when most things happen, and how much they keep to it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Usual<T> {
    /// The one with the most. Of several with as many, the one that is followed by more: in the next one, else in the one
    /// after that, and so on.
    pub most: T,
    /// The circular mean, in hours from 0 up to 24, or in days from Monday, 0 up to 7. All at hour 14 is a mean of 14.0.
    pub mean: f64,
    /// The mean resultant length R: 0 is all around the clock, 1 always at the same time.
    pub concentration: f64,
    /// The p-value of Rayleigh's test, below 0.05: how likely that much would be by chance.
    pub p_value: f64,
}

/// How many things happened at each hour and on each weekday. Order and parts do not matter; counts stop at the largest.
///
/// ```
/// use customer_value::model::Weekday;
/// use customer_value::report::behaviour::Times;
///
/// let mut times = Times::default();
/// for (day, hour) in [("2024-03-01", 23), ("2024-03-08", 0), ("2024-03-15", 1), ("2024-03-23", 0)] {
///     times.add(day.parse()?, Some(hour));
/// }
/// let hour = times.usual_hour().unwrap();
/// assert_eq!(hour.most, 0);
/// assert!(hour.mean < 1e-9 && hour.concentration > 0.98);
/// assert_eq!(times.usual_weekday().unwrap().most, Weekday::Friday);
/// assert_eq!(times.weekday_shares().unwrap()[4], 0.75);
/// # Ok::<(), customer_value::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Times {
    hours: [u64; 24],
    weekdays: [u64; 7],
}

impl Times {
    /// Counts one thing of a business day, with its hour if that is known. There is no hour above 23: it is not known.
    pub fn add(&mut self, day: Day, hour: Option<u8>) {
        let weekday = self.weekdays.get_mut(Weekday::of(day) as usize);
        let hour = hour.and_then(|hour| self.hours.get_mut(usize::from(hour)));
        for count in weekday.into_iter().chain(hour) {
            *count = count.saturating_add(1);
        }
    }

    /// Counts what others have counted.
    pub fn merge(&mut self, other: &Self) {
        let hours = self.hours.iter_mut().zip(&other.hours);
        let weekdays = self.weekdays.iter_mut().zip(&other.weekdays);
        for (sum, more) in hours.chain(weekdays) {
            *sum = sum.saturating_add(*more);
        }
    }

    /// How many at each hour; what has no known hour is in none.
    #[must_use]
    pub const fn hours(&self) -> &[u64; 24] {
        &self.hours
    }

    /// How many on each weekday, from Monday.
    #[must_use]
    pub const fn weekdays(&self) -> &[u64; 7] {
        &self.weekdays
    }

    /// The share of each hour in those whose hour is known, 0 to 1; `None` if there are none.
    #[must_use]
    pub fn hour_shares(&self) -> Option<[f64; 24]> {
        shares(&self.hours)
    }

    /// The share of each weekday, from Monday, 0 to 1; `None` of nothing.
    #[must_use]
    pub fn weekday_shares(&self) -> Option<[f64; 7]> {
        shares(&self.weekdays)
    }

    /// The usual hour, 0 to 23; `None` where there is none, as of hours that are spread like chance.
    #[must_use]
    pub fn usual_hour(&self) -> Option<Usual<u8>> {
        usual(&self.hours, |at| u8::try_from(at).ok())
    }

    /// The usual weekday; `None` where there is none, as of weekdays that are spread like chance.
    #[must_use]
    pub fn usual_weekday(&self) -> Option<Usual<Weekday>> {
        usual(&self.weekdays, |at| Weekday::ALL.get(at).copied())
    }
}

fn shares<const N: usize>(counts: &[u64; N]) -> Option<[f64; N]> {
    let all = counts.iter().map(|n| i128::from(*n)).sum();
    let mut shares = [0.0; N];
    for (share, n) in shares.iter_mut().zip(counts) {
        *share = quotient((*n).into(), all)?;
    }
    Some(shares)
}

/// The usual place among counts around a circle; `None` if they may well be spread evenly.
fn usual<T>(counts: &[u64], place: impl Fn(usize) -> Option<T>) -> Option<Usual<T>> {
    let (mean, concentration, p_value) = circular(counts)?;
    if p_value >= FLAT {
        return None;
    }
    Some(Usual {
        most: place(busiest(counts)?)?,
        mean,
        concentration,
        p_value,
    })
}

/// The circular mean (in places), the mean resultant length and the p-value of Rayleigh's test; `None` of nothing.
#[allow(clippy::cast_precision_loss)] // beyond 2^53 the rounding of a count is no matter
fn circular(counts: &[u64]) -> Option<(f64, f64, f64)> {
    let places = counts.len() as f64;
    let (mut n, mut cos, mut sin) = (0.0, 0.0, 0.0);
    for (place, count) in counts.iter().enumerate() {
        let (angle, count) = (place as f64 / places * TAU, *count as f64);
        n += count;
        cos += count * libm::cos(angle);
        sin += count * libm::sin(angle);
    }
    if n < 1.0 {
        return None;
    }
    // Rounding must not make it longer than all in one place.
    let length = libm::hypot(cos, sin).min(n);
    let mean = (libm::atan2(sin, cos) / TAU * places).rem_euclid(places);
    // Just before the first place, `rem_euclid` may round up to the end of the circle.
    let mean = if mean < places { mean } else { 0.0 };
    Some((mean, length / n, rayleigh(n, length)))
}

/// Zar's exp(√(1 + 4n + 4(n² − L²)) − (1 + 2n)) for a resultant of length L. With a = 1 + 2n and b = 2L the exponent is
/// √(a² − b²) − a, here without the difference of large numbers.
fn rayleigh(n: f64, length: f64) -> f64 {
    let (a, b) = (1.0 + 2.0 * n, 2.0 * length);
    let root = libm::sqrt((a - b) * (a + b));
    libm::exp(-b * (b / (root + a)))
}

/// The place with the largest count; of several the one with the larger counts after it.
fn busiest(counts: &[u64]) -> Option<usize> {
    let from = |place: usize| counts.iter().cycle().skip(place).take(counts.len());
    // Where two places are followed by the same counts all around, the counts repeat, and no place is usual.
    (0..counts.len()).max_by(|a, b| from(*a).cmp(from(*b)).then(b.cmp(a)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(a: f64, b: f64, within: f64) {
        assert!((a - b).abs() <= within, "{a} is not {b}");
    }

    /// Zar, *Biostatistical Analysis*, example 26.2: eight directions in degrees, r = 0.82522, mean 99°.
    #[test]
    fn eight_directions_of_zar() {
        let mut degrees = [0_u64; 360];
        for at in [45, 55, 81, 96, 110, 117, 132, 154] {
            degrees[at] += 1;
        }
        let (mean, r, p) = circular(&degrees).unwrap();
        close(mean, 99.0, 0.5);
        close(r, 0.825_22, 5e-6);
        assert!((0.001..0.002).contains(&p), "{p}");
    }

    /// Critical values of R of Mardia (1972), as table A.10 in Davis, *Statistics and Data Analysis in Geology*: how long the
    /// mean resultant is that chance exceeds with a probability of 0.1, 0.05 and 0.01.
    #[test]
    fn critical_values_of_mardia() {
        for (n, lengths) in [
            (8.0, [0.535, 0.602, 0.725]),
            (10.0, [0.478, 0.540, 0.655]),
            (20.0, [0.339, 0.385, 0.472]),
        ] {
            for (r, p) in lengths.into_iter().zip([0.1, 0.05, 0.01]) {
                // The table's three digits, and the approximation.
                close(rayleigh(n, n * r), p, 1e-3);
            }
        }
        assert_eq!(rayleigh(1e18, 0.0), 1.0);
        assert_eq!(rayleigh(1e18, 1e18), 0.0);
    }

    #[test]
    fn of_equally_busy_places_the_one_before_the_busier_ones() {
        assert_eq!(busiest(&[0, 3, 1, 0, 3, 2]), Some(4));
        assert_eq!(busiest(&[3, 2, 0, 3]), Some(3));
        assert_eq!(busiest(&[2, 0, 2, 0]), Some(0));
        assert_eq!(busiest(&[]), None);
    }
}
