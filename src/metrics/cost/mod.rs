//! What serving a customer costs.
