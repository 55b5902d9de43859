//! What follows from reviews without a loop by hand: effects, spends and service attainment.

mod attainment;
mod budget;
mod due;
mod effect;
mod occasions;

use customer_value::engine::Engine;
use customer_value::metrics::Catalog;
use customer_value::model::{Day, Days, Money};

fn engine(text: &str) -> Engine {
    Engine::from_toml(text, &Catalog::standard()).unwrap_or_else(|e| panic!("{e}"))
}

/// Day 0 is 2025-12-20.
fn day(n: i32) -> Day {
    "2025-12-20".parse::<Day>().unwrap().plus(Days::new(n))
}

fn eur(minor: i64) -> Money {
    Money::from_minor(minor, customer_value::model::Currency::EUR)
}
