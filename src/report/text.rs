//! Tables of text with aligned columns.

use std::fmt;

/// What customers are listed under whose group is not known.
pub(super) const UNKNOWN: &str = "unknown";
/// The row and the column of the sums.
pub(super) const TOTAL: &str = "total";

/// Writes rows of equally many cells: the first column flush left, the others flush right, two spaces between.
pub(crate) fn write_table(f: &mut fmt::Formatter<'_>, rows: &[Vec<String>]) -> fmt::Result {
    let mut widths: Vec<usize> = Vec::new();
    for row in rows {
        for (column, cell) in row.iter().enumerate() {
            let width = cell.chars().count();
            match widths.get_mut(column) {
                Some(widest) => *widest = width.max(*widest),
                None => widths.push(width),
            }
        }
    }
    for row in rows {
        for (column, (cell, width)) in row.iter().zip(&widths).enumerate() {
            if column == 0 {
                write!(f, "{cell:width$}")?;
            } else {
                write!(f, "  {cell:>width$}")?;
            }
        }
        f.write_str("\n")?;
    }
    Ok(())
}

/// A share as a percentage with one decimal; `-` when missing.
pub(crate) fn percent(share: Option<f64>) -> String {
    share.map_or_else(
        || "-".to_owned(),
        |share| {
            let text = format!("{:.1} %", share * 100.0);
            if text == "-0.0 %" {
                "0.0 %".to_owned()
            } else {
                text
            }
        },
    )
}
