//! What a check is: a name, the words about it, and a pure function over evidence.
//!
//! `run` is a plain function pointer: it cannot await, so it cannot reach the network. It answers
//! with a [`Verdict`], or with [`Missing`] when the evidence it needs was not seen. "We could not
//! see" is never "bad" and never "good".

use model::Severity;
use serde::{Deserialize, Serialize};

use crate::compliance::Group;
use crate::evidence::Evidence;

/// One thing we look for. Whatever a report, the API or the docs say about a check comes from here.
#[derive(Debug)]
pub struct Check {
    /// Stable public name, `<topic>.<problem>`, kebab case. Never renamed, never reused. Inside
    /// one topic only the worst finding costs points.
    pub id: &'static str,
    /// What is wrong when the check fails: a clause without a full stop.
    pub title: &'static str,
    pub severity: Severity,
    /// Points the module loses, when not those of the severity.
    pub points: Option<u8>,
    /// The highest score a report can have while this check fails: 34, 54, 74 or 89.
    pub cap: Option<u8>,
    /// Which controls the check gives evidence for.
    pub group: Group,
    /// The text that demands it, down to the section.
    pub standard: &'static str,
    /// Why it matters, in one to three sentences.
    pub why: &'static str,
    /// What to do, in one to three sentences.
    pub fix: &'static str,
    /// What doing so can break and how to go safely, in one sentence that fits every domain.
    pub careful: Option<&'static str>,
    /// Configuration to paste, `{domain}` standing for the scanned domain. What only the owner
    /// knows is a word like `YOUR-MAIL-SERVER`.
    pub paste: &'static [Paste],
    /// Whether its probe tries an attack: planned only in scans that may intrude
    /// ([`Evidence::intrusive`]), and in no others "not tested".
    pub intrusive: bool,
    pub run: fn(&Evidence) -> Result<Verdict, Missing>,
}

impl Check {
    /// The values of the optional fields, for `..Check::BASE`.
    pub const BASE: Self = Self {
        id: "",
        title: "",
        severity: Severity::Info,
        points: None,
        cap: None,
        group: Group::BrowserPolicy,
        standard: "",
        why: "",
        fix: "",
        careful: None,
        paste: &[],
        intrusive: false,
        run: |_| Err(Missing::not_probed()),
    };

    /// Returns the topic, the part of the id before the dot.
    pub fn topic(&self) -> &'static str {
        self.id.split('.').next().unwrap_or(self.id)
    }

    /// Returns the points the module loses for a finding.
    pub fn points(&self) -> u8 {
        self.points.unwrap_or(self.severity.points())
    }
}

/// What a check makes of the evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    Pass,
    /// What was seen, as a clause without a full stop: `the record ends in "+all"`.
    Fail(String),
    /// Why the question does not arise, as a clause.
    NotApplicable(&'static str),
}

impl Verdict {
    /// Returns `Fail` with what was seen, or `Pass`.
    pub fn fail_if(failed: bool, seen: impl FnOnce() -> String) -> Self {
        if failed { Self::Fail(seen()) } else { Self::Pass }
    }
}

impl std::fmt::Display for Verdict {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Pass => f.write_str("pass"),
            Self::Fail(seen) => write!(f, "fail: {seen}"),
            Self::NotApplicable(reason) => write!(f, "not applicable: {reason}"),
        }
    }
}

/// Why evidence was not seen, as a clause: `no answer within 5 s`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{0}")]
pub struct Missing(pub String);

impl Missing {
    /// Returns the reason for evidence that no probe looked for.
    pub fn not_probed() -> Self {
        Self("not probed in this scan".to_owned())
    }

    /// Returns the reason for evidence that only a provider of the operator's choice could give.
    pub fn not_configured(setting: &str) -> Self {
        Self(format!("{NOT_CONFIGURED} (`{setting}`)"))
    }

    /// Says whether a reason is that the operator chose no provider.
    pub fn is_not_configured(reason: &str) -> bool {
        reason.starts_with(NOT_CONFIGURED)
    }
}

const NOT_CONFIGURED: &str = "provider not configured";

/// Evidence, or why it was not seen.
pub type Seen<T> = Result<T, Missing>;

/// Text to paste into one product's configuration.
#[derive(Debug, Clone, Copy)]
pub struct Paste {
    pub tool: Tool,
    pub text: &'static str,
}

/// What [`Paste`] can be pasted into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tool {
    Nginx,
    Apache,
    Caddy,
    Haproxy,
    Iis,
    Cloudflare,
    /// Lines of a zone file, each with its full name.
    Dns,
    OpenSsh,
    Postfix,
    Dovecot,
    /// A command that adds a rule to the packet filter.
    Nftables,
    /// A command that adds a rule to the packet filter.
    Ufw,
    Bind,
    Exim,
    /// Commands for Windows: its firewall, its DNS server, Exchange.
    PowerShell,
    /// What to change in a cloud provider's own firewall.
    CloudFirewall,
    /// Commands for a Unix shell.
    Shell,
    /// The contents of a file to serve.
    File,
    Html,
}

impl Tool {
    /// Returns the name people know.
    pub fn name(self) -> &'static str {
        match self {
            Self::Nginx => "nginx",
            Self::Apache => "Apache",
            Self::Caddy => "Caddy",
            Self::Haproxy => "HAProxy",
            Self::Iis => "IIS",
            Self::Cloudflare => "Cloudflare",
            Self::Dns => "DNS",
            Self::OpenSsh => "OpenSSH",
            Self::Postfix => "Postfix",
            Self::Dovecot => "Dovecot",
            Self::Nftables => "nftables",
            Self::Ufw => "ufw",
            Self::Bind => "BIND",
            Self::Exim => "Exim",
            Self::PowerShell => "PowerShell",
            Self::CloudFirewall => "Cloud firewall",
            Self::Shell => "Shell",
            Self::File => "File",
            Self::Html => "HTML",
        }
    }
}

/// Runs a check and prints what came of it, for tests.
#[cfg(test)]
pub(crate) fn judged(check: &Check, evidence: &Evidence) -> String {
    match (check.run)(evidence) {
        Ok(verdict) => verdict.to_string(),
        Err(missing) => format!("missing: {missing}"),
    }
}
