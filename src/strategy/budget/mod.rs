//! What may be spent, what was spent, and why the two differ.
