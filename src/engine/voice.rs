//! From a review to the reports on what customers say: satisfaction, what makes them dissatisfied, complaints.

use std::collections::BTreeSet;

use crate::Error;
use crate::model::{Complaint, CustomerId, Days, Record, SurveyAnswer};
use crate::report::{Complainer, ComplaintReport, Drivers, Satisfaction, SatisfactionOptions};
use crate::strategy::surveys::{Invitation, Surveys};
use crate::table::Slot;

use super::bulk::Reviews;
use super::segments::minor;

impl Reviews<'_> {
    /// What the customers answered, and how many of those invited did, by `tier`, `segments` (those of the policy), `topic`, or a
    /// column of words. The answers are among the population's records; tier, segments and words are those of this review. Of whom
    /// they are not known, or who is in no segment, is in the group `unknown`.
    ///
    /// # Errors
    /// There is no such grouping, the options look at another day than that of the review, or the population was given no records
    /// (`is_misuse`).
    ///
    /// ```
    /// use customer_value::*;
    /// use customer_value::ledger::Records;
    /// use customer_value::model::{Complaint, Days, Record, SurveyAnswer, SurveyInstrument};
    /// use customer_value::report::SatisfactionOptions;
    ///
    /// let engine = Engine::from_toml(r#"
    ///     head = { name = "heard", version = "1", currency = "EUR" }
    ///     tiers = [{ name = "gold", when = "spend >= 100" }, { name = "member" }]
    ///     [surveys]
    ///     ask = [{ name = "visit", instrument = "csat", cadence = "90 days" }]
    ///     complaints = { targets = [{ when = "spend >= 100", within = "1 day" }], within = "5 days" }
    /// "#, &Catalog::standard())?;
    /// let (day, as_of): (Day, Day) = ("2025-03-03".parse()?, "2025-03-31".parse()?);
    /// let sales = [(1, "150.00 EUR"), (2, "20.00 EUR")]
    ///     .map(|(id, amount)| Transaction::purchase(id, day, amount.parse().unwrap()).unwrap());
    /// let mut said: Vec<Record> = Vec::new();
    /// for (id, answer) in [(1, 2), (2, 5)] {
    ///     said.push(SurveyAnswer::new(id, day, SurveyInstrument::Csat, answer)?.with_topic("visit").into());
    ///     said.push(Complaint::new(id, day, "visit")?.resolved_on("2025-03-06".parse()?)?.into());
    /// }
    /// let records = Records::clean(said, &engine.cleaning(as_of));
    /// let ledger = Ledger::from_transactions(&sales, engine.cleaning(as_of)).with_records(&records)?;
    /// let population = engine.population(&ledger)?;
    /// let reviews = engine.review_all(&population, None, as_of)?;
    ///
    /// let mut options = SatisfactionOptions::new(SurveyInstrument::Csat, as_of);
    /// options.least = 1;
    /// assert_eq!(reviews.satisfaction(options, "tier", &[])?.to_string(), "\
    /// tier    invited  response  answers     CSAT    from       to
    /// gold          0         -        1    0.0 %   0.0 %   79.3 %
    /// member        0         -        1  100.0 %  20.7 %  100.0 %
    /// total         0         -        2   50.0 %   9.5 %   90.5 %
    /// ");
    /// // Of the dissatisfied there are 150.00 at stake.
    /// assert_eq!(reviews.drivers(options, "spend")?.by_share()[0].at_stake, 150_00);
    /// // Three days were too long for gold.
    /// let complaints = reviews.complaints("spend", Days::new(30))?;
    /// assert_eq!(complaints.by_tier()["gold"].in_time_share(), Some(0.0));
    /// assert_eq!(complaints.by_tier()["member"].in_time_share(), Some(1.0));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn satisfaction(
        &self,
        options: SatisfactionOptions,
        by: &str,
        invitations: &[Invitation],
    ) -> Result<Satisfaction, Error> {
        self.same_day(options)?;
        let answers = self.answers()?;
        let group = self.group(by)?;
        let surveys = self.engine().surveys();
        let asked = surveys
            .into_iter()
            .flat_map(Surveys::surveys)
            .filter_map(|s| s.topic());
        let topics: BTreeSet<&str> = answers
            .iter()
            .filter_map(SurveyAnswer::topic)
            .chain(asked)
            .collect();
        let groups = |id: &CustomerId, topic: Option<&str>| {
            if let Group::Topic = group {
                let known = topic.and_then(|topic| topics.get(topic));
                return known.copied().into_iter().collect();
            }
            let Some(found) = self.get(id) else {
                return Vec::new();
            };
            match group {
                Group::Topic => Vec::new(),
                Group::Tier => vec![found.tier()],
                Group::Segments => found.segments().collect(),
                Group::Words(slot) => {
                    let field = self.engine().schema().field(slot);
                    let code = found.row().cell(slot).code();
                    let code = code.and_then(|code| usize::try_from(code).ok());
                    let word = field.zip(code).and_then(|(f, code)| f.words().get(code));
                    word.map(String::as_str).into_iter().collect()
                }
            }
        };
        let report =
            Satisfaction::with_invitations(&answers, invitations, surveys, options, by, groups);
        Ok(report)
    }

    /// What makes the customers dissatisfied, by topic, with what is at stake of a column of money. [`satisfaction`](Self::satisfaction)
    /// has an example.
    ///
    /// # Errors
    /// There is no such column of money, the options look at another day than that of the review, or the population was given no
    /// records (`is_misuse`).
    pub fn drivers(&self, options: SatisfactionOptions, of: &str) -> Result<Drivers, Error> {
        self.same_day(options)?;
        let (slot, answers) = (self.money(of)?, self.answers()?);
        let currency = self.engine().policy().head.currency;
        let value = |id: &CustomerId| minor(self.get(id)?.row(), slot, currency);
        Ok(Drivers::of(&answers, options, currency, value))
    }

    /// The complaints up to the day of the review, by tier and topic, with the open ones by a column of money; `horizon` is for the mean.
    /// They are due by the targets of the policy, for the customer as they are in this review; without targets nothing is.
    /// [`satisfaction`](Self::satisfaction) has an example.
    ///
    /// # Errors
    /// There is no such column of money, or the population was given no records (`is_misuse`).
    pub fn complaints(&self, of: &str, horizon: Days) -> Result<ComplaintReport, Error> {
        let slot = self.money(of)?;
        let complaints: Vec<Complaint> = (self.records()?.all().iter())
            .filter_map(|record| match record {
                Record::Complaint(complaint) => Some(complaint.clone()),
                _ => None,
            })
            .collect();
        let currency = self.engine().policy().head.currency;
        let targets = self.engine().surveys().and_then(Surveys::complaints);
        let known = |complaint: &Complaint| {
            let found = self.get(complaint.customer());
            let row = found.as_ref().map(|found| found.row());
            Complainer {
                tier: found.as_ref().map(|found| found.tier()),
                value: row.and_then(|row| minor(row, slot, currency)),
                due: targets.and_then(|targets| targets.due(complaint.opened(), row)),
            }
        };
        let as_of = self.as_of();
        Ok(ComplaintReport::of(
            &complaints,
            known,
            currency,
            horizon,
            as_of,
        ))
    }

    fn answers(&self) -> Result<Vec<SurveyAnswer>, Error> {
        let answers = self.records()?.all().iter();
        let answers = answers.filter_map(|record| match record {
            Record::SurveyAnswer(answer) => Some(answer.clone()),
            _ => None,
        });
        Ok(answers.collect())
    }

    fn same_day(&self, options: SatisfactionOptions) -> Result<(), Error> {
        let as_of = self.as_of();
        if options.as_of == as_of {
            return Ok(());
        }
        let message = format!(
            "the options are of {}, the review of {as_of}",
            options.as_of
        );
        Err(Error::misuse(message))
    }

    fn group(&self, by: &str) -> Result<Group, Error> {
        let schema = self.engine().schema();
        // A policy may have a column of its own that is named `tier` or `topic`.
        if let Some(slot) = schema.slot(by) {
            let words = schema.field(slot).is_some_and(|f| f.unit().is_none());
            return match words {
                true => Ok(Group::Words(slot)),
                false => Err(Error::misuse(format!("`{by}` is not a column of words"))),
            };
        }
        match by {
            "tier" => Ok(Group::Tier),
            "segments" => Ok(Group::Segments),
            "topic" => Ok(Group::Topic),
            _ => Err(Error::misuse(format!("there is no column `{by}`"))),
        }
    }
}

/// What answers are grouped by.
enum Group {
    Tier,
    Segments,
    Topic,
    Words(Slot),
}
