//! Pareto/NBD and NBD against published numbers, numbers with 60 digits, and their laws.

mod lifetime_reference;

use lifetime_reference::golden;

#[test]
fn golden_rows() {
    let mut worst: Vec<(f64, String)> = golden("pnbd")
        .iter()
        .map(|row| (row.error(), format!("{row:?}")))
        .collect();
    assert!(worst.len() > 30);
    worst.sort_by(|a, b| b.0.total_cmp(&a.0));
    let (error, row) = &worst[0];
    assert!(*error <= 1e-9, "{error} {row}");
    println!("{error} {row}");
}
