//! What the server tells about itself that only attackers need, up to files it should never serve.

mod actuator;
mod backup;
mod ds_store;
mod env;
mod git;
mod listing;
mod methods;
mod phpinfo;
mod phpmyadmin;
mod powered_by;
mod server_info;
mod server_status;
mod server_version;
mod subversion;
mod trace;

use super::evidence::Exposed;
use crate::check::{Check, Missing, Seen, Verdict};
use crate::evidence::Evidence;

pub const CHECKS: &[Check] = &[
    git::CHECK,
    env::CHECK,
    backup::CHECK,
    subversion::CHECK,
    phpinfo::CHECK,
    server_status::CHECK,
    listing::CHECK,
    ds_store::CHECK,
    methods::CHECK,
    trace::CHECK,
    server_info::CHECK,
    actuator::CHECK,
    phpmyadmin::CHECK,
    server_version::CHECK,
    powered_by::CHECK,
];

/// Returns what came of asking for files no site means to serve.
fn exposed(evidence: &Evidence) -> Seen<&[Exposed]> {
    evidence.http()?.exposed.as_deref().map_err(Clone::clone)
}

/// Fails when one of these files is served; passes only when each of them was answered.
fn judge_exposed(evidence: &Evidence, paths: &[&str]) -> Result<Verdict, Missing> {
    let asked: Vec<_> =
        exposed(evidence)?.iter().filter(|have| paths.contains(&have.path.as_str())).collect();
    let served = asked.iter().find_map(|have| Some((have, have.seen.as_ref().ok()?.as_ref()?)));
    if let Some((have, what)) = served {
        return Ok(Verdict::Fail(format!("{} is {what}", have.path)));
    }
    match asked.iter().find_map(|have| have.seen.as_ref().err()) {
        Some(missing) => Err(missing.clone()),
        None if asked.is_empty() => Err(Missing::not_probed()),
        None => Ok(Verdict::Pass),
    }
}

/// Says whether a product name comes with a version such as `/1.22` or ` 8.2`.
fn names_version(value: &str) -> bool {
    value.split(|character: char| !(character.is_ascii_alphanumeric() || character == '.')).any(
        |word| {
            let number = word.strip_prefix('v').unwrap_or(word);
            let major = number.split('.').next().unwrap_or("");
            let is_number =
                |part: &str| part.starts_with(|character: char| character.is_ascii_digit());
            !major.is_empty()
                && major.bytes().all(|byte| byte.is_ascii_digit())
                && number.split('.').nth(1).is_some_and(is_number)
        },
    )
}
