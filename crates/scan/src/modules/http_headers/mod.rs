//! http_headers

use serde::{Deserialize, Serialize};

use crate::Target;
use crate::check::Check;
use crate::net::Net;

pub const TOPICS: &[&[Check]] = &[];

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct HttpEvidence {}

pub(crate) async fn probe(_net: &Net, _target: &Target) -> HttpEvidence {
    HttpEvidence {}
}
