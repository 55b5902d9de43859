//! A fit in a line.

use std::fmt;

use super::{Boundary, Fitted, Outcome};

impl fmt::Display for Boundary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.meaning, self.parameters.join(", "))
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Converged => f.write_str("converged"),
            Self::Boundary(edges) => {
                let edges: Vec<String> = edges.iter().map(ToString::to_string).collect();
                write!(f, "on a boundary: {}", edges.join("; "))
            }
            Self::TooLittleData(lacks) => write!(f, "too little data: {}", lacks.join("; ")),
        }
    }
}

/// Six decimals, or six digits of a number too small for them.
fn number(value: f64) -> String {
    if value.abs() < 1e-3 && value != 0.0 {
        format!("{value:.5e}")
    } else {
        format!("{value:.6}")
    }
}

/// Each parameter with its standard error in brackets, and the outcome.
impl<M> fmt::Display for Fitted<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for estimate in &self.estimates {
            write!(f, "{} {}", estimate.name, number(estimate.value))?;
            if let Some(error) = estimate.standard_error {
                write!(f, " ({})", number(error))?;
            }
            f.write_str(", ")?;
        }
        self.outcome.fmt(f)
    }
}
