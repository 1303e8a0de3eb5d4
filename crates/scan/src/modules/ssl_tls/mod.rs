//! ssl_tls

use serde::{Deserialize, Serialize};

use crate::Target;
use crate::check::Check;
use crate::net::Net;

pub const TOPICS: &[&[Check]] = &[];

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct TlsEvidence {}

pub(crate) async fn probe(_net: &Net, _target: &Target) -> TlsEvidence {
    TlsEvidence {}
}
