//! What shows that a domain is an account's, which the intrusive profile takes.
//!
//! The token of an account and a registrable domain is derived, so it is the same each time, another
//! for every account, and in no table. Whether it is published is looked up each time and not kept.

use model::{DomainName, Ownership, Proof, Timestamp};
use scan::ownership::{Challenge, record_name, registrable};
use store::Consent;
use tokio::sync::Semaphore;

use super::scans;
use crate::app::App;
use crate::auth::Identity;
use crate::error::{Error, Result};

/// How many are looked for at once.
const AT_ONCE: usize = 8;
/// What somebody is told to wait, in seconds, when all places are taken.
const WAIT: u32 = 10;

/// Bounds how many proofs are looked for at once: the places looked at are strangers'.
pub(crate) struct OwnershipChecks(Semaphore);

impl Default for OwnershipChecks {
    fn default() -> Self {
        Self(Semaphore::new(AT_ONCE))
    }
}

/// A domain with what shows that it is the caller's.
pub(crate) struct Claim {
    pub(crate) domain: DomainName,
    pub(crate) challenge: Challenge,
}

impl Claim {
    /// Returns the domain that the proposed record covers with everything below: as much as one may.
    pub(crate) fn covers(&self) -> &str {
        registrable(&self.domain)
    }

    /// Returns the name of the record that is proposed.
    pub(crate) fn record_name(&self) -> String {
        record_name(self.covers())
    }
}

/// Returns what the caller's account would publish for a domain, without looking.
pub(crate) fn claim(app: &App, caller: &Identity, domain: &DomainName) -> Result<Claim> {
    let domain = scans::scannable(app, domain.as_str())?;
    caller.require_domain(&domain)?;
    let account = caller.principal().user_account_id;
    Ok(Claim { challenge: app.secrets.ownership_challenge(account, &domain), domain })
}

/// Looks whether it is published, and says when.
pub(crate) async fn check(app: &App, claim: &Claim) -> Result<(Ownership, Timestamp)> {
    let busy = Error::Unavailable { retry_after: WAIT };
    let Ok(_place) = app.ownership_checks.0.try_acquire() else { return Err(busy) };
    let now = app.clock.now();
    Ok((app.engine.prove(&claim.domain, &claim.challenge, now).await, now))
}

/// Returns what lets an intrusive scan be queued: who asks, and what shows that they may.
pub(crate) async fn consent(app: &App, caller: &Identity, domain: &DomainName) -> Result<Consent> {
    let (proof, place) = require(app, caller, domain).await?;
    Ok(Consent { act: caller.act(app), proof, place })
}

/// Returns what shows now that a domain is the caller's, and where.
pub(crate) async fn require(
    app: &App,
    caller: &Identity,
    domain: &DomainName,
) -> Result<(Proof, String)> {
    let claim = claim(app, caller, domain)?;
    let (ownership, _) = check(app, &claim).await?;
    match ownership {
        Ownership::Proven { by, place, .. } => Ok((by, place)),
        Ownership::NotProven { looked } | Ownership::Unseen { looked } => {
            let seen = looked.first().map(|first| format!("{}: {}", first.place, first.seen));
            Err(Error::OwnershipNotProven {
                record: claim.record_name(),
                value: claim.challenge.text().to_owned(),
                seen: seen.unwrap_or_else(|| "nothing could be looked at".to_owned()),
                domain: claim.domain,
            })
        }
    }
}
