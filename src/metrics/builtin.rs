//! The built-in measures: their names, what each takes and reads, and a measure bound to its window.

use super::ltv::{RetentionTerms, retention_ltv};
use super::metric::Metric;
use super::spec::{MetricSpec, Param, parse_length};
use super::{category, churn, frequency, gaps, ltv, monetary, recency, trend};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Place};
use crate::history::{Fact, Measure};
use crate::model::{Day, Days, Unit};
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
    CategoryShare,
    CategorySpend,
    Frequency,
    NthPurchase,
    RetentionLtv,
}

/// By name, ascending.
const ALL: [(&str, BuiltIn); 30] = {
    use BuiltIn::{At, CategoryShare, CategorySpend, Frequency, NthPurchase, Of, RetentionLtv};
    use Unit::{Count, Date, Days, Money, Percent, Ratio, Share};
    use monetary::{DISCOUNT_FACTS, MARGIN_FACTS, REFUND_FACTS};
    [
        ("active_days", Of(Count, &[], frequency::active_days)),
        ("active_span", Of(Days, &[], recency::active_span)),
        ("age", At(Days, recency::age)),
        ("average_gap", Of(Days, &[], gaps::average_gap)),
        (
            "average_order_value",
            Of(Money, &[], monetary::average_order_value),
        ),
        ("category_share", CategoryShare),
        ("category_spend", CategorySpend),
        ("churn_factor", At(Ratio, churn::churn_factor)),
        ("days_since_last", At(Days, recency::days_since_last)),
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
        ("growth_trend", Of(Ratio, &[], trend::growth_trend)),
        ("historic_ltv", Of(Money, &[], ltv::historic_ltv)),
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
        ("purchases", Of(Count, &[], frequency::purchases)),
        (
            "refund_share",
            Of(Share, REFUND_FACTS, monetary::refund_share),
        ),
        (
            "repeat_purchases",
            Of(Count, &[], frequency::repeat_purchases),
        ),
        ("retention_ltv", RetentionLtv),
        ("second_purchase", Of(Date, &[], recency::second_purchase)),
        ("spend", Of(Money, &[], monetary::spend)),
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
            Self::Of(..) | Self::At(..) => &[],
            Self::CategoryShare | Self::CategorySpend => &[Param::Category],
            Self::Frequency => &[Param::Per],
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
            Self::CategoryShare => (Unit::Share, Formula::CategoryShare(parameters.category()?)),
            Self::CategorySpend => (Unit::Money, Formula::CategorySpend(parameters.category()?)),
            Self::Frequency => {
                let per = parameters.per()?;
                (Unit::CountPer(per), Formula::Frequency(per))
            }
            Self::NthPurchase => (Unit::Date, Formula::NthPurchase(parameters.nth()?)),
            Self::RetentionLtv => (
                Unit::Money,
                Formula::RetentionLtv(parameters.retention_terms()?),
            ),
        };
        let facts = match (&formula, self) {
            (Formula::CategoryShare(fact) | Formula::CategorySpend(fact), _) => vec![fact.clone()],
            (_, Self::Of(_, facts, _)) => facts.iter().copied().map(Fact::new).collect(),
            _ => Vec::new(),
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

    fn category(&mut self) -> Option<Fact> {
        let category = self.required(Param::Category, self.spec.category.as_deref())?;
        let category = category.trim();
        if category.is_empty() {
            self.wrong(Param::Category, "the category is empty".to_owned());
            return None;
        }
        Some(category::fact(category))
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
        match parse_length(text) {
            Ok(per) => Some(per),
            Err(error) => {
                self.wrong(Param::Per, error.to_string());
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
    CategoryShare(Fact),
    CategorySpend(Fact),
    Frequency(Days),
    NthPurchase(u32),
    RetentionLtv(RetentionTerms),
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
            Formula::CategoryShare(fact) => category::share_of(customer, fact),
            Formula::CategorySpend(fact) => category::spend_of(customer, fact),
            Formula::Frequency(per) => frequency::frequency(customer, *per),
            Formula::NthPurchase(nth) => recency::nth_purchase(customer, *nth),
            Formula::RetentionLtv(terms) => retention_ltv(customer, terms),
        }
    }
}
