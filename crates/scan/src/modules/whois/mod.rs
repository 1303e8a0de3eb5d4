//! Registration: how long the domain is the owner's, what keeps it from being taken, and what the
//! registry tells about people.
//!
//! `probe` asks about the registrable name (public suffix list): RDAP first (`rdap`, RFC 9082 and
//! 9083, servers in `servers`), then WHOIS at port 43 (`whois`, RFC 3912). `date` reads the dates of
//! either, `status` brings their words to those of RDAP (RFC 8056).
//!
//! Invariants: at most six connections and 64 KiB of an answer; contact data is never kept, only
//! which kinds of it are shown; what a registry does not tell is neither good nor bad, and hiding
//! contacts is never a fault.
//!
//! To add a check: a file beside the others, a line in [`TOPICS`].

pub(crate) mod date;
mod probe;
#[cfg(test)]
mod probe_tests;
pub(crate) mod rdap;
mod servers;
mod status;
pub(crate) mod text;

mod being_deleted;
mod contact_shown;
mod expired;
mod expires_soon;
mod no_change_lock;
mod no_registry_lock;
mod no_transfer_lock;
mod not_signed;
mod on_hold;
mod transfer_pending;
mod young;

use model::Timestamp;
use serde::{Deserialize, Serialize};

use crate::check::{Check, Missing, Seen, Verdict};
use crate::evidence::Evidence;

pub(crate) use probe::probe;

/// The checks of this module, by topic.
pub const TOPICS: &[&[Check]] = &[&[
    being_deleted::CHECK,
    expired::CHECK,
    on_hold::CHECK,
    transfer_pending::CHECK,
    expires_soon::CHECK,
    no_transfer_lock::CHECK,
    contact_shown::CHECK,
    no_change_lock::CHECK,
    no_registry_lock::CHECK,
    not_signed::CHECK,
    young::CHECK,
]];

/// What the registry says.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct WhoisEvidence {
    /// The registrable name, which may be a parent of the domain.
    pub domain: String,
    pub registration: Seen<Registration>,
}

/// One registration. Whatever the registry does not tell is absent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Registration {
    /// The host that answered.
    pub server: String,
    /// At most 100 characters.
    pub registrar: Option<String>,
    pub created: Option<Timestamp>,
    pub expires: Option<Timestamp>,
    /// In the words of RDAP and in lower case, at most 24; none when the registry tells none.
    pub statuses: Vec<String>,
    /// Whether the registry has a DS record or key of the domain.
    pub signed: Option<bool>,
    pub contact: Option<Contact>,
}

/// What is shown of the person or organisation that holds the domain.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// Whether it is an organisation, whose data are not personal.
    pub organisation: bool,
    /// The kinds of data, never the data.
    pub shown: Vec<ContactField>,
}

/// A kind of contact data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ContactField {
    Name,
    Street,
    Email,
    Phone,
}

impl ContactField {
    fn name(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Street => "street",
            Self::Email => "e-mail address",
            Self::Phone => "telephone number",
        }
    }
}

impl Registration {
    fn has(&self, status: &str) -> bool {
        self.statuses.iter().any(|have| have == status)
    }

    /// Returns whether registrar or registry forbid something: `transfer`, `update`, `delete`.
    fn prohibits(&self, what: &str) -> bool {
        self.has(&format!("client {what} prohibited"))
            || self.has(&format!("server {what} prohibited"))
    }
}

fn registration(evidence: &Evidence) -> Seen<&Registration> {
    evidence.whois()?.registration.as_ref().map_err(Clone::clone)
}

/// Returns the registration when its statuses tell about locks.
///
/// The registries of generic domains have to show them. Those of countries often have other words
/// or none, so there silence is no answer.
fn with_locks(evidence: &Evidence) -> Seen<&Registration> {
    let registration = registration(evidence)?;
    let domain = &evidence.whois()?.domain;
    let of_country = domain.rsplit('.').next().is_some_and(|suffix| suffix.len() == 2);
    let tells = match of_country {
        true => registration.statuses.iter().any(|status| status.ends_with(" prohibited")),
        false => !registration.statuses.is_empty(),
    };
    match tells {
        true => Ok(registration),
        false => Err(Missing(format!("{} tells of no locks", registration.server))),
    }
}

/// Fails when the domain has one of some statuses.
fn judge_statuses(evidence: &Evidence, bad: &[&str]) -> Result<Verdict, Missing> {
    let registration = registration(evidence)?;
    if registration.statuses.is_empty() {
        return Err(Missing(format!("{} tells no status", registration.server)));
    }
    let found: Vec<_> = bad.iter().copied().filter(|status| registration.has(status)).collect();
    Ok(Verdict::fail_if(!found.is_empty(), || format!("the status is `{}`", found.join("`, `"))))
}

/// A registration in good order, changed, for tests. The scan is at day 20,750.
#[cfg(test)]
fn with(change: impl FnOnce(&mut Registration)) -> Evidence {
    with_domain("example.com", change)
}

#[cfg(test)]
fn with_domain(domain: &str, change: impl FnOnce(&mut Registration)) -> Evidence {
    let locks = ["transfer", "update", "delete"]
        .iter()
        .flat_map(|what| ["client", "server"].map(|who| format!("{who} {what} prohibited")));
    let mut registration = Registration {
        server: "rdap.example".to_owned(),
        registrar: Some("Registrar".to_owned()),
        created: Some(Timestamp((20_750 - 3_000) * model::DAY_MS)),
        expires: Some(Timestamp((20_750 + 300) * model::DAY_MS)),
        statuses: locks.collect(),
        signed: Some(true),
        contact: Some(Contact::default()),
    };
    change(&mut registration);
    Evidence {
        seen_at: Some(Timestamp(20_750 * model::DAY_MS)),
        whois: Some(WhoisEvidence { domain: domain.to_owned(), registration: Ok(registration) }),
        ..Evidence::default()
    }
}

/// A registration that nobody could see, for tests.
#[cfg(test)]
fn unseen() -> Evidence {
    let registration = Err(Missing("silence".to_owned()));
    let whois = WhoisEvidence { domain: "example.com".to_owned(), registration };
    Evidence { seen_at: Some(Timestamp(0)), whois: Some(whois), ..Evidence::default() }
}
