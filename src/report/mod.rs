//! What a population comes to: counts and shares per group, one grouping against another, the best few, how much of a total a
//! ranking finds, how far a distribution has moved, how long things last, how long customers are in each stage and where they
//! go from there, who of those that came together still comes, what attempts to win back and to uplift have brought, what
//! customers cost and bring, how content they are, and whether an action worked.
//!
//! A report is plain data, made by adding customers one by one, and serialisable; as text it is a table with aligned
//! columns (`Display`), and its [`Sheet`] is the same as typed cells, written as text or Markdown in any language
//! ([`sheet`]; [`docs::reports`](crate::docs::reports)). It takes group *codes* (the ordinal of a tier, the code of a word in a
//! [column](crate::table)), so it does not know where they come from.
//!
//! ```
//! use customer_value::model::Currency;
//! use customer_value::report::{Breakdown, CrossTable, top};
//!
//! let tiers = ["A", "B"];
//! // Tier, stage, spend in minor units.
//! let customers = [(0, Some(1), 90_00), (1, Some(0), 10_00), (1, None, 0)];
//!
//! let mut by_tier = Breakdown::new("tier", tiers, "spend", Currency::EUR);
//! let mut by_stage = CrossTable::new("tier", tiers, "stage", ["new", "loyal"]);
//! for (tier, stage, spend) in customers {
//!     by_tier.add(Some(tier), spend);
//!     by_stage.add(Some(tier), stage);
//! }
//! assert_eq!(by_tier.value_share(&by_tier.groups()[0]), Some(0.9));
//! assert_eq!(by_stage.to_string(), "\
//! tier   new  loyal  unknown  total
//! A        0      1        0      1
//! B        1      0        1      2
//! total    1      1        1      3
//! ");
//!
//! let best = top(1, customers.map(|(tier, _, spend)| ([Some(spend as f64)], tier)));
//! assert_eq!(best, [0]);
//! ```

mod allocation;
mod answers;
mod attainment;
pub mod behaviour;
mod breakdown;
mod budget;
mod budget_lines;
mod capacity;
mod cohorts;
mod complaints;
mod cross;
mod drivers;
pub mod effect;
mod exit;
mod grid;
mod interval;
mod migration;
mod pareto;
mod playbook;
mod poisson;
mod quality;
mod ranking;
mod satisfaction;
mod segments;
pub mod sheet;
mod stability;
mod stages;
mod surveys;
mod survival;
pub(crate) mod text;
mod top;
mod uplift;
mod variance;
mod waste;
mod whale;
mod win_back;

pub use answers::AnswerCounts;
pub use attainment::{Attainment, AttainmentRow, BelowFloor, FloorCounts};
pub use breakdown::{Breakdown, Group};
pub use budget::{BudgetReport, BudgetRow};
pub use capacity::{ActivityUse, CapacityReport, ResourceUse};
pub use cohorts::{Cohort, CohortCell, Cohorts};
pub use complaints::{Complainer, ComplaintReport, ComplaintRow, OpenComplaint};
pub use cross::{CrossRow, CrossTable};
pub use drivers::{Driver, Drivers};
pub use exit::{ExitGroup, ExitReport, GateCount};
pub use grid::{GridCell, GridGroup, GridLimits, ValueGrid};
pub use interval::Interval;
pub use migration::{Migration, MigrationCell};
pub use pareto::{Pareto, ParetoPart};
pub use ranking::Ranking;
pub use satisfaction::{Satisfaction, SatisfactionOptions, SatisfactionRow};
pub use segments::{SegmentCross, SegmentCrossRow, SegmentLine, SegmentReport};
pub use sheet::{Align, Cell, Note, Sentence, Sheet, SheetHead, SheetTable};
pub use stability::stability;
pub use stages::{Spell, StageExit, StageTime, StageTimes};
pub use survival::{MeanTime, MedianTime, SpellCount, Survival, SurvivalStep};
pub use top::top;
pub use uplift::{SpendChange, UpliftDay, UpliftEffect, UpliftReport};
pub use variance::{Effect, LineVariance, Parts, Planned, Variance, VarianceBy};
pub use waste::{WasteClass, WasteCustomer, WasteEntry, WasteGroup, WasteReport, WasteSum};
pub use whale::{Spread, Whale, WhalePoint};
pub use win_back::{WinBackReport, WinBackRow};
