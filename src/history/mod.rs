//! (room: history)
