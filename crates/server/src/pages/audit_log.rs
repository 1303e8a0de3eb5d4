use axum::extract::{Query, State};
use axum::response::Response;
use model::AuditAction;
use serde::Deserialize;
use store::AuditFilter;
use ui::Section;
use ui::pages::audit_log::{AuditLog, EntryRow};

use super::answer::page;
use super::paging::{self, PAGE};
use super::visitor::Visitor;
use crate::app::App;
use crate::error::Result;

const HERE: &str = "/settings/audit-log";

#[derive(Deserialize)]
pub(super) struct Filter {
    #[serde(default)]
    action: String,
    #[serde(default)]
    actor: String,
    before: Option<i64>,
}

/// Who did what to the account, the newest first.
pub(super) async fn list(
    State(app): State<App>,
    visitor: Visitor,
    Query(wanted): Query<Filter>,
) -> Result<Response> {
    let (words, now) = (visitor.words(), app.clock.now());
    let actor = wanted.actor.trim().to_owned();
    let filter = AuditFilter {
        action: AuditAction::parse(&wanted.action),
        actor: (!actor.is_empty()).then(|| actor.clone()),
        before: wanted.before,
        ..AuditFilter::default()
    };
    let entries = app.store.find_audit_entries(visitor.account(), &filter, PAGE).await?;
    let last = ("before", entries.last().map(|last| last.number.to_string()));
    let pairs = [("action", &*wanted.action), ("actor", &*actor)];
    let next = paging::next(HERE, &pairs, entries.len(), last);
    let rows = entries.into_iter().map(|entry| EntryRow {
        number: entry.number,
        when: words.time(entry.at, now),
        actor: entry.actor,
        action: entry.action,
        target: entry.target,
        ip: entry.ip,
        detail: said(&entry.detail),
    });
    let mut frame = visitor.frame(words.t("Audit log"), Section::AuditLog);
    frame.lead =
        words.t("Who did what, when and from where. Nothing is ever changed in it.").to_owned();
    Ok(page(&AuditLog {
        frame,
        rows: rows.collect(),
        actions: AuditAction::ALL.iter().map(|action| action.as_str()).collect(),
        is_filtered: filter.action.is_some() || filter.actor.is_some(),
        action: wanted.action,
        actor,
        next,
    }))
}

fn said(detail: &serde_json::Value) -> String {
    match detail.as_object().is_none_or(serde_json::Map::is_empty) {
        true => String::new(),
        false => serde_json::to_string_pretty(detail).unwrap_or_default(),
    }
}
