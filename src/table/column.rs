//! One column: finite-or-missing numbers, or category codes.

/// One value of a column: a finite number, a category code, or missing.
///
/// Codes are small whole numbers, so one word of eight bytes holds either. Missing is one reserved bit pattern
/// (a NaN) that no constructor accepts and no method gives out, so rules run over plain `f64` slices.
#[derive(Debug, Clone, Copy)]
pub struct Cell(f64);

impl Cell {
    /// Not known.
    pub const MISSING: Self = Self(f64::NAN);

    /// A number; one that is not finite is missing. Minus zero becomes zero.
    #[must_use]
    pub fn from_number(number: f64) -> Self {
        if number.is_finite() {
            Self(number + 0.0)
        } else {
            Self::MISSING
        }
    }

    /// A category code.
    #[must_use]
    pub fn from_code(code: u32) -> Self {
        Self(f64::from(code))
    }

    /// The number, if there is one.
    #[must_use]
    pub fn number(self) -> Option<f64> {
        (!self.0.is_nan()).then_some(self.0)
    }

    /// The category code, if there is one.
    #[must_use]
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // checked by the comparison
    pub fn code(self) -> Option<u32> {
        let code = self.0 as u32;
        (f64::from(code) == self.0).then_some(code)
    }

    /// Not known.
    #[must_use]
    pub fn is_missing(self) -> bool {
        self.0.is_nan()
    }
}

impl PartialEq for Cell {
    /// Missing equals missing: two tables are equal when all their cells are.
    fn eq(&self, other: &Self) -> bool {
        self.0.to_bits() == other.0.to_bits()
    }
}

/// The cells of one column.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    cells: Vec<Cell>,
}

impl Column {
    /// A column of `rows` missing cells.
    #[must_use]
    pub fn missing(rows: usize) -> Self {
        Self {
            cells: vec![Cell::MISSING; rows],
        }
    }

    /// A column of given cells.
    #[must_use]
    pub(crate) fn from_cells(cells: impl IntoIterator<Item = Cell>) -> Self {
        Self {
            cells: cells.into_iter().collect(),
        }
    }

    /// Forgets all cells and takes `rows` missing ones, without giving memory back.
    pub fn reset(&mut self, rows: usize) {
        self.cells.clear();
        self.cells.resize(rows, Cell::MISSING);
    }

    /// Puts a number (or missing) into a row; a number that is not finite is missing. A row past the end is
    /// ignored.
    pub fn set(&mut self, row: usize, number: Option<f64>) {
        if let Some(cell) = self.cells.get_mut(row) {
            *cell = number.map_or(Cell::MISSING, Cell::from_number);
        }
    }

    /// Puts a category code (or missing) into a row. A row past the end is ignored.
    pub fn set_code(&mut self, row: usize, code: Option<u32>) {
        if let Some(cell) = self.cells.get_mut(row) {
            *cell = code.map_or(Cell::MISSING, Cell::from_code);
        }
    }

    /// The cell of a row; a row past the end is missing.
    #[must_use]
    pub fn cell(&self, row: usize) -> Cell {
        self.cells.get(row).copied().unwrap_or(Cell::MISSING)
    }

    /// The number of a row.
    #[must_use]
    pub fn number(&self, row: usize) -> Option<f64> {
        self.cell(row).number()
    }

    /// All cells, in order.
    #[must_use]
    pub fn cells(&self) -> &[Cell] {
        &self.cells
    }

    /// All cells, to fill in bulk.
    pub fn cells_mut(&mut self) -> &mut [Cell] {
        &mut self.cells
    }

    /// How many rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.cells.len()
    }

    /// No rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }
}

impl Cell {
    /// For comparisons in rules: the number, or the NaN that stands for missing and compares false.
    pub(crate) fn raw(self) -> f64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_finite_is_missing() {
        for x in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -f64::NAN] {
            assert!(Cell::from_number(x).is_missing());
            assert_eq!(Cell::from_number(x), Cell::MISSING);
        }
        assert_eq!(Cell::from_number(-0.0).number().map(f64::to_bits), Some(0));
        assert_eq!(Cell::from_code(u32::MAX).code(), Some(u32::MAX));
        assert_eq!(Cell::MISSING.code(), None);
        assert_eq!(Cell::from_number(1.5).code(), None);
    }
}
