//! A column of whole numbers that is as narrow as its values allow.

use std::ops::Range;

/// Whole numbers: nothing at all while all are zero, one byte each while they fit, then four, then eight.
///
/// Few bytes are few page faults and little memory traffic, which is most of what a bulk run costs.
#[derive(Debug, Clone)]
pub(crate) enum Whole {
    Zero(usize),
    Tiny(Vec<i8>),
    Narrow(Vec<i32>),
    Wide(Vec<i64>),
}

/// A width of a column, ascending.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Width {
    Zero,
    Tiny,
    Narrow,
    Wide,
}

impl Width {
    /// The least width that holds a value.
    fn of(value: i64) -> Self {
        if value == 0 {
            Self::Zero
        } else if i8::try_from(value).is_ok() {
            Self::Tiny
        } else if i32::try_from(value).is_ok() {
            Self::Narrow
        } else {
            Self::Wide
        }
    }
}

impl Whole {
    /// An empty column that begins with a width; it never gets narrower.
    pub(crate) fn with_capacity(width: Width, rows: usize) -> Self {
        match width {
            Width::Zero => Self::Zero(0),
            Width::Tiny => Self::Tiny(Vec::with_capacity(rows)),
            Width::Narrow => Self::Narrow(Vec::with_capacity(rows)),
            Width::Wide => Self::Wide(Vec::with_capacity(rows)),
        }
    }

    pub(crate) fn from_values(values: &[i64]) -> Self {
        let width = values.iter().copied().map(Width::of).max();
        let mut column = Self::with_capacity(width.unwrap_or(Width::Zero), values.len());
        for value in values {
            column.push(*value);
        }
        column
    }

    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Zero(len) => *len,
            Self::Tiny(values) => values.len(),
            Self::Narrow(values) => values.len(),
            Self::Wide(values) => values.len(),
        }
    }

    fn width(&self) -> Width {
        match self {
            Self::Zero(_) => Width::Zero,
            Self::Tiny(_) => Width::Tiny,
            Self::Narrow(_) => Width::Narrow,
            Self::Wide(_) => Width::Wide,
        }
    }

    /// Makes room for a value.
    fn widen(&mut self, value: i64) {
        fn all<T: Copy, U: From<T>>(values: &[T], capacity: usize) -> Vec<U> {
            let mut wider = Vec::with_capacity(capacity);
            wider.extend(values.iter().copied().map(U::from));
            wider
        }
        let width = self.width().max(Width::of(value));
        *self = match (&*self, width) {
            (_, Width::Zero) => return,
            (Self::Zero(len), Width::Tiny) => Self::Tiny(vec![0; *len]),
            (Self::Zero(len), Width::Narrow) => Self::Narrow(vec![0; *len]),
            (Self::Zero(len), Width::Wide) => Self::Wide(vec![0; *len]),
            (Self::Tiny(values), Width::Narrow) => Self::Narrow(all(values, values.capacity())),
            (Self::Tiny(values), Width::Wide) => Self::Wide(all(values, values.capacity())),
            (Self::Narrow(values), Width::Wide) => Self::Wide(all(values, values.capacity())),
            (Self::Tiny(_) | Self::Narrow(_) | Self::Wide(_), _) => return,
        };
    }

    /// Adds a value at the end.
    #[inline]
    pub(crate) fn push(&mut self, value: i64) {
        match self {
            Self::Narrow(values) => {
                if let Ok(value) = i32::try_from(value) {
                    return values.push(value);
                }
            }
            Self::Tiny(values) => {
                if let Ok(value) = i8::try_from(value) {
                    return values.push(value);
                }
            }
            Self::Wide(values) => return values.push(value),
            Self::Zero(len) => {
                if value == 0 {
                    *len += 1;
                    return;
                }
            }
        }
        self.push_wider(value);
    }

    /// Apart from `push`, so that the usual way is short enough to be written out where it is used.
    #[cold]
    fn push_wider(&mut self, value: i64) {
        let row = self.len();
        self.insert(row, value);
    }

    /// The value of a row; a row past the end is zero.
    #[inline]
    pub(crate) fn get(&self, row: usize) -> i64 {
        match self {
            Self::Zero(_) => 0,
            Self::Tiny(values) => values.get(row).map_or(0, |v| i64::from(*v)),
            Self::Narrow(values) => values.get(row).map_or(0, |v| i64::from(*v)),
            Self::Wide(values) => values.get(row).copied().unwrap_or(0),
        }
    }

    /// Replaces the value of a row; a row past the end is left alone.
    pub(crate) fn set(&mut self, row: usize, value: i64) {
        if self.width() < Width::of(value) {
            self.widen(value);
        }
        fn put<T: TryFrom<i64>>(values: &mut [T], row: usize, value: i64) {
            if let (Some(cell), Ok(value)) = (values.get_mut(row), T::try_from(value)) {
                *cell = value;
            }
        }
        match self {
            Self::Zero(_) => {}
            Self::Tiny(values) => put(values, row, value),
            Self::Narrow(values) => put(values, row, value),
            Self::Wide(values) => put(values, row, value),
        }
    }

    /// Puts a value before that of a row.
    pub(crate) fn insert(&mut self, row: usize, value: i64) {
        if self.width() < Width::of(value) {
            self.widen(value);
        }
        fn put<T: TryFrom<i64>>(values: &mut Vec<T>, row: usize, value: i64) {
            if let Ok(value) = T::try_from(value) {
                values.insert(row.min(values.len()), value);
            }
        }
        match self {
            Self::Zero(len) => *len += 1,
            Self::Tiny(values) => put(values, row, value),
            Self::Narrow(values) => put(values, row, value),
            Self::Wide(values) => put(values, row, value),
        }
    }

    /// The sum over a range of rows; rows past the end count nothing. No sum of 2^63 values overflows.
    #[inline]
    pub(crate) fn sum(&self, rows: Range<usize>) -> i128 {
        // 2^32 values of 32 bits fit 64 bits; a range is never longer than a vector of them.
        fn short<T: Copy + Into<i64>>(values: &[T], rows: Range<usize>) -> i128 {
            let part = values.get(rows).unwrap_or_default();
            part.iter().map(|v| (*v).into()).sum::<i64>().into()
        }
        match self {
            Self::Zero(_) => 0,
            Self::Tiny(values) => short(values, rows),
            Self::Narrow(values) => short(values, rows),
            Self::Wide(values) => {
                let part = values.get(rows).unwrap_or_default();
                part.iter().map(|v| i128::from(*v)).sum()
            }
        }
    }
}

