//! Rows of the columns that churn reads.
#![allow(dead_code)] // each test file uses its part

use customer_value::diagnostic::Diagnostics;
use customer_value::lifecycle::churn::{Churn, ChurnLevel, ChurnSpec};
use customer_value::model::Unit;
use customer_value::table::{Field, Schema, Table};

/// What is known of one customer.
#[derive(Debug, Clone, Copy, Default)]
pub struct Numbers {
    pub active: Option<f64>,
    pub silence: Option<f64>,
    pub factor: Option<f64>,
    pub percentile: Option<f64>,
    pub lapse: Option<f64>,
    pub alive: Option<f64>,
    pub buys: Option<f64>,
}

const COLUMNS: [(&str, Unit); 7] = [
    ("active_days", Unit::Count),
    ("days_since_last", Unit::Days),
    ("churn_factor", Unit::Ratio),
    ("gap_percentile", Unit::Percent),
    ("lapse_point", Unit::Days),
    ("p_alive", Unit::Share),
    ("p_purchase", Unit::Share),
];

/// The columns of numbers.
pub fn numbers() -> Schema {
    let mut schema = Schema::new();
    for (name, unit) in COLUMNS {
        schema.add(Field::number(name, unit)).unwrap();
    }
    schema
}

fn schema() -> Schema {
    let mut schema = numbers();
    schema.add(ChurnLevel::field()).unwrap();
    schema
}

pub fn table(rows: &[Numbers]) -> Table {
    let mut table = Table::new(schema(), rows.len());
    for (row, n) in rows.iter().enumerate() {
        let numbers = [
            n.active,
            n.silence,
            n.factor,
            n.percentile,
            n.lapse,
            n.alive,
            n.buys,
        ];
        for ((name, _), number) in COLUMNS.into_iter().zip(numbers) {
            let slot = table.schema().slot(name).unwrap();
            table.column_mut(slot).set(row, number);
        }
    }
    table
}

pub fn bind(spec: &ChurnSpec) -> Churn {
    let mut found = Diagnostics::new();
    let bound = spec.bind(&schema(), &mut found);
    bound.unwrap_or_else(|| panic!("{found}"))
}
