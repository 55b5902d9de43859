//! What serving a customer cost, how often the two sides talked, and what the customer said.
//!
//! These read records that are no transactions ([`Record`](crate::model::Record)). Where a population was built without any,
//! they say that there were none. The examples are about Ada, whose records are in the table of [the module](super).

use super::exact::quotient;
use crate::history::Fact;
use crate::model::{Day, Days};
use crate::summary::Summary;

/// The kind of contacts that are a look at what there is.
pub(crate) const BROWSE: &str = "browse";

/// `service_cost`: what serving the customer cost.
///
/// - Parameter: `category`, as the costs write it (`service_staff`, `marketing`, `survey`, or one's own); all if left out.
/// - Unit: money, 0 or more; 0 without a record.
/// - Missing: never.
/// - Source: the sum of the costs that were booked; the cost of goods is not in it. What contacts cost by the time they
///   take is the matter of [`docs::cost`](crate::docs::cost).
///
/// ```
/// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/metrics/example.rs")); }
/// # use {customer_value::metrics::MetricSpec, example::ada};
/// assert_eq!(ada(MetricSpec::new("service_cost")), Some(11.5));
/// assert_eq!(ada(MetricSpec::new("service_cost").category("marketing")), Some(4.0));
/// ```
#[must_use]
pub fn service_cost(customer: &Summary<'_>, cost: &Fact) -> Option<f64> {
    customer.amount(cost)
}

/// `contacts`: how many contacts.
///
/// - Parameters: `channel`, `direction` (`inbound` or `outbound`) and `kind`, as the contacts write them; all if left out.
/// - Unit: count; 0 without a record.
/// - Missing: never.
/// - Source: by definition.
///
/// ```
/// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/metrics/example.rs")); }
/// # use {customer_value::metrics::MetricSpec, customer_value::model::Direction, example::ada};
/// assert_eq!(ada(MetricSpec::new("contacts")), Some(5.0));
/// let calls = MetricSpec::new("contacts").channel("phone").direction(Direction::Inbound);
/// assert_eq!(ada(calls), Some(2.0));
/// ```
#[must_use]
pub fn contacts(customer: &Summary<'_>, contacts: &Fact) -> Option<f64> {
    count(customer, contacts)
}

/// `interaction_rate`: contacts per `per` days.
///
/// contacts in the observed days × `per` ÷ observed days. Observed are all days of a bounded window; in a lifetime the days
/// after the first contact, which starts the clock and is not counted: as for
/// [`frequency`](super::frequency::frequency), with contacts for purchases.
///
/// - Parameters: `per`, such as `"30 days"`, required; `channel`, `direction` and `kind` as for [`contacts`].
/// - Unit: count per that many days, 0 or more.
/// - Missing: no observed day, that is an empty window, and in a lifetime no contact or the first one on its last day.
/// - Source: by definition.
///
/// ```
/// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/metrics/example.rs")); }
/// # use {customer_value::metrics::MetricSpec, customer_value::model::Days, example::ada};
/// let per_73_days = MetricSpec::new("interaction_rate").per(Days::new(73));
/// // Five contacts in five times 73 days.
/// assert_eq!(ada(per_73_days.clone().over("365 days".parse().unwrap())), Some(1.0));
/// // Three after those of the first day, in 266 days.
/// assert_eq!(ada(per_73_days), Some(3.0 * 73.0 / 266.0));
/// ```
#[must_use]
pub fn interaction_rate(customer: &Summary<'_>, contacts: &Fact, per: Days) -> Option<f64> {
    let per = Some(i128::from(per.get())).filter(|per| *per > 0)?;
    let all = customer.total(contacts)?;
    let bounds = customer.bounds();
    let (counted, days) = if bounds.first() > Day::MIN {
        (all, i128::from(bounds.len()))
    } else {
        let (first, on_first) = customer.daily(contacts).find(|(_, n)| *n > 0)?;
        let days = (bounds.last()? - first).get();
        (all - i128::from(on_first), i128::from(days))
    };
    quotient(counted.max(0).saturating_mul(per), days)
}

