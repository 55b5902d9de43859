//! Columns to points: positions in the population, RFM, weighted scores and point books.
//!
//! | Module | Makes | From |
//! |---|---|---|
//! | [`rank`] | percentile, rank, cumulative share | one column |
//! | [`breaks`] | scores 1 to n | one column |
//! | [`rfm`] | R, F and M scores and the segment | three columns |
//! | [`segments`] | the segment of a cell | R, F, M |
//! | [`scale`] | 0 to 1 | one column |
//! | [`weighted`] | 0 to 100, with a decomposition that sums to it | several scales |
//! | [`points`] | points, with a log that sums to them | events the host has judged |
//!
//! What needs the population is computed once by a `fit`, frozen as plain serialisable data, and used for one
//! customer at a time from then on: fit nightly, score online, same numbers.

pub mod breaks;
pub mod points;
pub mod rank;
pub mod rfm;
pub mod scale;
pub mod segments;
mod select;
pub mod weighted;

pub use breaks::{Breaks, quantile_breaks};
pub use points::{Award, PointBook, PointLine, PointLog, PointRule, PointsSpec, Repeat};
pub use rank::{Better, Distribution};
pub use rfm::{Dimension, Rfm, RfmScore, RfmSpec, Scoring};
pub use scale::{Scale, ScaleSpec};
pub use segments::{SegmentSpec, SegmentTable};
pub use weighted::{
    BoundWeighted, Decomposition, PartScore, PartSpec, Weighted, WeightedSpec, WhenMissing,
};
