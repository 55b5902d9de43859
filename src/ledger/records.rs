//! Clean records that are no transactions: costs, contacts, answers, complaints.

use std::sync::Arc;

use crate::Error;
use crate::model::{Currency, CustomerId, Day, Money, Record, ServiceCost};

use super::options::Options;
use super::quality::Quality;
use super::reject::{Field, Reason, Reject};

/// Cleaned records that are no transactions, by customer, and of those by day.
///
/// Every record read is *accepted*, or *rejected* with its position, field and reason; `accepted + rejected = read`. Two equal
/// records are two records: a customer can call twice on a day. Amounts are in the reporting currency, at the rate of their
/// day; merged customers are one ([`Options::merges`]); and a complaint that was resolved after [`Options::as_of`] is open.
/// What the options say about zero, negative and duplicate rows is about transactions.
///
/// ```
/// use customer_value::ledger::{Options, Records};
/// use customer_value::model::{Complaint, CostCategory, Currency, Record, ServiceCost};
///
/// let day = "2024-05-01".parse()?;
/// let records: [Record; 3] = [
///     ServiceCost::new(7, day, "12.50 EUR".parse()?, CostCategory::ServiceStaff)?.into(),
///     ServiceCost::new(7, day, "3.00 USD".parse()?, CostCategory::Marketing)?.into(),
///     Complaint::new(9, day, "delivery")?.into(),
/// ];
/// let records = Records::clean(records, &Options::new("2024-12-31".parse()?, Currency::EUR));
/// assert_eq!(records.of(&7.into()).len(), 1);
/// assert_eq!(records.rejects()[0].to_string(), "row 1: currency: has no exchange rate on or before that day");
/// assert_eq!((records.quality().read, records.quality().accepted), (3, 2));
/// # Ok::<(), customer_value::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Records {
    as_of: Day,
    currency: Currency,
    /// By customer, and of those by day; on a day in the order of the input. Shared: a ledger and a population keep them too.
    records: Arc<Vec<Record>>,
    rejects: Vec<Reject>,
    quality: Quality,
}

/// A record as it counts.
///
/// # Errors
/// The field that is wrong, and why.
pub(crate) fn clean(record: Record, options: &Options) -> Result<Record, (Field, Reason)> {
    if record.day() > options.as_of {
        return Err((Field::Date, Reason::AfterAsOf));
    }
    Ok(match record {
        Record::ServiceCost(cost) if cost.amount().currency() != options.currency => {
            let minor = options
                .to_reporting(cost.amount(), cost.day())
                .map_err(|reason| (reason.field_of(Field::Amount), reason))?;
            let amount = Money::from_minor(minor, options.currency);
            let category = cost.category().clone();
            // Rates are positive, so what was not negative is not.
            ServiceCost::new(cost.customer().clone(), cost.day(), amount, category)
                .map_err(|_| (Field::Amount, Reason::Negative))?
                .into()
        }
        Record::Complaint(complaint) => complaint.known_on(options.as_of).into(),
        as_it_is => as_it_is,
    })
}

impl Records {
    /// Cleans records, in any order.
    #[must_use]
    pub fn clean<R: Into<Record>>(records: impl IntoIterator<Item = R>, options: &Options) -> Self {
        let mut quality = Quality::default();
        let mut rejects = Vec::new();
        let mut accepted: Vec<Record> = Vec::new();
        // The sum of everything that is added up: no sum over any of the records is larger.
        let mut total = 0_i128;
        for (position, record) in (0..).zip(records) {
            let record: Record = record.into();
            quality.read += 1;
            for field in [Field::Customer, Field::Date] {
                *quality.filled.entry(field).or_default() += 1;
            }
            let converted = match &record {
                Record::ServiceCost(cost) => cost.amount().currency() != options.currency,
                _ => false,
            };
            let outcome = clean(record, options).and_then(|record| {
                let (field, most) = largest(&record);
                let sum = total + i128::from(most);
                if sum > i128::from(i64::MAX) {
                    return Err((field, Reason::SumTooLarge));
                }
                total = sum;
                Ok(record)
            });
            match outcome {
                Ok(record) => {
                    let survivor = options.merges.survivor(record.customer()).clone();
                    quality.merged += u64::from(survivor != *record.customer());
                    quality.converted += u64::from(converted);
                    quality.accepted += 1;
                    quality.day(record.day());
                    accepted.push(record.of(survivor));
                }
                Err((field, reason)) => {
                    let reject = Reject::new(position, field, reason, "");
                    quality.reject(&reject);
                    rejects.push(reject);
                }
            }
        }
        sort(&mut accepted);
        Self {
            as_of: options.as_of,
            currency: options.currency,
            records: Arc::new(accepted),
            rejects,
            quality,
        }
    }