/// Which of some rows have a positive value, and the sum of all of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Positive {
    pub(crate) sum: i128,
    pub(crate) first: Option<usize>,
    pub(crate) last: Option<usize>,
    pub(crate) count: u32,
}

impl Whole {
    /// Positions are given relative to `offset`.
    #[inline]
    pub(crate) fn positive(&self, rows: Range<usize>, offset: usize) -> Positive {
        fn look<T, S>(values: &[T], start: usize) -> Positive
        where
            T: Copy + Ord + From<i8> + Into<S>,
            S: Default + std::ops::AddAssign + Into<i128>,
        {
            let zero = T::from(0);
            let is = |v: &T| *v > zero;
            // One pass: there are many customers, and few rows of each.
            let mut count = 0;
            let mut sum = S::default();
            for value in values {
                count += u32::from(is(value));
                sum += (*value).into();
            }
            Positive {
                sum: sum.into(),
                first: values.iter().position(is).map(|i| start + i),
                last: values.iter().rposition(is).map(|i| start + i),
                count,
            }
        }
        let start = rows.start - offset.min(rows.start);
        match self {
            Self::Zero(_) => Positive::default(),
            // Sums of so many one-byte and four-byte values fit eight bytes.
            Self::Tiny(values) => look::<_, i64>(values.get(rows).unwrap_or_default(), start),
            Self::Narrow(values) => look::<_, i64>(values.get(rows).unwrap_or_default(), start),
            Self::Wide(values) => look::<_, i128>(values.get(rows).unwrap_or_default(), start),
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
