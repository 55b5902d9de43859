//! What a column can hold at all, cut into cells in which no condition changes its answer.

use crate::model::{Day, Unit};
use crate::table::{Schema, Slot};

/// The numbers that a column can hold.
///
/// ```
/// use customer_value::model::Unit;
/// use customer_value::rules::prove::Domain;
///
/// assert_eq!(Domain::of(Unit::Share), Domain::within(0.0, 1.0));
/// assert_eq!(Domain::of(Unit::Count), Domain::within(0.0, f64::MAX).whole());
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Domain {
    pub(super) low: f64,
    pub(super) high: f64,
    pub(super) whole: bool,
    pub(super) known: bool,
}

impl Domain {
    /// Every finite number, or missing.
    pub const ANY: Self = Self::within(f64::MIN, f64::MAX);

    /// The numbers from `low` to `high`, both included, or missing. An end that is not a number is no end.
    #[must_use]
    pub const fn within(low: f64, high: f64) -> Self {
        Self {
            low: if low > f64::MIN { low } else { f64::MIN },
            high: if high < f64::MAX { high } else { f64::MAX },
            whole: false,
            known: false,
        }
    }

    /// Only the whole numbers of it.
    #[must_use]
    pub const fn whole(self) -> Self {
        Self {
            whole: true,
            ..self
        }
    }

    /// The same, and never missing.
    #[must_use]
    pub const fn known(self) -> Self {
        Self {
            known: true,
            ..self
        }
    }

    /// What a unit says: counts are whole and not negative, lengths of time are not negative, a share is from 0 to 1, a
    /// percentage from 0 to 100, a flag 0 or 1, a date a day of the calendar; anything else is any number. Each may be
    /// missing.
    #[must_use]
    pub fn of(unit: Unit) -> Self {
        let day = |day: Day| f64::from(day.epoch_days());
        match unit {
            Unit::Count => Self::within(0.0, f64::MAX).whole(),
            Unit::Days | Unit::Hours | Unit::CountPer(_) => Self::within(0.0, f64::MAX),
            Unit::Share => Self::within(0.0, 1.0),
            Unit::Percent => Self::within(0.0, 100.0),
            Unit::Flag => Self::within(0.0, 1.0).whole(),
            Unit::Date => Self::within(day(Day::MIN), day(Day::MAX)).whole(),
            _ => Self::ANY,
        }
    }

    /// Whether it has only whole numbers.
    pub(crate) const fn is_whole(self) -> bool {
        self.whole
    }

    /// Its ends; `None` for the end of all numbers.
    pub(crate) fn ends(self) -> (Option<f64>, Option<f64>) {
        let end = |value: f64, open: f64| (value.total_cmp(&open).is_ne()).then_some(value);
        (end(self.low, f64::MIN), end(self.high, f64::MAX))
    }

    /// One number of every cell, ascending: the domain is cut before each of `starts`.
    pub(super) fn cells(self, mut starts: Vec<f64>) -> Vec<f64> {
        starts.retain(|start| self.low < *start && *start <= self.high);
        starts.sort_unstable_by(f64::total_cmp);
        starts.dedup();
        let firsts = std::iter::once(self.low).chain(starts.iter().copied());
        let lasts = starts
            .iter()
            .map(|start| start.next_down())
            .chain(std::iter::once(self.high));
        firsts
            .zip(lasts)
            .filter_map(|(first, last)| self.example(first, last))
            .collect()
    }

    /// A number from `first` to `last` that is easy to read: the end that a rule names, or the next round number.
    fn example(self, first: f64, last: f64) -> Option<f64> {
        let (first, last) = if self.whole {
            (first.ceil(), last.floor())
        } else {
            (first, last)
        };
        if first > last {
            return None;
        }
        let (at_low, at_high) = (first <= self.low, last >= self.high);
        if at_low && at_high && first <= 0.0 && 0.0 <= last {
            return Some(0.0);
        }
        // The end that is a threshold says more than the end of the world.
        let from_above = at_low && !at_high;
        let end = if from_above { last } else { first };
        if is_plain(end) {
            return Some(end + 0.0);
        }
        let mut power = 1.0;
        for _ in 0..16 {
            let scaled = end * power;
            let value = if from_above {
                scaled.floor()
            } else {
                scaled.ceil()
            } / power;
            if first <= value && value <= last {
                return Some(value + 0.0);
            }
            power *= 10.0;
        }
        Some(end + 0.0)
    }
}

/// At most six decimals.
#[allow(clippy::float_cmp)] // the same double is meant
fn is_plain(value: f64) -> bool {
    value.abs() < 1e9 && (value * 1e6).round() / 1e6 == value
}

/// What each column of a schema can hold: what its unit says, unless the caller knows better.
///
/// ```
/// use customer_value::model::Unit;
/// use customer_value::rules::prove::{Domain, Domains};
/// use customer_value::table::{Field, Schema};
///
/// let mut schema = Schema::new();
/// let score = schema.add(Field::number("score", Unit::Points))?;
/// let domains = Domains::of(&schema).with(score, Domain::within(0.0, 100.0));
/// assert_eq!(domains.domain(score), Domain::within(0.0, 100.0));
/// # Ok::<(), customer_value::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Domains(Vec<Domain>);

impl Domains {
    /// What the units say. Of a column of words only [`Domain::known`] counts.
    #[must_use]
    pub fn of(schema: &Schema) -> Self {
        let fields = schema.fields().iter();
        Self(
            fields
                .map(|f| f.unit().map_or(Domain::ANY, Domain::of))
                .collect(),
        )
    }

    /// The same with another domain for one column.
    #[must_use]
    pub fn with(mut self, column: Slot, domain: Domain) -> Self {
        self.set(column, domain);
        self
    }

    pub(crate) fn set(&mut self, column: Slot, domain: Domain) {
        if let Some(place) = self.0.get_mut(column.index()) {
            *place = domain;
        }
    }

    /// What a column can hold.
    #[must_use]
    pub fn domain(&self, column: Slot) -> Domain {
        self.0.get(column.index()).copied().unwrap_or(Domain::ANY)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_have_numbers_that_are_easy_to_read() {
        let cells = |domain: Domain, starts: &[f64]| domain.cells(starts.to_vec());
        let above = 3.0_f64.next_up();
        assert_eq!(cells(Domain::ANY, &[]), [0.0]);
        assert_eq!(cells(Domain::ANY, &[500.0]), [499.0, 500.0]);
        assert_eq!(cells(Domain::ANY, &[3.0, above]), [2.0, 3.0, 4.0]);
        assert_eq!(cells(Domain::ANY, &[above, 3.5]), [3.0, 3.1, 3.5]);
        assert_eq!(cells(Domain::of(Unit::Share), &[0.5]), [0.0, 0.5]);
        assert_eq!(cells(Domain::of(Unit::Share), &[50.0]), [0.0]);
        assert_eq!(
            cells(Domain::of(Unit::Count), &[3.0, above, 4.0]),
            [2.0, 3.0, 4.0]
        );
        assert_eq!(cells(Domain::of(Unit::Count), &[0.5, 0.7, 1.0]), [0.0, 1.0]);
        assert_eq!(cells(Domain::within(1.0, 5.0).whole(), &[1.0, 6.0]), [1.0]);
        assert_eq!(cells(Domain::within(2.0, 1.0), &[1.5]), [] as [f64; 0]);
        assert_eq!(cells(Domain::within(f64::NAN, f64::INFINITY), &[]), [0.0]);
        assert_eq!(
            cells(Domain::ANY, &[f64::MAX, f64::NAN, f64::INFINITY]).len(),
            2
        );
    }
}
