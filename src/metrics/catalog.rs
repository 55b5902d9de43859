//! What can be measured: the built-in measures and the user's own.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::builtin::{BuiltIn, Parameters, field};
use super::metric::Metric;
use super::spec::{MetricSpec, Param, is_name};
use crate::Error;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Place};
use crate::history::Fact;
use crate::model::{Day, Unit};
use crate::summary::{Summary, Window};
use crate::table::Cell;

/// What can be measured, by name.
///
/// ```
/// use customer_value::diagnostic::{Diagnostics, Place};
/// use customer_value::metrics::{Catalog, MetricSpec};
///
/// let catalog = Catalog::standard();
/// let place = Place::at("metrics[0]");
/// let mut problems = Diagnostics::new();
///
/// let spec = MetricSpec::new("spend").named("spend_12m").over("365 days".parse()?);
/// let metric = catalog.build(&spec, &place, &mut problems).unwrap();
/// assert_eq!(metric.name(), "spend_12m");
///
/// assert!(catalog.build(&MetricSpec::new("spned").nth(2), &place, &mut problems).is_none());
/// assert_eq!(problems.to_string(), "error: metrics[0].measure: there is no measure `spned` (did you mean `spend`?)");
/// # Ok::<(), customer_value::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Catalog {
    own: BTreeMap<String, Arc<dyn Metric>>,
}

impl Catalog {
    /// All built-in measures: the table of [this module](super).
    #[must_use]
    pub fn standard() -> Self {
        Self::default()
    }

    /// Adds the user's own metric, under its own name.
    ///
    /// # Errors
    /// The name is not of the form `[a-z_][a-z0-9_]*` (`is_parse`), or taken (`is_misuse`).
    ///
    /// ```
    /// use customer_value::metrics::referral::{ReferralMetric, ReferralWeights};
    /// use customer_value::metrics::Catalog;
    ///
    /// let mut catalog = Catalog::standard();
    /// catalog.add(ReferralMetric::credit(ReferralWeights::default()))?;
    /// assert!(catalog.default_metric("referral_credit").is_some());
    /// assert!(catalog.add(ReferralMetric::credit(ReferralWeights::default())).unwrap_err().is_misuse());
    /// # Ok::<(), customer_value::Error>(())
    /// ```
    pub fn add(&mut self, metric: impl Metric + 'static) -> Result<(), Error> {
        let name = metric.name().to_owned();
        if !is_name(&name) {
            let why = "use small letters, digits and `_`, beginning with a letter or `_`";
            return Err(Error::parse("metric name", &name, why));
        }
        if self.contains(&name) {
            return Err(Error::misuse(format!(
                "there is already a measure `{name}`"
            )));
        }
        self.own.insert(name, Arc::new(metric));
        Ok(())
    }

    fn contains(&self, name: &str) -> bool {
        self.own.contains_key(name) || BuiltIn::of_name(name).is_some()
    }

