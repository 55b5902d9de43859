//! The built-in measures: their names, what each takes and reads, and a measure bound to its window.

use std::str::FromStr;

use super::ltv::{RetentionTerms, retention_ltv};
use super::metric::Metric;
use super::spec::{MetricSpec, Param, parse_length};
use super::{category, churn, decay, frequency, gaps, ltv, monetary, recency, service, trend};
use crate::Error;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Place};
use crate::history::{Fact, Measure};
use crate::model::{Day, Days, Direction, SurveyInstrument, Unit};
use crate::summary::{Summary, Window};

type Of = fn(&Summary<'_>) -> Option<f64>;
type At = fn(&Summary<'_>, Day) -> Option<f64>;

/// What kind of measure a name stands for.
#[derive(Debug, Clone, Copy)]
pub(super) enum BuiltIn {
    /// Of the summary alone, and of these facts beside purchases and spend.
    Of(Unit, &'static [Measure], Of),
    /// Of the summary and `as_of`.
    At(Unit, At),
    BrowseToBuy,
    CategoryShare,
    CategorySpend,
    Complaints,
    Contacts,
    DecayedPurchases,
    DecayedSpend,
    Frequency,
    InteractionRate,
    NthPurchase,
    OpenComplaints,
    ResponseLatency,
    RetentionLtv,
    ServiceCost,
    SurveyScore,
}

/// By name, ascending.
const ALL: [(&str, BuiltIn); 43] = {
    use BuiltIn::*;
    use Unit::{Count, Date, Days, Money, Percent, Ratio, Share};
    use monetary::{DISCOUNT_FACTS, MARGIN_FACTS, PRICE_FACTS, REFUND_FACTS};
    [
        ("active_days", Of(Count, &[], frequency::active_days)),
        ("active_span", Of(Days, &[], recency::active_span)),
        ("age", At(Days, recency::age)),
        ("average_gap", Of(Days, &[], gaps::average_gap)),
        (
            "average_order_value",
            Of(Money, &[], monetary::average_order_value),
        ),
        ("browse_to_buy", BrowseToBuy),
        ("category_share", CategoryShare),
        ("category_spend", CategorySpend),
        ("churn_factor", At(Ratio, churn::churn_factor)),
        ("complaints", Complaints),
        ("contacts", Contacts),
        ("days_since_last", At(Days, recency::days_since_last)),
        ("decayed_purchases", DecayedPurchases),
        ("decayed_spend", DecayedSpend),
        (
            "discount_share",
            Of(Share, DISCOUNT_FACTS, monetary::discount_share),
        ),
        (
            "expected_next_purchase",
            Of(Date, &[], churn::expected_next_purchase),
        ),
        ("first_purchase", Of(Date, &[], recency::first_purchase)),
        ("frequency", Frequency),
        ("gap_percentile", At(Percent, churn::gap_percentile)),
        ("gap_variation", Of(Ratio, &[], gaps::gap_variation)),
        ("growth_trend", Of(Ratio, &[], trend::growth_trend)),
        ("historic_ltv", Of(Money, &[], ltv::historic_ltv)),
        ("interaction_rate", InteractionRate),
        ("lapse_point", Of(Days, &[], gaps::lapse_point)),
        ("last_gap", Of(Days, &[], gaps::last_gap)),
        ("last_purchase", Of(Date, &[], recency::last_purchase)),
        ("longest_gap", Of(Days, &[], gaps::longest_gap)),
        ("margin", Of(Money, MARGIN_FACTS, monetary::margin)),
        (
            "margin_share",
            Of(Ratio, MARGIN_FACTS, monetary::margin_share),
        ),
        ("median_gap", Of(Days, &[], gaps::median_gap)),
        ("nth_purchase", NthPurchase),
        ("open_complaints", OpenComplaints),
        ("price_index", Of(Share, PRICE_FACTS, monetary::price_index)),
        ("purchases", Of(Count, &[], frequency::purchases)),
        (
            "refund_share",
            Of(Share, REFUND_FACTS, monetary::refund_share),
        ),
        ("regularity", Of(Ratio, &[], gaps::regularity)),
        (
            "repeat_purchases",
            Of(Count, &[], frequency::repeat_purchases),
        ),
        ("response_latency", ResponseLatency),
        ("retention_ltv", RetentionLtv),
        ("second_purchase", Of(Date, &[], recency::second_purchase)),
        ("service_cost", ServiceCost),
        ("spend", Of(Money, &[], monetary::spend)),
        ("survey_score", SurveyScore),
    ]
};

impl BuiltIn {
    pub(super) fn names() -> impl Iterator<Item = &'static str> {
        ALL.iter().map(|(name, _)| *name)
    }

    pub(super) fn of_name(name: &str) -> Option<Self> {
        let at = ALL.binary_search_by(|(known, _)| (*known).cmp(name)).ok()?;
        ALL.get(at).map(|(_, built_in)| *built_in)
    }

    pub(super) fn takes(self) -> &'static [Param] {
        match self {
            Self::Of(..) | Self::At(..) | Self::BrowseToBuy => &[],
            Self::CategoryShare | Self::CategorySpend | Self::ServiceCost => &[Param::Category],
            Self::Complaints | Self::OpenComplaints => &[Param::Topic],
            Self::Contacts | Self::ResponseLatency => {
                &[Param::Channel, Param::Direction, Param::Kind]
            }
            Self::DecayedPurchases | Self::DecayedSpend => &[Param::HalfLife],
            Self::Frequency => &[Param::Per],
            Self::InteractionRate => &[Param::Per, Param::Channel, Param::Direction, Param::Kind],
            Self::SurveyScore => &[Param::Instrument, Param::Topic],
            Self::NthPurchase => &[Param::Nth],
            Self::RetentionLtv => &[
                Param::Margin,
                Param::Retention,
                Param::Discount,
                Param::Per,
                Param::MarginNow,
            ],
        }
    }

    /// Whether it says how things stand at the end, so that no window but the lifetime means anything.
    pub(super) fn is_standing(self) -> bool {
        matches!(self, Self::OpenComplaints)
    }

    /// The measure of a spec, under a name and over a window. It is good only if no problem was reported, and `None` where a
    /// parameter is missing.
    pub(super) fn bind(
        self,
        name: &str,
        window: Window,
        mut parameters: Parameters<'_>,
    ) -> Option<Bound> {
        let (unit, formula) = match self {
            Self::Of(unit, _, of) => (unit, Formula::Of(of)),
            Self::At(unit, at) => (unit, Formula::At(at)),
            Self::BrowseToBuy => {
                let browses = Fact::new(Measure::Contacts).with_kind(service::BROWSE);
                (Unit::Ratio, Formula::BrowseToBuy(browses))
            }
            Self::CategoryShare => {
                let spend = category::fact(&parameters.category()?);
                (Unit::Share, Formula::CategoryShare(spend))
            }
            Self::CategorySpend => {
                let spend = category::fact(&parameters.category()?);
                (Unit::Money, Formula::Amount(spend))
            }
            Self::Complaints => {
                let opened = parameters.of_topic(Fact::new(Measure::Complaints))?;
                (Unit::Count, Formula::Count(opened))
            }
            Self::Contacts => {
                let contacts = parameters.contacts(Measure::Contacts)?;
                (Unit::Count, Formula::Count(contacts))
            }
            Self::DecayedPurchases => {
                let half_life = parameters.half_life()?;
                (Unit::Points, Formula::DecayedPurchases(half_life))
            }
            Self::DecayedSpend => {
                let half_life = parameters.half_life()?;
                (Unit::Money, Formula::DecayedSpend(half_life))
            }
            Self::Frequency => {
                let per = parameters.per()?;
                (Unit::CountPer(per), Formula::Frequency(per))
            }
            Self::InteractionRate => {
                let (contacts, per) = (parameters.contacts(Measure::Contacts), parameters.per());
                let (contacts, per) = (contacts?, per?);
                (Unit::CountPer(per), Formula::InteractionRate(contacts, per))
            }
            Self::NthPurchase => (Unit::Date, Formula::NthPurchase(parameters.nth()?)),
            Self::OpenComplaints => {
                let opened = parameters.of_topic(Fact::new(Measure::Complaints))?;
                let resolved = opened.of(Measure::Resolved);
                (Unit::Count, Formula::OpenComplaints([opened, resolved]))
            }
            Self::ResponseLatency => {
                let seconds = parameters.contacts(Measure::LatencySeconds)?;
                let answered = seconds.of(Measure::Latencies);
                (Unit::Hours, Formula::ResponseLatency([seconds, answered]))
            }
            Self::RetentionLtv => (
                Unit::Money,
                Formula::RetentionLtv(parameters.retention_terms()?),
            ),
            Self::ServiceCost => {
                let all = Fact::new(Measure::ServiceCost);
                let cost = match parameters.spec.category {
                    Some(_) => Fact::of_category(Measure::ServiceCost, &parameters.category()?),
                    None => all,
                };
                (Unit::Money, Formula::Amount(cost))
            }
            Self::SurveyScore => {
                let (instrument, any) = (
                    parameters.instrument(),
                    parameters.of_topic(Fact::new(Measure::AnswerSum)),
                );
                let sum = any?.with_instrument(instrument?);
                let answers = sum.of(Measure::Answers);
                (Unit::Points, Formula::SurveyScore([sum, answers]))
            }
        };
        let facts = match self {
            Self::Of(_, facts, _) => facts.iter().copied().map(Fact::new).collect(),
            _ => formula.facts().to_vec(),
        };
        Some(Bound {
            name: name.into(),
            unit,
            window,
            facts,
            formula,
        })
    }
}

/// The parameters of a spec; each is read once, and what is wrong with it is reported.
pub(super) struct Parameters<'a> {
    pub(super) spec: &'a MetricSpec,
    pub(super) place: &'a Place,
    pub(super) problems: &'a mut Diagnostics,
}

