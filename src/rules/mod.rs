//! (room: rules)
