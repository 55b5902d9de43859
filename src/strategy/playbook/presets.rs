//! Playbooks to take as they are or to change: plain [`PlaybookSpec`] data.
//!
//! | Preset | What it gives |
//! |---|---|
//! | [`low_value`] | the lowest tier: automated channels, self-service, education |
//! | [`high_value`] | the highest tier: a contact of their own, the phone, call-backs |
//!
//! Both are for the tiers of [`tiering::presets::high_middle_low`](crate::tiering::presets::high_middle_low). Each has a policy file that
//! says the same, with comments, under `examples/policies/`. Times, costs and responses are starting points, not findings.

use super::spec::{
    ActionSpec, CapSpec, FloorSpec, Order, PlaySpec, PlaybookSpec, QuietSpec, TriggerSpec,
};
use crate::model::{Currency, Days, Money, Weekday};
use crate::rules::column;

fn words<const N: usize>(words: [&str; N]) -> Vec<String> {
    words.map(str::to_owned).into()
}

fn floor() -> FloorSpec {
    FloorSpec {
        entitlements: words(["warranty"]),
        cadence: Some(Days::new(365)),
        response_hours: Some(72),
        ..FloorSpec::new(["email", "self_service"])
    }
}

fn consent(playbook: &mut PlaybookSpec, channels: &[&str]) {
    for channel in channels {
        let flag = format!("consent_{channel}");
        playbook.consent.insert((*channel).to_owned(), flag);
    }
    playbook.do_not_contact = Some("do_not_contact".to_owned());
    playbook.max_per_day = Some(1);
}

fn cap(at_most: u32, within: i32, channel: Option<&str>) -> CapSpec {
    CapSpec {
        at_most,
        within: Days::new(within),
        channel: channel.map(str::to_owned),
    }
}

/// Automated channels, self-service and education for the tier `low`; the floor for everybody else.
///
/// | Action | When | |
/// |---|---|---|
/// | `first steps` | 7 days after the first purchase | education |
/// | `tips` | 90 days after the last contact | education |
/// | `come back` | 120 days without a purchase | an offer: 3 % are expected to take it |
///
/// It reads the flags `consent_email` and `do_not_contact`, the date `first_purchase`, `days_since_last`, and
/// `average_order_value` (money), what an answer to `come back` is worth.
///
/// ```
/// use customer_value::model::Currency;
/// use customer_value::strategy::playbook::presets;
///
/// let playbook = presets::low_value(Currency::EUR);
/// let names: Vec<_> = playbook.plays.iter().map(|play| play.name.as_str()).collect();
/// assert_eq!(names, ["automated", "basic"]);
/// assert!(playbook.plays.iter().all(|play| !play.dedicated));
/// ```
#[must_use]
pub fn low_value(currency: Currency) -> PlaybookSpec {
    let mut playbook = PlaybookSpec::new(["email", "self_service"], floor());
    consent(&mut playbook, &["email"]);
    playbook.caps = vec![cap(2, 30, None)];
    playbook.plays = vec![
        PlaySpec {
            tiers: words(["low"]),
            entitlements: Some(words(["warranty", "self-service portal", "lessons"])),
            cadence: Some(Days::new(90)),
            actions: words(["first steps", "tips", "come back"]),
            ..PlaySpec::new("automated")
        },
        PlaySpec::new("basic"),
    ];
    let cost = Money::from_minor(2, currency);
    let mail = |name: &str, trigger| ActionSpec {
        group: Some("mail".to_owned()),
        ..ActionSpec::new(name, "email", trigger, cost)
    };
    let first = TriggerSpec::Date {
        date: "first_purchase".to_owned(),
        offset: Days::new(7),
    };
    playbook.actions = vec![
        ActionSpec {
            within: Some(Days::new(7)),
            ..mail("first steps", first)
        },
        mail("tips", TriggerSpec::Cadence),
        ActionSpec {
            response: Some(0.03),
            value: Some("average_order_value".to_owned()),
            cool_down: Some(Days::new(90)),
            ..mail(
                "come back",
                TriggerSpec::Rule(column("days_since_last").ge(120)),
            )
        },
    ];
    playbook
}

/// A contact of their own, the phone and call-backs for the tier `high`; the floor for everybody else.
///
/// | Action | When | |
/// |---|---|---|
/// | `call back` | `callback_requested` became true | required by the contract |
/// | `renewal talk` | from 30 days before the date `renewal`, for 30 days | |
/// | `birthday call` | on the anniversary of the date `birthday`, for 3 days | |
/// | `care call` | 30 days after the last contact | |
///
/// The first of these comes first (`order = "priority"`), at most one a day and two calls within 14 days, none on Sundays. It reads the flags
/// `consent_phone`, `consent_email`, `do_not_contact` and `callback_requested`, and the dates `renewal` and `birthday`.
///
/// ```
/// use customer_value::model::Currency;
/// use customer_value::strategy::playbook::presets;
///
/// let playbook = presets::high_value(Currency::EUR);
/// assert!(playbook.plays[0].dedicated);
/// assert!(playbook.actions[0].service);
/// ```
#[must_use]
pub fn high_value(currency: Currency) -> PlaybookSpec {
    let mut playbook = PlaybookSpec::new(["phone", "email", "self_service"], floor());
    consent(&mut playbook, &["phone", "email"]);
    playbook.order = Order::Priority;
    playbook.caps = vec![cap(4, 30, None), cap(2, 14, Some("phone"))];
    playbook.quiet = vec![QuietSpec {
        weekdays: vec![Weekday::Sunday],
        ..QuietSpec::default()
    }];
    playbook.plays = vec![
        PlaySpec {
            tiers: words(["high"]),
            channels: Some(words(["phone", "email", "self_service"])),
            entitlements: Some(words(["warranty", "call-backs", "free delivery"])),
            cadence: Some(Days::new(30)),
            response_hours: Some(4),
            dedicated: true,
            actions: words(["call back", "renewal talk", "birthday call", "care call"]),
            ..PlaySpec::new("dedicated")
        },
        PlaySpec::new("basic"),
    ];
    let cost = Money::from_minor(600, currency);
    let call = |name: &str, priority, trigger| ActionSpec {
        priority,
        group: Some("call".to_owned()),
        ..ActionSpec::new(name, "phone", trigger, cost)
    };
    let renewal = TriggerSpec::Date {
        date: "renewal".to_owned(),
        offset: Days::new(-30),
    };
    let birthday = TriggerSpec::Anniversary {
        date: "birthday".to_owned(),
        offset: Days::default(),
    };
    let requested = TriggerSpec::Rule(column("callback_requested").is_set());
    playbook.actions = vec![
        ActionSpec {
            service: true,
            ..call("call back", 4, requested)
        },
        ActionSpec {
            within: Some(Days::new(30)),
            ..call("renewal talk", 3, renewal)
        },
        ActionSpec {
            within: Some(Days::new(3)),
            ..call("birthday call", 2, birthday)
        },
        call("care call", 1, TriggerSpec::Cadence),
    ];
    playbook
}
