//! (room: interop)
