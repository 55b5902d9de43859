//! Tables of text with aligned columns.

use std::fmt;

/// Writes rows of equally many cells: the first column flush left, the others flush right, two spaces between.
pub(super) fn write_table(f: &mut fmt::Formatter<'_>, rows: &[Vec<String>]) -> fmt::Result {
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

/// The words of the first row.
pub(super) fn heads<const N: usize>(words: [&str; N]) -> Vec<String> {
    words.map(str::to_owned).to_vec()
}
