//! Who is where on the exit ladder, what holds them, and what each step saves.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::sheet::{Cell, Sheet, SheetTable, cells};
use super::text::TOTAL;
use crate::Error;
use crate::lifecycle::exit::{ExitLadder, ExitOutcome};
use crate::model::{Currency, Money};
use crate::rules::language::ReportWord as Word;

/// The customers of one step of the exit ladder.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExitGroup {
    /// The step's name.
    pub name: String,
    /// How many are on it.
    pub customers: u64,
    /// How many have notice of it.
    pub noticed: u64,
    /// What it saves a year with those who are on it, in minor units.
    pub saving: i128,
    /// How many are on it whose saving is not known; they are not in `saving`.
    pub saving_unknown: u64,
}

impl ExitGroup {
    fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            ..Self::default()
        }
    }

    fn take(&mut self, other: &Self) {
        for (sum, more) in [
            (&mut self.customers, other.customers),
            (&mut self.noticed, other.noticed),
            (&mut self.saving_unknown, other.saving_unknown),
        ] {
            *sum = sum.saturating_add(more);
        }
        self.saving = self.saving.saturating_add(other.saving);
    }
}

/// How many customers a gate holds.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GateCount {
    /// The gate's name.
    pub name: String,
    /// How many customers would have notice of their next step, if this gate and others that hold them were open.
    pub customers: u64,
}

/// Who is where on the exit ladder, what each step saves a year, and which gates hold how many.
///
/// It is made customer by customer, in any order, in parts that are [merged](Self::merge) in any order. As text it is a
/// table of the steps, from those below the line who are on no step to the last, and one of the gates.
///
/// ```
/// use customer_value::diagnostic::Diagnostics;
/// use customer_value::lifecycle::exit::{ExitSpec, StepSpec};
/// use customer_value::model::{Currency, Day, Days, Unit};
/// use customer_value::report::ExitReport;
/// use customer_value::rules::column;
/// use customer_value::table::{Field, Schema, Table};
///
/// let mut schema = Schema::new();
/// let spend = schema.add(Field::number("spend", Unit::Money))?;
/// let cost = schema.add(Field::number("cost", Unit::Money))?;
/// let mut spec = ExitSpec::new(
///     column("spend").lt(20),
///     Days::new(30),
///     [StepSpec::new("migrate").avoids(0.6), StepSpec::new("end").avoids(1.0).ends_service()],
/// );
/// spec.avoidable_cost = Some("cost".to_owned());
/// let mut problems = Diagnostics::new();
/// let ladder = spec.bind(&schema, &mut problems).ok_or(problems)?;
///
/// let mut table = Table::new(schema, 3);
/// for (row, (bought, money)) in [(5.0, 40.0), (0.0, 50.25), (90.0, 10.0)].into_iter().enumerate() {
///     table.column_mut(spend).set(row, Some(bought));
///     table.column_mut(cost).set(row, Some(money));
/// }
/// let (before, today): (Day, Day) = ("2024-05-31".parse()?, "2024-06-30".parse()?);
/// let mut report = ExitReport::new(&ladder, Currency::EUR);
/// for row in 0..3 {
///     // Below the line since May, and on the first step since June.
///     let found = ladder.step(table.row(row), before, None, |_| 0);
///     let outcome = ladder.step(table.row(row), today, found.position, |_| 0);
///     let step = outcome.position.and_then(|at| at.step);
///     let saving = step.and_then(|step| ladder.saving(table.row(row), step, Currency::EUR));
///     report.add(&outcome, saving);
/// }
/// assert_eq!(report.to_string(), "\
/// exit            customers  notice  saves a year
/// below the line          0       -             -
/// migrate                 2       0         54.15
/// end                     0       0          0.00
/// total                   2       0         54.15
/// ");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExitReport {
    currency: Currency,
    on_no_step: u64,
    steps: Vec<ExitGroup>,
    gates: Vec<GateCount>,
}

impl ExitReport {
    /// No customer yet.
    #[must_use]
    pub fn new(ladder: &ExitLadder, currency: Currency) -> Self {
        let gate = |name: &str| GateCount {
            name: name.to_owned(),
            customers: 0,
        };
        Self {
            currency,
            on_no_step: 0,
            steps: ladder
                .steps()
                .map(|(_, name)| ExitGroup::new(name))
                .collect(),
            gates: ladder.gates().map(gate).collect(),
        }
    }

