//! Settings → Audit log: who did what, as a page and as a file, and whether the log is whole.
//!
//! The log names people and keys by `user:ID` and `key:KEY_ID`. The page says an address where there
//! is one, and takes one in its filters.

use axum::extract::{Query, State};
use axum::response::Response;
use http::HeaderValue;
use http::header::CONTENT_DISPOSITION;
use model::{AuditAction, DAY_MS, Timestamp};
use serde::Deserialize;
use serde_json::Value;
use store::{AuditEntry, AuditFilter, Member};
use ui::pages::audit_log::{AuditLog, AuditSearch, Detail, EntryRow, action_name};
use ui::{Notice, Section, Tone, Words};

use super::answer::page;
use super::form::{Form, Nothing};
use super::paging::{self, PAGE};
use super::refusal::query;
use super::visitor::Visitor;
use crate::api::{AUDIT_EXPORT, audit_file};
use crate::app::App;
use crate::error::{Error, Result};
use crate::ops::audit_export::AuditFormat;
use crate::ops::plans;

const HERE: &str = "/settings/audit-log";
/// People whose addresses are known; plans have fewer seats.
const MOST_MEMBERS: i64 = 2_000;

#[derive(Default, Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    action: String,
    #[serde(default)]
    actor: String,
    #[serde(default)]
    target: String,
    #[serde(default)]
    ip: String,
    /// `done` or `refused`.
    #[serde(default)]
    result: String,
    /// Days, `2026-11-24`.
    #[serde(default)]
    from: String,
    #[serde(default)]
    to: String,
    /// Of a file: `csv` or `jsonl`.
    #[serde(default)]
    format: String,
    before: Option<i64>,
}

impl Wanted {
    fn filter(&self, members: &[Member]) -> AuditFilter {
        AuditFilter {
            action: AuditAction::parse(&self.action),
            actor: code(&self.actor, members),
            target: code(&self.target, members),
            ip: Some(self.ip.trim().to_owned()).filter(|ip| !ip.is_empty()),
            refused: match &*self.result {
                "refused" => Some(true),
                "done" => Some(false),
                _ => None,
            },
            from: start_of(&self.from),
            to: start_of(&self.to).map(|day| day.plus_ms(DAY_MS)),
            before: self.before,
        }
    }

