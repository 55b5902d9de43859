//! From a review to the reports on segments, and to the grid of lifetime and referral value.

use crate::Error;
use crate::model::{Currency, Unit};
use crate::report::{GridGroup, GridLimits, SegmentCross, SegmentReport, ValueGrid};
use crate::rules::Truth;
use crate::table::{Kind, Row, Slot};

use super::bulk::Reviews;

/// A number of a column of money in minor units; halves go to the even one, and it stops at the ends of `i64`.
#[allow(clippy::cast_possible_truncation)] // to the nearest
pub(super) fn minor(row: Row<'_>, slot: Slot, currency: Currency) -> Option<i64> {
    let exponent = i32::try_from(currency.exponent()).unwrap_or(0);
    let major = row.number(slot)?;
    Some((major * libm::pow(10.0, f64::from(exponent))).round_ties_even() as i64)
}

impl Reviews<'_> {
    fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        self.tables()
            .flat_map(|table| (0..table.rows()).map(|row| table.row(row)))
    }

    fn memberships<'r>(&'r self, row: Row<'r>) -> impl Iterator<Item = Truth> + 'r {
        self.engine().segments().iter().map(move |s| s.truth(row))
    }

    pub(super) fn money(&self, column: &str) -> Result<Slot, Error> {
        let schema = self.engine().schema();
        let slot = schema.slot(column);
        slot.filter(|slot| schema.field(*slot).and_then(|f| f.unit()) == Some(Unit::Money))
            .ok_or_else(|| Error::misuse(format!("there is no column of money named `{column}`")))
    }

    /// How many customers each segment of the policy has, of how many that is not known, and what those in it have of a
    /// column of money.
    ///
    /// # Errors
    /// There is no such column, or it is not money (`is_misuse`).
    pub fn by_segment(&self, value: &str) -> Result<SegmentReport, Error> {
        let slot = self.money(value)?;
        let currency = self.engine().policy().head.currency;
        let segments = self.engine().segments().iter();
        let segments = segments.map(|s| (s.name(), s.dimension()));
        let mut report = SegmentReport::new(segments, value, currency);
        for row in self.rows() {
            report.add(self.memberships(row), minor(row, slot, currency));
        }
        Ok(report)
    }

    /// How many of each group are in each segment. The groups are those of `by`: `tier`, a column of words (`stage`, the RFM
    /// segment `segment`, an attribute), or a flag, such as another segment.
    ///
    /// # Errors
    /// There is no such column, or it is of numbers (`is_misuse`).
    pub fn segments_by(&self, by: &str) -> Result<SegmentCross, Error> {
        let engine = self.engine();
        let names = || engine.segments().iter().map(|s| s.name().to_owned());
        let schema = engine.schema();
        let slot = schema.slot(by);
        let field = slot.and_then(|slot| Some((slot, schema.field(slot)?)));
        // A policy may have a column of its own that is named `tier`.
        let Some((slot, field)) = field else {
            if by != "tier" {
                return Err(Error::misuse(format!("there is no column `{by}`")));
            }
            let ladder = engine.ladder();
            let mut tiers: Vec<&str> = ladder.tiers().map(|(_, name)| name).collect();
            tiers.reverse();
            // Best first, and the ordinal of the base is 0.
            let best = tiers.len().saturating_sub(1);
            let mut cross = SegmentCross::new(by, tiers, names());
            for (row, tier) in self.rows().zip(self.tiers()) {
                cross.add(best.checked_sub(tier.ordinal()), self.memberships(row));
            }
            return Ok(cross);
        };
        let mut cross = match field.kind() {
            Kind::Category(words) => SegmentCross::new(by, words.iter().cloned(), names()),
            Kind::Number(Unit::Flag) => {
                SegmentCross::new(by, ["no", "yes"].map(str::to_owned), names())
            }
            Kind::Number(_) => {
                let message = format!("`{by}` is neither a column of words nor a flag");
                return Err(Error::misuse(message));
            }
        };
        let words = field.unit().is_none();
        for row in self.rows() {
            let code = match words {
                true => row
                    .cell(slot)
                    .code()
                    .and_then(|code| usize::try_from(code).ok()),
                false => row.number(slot).map(|number| usize::from(number != 0.0)),
            };
            cross.add(code, self.memberships(row));
        }
        Ok(cross)
    }

    /// Champions, affluents, advocates and misers by two columns of money: lifetime value and referral value. Without
    /// `limits` they are parted by the medians of this population; to use the same ones later, take
    /// [`ValueGrid::limits`]. Beside the grid, the group of each customer in the order of the population.
    ///
    /// # Errors
    /// A column is not there or is not money (`is_misuse`).
    pub fn value_grid(
        &self,
        clv: &str,
        crv: &str,
        limits: Option<GridLimits>,
    ) -> Result<(ValueGrid, Vec<Option<GridGroup>>), Error> {
        let (clv, crv) = (self.money(clv)?, self.money(crv)?);
        let currency = self.engine().policy().head.currency;
        let values = || {
            self.rows()
                .map(|row| (minor(row, clv, currency), minor(row, crv, currency)))
        };
        // Where nothing is known of anybody, no limit parts anything.
        let limits = limits.or_else(|| GridLimits::medians(values()));
        let mut grid = ValueGrid::new(limits.unwrap_or(GridLimits { clv: 0, crv: 0 }), currency);
        let groups = values().map(|(clv, crv)| grid.add(clv, crv)).collect();
        Ok((grid, groups))
    }
}