    /// Counts a customer as a review left them, with what their step saves a year, in minor units
    /// ([`ExitLadder::saving`]); `None` if that is not known, or if they are on no step.
    pub fn add(&mut self, customer: &ExitOutcome, saving: Option<i64>) {
        let Some(at) = customer.position else { return };
        let one_more = |count: &mut u64| *count = count.saturating_add(1);
        match at.step.and_then(|step| self.steps.get_mut(step.index())) {
            Some(step) => {
                one_more(&mut step.customers);
                match saving {
                    Some(saving) => step.saving = step.saving.saturating_add(saving.into()),
                    None => one_more(&mut step.saving_unknown),
                }
            }
            None => one_more(&mut self.on_no_step),
        }
        let noticed = at.notice.and_then(|notice| notice.step);
        if let Some(step) = noticed.and_then(|step| self.steps.get_mut(step.index())) {
            one_more(&mut step.noticed);
        }
        for gate in customer.held_by.iter() {
            if let Some(gate) = self.gates.get_mut(gate) {
                one_more(&mut gate.customers);
            }
        }
    }

    /// Adds the customers of another part of the same population.
    ///
    /// # Errors
    /// It is of another ladder or another currency (`is_misuse`); nothing is added then.
    pub fn merge(&mut self, other: &Self) -> Result<(), Error> {
        let steps = |report: &Self| {
            report
                .steps
                .iter()
                .map(|s| s.name.clone())
                .collect::<Vec<_>>()
        };
        let gates = |report: &Self| {
            report
                .gates
                .iter()
                .map(|g| g.name.clone())
                .collect::<Vec<_>>()
        };
        if steps(self) != steps(other) || gates(self) != gates(other) {
            return Err(Error::misuse("the report is of another exit ladder"));
        }
        if self.currency != other.currency {
            return Err(Error::misuse(format!(
                "the report is in {}, not in {}",
                other.currency, self.currency
            )));
        }
        self.on_no_step = self.on_no_step.saturating_add(other.on_no_step);
        for (sum, more) in self.steps.iter_mut().zip(&other.steps) {
            sum.take(more);
        }
        for (sum, more) in self.gates.iter_mut().zip(&other.gates) {
            sum.customers = sum.customers.saturating_add(more.customers);
        }
        Ok(())
    }

    /// The currency of the savings.
    #[must_use]
    pub fn currency(&self) -> Currency {
        self.currency
    }

    /// How many are below the line and on no step.
    #[must_use]
    pub fn on_no_step(&self) -> u64 {
        self.on_no_step
    }

    /// The steps, from the first to the last.
    #[must_use]
    pub fn steps(&self) -> &[ExitGroup] {
        &self.steps
    }

    /// The gates, in the order of the policy. A customer held by two is counted with both.
    #[must_use]
    pub fn gates(&self) -> &[GateCount] {
        &self.gates
    }

    /// All customers below the line, and all savings.
    #[must_use]
    pub fn total(&self) -> ExitGroup {
        let mut total = ExitGroup {
            customers: self.on_no_step,
            ..ExitGroup::new(TOTAL)
        };
        self.steps.iter().for_each(|step| total.take(step));
        total
    }

    /// What a step, or the [`total`](Self::total), saves a year; it stops at the ends of what an amount of money can be.
    #[must_use]
    pub fn saving(&self, group: &ExitGroup) -> Money {
        let ends = (i64::MIN.into(), i64::MAX.into());
        let minor = i64::try_from(group.saving.clamp(ends.0, ends.1)).unwrap_or(i64::MAX);
        Money::from_minor(minor, self.currency)
    }
}

impl ExitReport {
    /// The report as a [sheet](Sheet): the steps, and the gates.
    #[must_use]
    pub fn sheet(&self) -> Sheet {
        let total = self.total();
        // The last column only if it says something.
        let unknown = |cell: Cell| (total.saving_unknown > 0).then_some(cell);
        let row = |cells: [Cell; 4], last: Cell| cells.into_iter().chain(unknown(last));
        let mut steps = SheetTable::new(row(
            cells![Word::Exit, Word::Customers, Word::Notice, Word::SavesAYear],
            Word::NotKnown.into(),
        ));
        steps.row(cells![Word::BelowTheLine, self.on_no_step]);
        let names = self
            .steps
            .iter()
            .map(|step| (Cell::literal(&step.name), step));
        for (name, step) in names.chain([(Word::Total.into(), &total)]) {
            steps.row(row(
                cells![name, step.customers, step.noticed, self.saving(step)],
                step.saving_unknown.into(),
            ));
        }
        let sheet = Sheet::new(Word::TitleExit)
            .note(Word::Amounts, Cell::literal(self.currency.code()))
            .table(steps);
        if self.gates.is_empty() {
            return sheet;
        }
        let mut gates = SheetTable::new(cells![Word::HeldBy, Word::Customers]);
        for gate in &self.gates {
            gates.row(cells![Cell::literal(&gate.name), gate.customers]);
        }
        sheet.table(gates)
    }
}

impl fmt::Display for ExitReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.sheet().fmt_tables(f)
    }
}
