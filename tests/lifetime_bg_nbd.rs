//! BG/NBD and MBG/NBD against numbers computed with 60 digits.

mod lifetime_reference;

use customer_value::metrics::lifetime::{Activity, DiscountRate, Horizon, PurchaseModel, TimeUnit};
use lifetime_reference::{Golden, golden};

#[test]
fn every_row_of_the_reference() {
    for model in ["bgnbd", "mbgnbd"] {
        let rows = golden(model);
        assert!(rows.len() > 200);
        for row in rows {
            assert!(
                row.error() <= 1e-11,
                "{:e} in {row:?}: {}",
                row.error(),
                row.ours()
            );
        }
    }
}

#[test]
fn rows() {
    let mut worst: std::collections::BTreeMap<String, f64> = Default::default();
    for dir in ["p", "s", "d"] {
        let text = std::fs::read_to_string(format!("/tmp/bg/{dir}.csv")).unwrap();
        for line in text.lines() {
            let f: Vec<&str> = line.split(',').collect();
            let Ok(value) = f[11 - 0].parse::<f64>() else {
                continue;
            };
            let n = |i: usize| f[i].parse::<f64>().unwrap();
            let g = Golden {
                model: f[0].into(),
                set: String::new(),
                parameters: [n(1), n(2), n(3), n(4)],
                x: n(5) as u32,
                times: None,
                quantity: String::new(),
                arg: 0.0,
                value,
            };
            let model: PurchaseModel = g.model();
            let ours = if f[8] == "PMF" {
                model.pmf(g.x, n(9))
            } else {
                let c = Activity::new(g.x, n(6), n(7)).unwrap();
                match f[8] {
                    "ALIVE" => model.p_alive_in(&c, n(9)),
                    "CET" => model.expected_purchases(&c, n(9)),
                    "DET" => {
                        let d = DiscountRate::continuous(n(9), TimeUnit::Week).unwrap();
                        let h = if f[10] == "inf" {
                            Horizon::Forever
                        } else {
                            Horizon::Days(customer_value::model::Days::new(7 * n(10) as i32))
                        };
                        model.discounted_purchases(&c, d, h).unwrap()
                    }
                    _ => panic!(),
                }
            };
            let e = (ours - value).abs() / value.abs().max(1e-300);
            if e > 1e-12 {
                println!("{e:e} {line} {ours:e}");
            }
            let w = worst.entry(f[8].into()).or_default();
            if !(e < *w) {
                *w = e;
            }
        }
    }
    println!("{worst:?}");
}
