//! Where the next euro earns most: acquisition and retention, segments, customers, capacity.
//!
//! | | |
//! |---|---|
//! | [`AcquisitionRetention`] | how much to spend on winning a customer and on keeping one |
//! | [`spread`] | a budget over segments with floors and caps, to the cent |
//! | [`select`] | which customers get an action under a budget and a number of places |
//! | [`share_capacity`] | whose service the staff has time for, the top tier first |
//! | [`AllocationSpec`] | what a policy says about all but the customers to choose from |
//!
//! [The page on allocation](crate::docs::allocation) defines each.

mod bind;
mod bisect;
mod bound;
mod branch;
mod capacity;
mod curve;
mod equity;
mod relax;
mod select;
mod spec;
mod spend;

pub use bound::Allocation;
pub use capacity::{
    CapacityPlan, Need, Resource, ResourceUse, TierGrant, TierNeeds, share_capacity,
};
pub use curve::ResponseCurve;
pub use equity::{
    AcquisitionRetention, Equity, EquityCurve, EquityInput, Sensitivity, SensitivityRow,
};
pub use select::{Candidate, Selection, select};
pub use spec::{
    AllocationSpec, EquitySpec, ResourceSpec, ResponseSpec, SegmentSpec, ServiceNeedSpec,
};
pub use spend::{Held, Segment, SegmentSpend, SpendPlan, spread};
