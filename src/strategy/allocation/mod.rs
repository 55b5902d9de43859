//! Where the next euro earns most.
