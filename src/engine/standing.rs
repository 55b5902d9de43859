//! What is remembered of a customer between reviews.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::lifecycle::StageRecord;
use crate::model::Day;
