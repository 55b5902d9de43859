//! Points over many reviews.

use std::sync::Arc;

use customer_value::engine::{Engine, Standing};
use customer_value::history::History;
use customer_value::ledger::Effect;
use customer_value::metrics::Catalog;
use customer_value::model::{Day, Days, Transaction};

#[test]
fn a_log_does_not_grow_with_reviews_in_which_nothing_can_be_given() {
    let policy = r#"
        [head]
        name = "points"
        version = "1"
        currency = "EUR"

        [[points]]
        name = "engagement"
        rules = [
            { name = "now", points = 1, repeat = "while", when = "purchases >= 1" },
            { name = "welcome", points = 10, repeat = "once", when = "purchases >= 1" },
            { name = "monthly", points = 5, repeat = { cool_down = "30 days" }, when = "purchases >= 1" },
        ]

        [[tiers]]
        name = "all"
    "#;
    let engine = Engine::from_toml(policy, &Catalog::standard()).unwrap();
    let first: Day = "2024-01-01".parse().unwrap();
    let bought = Transaction::purchase(7, first, "9.00 EUR".parse().unwrap()).unwrap();
    let mut history = History::new(Arc::clone(engine.layout()));
    history
        .add(&Effect::of(&bought, &engine.cleaning(first)).unwrap())
        .unwrap();
    let mut standing = Standing::default();
    let mut buffer = engine.buffer();
    let mut total = None;
    for day in 0..90 {
        let today = first.plus(Days::new(day));
        let (after, found) = engine.review(&history, standing, today, &mut buffer);
        total = found.number("engagement");
        standing = after;
    }
    // Once 10, three times 5, and 1 for today.
    assert_eq!(total, Some(26.0));
    assert_eq!(standing.points("engagement").unwrap().len(), 5);
}
