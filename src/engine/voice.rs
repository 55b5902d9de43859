//! From reviews and records to what customers say: satisfaction, what makes them dissatisfied, complaints.

use std::collections::BTreeSet;

use crate::Error;
use crate::model::{Complaint, CustomerId, Days, Record, SurveyAnswer};
use crate::report::{Complainer, ComplaintReport, Drivers, Satisfaction, SatisfactionOptions};
use crate::strategy::surveys::Surveys;
use crate::table::Slot;

use super::bulk::Reviews;
use super::segments::minor;

impl Reviews<'_> {
    /// What the customers answered, by tier, segment or topic: `by` is `tier`, `segments` (those of the policy, any number of which a
    /// customer is in), `topic` (of the answer), or a column of words, which goes first if it has one of these names. The answers are
    /// those among the population's records.
    ///
    /// # Errors
    /// There is no such column, or it is not one of words; the population was given no records (`is_misuse`).
    ///
    /// ```
    /// use customer_value::*;
    /// use customer_value::ledger::Records;
    /// use customer_value::model::{Complaint, Days, Record, SurveyAnswer, SurveyInstrument};
    /// use customer_value::report::SatisfactionOptions;
    ///
    /// let engine = Engine::from_toml(r#"
    ///     head = { name = "asked", version = "1", currency = "EUR" }
    ///     tiers = [{ name = "gold", when = "spend >= 100" }, { name = "member" }]
    ///     [surveys]
    ///     ask = [{ name = "yearly", instrument = "csat", cadence = "365 days" }]
    ///     complaints = { within = "4 days" }
    /// "#, &Catalog::standard())?;
    /// let day: Day = "2024-03-01".parse()?;
    /// let as_of: Day = "2024-03-14".parse()?;
    /// let bought = [(1, "150.00 EUR"), (2, "20.00 EUR"), (3, "30.00 EUR")];
    /// let sales = bought.map(|(id, amount)| Transaction::purchase(id, day, amount.parse().unwrap()).unwrap());
    /// let answered = |id: u64, answer, topic: &str| {
    ///     Ok::<Record, Error>(SurveyAnswer::new(id, day, SurveyInstrument::Csat, answer)?.with_topic(topic).into())
    /// };
    /// let said = [
    ///     answered(1, 5, "price")?, answered(2, 2, "delivery")?, answered(3, 4, "delivery")?,
    ///     Complaint::new(2, day, "delivery")?.into(),
    /// ];
    /// let records = Records::clean(said, &engine.cleaning(as_of));
    /// let ledger = Ledger::from_transactions(&sales, engine.cleaning(as_of));
    /// let population = engine.population(&ledger)?.with_records(&records)?;
    /// let reviews = engine.review_all(&population, None, as_of)?;
    ///
    /// let mut options = SatisfactionOptions::new(SurveyInstrument::Csat, as_of);
    /// options.least = 1;
    /// let by_tier = reviews.satisfaction(options, "tier")?;
    /// assert_eq!(by_tier.score(&by_tier.rows()["gold"]), Some(1.0));
    /// assert_eq!(by_tier.score(&by_tier.rows()["member"]), Some(0.5));
    /// assert_eq!(reviews.satisfaction(options, "topic")?.rows()["delivery"].answers.answers(), 2);
    /// assert!(reviews.satisfaction(options, "spend").unwrap_err().is_misuse());
    ///
    /// // Who gave a low answer, and what they spend; who waits for what to be settled.
    /// let drivers = reviews.drivers(options, "spend")?.by_share();
    /// assert_eq!((drivers[0].topic.as_str(), drivers[0].low, drivers[0].at_stake), ("delivery", 1, 20_00));
    /// let complaints = reviews.complaints("spend", Days::new(30))?;
    /// let open = &complaints.open()[0];
    /// assert_eq!((open.tier.as_deref(), open.value, open.overdue), (Some("member"), Some(20_00), Some(Days::new(9))));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn satisfaction(
        &self,
        options: SatisfactionOptions,
        by: &str,
    ) -> Result<Satisfaction, Error> {
        let schema = self.engine().schema();
        let slot = schema.slot(by);
        let is_words = slot
            .and_then(|slot| schema.field(slot))
            .map(|f| f.unit().is_none());
        let by_column = match (is_words, by) {
            (Some(true), _) => true,
            (None, "tier" | "segments" | "topic") => false,
            _ => return Err(Error::misuse(format!("`{by}` is not a column of words"))),
        };
        let answers = self.answers()?;
        let topics: BTreeSet<&str> = answers.iter().filter_map(SurveyAnswer::topic).collect();
        let groups = |customer: &CustomerId, topic: Option<&str>| -> Vec<&str> {
            if !by_column && by == "topic" {
                return topic
                    .and_then(|topic| topics.get(topic).copied())
                    .into_iter()
                    .collect();
            }
            let Some(found) = self.get(customer) else {
                return Vec::new();
            };
            match by {
                _ if by_column => found.category(by).into_iter().collect(),
                "tier" => vec![found.tier()],
                _ => found.segments().collect(),
            }
        };
        Ok(Satisfaction::of(&answers, options, by, groups))
    }

    /// What makes customers dissatisfied, by topic, and what is at stake: `value` is a column of money.
    /// [`satisfaction`](Self::satisfaction) has an example.
    ///
    /// # Errors
    /// There is no such column, or it is not money; the population was given no records (`is_misuse`).
    pub fn drivers(&self, options: SatisfactionOptions, value: &str) -> Result<Drivers, Error> {
        let slot = self.money(value)?;
        let currency = self.engine().policy().head.currency;
        let worth = |customer: &CustomerId| self.worth(customer, slot);
        Ok(Drivers::of(&self.answers()?, options, currency, worth))
    }

    /// How complaints were settled up to the day of the review, which are open, and which overdue by `[surveys.complaints]` of the
    /// policy; without that section none is. `value` is a column of money by which the open ones are ordered, `horizon` is for the
    /// mean time. [`satisfaction`](Self::satisfaction) has an example.
    ///
    /// # Errors
    /// There is no such column, or it is not money; the population was given no records (`is_misuse`).
    pub fn complaints(&self, value: &str, horizon: Days) -> Result<ComplaintReport, Error> {
        let slot = self.money(value)?;
        let targets = self.engine().surveys().and_then(Surveys::complaints);
        let complaints: Vec<Complaint> = self.said(|record| match record {
            Record::Complaint(complaint) => Some(complaint),
            _ => None,
        })?;
        let known = |complaint: &Complaint| {
            let found = self.get(complaint.customer());
            let row = found.as_ref().map(|found| found.row());
            Complainer {
                tier: found.as_ref().map(|found| found.tier()),
                value: self.worth(complaint.customer(), slot),
                due: targets.and_then(|targets| targets.due(complaint.opened(), row)),
            }
        };
        let currency = self.engine().policy().head.currency;
        Ok(ComplaintReport::of(
            &complaints,
            known,
            currency,
            horizon,
            self.as_of(),
        ))
    }

    fn answers(&self) -> Result<Vec<SurveyAnswer>, Error> {
        self.said(|record| match record {
            Record::SurveyAnswer(answer) => Some(answer),
            _ => None,
        })
    }

    /// The records of one kind.
    fn said<T: Clone>(&self, pick: impl Fn(&Record) -> Option<&T>) -> Result<Vec<T>, Error> {
        let all = self.records()?.all().iter();
        Ok(all.filter_map(pick).cloned().collect())
    }

    /// What a customer is worth, in minor units.
    fn worth(&self, customer: &CustomerId, slot: Slot) -> Option<i64> {
        let currency = self.engine().policy().head.currency;
        minor(self.get(customer)?.row(), slot, currency)
    }
}
