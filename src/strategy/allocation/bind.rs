//! Checks of a section `[allocation]`.

use super::bound::{Allocation, BoundSegment};
use super::capacity::{Need, Resource};
use super::curve::{CEILING, ResponseCurve};
use super::equity::AcquisitionRetention;
use super::spec::{AllocationSpec, EquitySpec, ResponseSpec, SegmentSpec, ServiceNeedSpec};
use super::spend::too_little;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Place, Severity};
use crate::model::{Currency, Money, to_major};
use crate::table::{Field, Kind, Schema};

impl AllocationSpec {
    /// Binds the section to the tiers of the ladder (best first) and the columns of a schema, or reports everything that is wrong with it,
    /// at places such as `allocation.segments[1].response.rate`. `None` if there was an error.
    ///
    /// Reported are a section that says nothing; names that are no tier, word, column or resource, or are there twice; amounts that are negative (or
    /// zero, where that makes no sense) or in another currency; rates, ceilings and discounts out of range; floors above their caps, floors
    /// that exceed the budget, minutes of basic service above the need and a reserve above the capacity; as warnings, a resource that
    /// no tier needs and a discount above 1.
    pub fn bind<T: AsRef<str>>(
        &self,
        tiers: &[T],
        schema: &Schema,
        currency: Currency,
        diagnostics: &mut Diagnostics,
    ) -> Option<Allocation> {
        let before = diagnostics.len();
        let mut binder = Binder {
            currency,
            problems: diagnostics,
        };
        let empty = self.segments.is_empty() && self.equity.is_none() && self.resources.is_empty();
        if empty && self.service.is_empty() {
            let message = "there are no segments, no equity and no resources";
            let place = Place::at("allocation");
            let problem = Diagnostic::error(Code::Missing, place, message);
            binder.problems.push(problem);
        }
        let tiers: Vec<&str> = tiers.iter().map(AsRef::as_ref).collect();
        let known = binder.known(self.by.as_deref(), &tiers, schema);
        if let Some(budget) = self.budget {
            binder.amount(budget, "budget");
        }
        let segments: Vec<Option<BoundSegment>> = (0..self.segments.len())
            .map(|i| binder.segment(self, i, known.as_ref()))
            .collect();
        binder.floors(self);
        let equity = self.equity.as_ref().map(|equity| binder.equity(equity));
        let resources = binder.resources(self);
        let needs = binder.service(self, &tiers);
        let failed = diagnostics
            .iter()
            .skip(before)
            .any(|d| d.severity == Severity::Error);
        if failed {
            return None;
        }
        Some(Allocation {
            currency,
            budget: self.budget,
            by: self.by.clone(),
            segments: segments.into_iter().collect::<Option<_>>()?,
            equity: match equity {
                Some(equity) => Some(equity?),
                None => None,
            },
            resources,
            tiers: tiers.iter().map(|&t| t.to_owned()).zip(needs).collect(),
        })
    }
}

/// What the names of segments can be, and what such a name is called.
struct Known<'a> {
    names: Vec<&'a str>,
    what: String,
}

struct Binder<'a> {
    currency: Currency,
    problems: &'a mut Diagnostics,
}

