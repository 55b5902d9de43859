//! Words and signs that everything else is made of.

phrases! {
    /// A word, or a sign between others.
    WordPhrase {
        /// A flag is set.
        Yes {},
        /// A flag is not set.
        No {},
        /// In the place of a value that is not known.
        Missing {},
        /// A condition holds.
        True {},
        /// A condition does not hold.
        False {},
        /// Something that a condition depends on is not known.
        Unknown {},
        /// Between the items of a list.
        Comma {},
        /// Between the conditions that hold, or that are missing.
        And {},
        /// Between the conditions that are missing, each with what is there instead.
        Semicolon {},
    }
}
