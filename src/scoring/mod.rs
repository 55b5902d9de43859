//! (room: scoring)
