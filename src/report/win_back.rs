//! Whether winning back worked: by offer, by channel and by reason.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::Interval;
use super::sheet::{Cell, Sheet, SheetTable, cells};
use super::text::{UNKNOWN, group_cell};
use crate::Error;
use crate::history::{Histories, HistoryView};
use crate::model::{Attempt, AttemptPurpose, Currency, CustomerId, Day, Days};
use crate::rules::language::ReportWord as Word;
use crate::strategy::budget::shown;
use crate::summary::{Summary, Window};

/// What came of some attempts. What one customer is offered on one day is one attempt here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WinBackRow {
    /// Attempts whose days are over.
    pub attempted: u64,
    /// Those of them that a purchase followed in these days, before any later attempt.
    pub won_back: u64,
    /// What they cost as far as is known, in minor units.
    pub cost: i128,
    /// Of how many the cost is not known.
    pub without_cost: u64,
    /// What these customers spent in these days, before any later attempt, net of refunds, in minor units.
    pub spend: i128,
    /// Attempts whose days are not over: in none of the other numbers.
    pub open: u64,
}

impl WinBackRow {
    /// Won back ÷ attempted, 0 to 1; `None` where there was no attempt.
    #[must_use]
    #[allow(clippy::cast_precision_loss)] // a share
    pub fn rate(&self) -> Option<f64> {
        (self.attempted > 0).then(|| self.won_back as f64 / self.attempted as f64)
    }

    /// The 95 % interval of the rate, by Wilson's method; `None` where there was no attempt.
    #[must_use]
    pub fn interval(&self) -> Option<Interval> {
        Interval::wilson(self.won_back, self.attempted)
    }

    /// Spend less cost, in minor units; `None` where a cost is not known.
    #[must_use]
    pub fn net(&self) -> Option<i128> {
        (self.without_cost == 0).then(|| self.spend.saturating_sub(self.cost))
    }

    fn merge(&mut self, other: &Self) {
        self.attempted = self.attempted.saturating_add(other.attempted);
        self.won_back = self.won_back.saturating_add(other.won_back);
        self.cost = self.cost.saturating_add(other.cost);
        self.without_cost = self.without_cost.saturating_add(other.without_cost);
        self.spend = self.spend.saturating_add(other.spend);
        self.open = self.open.saturating_add(other.open);
    }
}

/// Which attempts to win customers back a purchase followed, what they cost, and what was spent.
///
/// A **win-back** is an attempt that a purchase follows in the `within` days from its day on, before any later attempt to win the
/// same customer back. Attempts whose days are not over on the last known day are counted apart, whatever has come of them.
///
/// ```
/// use customer_value::history::{Histories, Layout};
/// use customer_value::ledger::{Columns, CustomerColumn, Ledger, Options};
/// use customer_value::model::{Attempt, AttemptKind, AttemptPurpose, Currency, Day, Days};
/// use customer_value::report::WinBackReport;
///
/// // Customer 1 buys on 2024-04-05 for 50.00, customer 2 on 2024-01-06 for 70.00.
/// let as_of: Day = "2024-12-31".parse()?;
/// let columns = Columns::new(CustomerColumn::Numbers(&[1, 2]), &[19_818, 19_728], &[50_00, 70_00]);
/// let ledger = Ledger::from_columns(&columns, Options::new(as_of, Currency::EUR))?;
/// let histories = Histories::build(&ledger, &Layout::new(Currency::EUR, []))?;
///
/// let call = |customer, on| {
///     let call = Attempt::new(customer, on, AttemptPurpose::WinBack, AttemptKind::Call)?;
///     call.with_offer("call").with_channel("phone").with_cost("6.00 EUR".parse()?)
/// };
/// let april: Day = "2024-04-01".parse()?;
/// let attempts = [call(1, april)?, call(2, april)?, call(1, as_of)?];
/// let report = WinBackReport::of(&histories, &attempts, |_, _| Some("price"), Days::new(30), as_of)?;
/// assert_eq!(report.to_string(), "\
/// offer  attempted  won back    rate   from      to   cost  spend    net  open
/// call           2         1  50.0 %  9.5 %  90.5 %  12.00  50.00  38.00     1
///
/// channel  attempted  won back    rate   from      to   cost  spend    net  open
/// phone            2         1  50.0 %  9.5 %  90.5 %  12.00  50.00  38.00     1
///
/// reason  attempted  won back    rate   from      to   cost  spend    net  open
/// price           2         1  50.0 %  9.5 %  90.5 %  12.00  50.00  38.00     1
/// total           2         1  50.0 %  9.5 %  90.5 %  12.00  50.00  38.00     1
/// ");
/// # Ok::<(), customer_value::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WinBackReport {
    currency: Currency,
    within: Days,
    by_offer: BTreeMap<String, WinBackRow>,
    by_channel: BTreeMap<String, WinBackRow>,
    by_reason: BTreeMap<String, WinBackRow>,
    total: WinBackRow,
}

