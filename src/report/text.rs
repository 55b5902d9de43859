//! Tables of text with aligned columns.

use std::fmt;

use unicode_width::UnicodeWidthStr;

use super::Cell;
use crate::rules::language::ReportWord;

/// What customers are listed under whose group is not known.
pub(super) const UNKNOWN: &str = "unknown";
/// The name of a group; a word for those whose group is not known.
pub(super) fn group_cell(name: &str) -> Cell {
    match name {
        UNKNOWN => ReportWord::Unknown.into(),
        name => Cell::literal(name),
    }
}

/// The row and the column of the sums.
pub(super) const TOTAL: &str = "total";

/// Writes rows of equally many cells, two spaces between, each column flush left where `left` says so and else flush right. A
/// character takes as many columns as in a terminal: a Chinese one two, a combining one none.
pub(crate) fn write_rows(
    f: &mut impl fmt::Write,
    rows: &[Vec<String>],
    left: impl Fn(usize) -> bool,
) -> fmt::Result {
    let mut widths: Vec<usize> = Vec::new();
    for row in rows {
        for (column, cell) in row.iter().enumerate() {
            let width = cell.width();
            match widths.get_mut(column) {
                Some(widest) => *widest = width.max(*widest),
                None => widths.push(width),
            }
        }
    }
    for row in rows {
        for (column, (cell, width)) in row.iter().zip(&widths).enumerate() {
            let between = if column == 0 { "" } else { "  " };
            // Not as the width of a format, which has a limit.
            let room = " ".repeat(width.saturating_sub(cell.width()));
            if !left(column) {
                write!(f, "{between}{room}{cell}")?;
            } else if column > 0 && column + 1 == row.len() {
                // Nothing comes after it to be aligned.
                write!(f, "{between}{cell}")?;
            } else {
                write!(f, "{between}{cell}{room}")?;
            }
        }
        f.write_str("\n")?;
    }
    Ok(())
}

/// A share as a percentage with one decimal; `-` when missing. Reports write theirs as cells.
#[cfg(feature = "clustering")]
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
