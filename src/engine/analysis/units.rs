//! Numbers that look like ones in another unit.

use crate::model::Unit;
use crate::rules::prove::Stated;

/// A hundred years: nobody counts customers' days further.
const MANY_DAYS: f64 = 36_525.0;

/// What a column is, and what was perhaps meant.
pub(super) struct Mistake {
    pub is: &'static str,
    pub help: String,
}

/// The first number of a condition that looks like one in another unit.
pub(super) fn mistake(condition: &Stated<'_>) -> Option<Mistake> {
    condition.ends.iter().find_map(|end| one(condition, *end))
}

fn one(condition: &Stated<'_>, end: f64) -> Option<Mistake> {
    let hundred = condition.domain.ends() == (Some(0.0), Some(100.0));
    let (is, help) = match condition.unit {
        Some(Unit::Share) if 1.0 < end && end <= 100.0 => {
            let share = plain(end / 100.0);
            (
                "a share, from 0 to 1",
                format!("write {end} % as `{share}`"),
            )
        }
        // Of a fitted condition the domain is that of the column, so the unit has to do.
        Some(Unit::Percent) if 0.0 < end && end < 1.0 => {
            let percent = plain(end * 100.0);
            let help = format!(
                "`{end}` is less than one percent: write `{percent}` if {percent} % is meant"
            );
            ("a percentage, from 0 to 100", help)
        }
        Some(Unit::Points) if hundred && 0.0 < end && end < 1.0 => {
            let help = format!("write `{}` for the same place", plain(end * 100.0));
            ("a score, from 0 to 100", help)
        }
        Some(Unit::Days) if end > MANY_DAYS => {
            let help =
                "a date is compared with a column of dates, as in `last_purchase >= 2024-01-31`";
            ("a number of days", help.to_owned())
        }
        _ => return None,
    };
    Some(Mistake { is, help })
}

/// Without the noise of a multiplication.
fn plain(number: f64) -> f64 {
    (number * 1e9).round() / 1e9
}
