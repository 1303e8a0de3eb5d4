//! What the server tells about itself that only attackers need, up to files it should never serve.

mod env;
mod git;
mod powered_by;
mod server_version;
mod trace;

use crate::check::Check;

pub const CHECKS: &[Check] =
    &[git::CHECK, env::CHECK, trace::CHECK, server_version::CHECK, powered_by::CHECK];

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
