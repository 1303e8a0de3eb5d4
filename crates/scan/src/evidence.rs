//! What the probes saw. One optional field a probe; everything in it can be stored as JSON and
//! judged again.
//!
//! To add a probe's evidence: a field here, a line in [`Evidence::merge`], an accessor that turns
//! absence into [`Missing`].

use std::net::IpAddr;

use model::Timestamp;
use serde::{Deserialize, Serialize};

use crate::check::{Missing, Seen};
use crate::modules::blacklists::BlacklistsEvidence;
use crate::modules::breaches::BreachesEvidence;
use crate::modules::dns_email::DnsEmailEvidence;
use crate::modules::dnssec::DnssecEvidence;
use crate::modules::email_auth::MailEvidence;
use crate::modules::http_headers::HttpEvidence;
use crate::modules::open_ports::PortsEvidence;
use crate::modules::reputation::ReputationEvidence;
use crate::modules::ssl_tls::TlsEvidence;
use crate::modules::subdomains::SubdomainsEvidence;
use crate::modules::whois::WhoisEvidence;

/// Everything one scan saw.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Evidence {
    /// When the scan looked; dates are judged against it.
    pub seen_at: Option<Timestamp>,
    /// The addresses of the domain that may be scanned; empty for a domain without any.
    pub addresses: Option<Vec<IpAddr>>,
    /// Whether intrusive probes were allowed.
    #[serde(default)]
    pub intrusive: bool,
    pub dns_email: Option<DnsEmailEvidence>,
    pub dnssec: Option<DnssecEvidence>,
    pub tls: Option<TlsEvidence>,
    pub http: Option<HttpEvidence>,
    pub blacklists: Option<BlacklistsEvidence>,
    pub subdomains: Option<SubdomainsEvidence>,
    pub ports: Option<PortsEvidence>,
    pub mail: Option<MailEvidence>,
    pub whois: Option<WhoisEvidence>,
    pub breaches: Option<BreachesEvidence>,
    pub reputation: Option<ReputationEvidence>,
}

impl Evidence {
    /// Takes over what `other` has.
    pub fn merge(&mut self, other: Self) {
        self.seen_at = other.seen_at.or(self.seen_at);
        self.intrusive |= other.intrusive;
        if other.addresses.is_some() {
            self.addresses = other.addresses;
        }
        if other.dns_email.is_some() {
            self.dns_email = other.dns_email;
        }
        if other.dnssec.is_some() {
            self.dnssec = other.dnssec;
        }
        if other.tls.is_some() {
            self.tls = other.tls;
        }
        if other.http.is_some() {
            self.http = other.http;
        }
        if other.blacklists.is_some() {
            self.blacklists = other.blacklists;
        }
        if other.subdomains.is_some() {
            self.subdomains = other.subdomains;
        }
        if other.ports.is_some() {
            self.ports = other.ports;
        }
        if other.mail.is_some() {
            self.mail = other.mail;
        }
        if other.whois.is_some() {
            self.whois = other.whois;
        }
        if other.breaches.is_some() {
            self.breaches = other.breaches;
        }
        if other.reputation.is_some() {
            self.reputation = other.reputation;
        }
    }

    /// Returns when the scan looked.
    pub fn seen_at(&self) -> Seen<Timestamp> {
        self.seen_at.ok_or_else(Missing::not_probed)
    }

    /// Returns what DNS says about name and mail.
    pub fn dns_email(&self) -> Seen<&DnsEmailEvidence> {
        self.dns_email.as_ref().ok_or_else(Missing::not_probed)
    }

    /// Returns what can be proven about the domain.
    pub fn dnssec(&self) -> Seen<&DnssecEvidence> {
        self.dnssec.as_ref().ok_or_else(Missing::not_probed)
    }

    /// Returns what the TLS prober saw.
    pub fn tls(&self) -> Seen<&TlsEvidence> {
        self.tls.as_ref().ok_or_else(Missing::not_probed)
    }

    /// Returns what the web server answered.
    pub fn http(&self) -> Seen<&HttpEvidence> {
        self.http.as_ref().ok_or_else(Missing::not_probed)
    }

    /// Returns what block lists say.
    pub fn blacklists(&self) -> Seen<&BlacklistsEvidence> {
        self.blacklists.as_ref().ok_or_else(Missing::not_probed)
    }

    /// Returns which names the domain has and where they lead.
    pub fn subdomains(&self) -> Seen<&SubdomainsEvidence> {
        self.subdomains.as_ref().ok_or_else(Missing::not_probed)
    }

    /// Returns which ports are open.
    pub fn ports(&self) -> Seen<&PortsEvidence> {
        self.ports.as_ref().ok_or_else(Missing::not_probed)
    }

    /// Returns what protects mail on its way.
    pub fn mail(&self) -> Seen<&MailEvidence> {
        self.mail.as_ref().ok_or_else(Missing::not_probed)
    }

    /// Returns what the registry says.
    pub fn whois(&self) -> Seen<&WhoisEvidence> {
        self.whois.as_ref().ok_or_else(Missing::not_probed)
    }

    /// Returns what is known to have been taken.
    pub fn breaches(&self) -> Seen<&BreachesEvidence> {
        self.breaches.as_ref().ok_or_else(Missing::not_probed)
    }

    /// Returns what lists of malware and phishing say.
    pub fn reputation(&self) -> Seen<&ReputationEvidence> {
        self.reputation.as_ref().ok_or_else(Missing::not_probed)
    }
}