    /// Returns what the list is narrowed to, for addresses.
    fn pairs(&self) -> [(&'static str, &str); 7] {
        [
            ("action", &*self.action),
            ("actor", self.actor.trim()),
            ("target", self.target.trim()),
            ("ip", self.ip.trim()),
            ("result", &*self.result),
            ("from", &*self.from),
            ("to", &*self.to),
        ]
    }

    fn export(&self, format: &str) -> String {
        let pairs = self.pairs().into_iter().filter(|(_, value)| !value.is_empty());
        let pairs: Vec<_> = pairs.chain([("format", format)]).collect();
        format!("{HERE}/export?{}", query(&pairs))
    }
}

/// Returns how the log names what somebody typed: a person by their address, a key by its public
/// half, everything else as it is.
fn code(typed: &str, members: &[Member]) -> Option<String> {
    let typed = typed.trim();
    let member = members.iter().find(|member| member.email.eq_ignore_ascii_case(typed));
    match (typed, member) {
        ("", _) => None,
        (_, Some(member)) => Some(format!("user:{}", member.id)),
        (key, None) if key.starts_with("cl_") => Some(format!("key:{}", key.trim_end_matches('…'))),
        (other, None) => Some(other.to_owned()),
    }
}

/// Returns the name for people of what the log names.
fn named(words: Words, code: &str, members: &[Member]) -> String {
    let (kind, id) = code.split_once(':').unwrap_or((code, ""));
    let member = || members.iter().find(|member| member.id.to_string() == id);
    match kind {
        "user" => member().map(|member| member.email.clone()),
        "key" => Some(words.t1("Key {}", format!("{id}…"))),
        "admin" => Some(words.t("An administrator").to_owned()),
        "operator" => Some(words.t("Command line of the server").to_owned()),
        "stranger" => Some(words.t("Somebody who was not signed in").to_owned()),
        _ => None,
    }
    .unwrap_or_else(|| code.to_owned())
}

fn start_of(day: &str) -> Option<Timestamp> {
    Timestamp::parse(&format!("{}T00:00:00Z", day.trim()))
}

/// Who did what to the account, the newest first.
pub(super) async fn list(
    State(app): State<App>,
    visitor: Visitor,
    Query(wanted): Query<Wanted>,
) -> Result<Response> {
    Ok(page(&list_page(&app, &visitor, &wanted).await?))
}

async fn list_page(app: &App, visitor: &Visitor, wanted: &Wanted) -> Result<AuditLog> {
    let (words, now, account) = (visitor.words(), app.clock.now(), visitor.account());
    let members = app.store.list_members(account, MOST_MEMBERS, now).await?;
    let entries = app.store.find_audit_entries(account, &wanted.filter(&members), PAGE).await?;
    let last = ("before", entries.last().map(|last| last.number.to_string()));
    let next = paging::next(HERE, &wanted.pairs(), entries.len(), last);
    let row = |entry: AuditEntry| {
        let who = named(words, &entry.actor, &members);
        let action = AuditAction::parse(&entry.action);
        EntryRow {
            number: entry.number,
            when: words.time(entry.at, now),
            actor: if who == entry.actor { String::new() } else { entry.actor },
            who,
            what: action.map_or(entry.action.clone(), |one| action_name(words, one).to_owned()),
            is_refused: action.is_some_and(AuditAction::is_refusal),
            action: entry.action,
            target: entry.target.map(|target| (named(words, &target, &members), target)),
            ip: entry.ip,
            details: details(&entry.detail),
        }
    };
    let may_export = visitor.principal().plan().allows(AUDIT_EXPORT);
    let mut frame = visitor.frame(words.t("Audit log"), Section::AuditLog);
    frame.lead =
        words.t("Who did what, when and from where. Nothing is ever changed in it.").to_owned();
    let action = |action: &AuditAction| (action.as_str(), action_name(words, *action));
    let mut actions: Vec<_> = AuditAction::ALL.iter().map(action).collect();
    actions.sort_by_key(|(_, name)| name.to_lowercase());
    Ok(AuditLog {
        frame,
        rows: entries.into_iter().map(row).collect(),
        actions,
        people: members.into_iter().map(|member| member.email).collect(),
        is_filtered: wanted.pairs().iter().any(|(_, value)| !value.is_empty()),
        search: AuditSearch {
            action: wanted.action.clone(),
            actor: wanted.actor.trim().to_owned(),
            target: wanted.target.trim().to_owned(),
            ip: wanted.ip.trim().to_owned(),
            result: wanted.result.clone(),
            from: wanted.from.clone(),
            to: wanted.to.clone(),
        },
        export: may_export.then(|| (wanted.export("csv"), wanted.export("jsonl"))),
        next,
    })
}

/// Returns what is known of an entry, member by member. `from` and `to` are one thing before and after.
fn details(detail: &Value) -> Vec<Detail> {
    let Some(members) = detail.as_object() else { return Vec::new() };
    let is_change = members.contains_key("from") && members.contains_key("to");
    let mut details = Vec::new();
    for (name, value) in members {
        let before = (is_change && name == "to").then(|| plain(&members["from"]));
        if is_change && name == "from" {
            continue;
        }
        details.push(Detail { name: name.clone(), before, value: plain(value) });
    }
    details
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => "–".to_owned(),
        Value::Array(list) => list.iter().map(plain).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

/// The whole log, as far as the filter lets it through, as a file.
pub(super) async fn export(
    State(app): State<App>,
    visitor: Visitor,
    Query(wanted): Query<Wanted>,
) -> Result<Response> {
    let (format, file) = match AuditFormat::parse(&wanted.format) {
        Some(format @ AuditFormat::Csv) => (format, "attachment; filename=\"audit-log.csv\""),
        Some(format @ AuditFormat::JsonLines) => {
            (format, "attachment; filename=\"audit-log.jsonl\"")
        }
        _ => return Err(Error::NotFound),
    };
    plans::require_gate(&app, visitor.principal(), AUDIT_EXPORT).await?;
    let account = visitor.account();
    let members = app.store.list_members(account, MOST_MEMBERS, app.clock.now()).await?;
    let mut response = audit_file(app, account, wanted.filter(&members), format);
    response.headers_mut().insert(CONTENT_DISPOSITION, HeaderValue::from_static(file));
    Ok(response)
}

/// Checks the account's chain from its first entry to its last, and says what was found.
pub(super) async fn verify(
    State(app): State<App>,
    visitor: Visitor,
    Form(Nothing {}): Form<Nothing>,
) -> Result<Response> {
    let words = visitor.words();
    let chain = app.store.check_audit_chain(visitor.account()).await?;
    let mut list = list_page(&app, &visitor, &Wanted::default()).await?;
    list.frame.notices.push(match chain.broken_at {
        None => Notice {
            tone: Tone::Good,
            text: words.t1("The log is whole: {} entries fit together.", words.number(chain.rows)),
            link: None,
        },
        Some(number) => Notice {
            tone: Tone::Problem,
            text: words.t1(
                "The log is broken: entry {} is missing, changed or out of order. Do not trust what follows it.",
                number,
            ),
            link: Some((
                words.t("Show the entries up to there").to_owned(),
                format!("{HERE}?before={}", number.saturating_add(1)),
            )),
        },
    });
    Ok(page(&list))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_change_is_told_as_before_and_after() {
        let told = |detail: Value| -> Vec<(String, Option<String>, String)> {
            let details = details(&detail).into_iter();
            details.map(|one| (one.name, one.before, one.value)).collect()
        };
        assert_eq!(
            told(json!({ "from": "viewer", "to": "admin", "invitations_withdrawn": 0 })),
            [
                ("invitations_withdrawn".to_owned(), None, "0".to_owned()),
                ("to".to_owned(), Some("viewer".to_owned()), "admin".to_owned()),
            ]
        );
        let scopes = told(json!({ "scopes": ["a", "b"], "to": null }));
        assert_eq!(scopes[0].2, "a, b");
        assert_eq!((scopes[1].1.clone(), scopes[1].2.as_str()), (None, "–"));
        assert!(told(json!({})).is_empty() && told(json!(1)).is_empty());
    }
}