/// The place of a field within that of its entry.
pub(super) fn field(place: &Place, field: &str) -> Place {
    Place {
        path: format!("{}.{field}", place.path),
        ..place.clone()
    }
}

impl Parameters<'_> {
    fn wrong(&mut self, param: Param, message: String) {
        let place = field(self.place, param.field());
        let help = format!("write it like `{}`", param.example());
        self.problems
            .push(Diagnostic::error(Code::Range, place, message).help(help));
    }

    fn required<T>(&mut self, param: Param, given: Option<T>) -> Option<T> {
        if given.is_none() {
            let message = format!("`{}` needs `{}`", self.spec.measure, param.field());
            let help = format!("add a line like `{}`", param.example());
            self.problems
                .push(Diagnostic::error(Code::Missing, self.place.clone(), message).help(help));
        }
        given
    }

    /// A text without the white space around it, which is not empty.
    fn text(&mut self, param: Param, given: &str) -> Option<String> {
        let text = given.trim();
        if text.is_empty() {
            self.wrong(param, format!("the {} is empty", param.field()));
            return None;
        }
        Some(text.to_owned())
    }

    fn category(&mut self) -> Option<String> {
        let category = self.required(Param::Category, self.spec.category.as_deref())?;
        self.text(Param::Category, category)
    }

    /// A word of a closed list.
    fn word<T: FromStr<Err = Error>>(&mut self, param: Param, given: &str) -> Option<T> {
        match given.trim().parse() {
            Ok(word) => Some(word),
            Err(error) => {
                self.wrong(param, error.to_string());
                None
            }
        }
    }

    /// A measure of contacts, with the filters of the spec.
    fn contacts(&mut self, measure: Measure) -> Option<Fact> {
        let spec = self.spec;
        let mut fact = Fact::new(measure);
        let mut sound = true;
        if let Some(given) = &spec.channel {
            match self.text(Param::Channel, given) {
                Some(channel) => fact = fact.with_channel(&channel),
                None => sound = false,
            }
        }
        if let Some(given) = &spec.direction {
            match self.word::<Direction>(Param::Direction, given) {
                Some(direction) => fact = fact.with_direction(direction),
                None => sound = false,
            }
        }
        if let Some(given) = &spec.kind {
            match self.text(Param::Kind, given) {
                Some(kind) => fact = fact.with_kind(&kind),
                None => sound = false,
            }
        }
        sound.then_some(fact)
    }

    /// A fact, of the topic of the spec if it has one.
    fn of_topic(&mut self, fact: Fact) -> Option<Fact> {
        match &self.spec.topic {
            Some(given) => Some(fact.with_topic(&self.text(Param::Topic, given)?)),
            None => Some(fact),
        }
    }

    fn instrument(&mut self) -> Option<SurveyInstrument> {
        let given = self.required(Param::Instrument, self.spec.instrument.as_deref())?;
        self.word(Param::Instrument, given)
    }

    fn half_life(&mut self) -> Option<Days> {
        let text = self.required(Param::HalfLife, self.spec.half_life.as_deref())?;
        self.length(Param::HalfLife, text)
    }

    fn nth(&mut self) -> Option<u32> {
        let nth = self.required(Param::Nth, self.spec.nth)?;
        if nth == 0 {
            self.wrong(Param::Nth, "`nth` counts from 1".to_owned());
            return None;
        }
        Some(nth)
    }

    fn per(&mut self) -> Option<Days> {
        let text = self.required(Param::Per, self.spec.per.as_deref())?;
        self.length(Param::Per, text)
    }

    fn length(&mut self, param: Param, text: &str) -> Option<Days> {
        match parse_length(text) {
            Ok(length) => Some(length),
            Err(error) => {
                self.wrong(param, error.to_string());
                None
            }
        }
    }

    fn retention_terms(&mut self) -> Option<RetentionTerms> {
        let margin = self.required(Param::Margin, self.spec.margin);
        let retention = self.required(Param::Retention, self.spec.retention);
        let discount = self.required(Param::Discount, self.spec.discount);
        let per = self.per();
        // Harmless values for what is missing, so that the rest is checked in the same go.
        let terms = RetentionTerms {
            margin: margin.unwrap_or(0.0),
            retention: retention.unwrap_or(0.0),
            discount: discount.unwrap_or(1.0),
            per: per.unwrap_or(Days::new(1)),
            margin_now: self.spec.margin_now.unwrap_or(false),
        };
        let mut found = terms.check(&self.place.path);
        for problem in found.iter_mut() {
            let path = std::mem::take(&mut problem.place.path);
            problem.place = Place {
                path,
                ..self.place.clone()
            };
        }
        self.problems.extend(found);
        let complete = margin.and(retention).and(discount).and(per).is_some();
        complete.then_some(terms)
    }
}

