//! Who is to be asked what.
