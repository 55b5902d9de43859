//! (room: summary)
