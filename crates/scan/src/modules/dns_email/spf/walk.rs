//! Follows includes and redirects and keeps a ledger: which term cost how many lookups
//! (RFC 7208, section 4.6.4).
//!
//! The walk reads records as a receiver does: nothing after `all` counts, and what is included
//! twice is paid for twice. It ends because every step costs a lookup and those are bounded.

use hickory_proto::rr::RecordType;
use serde::{Deserialize, Serialize};

use super::domain_spec::has_macro;
use super::record::{Mechanism, Qualifier, SpfRecord};
use crate::check::{Missing, Seen};
use crate::modules::dns_email::LONGEST_TEXT;
use crate::net::{Answer, Net};

/// Lookups a receiver makes before it gives up.
pub(super) const MOST_LOOKUPS: u32 = 10;
/// Lookups without a result after which a receiver gives up.
pub(super) const MOST_VOIDS: u32 = 2;
/// Hosts one `mx` may name.
const MOST_MAIL_HOSTS: usize = 10;
/// Lookups after which the walk stops; more than the limit, to show how far the record is off it.
const STOP_AFTER: u32 = 20;

/// One term that costs a lookup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerEntry {
    /// 0 for the domain's own record.
    pub depth: u32,
    /// Whose record the term stands in.
    pub domain: String,
    /// The term with its domain filled in, for instance `include:_spf.example.net`.
    pub term: String,
    /// The number of lookups so far, this one included.
    pub total: u32,
    /// Whether the lookup found nothing.
    pub void: bool,
    /// Whether the term approves every host, because the record it leads to ends in `+all` or lists
    /// networks that are everybody's.
    pub open: bool,
    /// What is special about it.
    pub remark: Option<Remark>,
}

/// What is special about a term.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum Remark {
    #[error("depends on the message, so it was not followed")]
    DependsOnMessage,
    #[error("was not seen: {0}")]
    Unseen(String),
    #[error("has no SPF record")]
    NoRecord,
    #[error("has more than one SPF record")]
    SeveralRecords,
    #[error("has a broken SPF record: {0}")]
    Broken(String),
    #[error("leads back to itself")]
    Loop,
    #[error("names more than ten mail servers")]
    TooManyMailServers,
}

impl Remark {
    /// Returns whether a receiver that gets here stops with `permerror`.
    pub fn breaks_spf(&self) -> bool {
        !matches!(self, Self::DependsOnMessage | Self::Unseen(_))
    }
}

/// The record where the domain's own chain of redirects ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct End {
    pub domain: String,
    pub all: Option<Qualifier>,
    /// Networks of that record that are everybody's; reports from before they were told have none.
    #[serde(default)]
    pub open_networks: Vec<String>,
}

/// The whole walk.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ledger {
    pub entries: Vec<LedgerEntry>,
    pub lookups: u32,
    pub voids: u32,
    /// Lookups that may be void, for all we saw.
    pub perhaps_void: u32,
    /// Where `redirect=` of the domain's own record leads, if it leads to a record.
    pub end: Option<End>,
    /// Why the counts are only lower bounds, if they are.
    pub unfinished: Option<String>,
}

impl Ledger {
    /// Returns the number of lookups, or why it is only known to be within the limit so far.
    pub fn lookups(&self) -> Seen<u32> {
        match &self.unfinished {
            Some(reason) if self.lookups <= MOST_LOOKUPS => Err(Missing(reason.clone())),
            _ => Ok(self.lookups),
        }
    }

    /// Returns the number of lookups without a result, or why it may be above the limit.
    pub fn voids(&self) -> Seen<u32> {
        if self.voids > MOST_VOIDS {
            return Ok(self.voids);
        }
        match &self.unfinished {
            Some(reason) => Err(Missing(reason.clone())),
            None if self.voids + self.perhaps_void > MOST_VOIDS => {
                Err(Missing("too many terms depend on the message".to_owned()))
            }
            None => Ok(self.voids),
        }
    }
}

/// Walks from the domain's record.
pub(crate) async fn walk(net: &Net, domain: &str, record: &SpfRecord) -> Ledger {
    let mut walk = Walk { net, ledger: Ledger::default(), path: Vec::new() };
    walk.record(domain, record, Standing { own: true, approves: true }).await;
    walk.ledger
}

struct Walk<'n> {
    net: &'n Net,
    ledger: Ledger,
    /// The domains whose records are being read, outermost first.
    path: Vec<String>,
}

/// What a record is to the domain's own one.
#[derive(Clone, Copy)]
struct Standing {
    /// It is the domain's own, or stands in for it by `redirect=`.
    own: bool,
    /// Its `pass` makes the domain's own result `pass`.
    approves: bool,
}

/// Where the walk goes on.
enum Way {
    Include,
    Redirect,
}

enum Found {
    Records(Answer),
    Void,
    Not(Remark),
}

