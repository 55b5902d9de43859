//! How customers behave.
