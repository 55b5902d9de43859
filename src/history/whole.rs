//! A column of whole numbers that is as narrow as its values allow.

/// Whole numbers, four bytes each while they fit and eight after that; nothing at all while all are zero.
///
/// Half the bytes are half the page faults and half the memory traffic of a bulk run.
#[derive(Debug, Clone)]
pub(crate) enum Whole {
    Zero(usize),
    Narrow(Vec<i32>),
    Wide(Vec<i64>),
}

impl Whole {
    pub(crate) fn with_capacity(rows: usize) -> Self {
        Self::Narrow(Vec::with_capacity(rows))
    }

    pub(crate) fn from_values(values: &[i64]) -> Self {
        let mut column = Self::with_capacity(values.len());
        for value in values {
            column.push(*value);
        }
        column
    }

    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Zero(len) => *len,
            Self::Narrow(values) => values.len(),
            Self::Wide(values) => values.len(),
        }
    }

    #[inline]
    pub(crate) fn push(&mut self, value: i64) {
        if let Self::Narrow(values) = self
            && let Ok(narrow) = i32::try_from(value)
        {
            values.push(narrow);
            return;
        }
        self.push_slow(value);
    }

    #[cold]
    fn push_slow(&mut self, value: i64) {
        match self {
            Self::Zero(len) if value == 0 => *len += 1,
            Self::Zero(len) => {
                *self = Self::Narrow(vec![0; *len]);
                self.push(value);
            }
            Self::Narrow(_) | Self::Wide(_) => self.wide(|values| values.push(value)),
        }
    }

    /// Works on the values as eight-byte numbers, and leaves them so.
    fn wide(&mut self, work: impl FnOnce(&mut Vec<i64>)) {
        let mut values = match std::mem::replace(self, Self::Zero(0)) {
            Self::Wide(values) => values,
            Self::Zero(len) => vec![0; len],
            Self::Narrow(narrow) => {
                let mut wide = Vec::with_capacity(narrow.capacity());
                wide.extend(narrow.into_iter().map(i64::from));
                wide
            }
        };
        work(&mut values);
        *self = Self::Wide(values);
    }

    /// The value of a row; a row past the end is zero.
    #[inline]
    pub(crate) fn get(&self, row: usize) -> i64 {
        match self {
            Self::Zero(_) => 0,
            Self::Narrow(values) => values.get(row).map_or(0, |v| i64::from(*v)),
            Self::Wide(values) => values.get(row).copied().unwrap_or(0),
        }
    }

    pub(crate) fn set(&mut self, row: usize, value: i64) {
        if self.get(row) == value {
            return;
        }
        if let Self::Zero(len) = self {
            *self = Self::Narrow(vec![0; *len]);
        }
        match (&mut *self, i32::try_from(value)) {
            (Self::Narrow(values), Ok(narrow)) => {
                if let Some(cell) = values.get_mut(row) {
                    *cell = narrow;
                }
            }
            _ => self.wide(|values| {
                if let Some(cell) = values.get_mut(row) {
                    *cell = value;
                }
            }),
        }
    }

    pub(crate) fn insert(&mut self, row: usize, value: i64) {
        if let Self::Zero(len) = self {
            if value == 0 {
                *len += 1;
                return;
            }
            *self = Self::Narrow(vec![0; *len]);
        }
        match (&mut *self, i32::try_from(value)) {
            (Self::Narrow(values), Ok(narrow)) => values.insert(row.min(values.len()), narrow),
            _ => self.wide(|values| values.insert(row.min(values.len()), value)),
        }
    }

    /// The sum over a range of rows; rows past the end count nothing. No sum of 2^63 values overflows.
    #[inline]
    pub(crate) fn sum(&self, rows: std::ops::Range<usize>) -> i128 {
        match self {
            Self::Zero(_) => 0,
            Self::Narrow(values) => {
                // 2^31 values of 31 bits fit 64 bits; a range is never longer than a vector of them.
                let sum: i64 = values
                    .get(rows)
                    .map_or(0, |part| part.iter().map(|v| i64::from(*v)).sum());
                i128::from(sum)
            }
            Self::Wide(values) => values
                .get(rows)
                .map_or(0, |part| part.iter().map(|v| i128::from(*v)).sum()),
        }
    }
}

/// Which of some rows have a positive value.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Positive {
    pub(crate) first: Option<usize>,
    pub(crate) last: Option<usize>,
    pub(crate) count: u32,
}

impl Whole {
    /// Positions are given relative to `offset`.
    #[inline]
    pub(crate) fn positive(&self, rows: std::ops::Range<usize>, offset: usize) -> Positive {
        fn look<T: Copy + Ord + From<i8>>(values: &[T], start: usize) -> Positive {
            let zero = T::from(0);
            let is = |v: &T| *v > zero;
            Positive {
                first: values.iter().position(is).map(|i| start + i),
                last: values.iter().rposition(is).map(|i| start + i),
                count: values.iter().map(|v| u32::from(is(v))).sum(),
            }
        }
        let start = rows.start - offset.min(rows.start);
        match self {
            Self::Zero(_) => Positive::default(),
            Self::Narrow(values) => look(values.get(rows).unwrap_or_default(), start),
            Self::Wide(values) => look(values.get(rows).unwrap_or_default(), start),
        }
    }
}

impl PartialEq for Whole {
    /// Equal values, whatever the width.
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len() && (0..self.len()).all(|i| self.get(i) == other.get(i))
    }
}

impl Eq for Whole {}
