//! What follows from knowing the customers: whom to serve how, what it may cost, and where money and time earn most.
//!
//! | | |
//! |---|---|
//! | [`playbook`] | service plans by tier, stage and segment, and the actions that are due on a day |
//! | [`budget`] | what may be spent, what was spent, and why the two differ |
//! | [`allocation`] | where the next euro earns most: acquisition and retention, segments, customers, capacity |
//! | [`surveys`] | who is to be asked what |

pub mod allocation;
pub mod budget;
pub mod playbook;
pub mod surveys;