impl WinBackReport {
    /// No attempt yet; `within` is for how many days, from that of the attempt on, a purchase counts as won back.
    #[must_use]
    pub fn new(currency: Currency, within: Days) -> Self {
        Self {
            currency,
            within,
            by_offer: BTreeMap::new(),
            by_channel: BTreeMap::new(),
            by_reason: BTreeMap::new(),
            total: WinBackRow::default(),
        }
    }

    /// What came of all attempts to win somebody back that were made up to `as_of`, by the histories up to that day; `reason`
    /// says why a customer had left who is attempted on a day. Attempts for another purpose are left out.
    ///
    /// # Errors
    /// A cost is in another currency than the histories, or `within` is not a day at least (`is_misuse`).
    pub fn of<'r>(
        histories: &Histories,
        attempts: &[Attempt],
        reason: impl Fn(&CustomerId, Day) -> Option<&'r str>,
        within: Days,
        as_of: Day,
    ) -> Result<Self, Error> {
        let mut report = Self::new(histories.layout().currency(), within);
        let mut attempts: Vec<&Attempt> = attempts.iter().collect();
        attempts.sort_by_key(|attempt| attempt.customer());
        for own in attempts.chunk_by(|a, b| a.customer() == b.customer()) {
            let history = own.first().and_then(|a| histories.get(a.customer()));
            report.add(own, history, &reason, as_of)?;
        }
        Ok(report)
    }

    /// Counts all attempts on one customer, in any order, as [`of`](Self::of) does; without a history nothing was bought.
    ///
    /// # Errors
    /// As of [`of`](Self::of); nothing is changed then.
    pub fn add<'r>(
        &mut self,
        attempts: &[&Attempt],
        history: Option<HistoryView<'_>>,
        reason: impl Fn(&CustomerId, Day) -> Option<&'r str>,
        as_of: Day,
    ) -> Result<(), Error> {
        if self.within.get() < 1 {
            let message = format!("nobody is won back within `{}`", self.within);
            return Err(Error::misuse(message));
        }
        let mut attempts: Vec<&Attempt> = (attempts.iter().copied())
            .filter(|a| a.purpose() == AttemptPurpose::WinBack && a.day() <= as_of)
            .collect();
        let currency = self.currency;
        let costs = attempts.iter().filter_map(|attempt| attempt.cost());
        if let Some(cost) = costs.into_iter().find(|cost| cost.currency() != currency) {
            let message = format!("`{cost}` is not in {currency}, the currency of the histories");
            return Err(Error::misuse(message));
        }
        attempts.sort_by_key(|attempt| attempt.day());
        let days: Vec<&[&Attempt]> = attempts.chunk_by(|a, b| a.day() == b.day()).collect();
        for (i, on_day) in days.iter().enumerate() {
            let Some(first) = on_day.first() else {
                continue;
            };
            let (customer, day) = (first.customer(), first.day());
            let end = day.plus(self.within);
            let mut row = WinBackRow::default();
            let last = i64::from(day.epoch_days()) + i64::from(self.within.get()) - 1;
            if last > i64::from(as_of.epoch_days()) {
                row.open = 1;
            } else {
                let next = days.get(i + 1).and_then(|later| later.first());
                let end = next.map_or(end, |later| end.min(later.day()));
                let summary = history.map(|h| Summary::new(h, Window::Between(day, end), as_of));
                let bought = summary.as_ref().is_some_and(|s| s.active_days() > 0);
                row.attempted = 1;
                row.won_back = u64::from(bought);
                row.spend = summary.map_or(0, |s| s.spend_minor());
            }
            self.count(on_day, row, reason(customer, day));
        }
        Ok(())
    }

    /// Counts what one customer was offered on one day, once in every group.
    fn count(&mut self, attempts: &[&Attempt], row: WinBackRow, reason: Option<&str>) {
        fn into<'a>(
            groups: &mut BTreeMap<String, WinBackRow>,
            attempts: &[&'a Attempt],
            row: WinBackRow,
            group: impl Fn(&'a Attempt) -> Option<&'a str>,
        ) {
            let mut own: BTreeMap<&str, Vec<&Attempt>> = BTreeMap::new();
            for attempt in attempts {
                let name = group(attempt).unwrap_or(UNKNOWN);
                own.entry(name).or_default().push(attempt);
            }
            for (name, attempts) in own {
                let groups = groups.entry(name.to_owned()).or_default();
                groups.merge(&with_costs(row, &attempts));
            }
        }
        into(&mut self.by_offer, attempts, row, |a| a.offer());
        into(&mut self.by_channel, attempts, row, |a| a.channel());
        let row = with_costs(row, attempts);
        let reason = reason.unwrap_or(UNKNOWN).to_owned();
        self.by_reason.entry(reason).or_default().merge(&row);
        self.total.merge(&row);
    }

    /// Counts what another report has of other customers.
    ///
    /// # Errors
    /// It is in another currency, or of other days (`is_misuse`); nothing is changed then.
    pub fn merge(&mut self, other: &Self) -> Result<(), Error> {
        if (self.currency, self.within) != (other.currency, other.within) {
            return Err(Error::misuse(
                "reports in other currencies or over other days do not go together",
            ));
        }
        for (groups, others) in [
            (&mut self.by_offer, &other.by_offer),
            (&mut self.by_channel, &other.by_channel),
            (&mut self.by_reason, &other.by_reason),
        ] {
            for (name, row) in others {
                groups.entry(name.clone()).or_default().merge(row);
            }
        }
        self.total.merge(&other.total);
        Ok(())
    }

    /// For how many days, from that of the attempt on, a purchase counts as won back.
    #[must_use]
    pub fn within(&self) -> Days {
        self.within
    }

    /// The currency of all amounts.
    #[must_use]
    pub fn currency(&self) -> Currency {
        self.currency
    }

    /// What came of each offer, in the order of their names; `unknown` for attempts that do not name one.
    #[must_use]
    pub fn by_offer(&self) -> &BTreeMap<String, WinBackRow> {
        &self.by_offer
    }

    /// What came through each channel, in the order of their names; `unknown` for attempts that do not name one.
    #[must_use]
    pub fn by_channel(&self) -> &BTreeMap<String, WinBackRow> {
        &self.by_channel
    }

    /// What came of those who left for each reason, in the order of their words; `unknown` where it is not known.
    #[must_use]
    pub fn by_reason(&self) -> &BTreeMap<String, WinBackRow> {
        &self.by_reason
    }

    /// What came of all attempts. Who is made two offers on one day counts once here, and once in the group of each.
    #[must_use]
    pub fn total(&self) -> &WinBackRow {
        &self.total
    }
}