/// `response_latency`: how long the other side took to answer, in the mean.
///
/// Of outbound contacts it is how fast the customer responds, of inbound ones how fast the service does: say which with
/// `direction`. A contact without an answer, or of which it is not known when it came, is not in the mean.
///
/// - Parameters: `channel`, `direction` and `kind` as for [`contacts`].
/// - Unit: hours, 0 or more.
/// - Missing: of no contact in the window is it known.
/// - Source: by definition; the sum of the seconds is exact, the division comes last.
///
/// ```
/// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/metrics/example.rs")); }
/// # use {customer_value::metrics::MetricSpec, customer_value::model::Direction, example::ada};
/// let service = MetricSpec::new("response_latency").direction(Direction::Inbound);
/// assert_eq!(ada(service), Some(1.25)); // half an hour and two hours
/// ```
#[must_use]
pub fn response_latency(customer: &Summary<'_>, seconds: &Fact, answered: &Fact) -> Option<f64> {
    let answered = customer.total(answered)?.saturating_mul(3_600);
    quotient(customer.total(seconds)?, answered)
}

/// `browse_to_buy`: purchases ÷ contacts of the kind `browse`.
///
/// How much looking comes before a purchase: 0.2 is one purchase for every five looks. Above 1 where somebody buys without
/// having looked first.
///
/// - Unit: ratio, 0 or more.
/// - Missing: no contact of the kind `browse` in the window.
/// - Source: the browse-to-buy ratio, conversion per visit; Moe & Fader, *Dynamic Conversion Behavior at E-Commerce Sites*
///   (2004).
///
/// ```
/// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/metrics/example.rs")); }
/// # use {customer_value::metrics::MetricSpec, example::ada};
/// // In the last 90 days two purchases and two looks.
/// let lately = MetricSpec::new("browse_to_buy").over("90 days".parse().unwrap());
/// assert_eq!(ada(lately), Some(1.0));
/// ```
#[must_use]
pub fn browse_to_buy(customer: &Summary<'_>, browses: &Fact) -> Option<f64> {
    quotient(customer.purchases().into(), customer.total(browses)?)
}

/// `survey_score`: the mean answer on the scale of one instrument.
///
/// - Parameters: `instrument` (`nps`, `csat` or `ces`), required, for answers on different scales have no mean; `topic`, as
///   the answers write it, all if left out.
/// - Unit: points on the scale of the instrument: 0 to 10, 1 to 5, 1 to 7.
/// - Missing: no answer in the window.
/// - Source: by definition. The net promoter score of many customers is no mean of answers.
///
/// ```
/// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/metrics/example.rs")); }
/// # use {customer_value::metrics::MetricSpec, customer_value::model::SurveyInstrument, example::ada};
/// let satisfied = MetricSpec::new("survey_score").instrument(SurveyInstrument::Csat);
/// assert_eq!(ada(satisfied.clone()), Some(3.5)); // 5 and 2
/// assert_eq!(ada(satisfied.topic("delivery")), Some(2.0));
/// ```
#[must_use]
pub fn survey_score(customer: &Summary<'_>, sum: &Fact, answers: &Fact) -> Option<f64> {
    quotient(customer.total(sum)?, customer.total(answers)?)
}

/// `complaints`: how many complaints were opened.
///
/// - Parameter: `topic`, as the complaints write it; all if left out.
/// - Unit: count; 0 without a record.
/// - Missing: never.
/// - Source: by definition.
///
/// ```
/// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/metrics/example.rs")); }
/// # use {customer_value::metrics::MetricSpec, example::ada};
/// assert_eq!(ada(MetricSpec::new("complaints")), Some(2.0));
/// assert_eq!(ada(MetricSpec::new("complaints").topic("delivery")), Some(1.0));
/// ```
#[must_use]
pub fn complaints(customer: &Summary<'_>, opened: &Fact) -> Option<f64> {
    count(customer, opened)
}

/// `open_complaints`: how many complaints are open at the close of `as_of`.
///
/// However long ago they were opened: it takes no window but the lifetime.
///
/// - Parameter: `topic`, as the complaints write it; all if left out.
/// - Unit: count; 0 without a record.
/// - Missing: never.
/// - Source: by definition: those opened less those resolved by then.
///
/// ```
/// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/metrics/example.rs")); }
/// # use {customer_value::metrics::MetricSpec, example::ada};
/// assert_eq!(ada(MetricSpec::new("open_complaints")), Some(1.0));
/// assert_eq!(ada(MetricSpec::new("open_complaints").topic("delivery")), Some(0.0));
/// ```
#[must_use]
pub fn open_complaints(customer: &Summary<'_>, opened: &Fact, resolved: &Fact) -> Option<f64> {
    let open = customer.total(opened)? - customer.total(resolved)?;
    // Not negative, even of a part of a history that only has what was settled.
    quotient(open.max(0), 1)
}

/// The total of a fact that is a count.
pub(super) fn count(customer: &Summary<'_>, fact: &Fact) -> Option<f64> {
    quotient(customer.total(fact)?.max(0), 1)
}
