//! The one list of modules and, through them, of checks, in the order reports print them.
//!
//! To add a module: a folder under `modules/` with `mod.rs` (evidence, `CHECKS`), a probe if it
//! needs evidence of its own, and its line here.

use std::collections::HashMap;
use std::sync::LazyLock;

use model::ModuleId;

use crate::check::Check;
use crate::evidence::Evidence;
use crate::modules::{
    blacklists, breaches, cookies, dns_email, dnssec, email_auth, http_headers, javascript,
    open_ports, reputation, ssl_tls, subdomains, tech_stack, trackers, waf, whois,
};

/// Raised whenever a check is added, removed or judges differently, so that a difference between
/// two reports can be told from a difference between two catalogues.
pub const CATALOGUE_VERSION: u32 = 7;

/// One of the sixteen parts of a scan.
#[derive(Debug)]
pub struct Module {
    pub id: ModuleId,
    /// What people call it.
    pub title: &'static str,
    /// Share of the score; the weights of all modules are renormalised over those judged.
    pub weight: u32,
    /// Who fetches the evidence.
    pub probe: Probe,
    /// Why the whole module does not apply, if it does not.
    pub inapplicable: fn(&Evidence) -> Option<&'static str>,
    /// Its checks, a slice a topic, in the order reports print them.
    pub topics: &'static [&'static [Check]],
}

impl Module {
    /// Returns the module's checks, in the order reports print them.
    pub fn checks(&self) -> impl Iterator<Item = &'static Check> + use<> {
        self.topics.iter().flat_map(|topic| topic.iter())
    }
}

/// What talks to the network. Several modules may judge the evidence of one probe.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Probe {
    DnsEmail,
    Dnssec,
    Tls,
    Http,
    Blacklists,
    Subdomains,
    Ports,
    Mail,
    Whois,
    Breaches,
    Reputation,
}

impl Probe {
    /// Returns the field of [`Evidence`] that holds what it fetched.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::DnsEmail => "dns_email",
            Self::Dnssec => "dnssec",
            Self::Tls => "tls",
            Self::Http => "http",
            Self::Blacklists => "blacklists",
            Self::Subdomains => "subdomains",
            Self::Ports => "ports",
            Self::Mail => "mail",
            Self::Whois => "whois",
            Self::Breaches => "breaches",
            Self::Reputation => "reputation",
        }
    }
}

/// All modules.
pub const MODULES: &[Module] = &[
    Module {
        id: ModuleId::SslTls,
        title: "TLS and certificate",
        weight: 22,
        probe: Probe::Tls,
        inapplicable: no_address,
        topics: ssl_tls::TOPICS,
    },
    Module {
        id: ModuleId::DnsEmail,
        title: "DNS and e-mail records",
        weight: 17,
        probe: Probe::DnsEmail,
        inapplicable: |_| None,
        topics: dns_email::TOPICS,
    },
    Module {
        id: ModuleId::HttpHeaders,
        title: "HTTP and security headers",
        weight: 13,
        probe: Probe::Http,
        inapplicable: no_address,
        topics: http_headers::TOPICS,
    },
    Module {
        id: ModuleId::OpenPorts,
        title: "Open ports",
        weight: 12,
        probe: Probe::Ports,
        inapplicable: |evidence| {
            let addresses = evidence.addresses.as_ref()?;
            addresses.is_empty().then_some("the domain has no address, so it has no ports")
        },
        topics: open_ports::TOPICS,
    },
    Module {
        id: ModuleId::EmailAuth,
        title: "E-mail transport",
        weight: 7,
        probe: Probe::Mail,
        inapplicable: |evidence| {
            let exchanges = evidence.mail.as_ref()?.exchanges.as_ref().ok()?;
            exchanges.is_empty().then_some("the domain declares no mail server")
        },
        topics: email_auth::TOPICS,
    },
    Module {
        id: ModuleId::Dnssec,
        title: "DNSSEC",
        weight: 5,
        probe: Probe::Dnssec,
        inapplicable: |_| None,
        topics: dnssec::TOPICS,
    },
    Module {
        id: ModuleId::Cookies,
        title: "Cookies",
        weight: 4,
        probe: Probe::Http,
        inapplicable: no_address,
        topics: cookies::TOPICS,
    },
    Module {
        id: ModuleId::Breaches,
        title: "Known breaches",
        weight: 3,
        probe: Probe::Breaches,
        inapplicable: |_| None,
        topics: breaches::TOPICS,
    },
    Module {
        id: ModuleId::Blacklists,
        title: "Block lists",
        weight: 3,
        probe: Probe::Blacklists,
        inapplicable: |_| None,
        topics: blacklists::TOPICS,
    },
    Module {
        id: ModuleId::Subdomains,
        title: "Subdomains",
        weight: 3,
        probe: Probe::Subdomains,
        inapplicable: |_| None,
        topics: subdomains::TOPICS,
    },
    Module {
        id: ModuleId::TechStack,
        title: "Technology",
        weight: 3,
        probe: Probe::Http,
        inapplicable: no_address,
        topics: tech_stack::TOPICS,
    },
    Module {
        id: ModuleId::Javascript,
        title: "Scripts",
        weight: 3,
        probe: Probe::Http,
        inapplicable: no_address,
        topics: javascript::TOPICS,
    },
    Module {
        id: ModuleId::Reputation,
        title: "Reputation",
        weight: 2,
        probe: Probe::Reputation,
        inapplicable: |_| None,
        topics: reputation::TOPICS,
    },
    Module {
        id: ModuleId::Whois,
        title: "Registration",
        weight: 2,
        probe: Probe::Whois,
        inapplicable: |_| None,
        topics: whois::TOPICS,
    },
    Module {
        id: ModuleId::Trackers,
        title: "Trackers",
        weight: 1,
        probe: Probe::Http,
        inapplicable: no_address,
        topics: trackers::TOPICS,
    },
    Module {
        id: ModuleId::Waf,
        title: "Web application firewall",
        weight: 0,
        probe: Probe::Http,
        inapplicable: no_address,
        topics: waf::TOPICS,
    },
];

