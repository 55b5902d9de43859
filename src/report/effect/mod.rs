//! Whether it worked: the effect of an action, with its interval.
