//! Sets of answers.

use crate::rules::Truth;

/// A set of answers: those a rule may give, or those that are wanted of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Truths(u8);

impl Truths {
    /// No answer at all.
    pub(super) const NONE: Self = Self(0);
    /// It holds.
    pub const TRUE: Self = Self(1);
    /// It does not hold, and that is known.
    pub const FALSE: Self = Self(2);
    /// Something it depends on is not known.
    pub const UNKNOWN: Self = Self(4);
    /// It does not hold, or that is not known: a tier is not entered, a transition not made.
    pub const NOT_TRUE: Self = Self(6);
    /// It holds, or that is not known.
    pub const NOT_FALSE: Self = Self(5);
    /// It holds or does not, and that is known.
    pub const KNOWN: Self = Self(3);

    pub(super) fn of(value: bool) -> Self {
        if value { Self::TRUE } else { Self::FALSE }
    }

    /// Whether an answer is one of them.
    #[must_use]
    pub fn contains(self, truth: Truth) -> bool {
        self.meets(truth.into())
    }

    pub(super) fn meets(self, other: Self) -> bool {
        !self.and(other).is_empty()
    }

    /// Whether it has all of the other's.
    pub(super) fn includes(self, other: Self) -> bool {
        other.0 & !self.0 == 0
    }

    pub(super) fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub(super) fn is_one(self) -> bool {
        self.0.is_power_of_two()
    }

    pub(super) fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    pub(super) fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(super) fn or_if(self, other: Self, condition: bool) -> Self {
        if condition { self.or(other) } else { self }
    }

    /// The answers that are not among these.
    pub(super) fn others(self) -> Self {
        Self(!self.0 & 7)
    }

    /// The answers of the opposite rule.
    pub(super) fn flipped(self) -> Self {
        Self(self.0 & 4 | (self.0 & 1) << 1 | (self.0 & 2) >> 1)
    }
}

impl From<Truth> for Truths {
    fn from(truth: Truth) -> Self {
        match truth {
            Truth::True => Self::TRUE,
            Truth::False => Self::FALSE,
            Truth::Unknown => Self::UNKNOWN,
        }
    }
}
