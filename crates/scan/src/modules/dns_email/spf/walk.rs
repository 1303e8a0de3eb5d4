//! Follows includes and redirects and keeps a ledger: which term cost how many lookups
//! (RFC 7208, section 4.6.4).

use std::collections::HashSet;

use hickory_proto::rr::RecordType;
use serde::{Deserialize, Serialize};

use super::record::{Mechanism, SpfRecord};
use crate::check::{Missing, Seen};
use crate::net::{Answer, Net};

/// Lookups after which the walk stops: the limit is 10, and a little more shows how far it is off.
const STOP_AFTER: u32 = 25;
/// How deep includes may nest before the walk stops.
const DEEPEST: u32 = 12;

/// One term that costs a lookup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerEntry {
    /// 0 for the domain's own record.
    pub depth: u32,
    /// Whose record the term stands in.
    pub domain: String,
    /// The term, for instance `include:_spf.example.net`.
    pub term: String,
    /// The number of lookups so far, this one included.
    pub total: u32,
    /// Whether the lookup found nothing.
    pub void: bool,
    /// What is special about it, for instance that the target has no SPF record.
    pub note: Option<String>,
}

/// The whole walk.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ledger {
    pub entries: Vec<LedgerEntry>,
    pub lookups: u32,
    pub voids: u32,
    /// Why the count is only a lower bound, if it is.
    pub unfinished: Option<String>,
}

/// Walks from the domain's record.
pub(crate) async fn walk(net: &Net, domain: &str, record: &SpfRecord) -> Ledger {
    let mut walk = Walk { net, ledger: Ledger::default(), visited: HashSet::new() };
    walk.visited.insert(domain.to_owned());
    Box::pin(walk.record(domain, record, 0)).await;
    walk.ledger
}

struct Walk<'n> {
    net: &'n Net,
    ledger: Ledger,
    visited: HashSet<String>,
}

impl Walk<'_> {
    async fn record(&mut self, domain: &str, record: &SpfRecord, depth: u32) {
        for term in &record.terms {
            if self.ledger.lookups >= STOP_AFTER {
                self.unfinished(format!("the walk stopped after {STOP_AFTER} lookups"));
                return;
            }
            let own = || domain.to_owned();
            match &term.mechanism {
                Mechanism::All | Mechanism::Ip4(_) | Mechanism::Ip6(_) => {}
                Mechanism::Include(target) => self.follow(domain, "include:", target, depth).await,
                Mechanism::A(target) => {
                    self.address(domain, "a", target.clone().unwrap_or_else(own), depth).await
                }
                Mechanism::Mx(target) => {
                    let target = target.clone().unwrap_or_else(own);
                    let found = self.ask(&target, RecordType::MX).await;
                    self.enter(domain, format!("mx:{target}"), depth, found);
                }
                Mechanism::Exists(target) => {
                    self.address(domain, "exists", target.clone(), depth).await
                }
                // What `ptr` finds depends on who sends.
                Mechanism::Ptr(_) => self.enter(domain, "ptr".to_owned(), depth, Found::Unknown),
            }
        }
        if let (Some(target), None) = (&record.redirect, record.all()) {
            self.follow(domain, "redirect=", target, depth).await;
        }
    }

    async fn address(&mut self, domain: &str, mechanism: &str, target: String, depth: u32) {
        let mut found = self.ask(&target, RecordType::A).await;
        if matches!(found, Found::Void) {
            found = self.ask(&target, RecordType::AAAA).await;
        }
        self.enter(domain, format!("{mechanism}:{target}"), depth, found);
    }

    async fn follow(&mut self, domain: &str, mechanism: &str, target: &str, depth: u32) {
        let term = format!("{mechanism}{target}");
        let found = self.ask(target, RecordType::TXT).await;
        let texts = match &found {
            Found::Records(answer) => answer.texts(),
            _ => Vec::new(),
        };
        let known = !matches!(found, Found::Unknown);
        self.enter(domain, term, depth, found);
        let records: Vec<_> = texts.iter().filter(|text| SpfRecord::is_spf(text)).collect();
        match records.as_slice() {
            [_] if depth >= DEEPEST => {
                self.unfinished(format!("includes nest deeper than {DEEPEST}"))
            }
            [text] if self.visited.insert(target.to_owned()) => {
                let record = SpfRecord::parse(text);
                Box::pin(self.record(target, &record, depth + 1)).await;
            }
            [_] => self.note("was included before, perhaps in a loop"),
            [] if known => self.note("has no SPF record, which makes the whole check fail"),
            [] => {}
            _ => self.note("has more than one SPF record, which makes the whole check fail"),
        }
    }

    async fn ask(&mut self, name: &str, record_type: RecordType) -> Found {
        if name.contains('%') {
            return Found::Unknown;
        }
        match self.net.lookup(name, record_type).await {
            Ok(answer) if answer.records.is_empty() => Found::Void,
            Ok(answer) => Found::Records(answer),
            Err(missing) => {
                self.unfinished(missing.to_string());
                Found::Unknown
            }
        }
    }

    fn enter(&mut self, domain: &str, term: String, depth: u32, found: Found) {
        self.ledger.lookups += 1;
        let void = matches!(found, Found::Void);
        self.ledger.voids += u32::from(void);
        let note =
            term.contains('%').then(|| "depends on the sender, so it was not followed".to_owned());
        let total = self.ledger.lookups;
        let domain = domain.to_owned();
        self.ledger.entries.push(LedgerEntry { depth, domain, term, total, void, note });
    }

    fn note(&mut self, note: &str) {
        if let Some(entry) = self.ledger.entries.last_mut() {
            entry.note.get_or_insert_with(|| note.to_owned());
        }
    }

    fn unfinished(&mut self, reason: String) {
        self.ledger.unfinished.get_or_insert(reason);
    }
}

enum Found {
    Records(Answer),
    Void,
    Unknown,
}

impl Ledger {
    /// Returns the number of lookups, or why only a lower bound within the limit is known.
    pub fn count(&self, limit: u32, seen: u32) -> Seen<u32> {
        match &self.unfinished {
            Some(reason) if seen <= limit => Err(Missing(reason.clone())),
            _ => Ok(seen),
        }
    }
}