/// The same with what the attempts cost, if their days are over.
fn with_costs(mut row: WinBackRow, attempts: &[&Attempt]) -> WinBackRow {
    if row.attempted > 0 {
        let known = attempts.iter().filter_map(|attempt| attempt.cost());
        row.cost = known
            .map(|cost| i128::from(cost.minor()))
            .fold(0, i128::saturating_add);
        row.without_cost = u64::from(attempts.iter().any(|attempt| attempt.cost().is_none()));
    }
    row
}

impl WinBackReport {
    /// The report as a [sheet](Sheet): by offer, by channel and by reason.
    #[must_use]
    pub fn sheet(&self) -> Sheet {
        let money = |minor| shown(minor, self.currency);
        let mut sheet = Sheet::new(Word::TitleWinBack)
            .note(Word::Within, Cell::number(f64::from(self.within.get()), 0))
            .note(Word::Amounts, Cell::literal(self.currency.code()));
        let groups = [
            (Word::Offer, &self.by_offer, None),
            (Word::Channel, &self.by_channel, None),
            (Word::Reason, &self.by_reason, Some(&self.total)),
        ];
        for (by, rows, total) in groups {
            let mut table = SheetTable::new(cells![
                by,
                Word::Attempted,
                Word::WonBack,
                Word::Rate,
                Word::LowerEnd,
                Word::UpperEnd,
                Word::Cost,
                Word::Spend,
                Word::Net,
                Word::Open,
            ]);
            let rows = rows.iter().map(|(name, row)| (group_cell(name), row));
            for (name, row) in rows.chain(total.map(|total| (Word::Total.into(), total))) {
                let interval = row.interval();
                table.row(cells![
                    name,
                    row.attempted,
                    row.won_back,
                    Cell::share(row.rate()),
                    Cell::share(interval.map(|i| i.low)),
                    Cell::share(interval.map(|i| i.high)),
                    money(row.cost),
                    money(row.spend),
                    row.net().map(money),
                    row.open,
                ]);
            }
            sheet = sheet.table(table);
        }
        sheet
    }
}

impl fmt::Display for WinBackReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.sheet().fmt_tables(f)
    }
}