impl Walk<'_> {
    async fn record(&mut self, domain: &str, record: &SpfRecord, standing: Standing) {
        self.path.push(domain.to_owned());
        for term in &record.terms {
            if self.has_stopped() {
                break;
            }
            match &term.mechanism {
                // Nothing after it is read.
                Mechanism::All => break,
                Mechanism::Ip4(_) | Mechanism::Ip6(_) => {}
                Mechanism::Include(target) => {
                    let approves = standing.approves && term.qualifier == Qualifier::Pass;
                    let standing = Standing { own: false, approves };
                    self.follow(domain, Way::Include, target, standing).await;
                }
                Mechanism::A { domain: target, .. } => {
                    self.address(domain, "a", target.as_deref().unwrap_or(domain)).await;
                }
                Mechanism::Mx { domain: target, .. } => {
                    self.mail_servers(domain, target.as_deref().unwrap_or(domain)).await;
                }
                Mechanism::Exists(target) => self.address(domain, "exists", target).await,
                // What it asks for depends on who sends.
                Mechanism::Ptr(_) => {
                    self.enter(domain, "ptr".to_owned(), &Found::Not(Remark::DependsOnMessage));
                }
            }
        }
        if let Some(target) = record.redirect()
            && !self.has_stopped()
        {
            self.follow(domain, Way::Redirect, target, standing).await;
        }
        self.path.pop();
    }

    async fn address(&mut self, domain: &str, mechanism: &str, target: &str) {
        let mut found = self.ask(target, RecordType::A).await;
        if matches!(found, Found::Void) {
            found = self.ask(target, RecordType::AAAA).await;
        }
        self.enter(domain, format!("{mechanism}:{target}"), &found);
        self.ledger.perhaps_void += u32::from(matches!(found, Found::Not(_)));
    }

    async fn mail_servers(&mut self, domain: &str, target: &str) {
        let found = self.ask(target, RecordType::MX).await;
        let entry = self.enter(domain, format!("mx:{target}"), &found);
        match found {
            Found::Records(answer) if answer.records.len() > MOST_MAIL_HOSTS => {
                self.ledger.entries[entry].remark = Some(Remark::TooManyMailServers);
            }
            Found::Records(_) | Found::Void => {}
            Found::Not(_) => self.ledger.perhaps_void += 1,
        }
    }

    async fn follow(&mut self, domain: &str, way: Way, target: &str, standing: Standing) {
        let term = match way {
            Way::Include => format!("include:{target}"),
            Way::Redirect => format!("redirect={target}"),
        };
        let found = self.ask(target, RecordType::TXT).await;
        let entry = self.enter(domain, term.clone(), &found);
        let answer = match found {
            Found::Records(answer) => answer,
            Found::Void => {
                self.ledger.entries[entry].remark = Some(Remark::NoRecord);
                return;
            }
            Found::Not(remark) => return self.unfinished(format!("`{term}` {remark}")),
        };
        let mut texts = answer.texts();
        texts.retain(|text| SpfRecord::is_spf(text));
        let [text] = texts.as_slice() else {
            let none = texts.is_empty();
            let remark = if none { Remark::NoRecord } else { Remark::SeveralRecords };
            self.ledger.entries[entry].remark = Some(remark);
            return;
        };
        if text.len() > LONGEST_TEXT {
            return self.unfinished(format!("the SPF record of {target} is too long to read"));
        }
        let record = SpfRecord::parse(text);
        let all = record.all();
        let open_networks = record.open_networks().unwrap_or_default();
        let open = all == Some(Qualifier::Pass) || !open_networks.is_empty();
        if standing.own {
            self.ledger.end = Some(End { domain: target.to_owned(), all, open_networks });
        }
        let loops = self.path.iter().any(|before| before == target);
        let row = &mut self.ledger.entries[entry];
        row.open = standing.approves && !standing.own && open;
        row.remark = match record.errors.first() {
            _ if loops => Some(Remark::Loop),
            error => error.cloned().map(Remark::Broken),
        };
        Box::pin(self.record(target, &record, standing)).await;
    }

    async fn ask(&self, name: &str, record_type: RecordType) -> Found {
        if has_macro(name) {
            return Found::Not(Remark::DependsOnMessage);
        }
        match self.net.lookup(name, record_type).await {
            Ok(answer) if answer.records.is_empty() => Found::Void,
            Ok(answer) => Found::Records(answer),
            Err(missing) => Found::Not(Remark::Unseen(missing.to_string())),
        }
    }

    /// Adds a row and returns its place.
    fn enter(&mut self, domain: &str, term: String, found: &Found) -> usize {
        let void = matches!(found, Found::Void);
        self.ledger.lookups += 1;
        self.ledger.voids += u32::from(void);
        let remark = match found {
            Found::Not(remark) => Some(remark.clone()),
            Found::Records(_) | Found::Void => None,
        };
        self.ledger.entries.push(LedgerEntry {
            depth: u32::try_from(self.path.len()).unwrap_or(u32::MAX).saturating_sub(1),
            domain: domain.to_owned(),
            term,
            total: self.ledger.lookups,
            void,
            open: false,
            remark,
        });
        self.ledger.entries.len() - 1
    }

    fn has_stopped(&mut self) -> bool {
        let stopped = self.ledger.lookups >= STOP_AFTER;
        if stopped {
            self.unfinished(format!("the walk stopped after {STOP_AFTER} lookups"));
        }
        stopped
    }

    fn unfinished(&mut self, reason: String) {
        self.ledger.unfinished.get_or_insert(reason);
    }
}
