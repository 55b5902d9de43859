//! Who is to be asked what, and by when a complaint is to be settled.
//!
//! A [`SurveysSpec`] is the section `[surveys]` of a policy; bound to the columns of a table it is [`Surveys`], which tell
//! for a day who of some [`Candidate`]s is due for which survey, and who is not and why. [`ComplaintTargets`] tell by when
//! a complaint is due. [The page on surveys](crate::docs::surveys) has the definitions. What was answered is told by
//! [reports](crate::report::Satisfaction).

mod bind;
mod complaints;
mod due;
mod outcome;
mod spec;
mod tell;

pub use complaints::{ComplaintTargets, ComplaintsSpec, ResponseTime, TargetSpec};
pub use due::{Candidate, Survey, Surveys};
pub use outcome::{Because, Due, Invitation, Suppressed, Suppression, SurveyList};
pub use spec::{CapSpec, SurveySpec, SurveysSpec, TriggerEvent, TriggerSpec};