impl Binder<'_> {
    fn problem(&mut self, problem: Diagnostic) {
        self.problems.push(problem);
    }

    fn error(&mut self, code: Code, field: &str, message: String) {
        self.problem(error(code, field, message));
    }

    /// `None` if the column is not there, when no name can be held against it.
    fn known<'k>(
        &mut self,
        by: Option<&str>,
        tiers: &[&'k str],
        schema: &'k Schema,
    ) -> Option<Known<'k>> {
        let Some(by) = by else {
            let names = tiers.to_vec();
            let what = "there is no tier".to_owned();
            return Some(Known { names, what });
        };
        let is_words = |field: &&Field| matches!(field.kind(), Kind::Category(_));
        match schema.slot(by).and_then(|slot| schema.field(slot)) {
            Some(field) if is_words(&field) => Some(Known {
                names: field.words().iter().map(String::as_str).collect(),
                what: format!("`{by}` has no word"),
            }),
            Some(_) => {
                self.error(Code::Type, "by", format!("`{by}` is not a column of words"));
                None
            }
            None => {
                let words = schema.fields().iter().filter(is_words).map(Field::name);
                let problem = error(
                    Code::UnknownName,
                    "by",
                    format!("there is no column of words `{by}`"),
                );
                let problem = problem.help("leave it out if the segments are the tiers");
                self.problem(problem.did_you_mean(by, words));
                None
            }
        }
    }

    /// An amount in the currency of the policy that is not negative, in minor units.
    fn amount(&mut self, amount: Money, field: &str) -> Option<i64> {
        if amount.is_negative() {
            self.error(Code::Range, field, format!("{amount} is negative"));
        }
        let currency = self.currency;
        if amount.currency() != currency {
            let message = format!("`{amount}` is not in {currency}, the currency of the policy");
            let problem = error(Code::Conflict, field, message);
            self.problem(problem.help(format!("write it in {currency}")));
        }
        (!amount.is_negative() && amount.currency() == currency).then_some(amount.minor())
    }

    /// The same, and above zero.
    fn positive(&mut self, amount: Money, field: &str) -> Option<i64> {
        if amount.minor() == 0 {
            self.error(Code::Range, field, format!("{amount} is not above zero"));
        }
        self.amount(amount, field).filter(|minor| *minor > 0)
    }

    fn name<'n>(
        &mut self,
        what: &str,
        name: &str,
        field: &str,
        mut before: impl Iterator<Item = &'n String>,
    ) {
        if name.trim().is_empty() {
            self.error(Code::InvalidName, field, format!("a {what} has no name"));
        } else if before.any(|other| other == name) {
            let message = format!("there are two {what}s named `{name}`");
            self.error(Code::DuplicateName, field, message);
        }
    }

    fn unknown(&mut self, code_field: &str, what: &str, name: &str, known: &[&str]) {
        let problem = error(Code::UnknownName, code_field, format!("{what} `{name}`"));
        self.problem(problem.did_you_mean(name, known.iter().copied()));
    }

    fn segment(
        &mut self,
        spec: &AllocationSpec,
        i: usize,
        known: Option<&Known<'_>>,
    ) -> Option<BoundSegment> {
        let segment: &SegmentSpec = spec.segments.get(i)?;
        let field = |name: &str| format!("segments[{i}].{name}");
        let before = spec.segments.iter().take(i).map(|other| &other.name);
        self.name("segment", &segment.name, &field("name"), before);
        if let Some(known) = known
            && !segment.name.trim().is_empty()
            && !known.names.contains(&segment.name.as_str())
        {
            self.unknown(&field("name"), &known.what, &segment.name, &known.names);
        }
        let value = self.positive(segment.value, &field("value"));
        let curve = self.curve(&segment.response, &field("response"));
        let mut limit = |amount: Option<Money>, name: &str| {
            amount.and_then(|amount| self.amount(amount, &field(name)))
        };
        let (floor, cap) = (limit(segment.floor, "floor"), limit(segment.cap, "cap"));
        let floor_each = limit(segment.floor_each, "floor_each");
        let cap_each = limit(segment.cap_each, "cap_each");
        for (name, floor, cap) in [("floor", floor, cap), ("floor_each", floor_each, cap_each)] {
            if let (Some(floor), Some(cap)) = (floor, cap)
                && floor > cap
            {
                let money = |minor| Money::from_minor(minor, self.currency);
                let message = format!(
                    "a floor of {} is above the cap of {}",
                    money(floor),
                    money(cap)
                );
                self.error(Code::Conflict, &field(name), message);
            }
        }
        value?;
        Some(BoundSegment {
            name: segment.name.clone(),
            value: segment.value,
            curve: curve?,
            floor: floor.unwrap_or(0),
            cap,
            floor_each: floor_each.unwrap_or(0),
            cap_each,
        })
    }

    /// The floors of the segments as far as they are known without customers, against the budget.
    fn floors(&mut self, spec: &AllocationSpec) {
        let usable = |amount: &Money| !amount.is_negative() && amount.currency() == self.currency;
        let Some(budget) = spec.budget.filter(usable) else {
            return;
        };
        let floors = spec.segments.iter().filter_map(|segment| segment.floor);
        let sum: i128 = floors
            .filter(usable)
            .map(|floor| i128::from(floor.minor()))
            .sum();
        if sum > i128::from(budget.minor()) {
            let message = too_little(sum, budget).to_string();
            let problem = error(Code::Conflict, "budget", message);
            self.problem(problem.help("lower the floors or raise the budget"));
        }
    }

    fn curve(&mut self, response: &ResponseSpec, field: &str) -> Option<ResponseCurve> {
        let before = self.problems.len();
        let ResponseSpec {
            ceiling,
            spend,
            rate,
        } = *response;
        let share = |code_field: String, message: String, share: f64| {
            in_per_cent(error(Code::Range, &code_field, message), share)
        };
        if !(CEILING..=1.0).contains(&ceiling) {
            let message = format!("a ceiling of {ceiling} is not above 0 and at most 1");
            let place = format!("{field}.ceiling");
            self.problem(share(place, message, ceiling));
        }
        // A rate that is no share is wrong whatever the ceiling; the ceiling's own fault is told once.
        let fits = rate > 0.0 && rate < ceiling.min(1.0);
        if !fits && (ceiling > 0.0 || !(rate > 0.0 && rate < 1.0)) {
            let message =
                format!("a rate of {rate} is not above 0 and below the ceiling of {ceiling}");
            let place = format!("{field}.rate");
            self.problem(share(place, message, rate));
        }
        let spend = self.positive(spend, &format!("{field}.spend"));
        if self.problems.len() > before {
            return None;
        }
        match ResponseCurve::through(ceiling, to_major(spend?, self.currency), rate) {
            Ok(curve) => Some(curve),
            Err(wrong) => {
                self.error(Code::Range, field, wrong.to_string());
                None
            }
        }
    }

    fn equity(&mut self, spec: &EquitySpec) -> Option<AcquisitionRetention> {
        let margin = self.amount(spec.margin, "equity.margin");
        let margin = margin.map(|minor| to_major(minor, self.currency));
        let acquisition = self.curve(&spec.acquisition, "equity.acquisition");
        let retention = self.curve(&spec.retention, "equity.retention");
        // The discount is looked at whatever else is wrong, so with stand-ins.
        let any = ResponseCurve::new(1.0, 1.0).ok()?;
        if let Err(wrong) = AcquisitionRetention::new(any, any, 0.0, spec.discount) {
            let problem = error(Code::Range, "equity.discount", wrong.to_string());
            self.problem(in_per_cent(problem, spec.discount));
        } else if spec.discount > 1.0 {
            let message = format!(
                "a discount of {} in one period is {} %",
                spec.discount,
                spec.discount * 100.0
            );
            let place = Place::at("allocation.equity.discount");
            let problem = Diagnostic::warning(Code::Unit, place, message);
            self.problem(in_per_cent(problem, spec.discount));
        }
        match AcquisitionRetention::new(acquisition?, retention?, margin?, spec.discount) {
            Ok(equity) => Some(equity),
            Err(wrong) => {
                // Told already, unless it is the margin.
                if AcquisitionRetention::new(any, any, 0.0, spec.discount).is_ok() {
                    self.error(Code::Range, "equity.margin", wrong.to_string());
                }
                None
            }
        }
    }

    fn resources(&mut self, spec: &AllocationSpec) -> Vec<Resource> {
        for (i, resource) in spec.resources.iter().enumerate() {
            let before = spec.resources.iter().take(i).map(|other| &other.name);
            let field = format!("resources[{i}].name");
            self.name("resource", &resource.name, &field, before);
            if let Some(reserve) = resource.reserve.filter(|&most| most > resource.minutes) {
                let message = format!(
                    "a reserve of {reserve} minutes is more than the {} there are",
                    resource.minutes
                );
                self.error(Code::Conflict, &format!("resources[{i}].reserve"), message);
            }
            if !spec
                .service
                .iter()
                .any(|need| need.resource == resource.name)
            {
                let message = format!("no tier needs `{}`", resource.name);
                let place = Place::at(format!("allocation.resources[{i}]"));
                self.problem(Diagnostic::warning(Code::Unused, place, message));
            }
        }
        spec.resources
            .iter()
            .map(|r| Resource::new(&r.name, r.minutes).reserve(r.reserve.unwrap_or(0)))
            .collect()
    }

    /// What each tier needs of each resource.
    fn service(&mut self, spec: &AllocationSpec, tiers: &[&str]) -> Vec<Vec<Need>> {
        let resources: Vec<&str> = spec.resources.iter().map(|r| r.name.as_str()).collect();
        for (i, need) in spec.service.iter().enumerate() {
            let ServiceNeedSpec {
                tier,
                resource,
                minutes,
                floor,
            } = need;
            if !tiers.contains(&tier.as_str()) {
                let field = format!("service[{i}].tier");
                self.unknown(&field, "there is no tier", tier, tiers);
            }
            if !resources.contains(&resource.as_str()) {
                let field = format!("service[{i}].resource");
                self.unknown(&field, "there is no resource", resource, &resources);
            }
            let mut before = spec.service.iter().take(i);
            if before.any(|other| other.tier == *tier && other.resource == *resource) {
                let message = format!("what `{tier}` needs of `{resource}` is there twice");
                self.error(Code::DuplicateName, &format!("service[{i}]"), message);
            }
            if let Some(floor) = floor.filter(|floor| floor > minutes) {
                let message =
                    format!("a floor of {floor} minutes is above the need of {minutes} minutes");
                self.error(Code::Conflict, &format!("service[{i}].floor"), message);
            }
        }
        let need = |tier: &str, resource: &str| {
            let mut rows = spec.service.iter();
            let row = rows.find(|row| row.tier == tier && row.resource == resource);
            row.map_or(Need::default(), |row| Need {
                minutes: row.minutes,
                floor: row.floor.unwrap_or(0),
            })
        };
        tiers
            .iter()
            .map(|tier| {
                resources
                    .iter()
                    .map(|resource| need(tier, resource))
                    .collect()
            })
            .collect()
    }
}

fn error(code: Code, field: &str, message: String) -> Diagnostic {
    Diagnostic::error(code, Place::at(format!("allocation.{field}")), message)
}

/// With advice if the number is a share in per cent.
fn in_per_cent(problem: Diagnostic, share: f64) -> Diagnostic {
    if share > 1.0 && share <= 100.0 {
        problem.help(format!("{share} % is written `{}`", share / 100.0))
    } else {
        problem
    }
}
