//! What the columns of a table are: names, kinds, units.

use hashbrown::HashMap;

use crate::Error;
use crate::model::Unit;

/// What a column holds.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// Numbers with a unit (dates and flags are numbers too: [`Unit::Date`], [`Unit::Flag`]).
    Number(Unit),
    /// One word out of a list; cells hold its position.
    Category(Vec<String>),
}

/// A column's name and kind.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    name: String,
    kind: Kind,
}

impl Field {
    /// A column of numbers.
    pub fn number(name: impl Into<String>, unit: Unit) -> Self {
        Self {
            name: name.into(),
            kind: Kind::Number(unit),
        }
    }

    /// A column of words out of a list; a word's code is its position.
    pub fn category<W: Into<String>>(
        name: impl Into<String>,
        words: impl IntoIterator<Item = W>,
    ) -> Self {
        Self {
            name: name.into(),
            kind: Kind::Category(words.into_iter().map(Into::into).collect()),
        }
    }

    /// The name, as rules write it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Numbers or words.
    #[must_use]
    pub fn kind(&self) -> &Kind {
        &self.kind
    }

    /// The unit of a column of numbers.
    #[must_use]
    pub fn unit(&self) -> Option<Unit> {
        match self.kind {
            Kind::Number(unit) => Some(unit),
            Kind::Category(_) => None,
        }
    }

    /// The words of a category column, in the order of their codes; empty for numbers.
    #[must_use]
    pub fn words(&self) -> &[String] {
        match &self.kind {
            Kind::Number(_) => &[],
            Kind::Category(words) => words,
        }
    }

    /// The word of a code.
    #[must_use]
    pub fn word(&self, code: u32) -> Option<&str> {
        self.words().get(code as usize).map(String::as_str)
    }

    /// The code of a word.
    #[must_use]
    pub fn code(&self, word: &str) -> Option<u32> {
        let position = self.words().iter().position(|w| w == word)?;
        u32::try_from(position).ok()
    }
}

/// Where a column is in every table of a schema: a name after binding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slot(u32);

impl Slot {
    /// The position of the column.
    #[must_use]
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// The columns of a table, by position and by name.
#[derive(Debug, Clone, Default)]
pub struct Schema {
    fields: Vec<Field>,
    by_name: HashMap<String, Slot, foldhash::fast::FixedState>,
}

impl Schema {
    /// No columns yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a column at the end.
    ///
    /// # Errors
    /// The name is taken, or there are four billion columns (`is_misuse`).
    pub fn add(&mut self, field: Field) -> Result<Slot, Error> {
        if self.by_name.contains_key(field.name()) {
            return Err(Error::misuse(format!(
                "there are two columns named `{}`",
                field.name()
            )));
        }
        let slot = u32::try_from(self.fields.len())
            .map(Slot)
            .map_err(|_| Error::misuse("a table has too many columns"))?;
        self.by_name.insert(field.name().to_owned(), slot);
        self.fields.push(field);
        Ok(slot)
    }

    /// The column of a name.
    #[must_use]
    pub fn slot(&self, name: &str) -> Option<Slot> {
        self.by_name.get(name).copied()
    }

    /// What a column is.
    #[must_use]
    pub fn field(&self, slot: Slot) -> Option<&Field> {
        self.fields.get(slot.index())
    }

    /// All columns, in order.
    #[must_use]
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// All column names, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.fields.iter().map(Field::name)
    }

    /// All slots, in order.
    pub fn slots(&self) -> impl Iterator<Item = Slot> + use<> {
        (0..u32::try_from(self.fields.len()).unwrap_or(u32::MAX)).map(Slot)
    }

    /// How many columns.
    #[must_use]
    pub fn len(&self) -> usize {
        self.fields.len()
    }

    /// No columns.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }
}
