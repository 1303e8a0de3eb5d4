//! BIMI: a logo beside mail that DMARC has proven genuine. `fetch` fetches the logo and the
//! certificate that vouches for it, `picture` and `mark` read them. Whether the root above a mark
//! certificate is one that mailbox providers trust is not judged: they keep lists of their own.

mod fetch;
mod invalid;
mod invalid_logo;
pub(crate) mod mark;
mod mark_expired;
mod mark_mismatch;
mod mark_unreachable;
mod missing;
mod no_evidence;
pub(crate) mod picture;
mod unreachable_logo;
mod without_enforcement;

use serde::{Deserialize, Serialize};

use super::tags::{tags, value};
use crate::check::{Check, Missing, Seen};
use crate::evidence::Evidence;

pub(super) use fetch::fetch;
pub use mark::{Mark, MarkFacts, MarkLogo};

pub(super) const CHECKS: &[Check] = &[
    invalid::CHECK,
    unreachable_logo::CHECK,
    invalid_logo::CHECK,
    mark_unreachable::CHECK,
    mark_expired::CHECK,
    mark_mismatch::CHECK,
    without_enforcement::CHECK,
    missing::CHECK,
    no_evidence::CHECK,
];

const NO_RECORD: &str = "there is no single BIMI record";

/// What came of fetching the logo.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Logo {
    /// Why mail programs do not get it, as a clause.
    NotFetched(String),
    /// What is wrong with it, as clauses.
    Fetched { problems: Vec<String> },
}

/// Returns the URL of the logo, when there is one record that names one.
fn logo_url(records: &[String]) -> Option<String> {
    let [record] = records else { return None };
    let tags = tags(record).ok()?;
    value(&tags, "l").filter(|url| url.starts_with("https://")).map(str::to_owned)
}

/// Returns the URL of the evidence, when there is one record that names one.
fn mark_url(records: &[String]) -> Option<String> {
    let [record] = records else { return None };
    let tags = tags(record).ok()?;
    value(&tags, "a").filter(|url| url.starts_with("https://")).map(str::to_owned)
}

/// Returns what came of fetching the evidence; `None` when there is none to fetch.
fn mark(evidence: &Evidence) -> Seen<Option<&Mark>> {
    if records(evidence)?.and_then(mark_url).is_none() {
        return Ok(None);
    }
    let fetched = evidence.mail()?.bimi_mark.as_ref().ok_or_else(Missing::not_probed)?;
    fetched.as_ref().map(Some).map_err(Clone::clone)
}

/// Returns what came of fetching the logo; `None` when there is none to fetch.
fn logo(evidence: &Evidence) -> Seen<Option<&Logo>> {
    if records(evidence)?.and_then(logo_url).is_none() {
        return Ok(None);
    }
    let fetched = evidence.mail()?.bimi_logo.as_ref().ok_or_else(Missing::not_probed)?;
    fetched.as_ref().map(Some).map_err(Clone::clone)
}

/// Returns the records of the default selector; `None` for a domain without mail.
fn records(evidence: &Evidence) -> Seen<Option<&[String]>> {
    let mail = evidence.mail()?;
    if mail.exchanges.as_ref().map_err(Clone::clone)?.is_empty() {
        return Ok(None);
    }
    mail.bimi.as_deref().map(Some).map_err(Clone::clone)
}