/// How the number comes about.
#[derive(Debug)]
enum Formula {
    Of(Of),
    At(At),
    /// The total of an amount.
    Amount(Fact),
    BrowseToBuy(Fact),
    CategoryShare(Fact),
    /// The total of a count.
    Count(Fact),
    DecayedPurchases(Days),
    DecayedSpend(Days),
    Frequency(Days),
    InteractionRate(Fact, Days),
    NthPurchase(u32),
    /// Opened and resolved.
    OpenComplaints([Fact; 2]),
    /// The seconds, and of how many.
    ResponseLatency([Fact; 2]),
    RetentionLtv(RetentionTerms),
    /// The sum of the answers, and of how many.
    SurveyScore([Fact; 2]),
}

impl Formula {
    fn facts(&self) -> &[Fact] {
        match self {
            Self::Amount(fact)
            | Self::BrowseToBuy(fact)
            | Self::CategoryShare(fact)
            | Self::Count(fact)
            | Self::InteractionRate(fact, _) => std::slice::from_ref(fact),
            Self::OpenComplaints(facts)
            | Self::ResponseLatency(facts)
            | Self::SurveyScore(facts) => facts,
            Self::Of(_)
            | Self::At(_)
            | Self::DecayedPurchases(_)
            | Self::DecayedSpend(_)
            | Self::Frequency(_)
            | Self::NthPurchase(_)
            | Self::RetentionLtv(_) => &[],
        }
    }
}

