use std::fmt::Write;

use http::{HeaderName, HeaderValue};
use model::{SECOND_MS, Timestamp};
use store::Principal;

use super::{CONCURRENT_SCANS, Decision, Standing, seconds};
use crate::visit::Visit;

const X_LIMIT: HeaderName = HeaderName::from_static("x-ratelimit-limit");
const X_REMAINING: HeaderName = HeaderName::from_static("x-ratelimit-remaining");
const X_RESET: HeaderName = HeaderName::from_static("x-ratelimit-reset");
const X_PLAN: HeaderName = HeaderName::from_static("x-ratelimit-plan");
const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const STANDING: HeaderName = HeaderName::from_static("ratelimit");

/// Says how things stand: the `X-RateLimit-*` fields of the window with the least room, and the
/// structured fields of draft-ietf-httpapi-ratelimit-headers for all of them.
pub(super) fn put(visit: &Visit, decision: &Decision, plan: &Principal, now: Timestamp) {
    let tightest = decision.standings.iter().min_by_key(|standing| standing.room.remaining);
    if let Some(tightest) = decision.refused_by.as_ref().or(tightest) {
        let reset = now.0.div_euclid(SECOND_MS) + i64::from(seconds(tightest.room.reset_ms));
        visit.add_header(X_LIMIT, tightest.limit.into());
        visit.add_header(X_REMAINING, tightest.room.remaining.into());
        visit.add_header(X_RESET, reset.into());
    }
    let policy = policy(&decision.standings, plan.plan_concurrent_scans);
    let values = [
        (X_PLAN, HeaderValue::from_str(&plan.plan_id)),
        (POLICY, HeaderValue::try_from(policy)),
        (STANDING, HeaderValue::try_from(standing(&decision.standings))),
    ];
    for (name, value) in values {
        if let Ok(value) = value {
            visit.add_header(name, value);
        }
    }
}

fn policy(standings: &[Standing], concurrent_scans: i64) -> String {
    let mut text = String::with_capacity(160);
    for standing in standings {
        let Standing { window, limit, window_ms, .. } = standing;
        let _ = write!(text, "\"{window}\";q={limit};w={}, ", window_ms / SECOND_MS);
    }
    let _ = write!(text, "\"{CONCURRENT_SCANS}\";q={concurrent_scans};qu=\"concurrent-requests\"");
    text
}

fn standing(standings: &[Standing]) -> String {
    let mut text = String::with_capacity(96);
    for standing in standings {
        let separator = if text.is_empty() { "" } else { ", " };
        let Standing { window, room, .. } = standing;
        let seconds = seconds(room.reset_ms);
        let _ = write!(text, "{separator}\"{window}\";r={};t={seconds}", room.remaining);
    }
    text
}
