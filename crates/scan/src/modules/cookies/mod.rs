//! cookies

use crate::check::Check;

pub const TOPICS: &[&[Check]] = &[];