/// Returns every check, in the order reports print them.
pub fn catalogue() -> impl Iterator<Item = &'static Check> {
    MODULES.iter().flat_map(Module::checks)
}

/// Returns the check with that id.
pub fn find_check(id: &str) -> Option<&'static Check> {
    static BY_ID: LazyLock<HashMap<&str, &Check>> =
        LazyLock::new(|| catalogue().map(|check| (check.id, check)).collect());
    BY_ID.get(id).copied()
}

/// Returns the module with that id.
pub fn find_module(id: ModuleId) -> &'static Module {
    MODULES.iter().find(|module| module.id == id).expect("a test holds MODULES to all ids")
}

/// Returns the module a check belongs to.
pub fn module_of(check: &str) -> Option<&'static Module> {
    MODULES.iter().find(|module| module.checks().any(|have| have.id == check))
}

fn no_address(evidence: &Evidence) -> Option<&'static str> {
    let addresses = evidence.addresses.as_ref()?;
    addresses.is_empty().then_some("the domain has no address, so there is no web server")
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use model::Severity;

    use super::*;

    #[test]
    fn every_probe_is_called_like_its_evidence() {
        let evidence = serde_json::to_value(Evidence::default()).unwrap();
        for module in MODULES {
            assert!(evidence.get(module.probe.as_str()).is_some(), "{:?}", module.probe);
        }
    }

    #[test]
    fn every_module_stands_once_and_the_weights_make_100() {
        let ids: Vec<_> = MODULES.iter().map(|module| module.id).collect();
        let unique: BTreeSet<_> = ids.iter().copied().collect();
        assert_eq!(unique.len(), ids.len());
        assert_eq!(unique.len(), ModuleId::ALL.len());
        assert_eq!(MODULES.iter().map(|module| module.weight).sum::<u32>(), 100);
    }

    #[test]
    fn ids_are_unique_and_well_formed_and_a_topic_has_one_module() {
        let mut seen = BTreeSet::new();
        let mut topics = BTreeMap::new();
        for module in MODULES {
            for check in module.checks() {
                assert!(seen.insert(check.id), "{} stands twice", check.id);
                let (topic, problem) = check.id.split_once('.').expect("an id has a dot");
                for part in [topic, problem] {
                    let kebab = |letter: char| {
                        letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-'
                    };
                    assert!(!part.is_empty() && part.chars().all(kebab), "{}", check.id);
                }
                assert_eq!(*topics.entry(topic).or_insert(module.id), module.id, "{topic}");
            }
        }
    }

    #[test]
    fn every_check_tells_the_reader_what_to_do() {
        for check in catalogue() {
            let id = check.id;
            assert!(check.fix.ends_with('.'), "{id}: `fix` is a sentence");
            assert!(check.why.ends_with('.'), "{id}: `why` is a sentence");
            assert!(
                !check.title.is_empty() && !check.title.ends_with('.'),
                "{id}: `title` is a clause"
            );
            assert!(!check.standard.is_empty(), "{id}: name the standard");
            assert!(check.cap.is_none_or(|cap| [34, 54, 74, 89].contains(&cap)), "{id}: cap");
            let is_free = check.severity == Severity::Info || CHARGED_ELSEWHERE.contains(&id);
            assert_eq!(check.points() == 0, is_free, "{id}: points");
        }
    }

    /// Checks that cost nothing however bad they are: what they rest on is a finding of another topic.
    const CHARGED_ELSEWHERE: &[&str] = &["tlsflaw.poodle-ssl3", "tlsflaw.drown"];

    #[test]
    fn no_evidence_is_never_a_verdict() {
        for check in catalogue() {
            assert!((check.run)(&Evidence::default()).is_err(), "{} judged nothing", check.id);
        }
    }
}
