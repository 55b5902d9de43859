//! From a review to the report on service plans.

use std::collections::BTreeMap;

use crate::Error;
use crate::model::{CustomerId, Day};
use crate::report::Attainment;
use crate::strategy::playbook::PlaybookRecord;

use super::bulk::Reviews;

impl Reviews<'_> {
    /// How far the service plans were kept from one day to another, both counted: answers, contacts, actions, and who did not have
    /// the basic service. `None` if the policy has no `[playbook]`.
    ///
    /// The plans are those of this review; contacts are the outbound interactions among the population's records, and its attempts;
    /// `remembered` is what [`playbook_records`](Self::playbook_records) gave for this review.
    /// [The page on service](crate::docs::service) has the definitions.
    ///
    /// # Errors
    /// The last day is before the first or after the day of the review, or the population was given no records (`is_misuse`).
    ///
    /// ```
    /// use std::collections::BTreeMap;
    ///
    /// use customer_value::*;
    /// use customer_value::ledger::Records;
    /// use customer_value::model::{Direction, Interaction};
    ///
    /// let engine = Engine::from_toml(r#"
    ///     head = { name = "served", version = "1", currency = "EUR" }
    ///     tiers = [{ name = "top", when = "spend >= 500" }, { name = "base" }]
    ///     [playbook]
    ///     channels = ["phone"]
    ///     floor = { channels = ["phone"], cadence = "365 days", response_hours = 72 }
    ///     [[playbook.plays]]
    ///     name = "personal"
    ///     tiers = ["top"]
    ///     cadence = "30 days"
    ///     response_hours = 4
    /// "#, &Catalog::standard())?;
    /// let (first, last): (Day, Day) = ("2025-01-01".parse()?, "2025-03-31".parse()?);
    /// let sales = [(1, "900.00 EUR"), (2, "20.00 EUR")]
    ///     .map(|(id, amount)| Transaction::purchase(id, first, amount.parse().unwrap()).unwrap());
    /// let sold = Ledger::from_transactions(&sales, engine.cleaning(last));
    /// let asked = |id: u64, hours: u32| Interaction::new(id, first, "phone", Direction::Inbound, "question")
    ///     .map(|one| one.with_latency(hours * 3_600));
    /// let called = Interaction::new(1, "2025-01-20".parse()?, "phone", Direction::Outbound, "call")?;
    /// // The first waited for 6 hours, which is too long for a personal service, and the second for 100.
    /// let records = Records::clean([asked(1, 6)?, asked(2, 100)?, called], &engine.cleaning(last));
    /// let population = engine.population(&sold.with_records(&records)?)?;
    /// let reviews = engine.review_all(&population, None, last)?;
    ///
    /// let report = reviews.attainment(&BTreeMap::new(), first, last)?.unwrap();
    /// assert_eq!(report.to_string(), "\
    /// play           tier  customers  not to be contacted  floor met  floor not met  not known
    /// personal       top           1                    0          1              0          0
    /// basic service  base          1                    0          0              1          0
    /// total          -             2                    0          1              1          0
    ///
    /// play           tier  answers  in time  late  unknown  share
    /// personal       top         1        0     1        0  0.0 %
    /// basic service  base        1        0     1        0  0.0 %
    /// total          -           2        0     2        0  0.0 %
    ///
    /// play           tier  with a cadence  cadence kept  contacts promised  contacts made  owed  done  missed  open
    /// personal       top                1             0                  3              1     0     0       0     0
    /// basic service  base               1             1                  0              0     0     0       0     0
    /// total          -                  2             1                  3              1     0     0       0     0
    ///
    /// floor not met  play           tier  late answers  without contact  missed actions
    /// 2              basic service  base             1               no  -
    /// ");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn attainment(
        &self,
        remembered: &BTreeMap<CustomerId, PlaybookRecord>,
        first: Day,
        last: Day,
    ) -> Result<Option<Attainment>, Error> {
        let Some(playbook) = self.engine().playbook() else {
            return Ok(None);
        };
        if last < first || last > self.as_of() {
            let as_of = self.as_of();
            let message = format!("{first} to {last} are no days up to the review on {as_of}");
            return Err(Error::misuse(message));
        }
        self.records()?;
        let mut report = Attainment::new(playbook, first, last);
        for one in self.iter() {
            self.subject(&one, remembered, |subject| {
                let attained = playbook.attained(subject, first, last);
                report.add(subject.id, subject.position.tier, &attained);
            });
        }
        Ok(Some(report))
    }
}