    /// The name of everything that can be measured, ascending.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let mut names: Vec<&str> = BuiltIn::names().collect();
        names.extend(self.own.keys().map(String::as_str));
        names.sort_unstable();
        names.into_iter()
    }

    /// The metric that a name means in a rule where the policy declares none of that name: a built-in over its lifetime
    /// if it needs no parameter, or the user's own. `None` for everything else.
    #[must_use]
    pub fn default_metric(&self, name: &str) -> Option<Arc<dyn Metric>> {
        if let Some(metric) = self.own.get(name) {
            return Some(Arc::clone(metric));
        }
        let built_in = BuiltIn::of_name(name)?;
        let parameters = Parameters {
            spec: &MetricSpec::new(name), // so whatever needs a parameter does not bind
            place: &Place::default(),
            problems: &mut Diagnostics::new(),
        };
        let bound = built_in.bind(name, Window::Lifetime, parameters)?;
        Some(Arc::new(bound))
    }

    /// The metric of one entry of a policy that stands at `place`, or all that is wrong with the entry.
    ///
    /// The user's own metrics take no parameters and no window but their own; they may be given another name.
    pub fn build(
        &self,
        spec: &MetricSpec,
        place: &Place,
        problems: &mut Diagnostics,
    ) -> Option<Arc<dyn Metric>> {
        let before = problems.len();
        self.check_name(spec, place, problems);
        let window = read_window(spec, place, problems);
        let metric = if let Some(built_in) = BuiltIn::of_name(&spec.measure) {
            refuse_others(built_in.takes(), spec, place, problems);
            if built_in.is_standing() && window.is_some_and(|w| w != Window::Lifetime) {
                let message = format!(
                    "`{}` says how things stand on the day of the review, whenever they began",
                    spec.measure
                );
                let problem = Diagnostic::error(Code::Conflict, field(place, "window"), message);
                problems.push(problem.help("leave `window` out"));
            }
            let parameters = Parameters {
                spec,
                place,
                problems,
            };
            built_in
                .bind(spec.name(), window.unwrap_or_default(), parameters)
                .map(|bound| -> Arc<dyn Metric> { Arc::new(bound) })
        } else if let Some(own) = self.own.get(&spec.measure) {
            refuse_others(&[], spec, place, problems);
            if window.is_some_and(|window| window != own.window()) {
                let message = format!(
                    "`{}` has a window of its own, `{}`",
                    spec.measure,
                    own.window()
                );
                let problem = Diagnostic::error(Code::Conflict, field(place, "window"), message);
                problems.push(problem.help("leave it out"));
            }
            Some(if spec.name() == spec.measure {
                Arc::clone(own)
            } else {
                Arc::new(Renamed {
                    name: spec.name().into(),
                    metric: Arc::clone(own),
                })
            })
        } else {
            problems.push(self.unknown(&spec.measure, place));
            None
        };
        metric.filter(|_| problems.len() == before)
    }

    fn check_name(&self, spec: &MetricSpec, place: &Place, problems: &mut Diagnostics) {
        let Some(name) = spec.name.as_deref() else {
            return;
        };
        if !is_name(name) {
            let message = format!("`{name}` is not a name of a metric");
            let help = "use small letters, digits and `_`, beginning with a letter or `_`";
            let problem = Diagnostic::error(Code::InvalidName, field(place, "name"), message);
            problems.push(problem.help(help));
        } else if name != spec.measure && self.contains(name) {
            let message = format!("`{name}` is the name of another measure");
            let problem = Diagnostic::error(Code::DuplicateName, field(place, "name"), message);
            problems
                .push(problem.help("a name that means two things misleads whoever reads a rule"));
        }
    }

    fn unknown(&self, measure: &str, place: &Place) -> Diagnostic {
        let message = format!("there is no measure `{measure}`");
        let problem = Diagnostic::error(Code::UnknownName, field(place, "measure"), message);
        // Words of the trade that mean two things, or that are short for one.
        match measure {
            "recency" => problem.help(
                "`days_since_last` is the recency of RFM, `active_span` that of lifetime models",
            ),
            "ltv" | "clv" => problem.help("`historic_ltv` looks back, `retention_ltv` ahead"),
            "monetary" | "revenue" => problem.help("`spend` is the sum, net of refunds"),
            "aov" => problem.help("`average_order_value`"),
            _ => problem.did_you_mean(measure, self.names()),
        }
    }
}

fn read_window(spec: &MetricSpec, place: &Place, problems: &mut Diagnostics) -> Option<Window> {
    match spec.window.as_deref()?.parse() {
        Ok(window) => Some(window),
        Err(error) => {
            let place = field(place, "window");
            problems.push(Diagnostic::error(Code::Range, place, error.to_string()));
            None
        }
    }
}

/// Reports the parameters that a measure does not take.
fn refuse_others(takes: &[Param], spec: &MetricSpec, place: &Place, problems: &mut Diagnostics) {
    for param in Param::ALL {
        if param.is_given(spec) && !takes.contains(&param) {
            let message = format!("`{}` takes no `{}`", spec.measure, param.field());
            let problem = Diagnostic::error(Code::Conflict, field(place, param.field()), message);
            let taken: Vec<String> = takes.iter().map(|p| format!("`{}`", p.field())).collect();
            problems.push(problem.help(if taken.is_empty() {
                "it takes no parameters".to_owned()
            } else {
                format!("it takes {}", taken.join(", "))
            }));
        }
    }
}

/// The user's metric under the name that the policy gives it.
#[derive(Debug)]
struct Renamed {
    name: Box<str>,
    metric: Arc<dyn Metric>,
}

impl Metric for Renamed {
    fn name(&self) -> &str {
        &self.name
    }

    fn unit(&self) -> Unit {
        self.metric.unit()
    }

    fn window(&self) -> Window {
        self.metric.window()
    }

    fn facts(&self) -> Vec<Fact> {
        self.metric.facts()
    }

    fn value(&self, customer: &Summary<'_>, as_of: Day) -> Option<f64> {
        self.metric.value(customer, as_of)
    }

    fn column(&self, customers: &[Summary<'_>], as_of: Day, out: &mut [Cell]) {
        self.metric.column(customers, as_of, out);
    }
}
