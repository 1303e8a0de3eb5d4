//! security.txt (RFC 9116): whom to tell about a flaw.

mod expired;
pub(crate) mod file;
mod invalid;
mod missing;

use file::SecurityTxt;

use super::evidence::{HttpEvidence, TextFile};
use crate::check::{Check, Missing, Seen};

pub const CHECKS: &[Check] = &[missing::CHECK, expired::CHECK, invalid::CHECK];

const NO_FILE: &str = "the site has no security.txt";

/// Returns the file, when the site has one: not every text served there is.
fn found(http: &HttpEvidence) -> Seen<Option<(&TextFile, SecurityTxt)>> {
    let file = http.security_txt.as_ref().map_err(Clone::clone)?;
    match file.status {
        200 => {
            let parsed = SecurityTxt::parse(&file.text);
            Ok((!parsed.is_something_else()).then_some((file, parsed)))
        }
        status if status >= 500 => {
            Err(Missing(format!("the server answered with an error (status {status})")))
        }
        _ => Ok(None),
    }
}
