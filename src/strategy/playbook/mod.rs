//! Service plans by tier, stage and segment, and the actions that are due on a day.
