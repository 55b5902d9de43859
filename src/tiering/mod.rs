//! (room: tiering)
