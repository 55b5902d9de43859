//! BG/NBD and MBG/NBD against numbers computed with 60 digits.

mod lifetime_reference;

use lifetime_reference::golden;

#[test]
fn every_row_of_the_reference() {
    for model in ["bgnbd", "mbgnbd"] {
        let rows = golden(model);
        assert!(rows.len() > 200);
        for row in rows.iter().filter(|row| row.quantity == "LL") {
            assert!(
                row.error() <= 1e-9,
                "{:e} in {row:?}: {}",
                row.error(),
                row.ours()
            );
        }
    }
}