    /// These records and others, those of one day in this order, cleaned for the later day of the two. Of the
    /// [`quality`](Self::quality) report, `read` and `accepted` are their number and there are no rejects.
    ///
    /// # Errors
    /// The others are in another currency (`is_misuse`), or the sum of all does not fit 64 bits (`is_overflow`).
    pub fn merge(&self, other: &Self) -> Result<Self, Error> {
        if self.currency != other.currency {
            return Err(Error::misuse(format!(
                "records in {} and in {} do not merge",
                self.currency, other.currency
            )));
        }
        let mut records: Vec<Record> = self.all().iter().chain(other.all()).cloned().collect();
        let total: i128 = records.iter().map(|r| i128::from(largest(r).1)).sum();
        if total > i128::from(i64::MAX) {
            return Err(Error::overflow(
                "the sum of all records does not fit 64 bits",
            ));
        }
        sort(&mut records);
        Ok(self.only(Arc::new(records), self.as_of.max(other.as_of)))
    }

    /// Each record with whom it counts for; those that count for nobody are left out. There are no rejects.
    pub(crate) fn counting_for(&self, of: impl Fn(&CustomerId, Day) -> Option<CustomerId>) -> Self {
        let own = |record: &Record| Some(record.clone().of(of(record.customer(), record.day())?));
        let mut records: Vec<Record> = self.records.iter().filter_map(own).collect();
        sort(&mut records);
        self.only(Arc::new(records), self.as_of)
    }

    /// The records as they were known at the close of a day: without those of later days, and with the complaints open that
    /// were resolved later. Of the [`quality`](Self::quality) report, `read` and `accepted` are their number and there are no
    /// rejects, as with [`Ledger::until`](super::Ledger::until).
    #[must_use]
    pub fn until(&self, day: Day) -> Self {
        let as_of = self.as_of.min(day);
        if as_of == self.as_of {
            return self.only(Arc::clone(&self.records), as_of);
        }
        let known = self.records.iter().filter(|record| record.day() <= as_of);
        let known = known.map(|record| match record {
            Record::Complaint(complaint) => complaint.clone().known_on(as_of).into(),
            other => other.clone(),
        });
        self.only(Arc::new(known.collect()), as_of)
    }

    /// Nothing but some records, in their order.
    fn only(&self, records: Arc<Vec<Record>>, as_of: Day) -> Self {
        let mut quality = Quality::default();
        for record in records.iter() {
            quality.accepted += 1;
            quality.day(record.day());
        }
        quality.read = quality.accepted;
        if quality.read > 0 {
            for field in [Field::Customer, Field::Date] {
                quality.filled.insert(field, quality.read);
            }
        }
        Self {
            as_of,
            currency: self.currency,
            records,
            rejects: Vec::new(),
            quality,
        }
    }

    /// The day the records were cleaned for; later ones were rejected.
    #[must_use]
    pub fn as_of(&self) -> Day {
        self.as_of
    }

    /// The currency of all amounts.
    #[must_use]
    pub fn currency(&self) -> Currency {
        self.currency
    }

    /// All accepted records: by customer, of those by day, and of one day in the order of the input.
    #[must_use]
    pub fn all(&self) -> &[Record] {
        &self.records
    }

    /// The accepted records of one customer, by day.
    #[must_use]
    pub fn of(&self, customer: &CustomerId) -> &[Record] {
        let from = self.records.partition_point(|r| r.customer() < customer);
        let rest = self.records.get(from..).unwrap_or_default();
        let own = rest.partition_point(|r| r.customer() == customer);
        rest.get(..own).unwrap_or_default()
    }

    /// The records of each customer who has some, ascending by customer.
    pub fn by_customer(&self) -> impl Iterator<Item = (&CustomerId, &[Record])> {
        let groups = self.records.chunk_by(|a, b| a.customer() == b.customer());
        groups.filter_map(|own| Some((own.first()?.customer(), own)))
    }

    /// The records that were rejected, in the order of the input.
    #[must_use]
    pub fn rejects(&self) -> &[Reject] {
        &self.rejects
    }

    /// What became of the records; there are no duplicates.
    #[must_use]
    pub fn quality(&self) -> &Quality {
        &self.quality
    }
}

/// By customer, and of those by day.
fn sort(records: &mut [Record]) {
    records.sort_by(|a, b| (a.customer(), a.day()).cmp(&(b.customer(), b.day())));
}

/// The largest number that a record adds to a sum, and where it stands.
fn largest(record: &Record) -> (Field, i64) {
    match record {
        Record::ServiceCost(cost) => (Field::Amount, cost.amount().minor().max(1)),
        Record::Interaction(contact) => {
            let most = contact.latency_seconds().max(contact.minutes());
            (Field::Row, i64::from(most.unwrap_or(0)).max(1))
        }
        Record::SurveyAnswer(answer) => (Field::Row, i64::from(answer.answer()).max(1)),
        Record::Complaint(_) => (Field::Row, 1),
    }
}
