//! Is HTTPS there, and does plain HTTP lead to it?

mod addresses_differ;
mod compressed;
mod downgrade;
mod error_status;
mod missing;
mod not_on_this_name;
mod not_redirected;
mod redirect_loop;
mod redirect_to_other_host_first;
mod temporary_redirect;

use super::evidence::{Failure, Hop, HttpEvidence};
use crate::check::{Check, Missing, Seen};

pub const CHECKS: &[Check] = &[
    missing::CHECK,
    not_on_this_name::CHECK,
    not_redirected::CHECK,
    downgrade::CHECK,
    redirect_loop::CHECK,
    redirect_to_other_host_first::CHECK,
    temporary_redirect::CHECK,
    error_status::CHECK,
    compressed::CHECK,
    addresses_differ::CHECK,
];

const NO_PLAIN: &str = "nothing answers on port 80";
const NO_HTTPS: &str = "there is no HTTPS to redirect to";

/// Returns the first response to plain HTTP that tells something; `Ok(Err(why))` when the question
/// does not arise.
fn plain_door(http: &HttpEvidence) -> Seen<Result<&Hop, &'static str>> {
    let Some(door) = http.plain.hops.first() else {
        return match http.plain.failure() {
            // Silence may be a firewall that drops, which is as good as closed when HTTPS answers.
            Some(Failure::Refused | Failure::TimedOut) if !http.secure.hops.is_empty() => {
                Ok(Err(NO_PLAIN))
            }
            Some(error) => Err(Missing(format!("http://{}/: {error}", http.domain))),
            None => Err(Missing::not_probed()),
        };
    };
    if http.secure.hops.is_empty() && !http.leads_to_https() {
        return match http.secure.failure() {
            Some(_) => Ok(Err(NO_HTTPS)),
            None => Err(Missing::not_probed()),
        };
    }
    door.judgeable().map(|()| Ok(door))
}
