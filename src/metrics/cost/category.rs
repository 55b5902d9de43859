//! Categories of cost that are nearly one of those that everybody has.

use crate::diagnostic::{Code, Diagnostic, Place, closest};
use crate::model::CostCategory;

/// The categories that everybody has.
const COMMON: [CostCategory; 3] = [
    CostCategory::ServiceStaff,
    CostCategory::Marketing,
    CostCategory::Survey,
];

/// A warning, where a category of the host's own is nearly a common one: on a word that is a slip nothing would ever count.
pub(crate) fn slip(category: &CostCategory, place: Place) -> Option<Diagnostic> {
    let CostCategory::Other(own) = category else {
        return None;
    };
    let words = COMMON.iter().map(CostCategory::as_str);
    closest(own, words.clone())?;
    let message = format!("`{own}` is a category of your own");
    let problem = Diagnostic::warning(Code::UnknownName, place, message);
    Some(problem.did_you_mean(own, words))
}
