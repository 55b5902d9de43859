//! (room: metrics)

pub mod referral;