/// A built-in measure with its name, window and parameters.
#[derive(Debug)]
pub(super) struct Bound {
    name: Box<str>,
    unit: Unit,
    window: Window,
    facts: Vec<Fact>,
    formula: Formula,
}

impl Metric for Bound {
    fn name(&self) -> &str {
        &self.name
    }

    fn unit(&self) -> Unit {
        self.unit
    }

    fn window(&self) -> Window {
        self.window
    }

    fn facts(&self) -> Vec<Fact> {
        self.facts.clone()
    }

    fn value(&self, customer: &Summary<'_>, as_of: Day) -> Option<f64> {
        match &self.formula {
            Formula::Of(of) => of(customer),
            Formula::At(at) => at(customer, as_of),
            Formula::Amount(fact) => customer.amount(fact),
            Formula::BrowseToBuy(browses) => service::browse_to_buy(customer, browses),
            Formula::CategoryShare(fact) => category::share_of(customer, fact),
            Formula::Count(fact) => service::count(customer, fact),
            Formula::DecayedPurchases(half_life) => {
                decay::decayed_purchases(customer, as_of, *half_life)
            }
            Formula::DecayedSpend(half_life) => decay::decayed_spend(customer, as_of, *half_life),
            Formula::Frequency(per) => frequency::frequency(customer, *per),
            Formula::InteractionRate(contacts, per) => {
                service::interaction_rate(customer, contacts, *per)
            }
            Formula::NthPurchase(nth) => recency::nth_purchase(customer, *nth),
            Formula::OpenComplaints([opened, resolved]) => {
                service::open_complaints(customer, opened, resolved)
            }
            Formula::ResponseLatency([seconds, answered]) => {
                service::response_latency(customer, seconds, answered)
            }
            Formula::RetentionLtv(terms) => retention_ltv(customer, terms),
            Formula::SurveyScore([sum, answers]) => service::survey_score(customer, sum, answers),
        }
    }
}
