//! Alerts: those that nobody has read, or all, by severity, rule and domain; read one by one or together.

use std::collections::HashMap;

use axum::extract::{Path, Query, State};
use axum::response::Response;
use model::{AlertType, Severity};
use serde::Deserialize;
use store::{Alert, AlertFilter};
use ui::Section;
use ui::pages::alerts::{AlertRow, Alerts};

use super::answer::{go, page};
use super::form::{Form, Nothing};
use super::paging::{self, PAGE};
use super::refusal::query;
use super::visitor::Visitor;
use crate::app::App;
use crate::auth::AlertsWrite;
use crate::error::{Error, Result};

const HERE: &str = "/alerts";

#[derive(Deserialize)]
pub(super) struct Filter {
    #[serde(default)]
    show: String,
    #[serde(default)]
    severity: String,
    #[serde(default, rename = "type")]
    rule: String,
    #[serde(default)]
    domain: String,
    before: Option<i64>,
}

impl Filter {
    /// Returns what is asked for, without the place in the list and what was read.
    fn pairs(&self) -> [(&'static str, &str); 3] {
        [("severity", &self.severity), ("type", &self.rule), ("domain", self.domain.trim())]
    }

    fn path(&self, show: &str) -> String {
        let pairs = [("show", show)].into_iter().chain(self.pairs());
        let pairs: Vec<_> = pairs.filter(|(_, text)| !text.is_empty()).collect();
        if pairs.is_empty() { HERE.to_owned() } else { format!("{HERE}?{}", query(&pairs)) }
    }
}

/// The list of alerts, the unread ones unless all are asked for.
pub(super) async fn list(
    State(app): State<App>,
    visitor: Visitor,
    Query(wanted): Query<Filter>,
) -> Result<Response> {
    let words = visitor.words();
    let shows_all = wanted.show == "all";
    let domain = wanted.domain.trim();
    let filter = AlertFilter {
        is_read: (!shows_all).then_some(false),
        severity: Severity::parse(&wanted.severity),
        alert_type: AlertType::parse(&wanted.rule),
        domain: (!domain.is_empty()).then(|| domain.to_owned()),
        before: wanted.before,
        ..AlertFilter::default()
    };
    let alerts = app.store.list_alerts(visitor.account(), &filter, PAGE).await?;
    let last = ("before", alerts.last().map(|last| last.id.to_string()));
    let pairs: Vec<_> = [("show", &*wanted.show)].into_iter().chain(wanted.pairs()).collect();
    let next = paging::next(HERE, &pairs, alerts.len(), last);
    let mut rows: Vec<_> = alerts.into_iter().map(|alert| row(&app, &visitor, alert)).collect();
    let keys = key_paths(&app, &visitor, &rows).await?;
    for row in &mut rows {
        let of_key = row.key_id.as_ref().and_then(|key_id| keys.get(key_id).cloned());
        row.path = row.path.take().or(of_key);
    }
    Ok(page(&Alerts {
        frame: visitor.frame(words.t("Alerts"), Section::Alerts),
        rows,
        shows_all,
        is_filtered: wanted.pairs().iter().any(|(_, text)| !text.is_empty()),
        tabs: [wanted.path(""), wanted.path("all")],
        first: wanted.before.map(|_| wanted.path(&wanted.show)),
        severity: wanted.severity,
        rule: wanted.rule,
        domain: wanted.domain,
        next,
    }))
}

/// Returns where the pages of the keys are that alerts are about.
async fn key_paths(
    app: &App,
    visitor: &Visitor,
    rows: &[AlertRow],
) -> Result<HashMap<String, String>> {
    let mut paths = HashMap::new();
    for key_id in rows.iter().filter_map(|row| row.key_id.as_ref()) {
        if paths.contains_key(key_id) {
            continue;
        }
        let key = app.store.find_key_principal(key_id).await?;
        if let Some(key) = key.filter(|key| key.principal.user_account_id == visitor.account()) {
            paths.insert(key_id.clone(), format!("/settings/api-keys/{}", key.key.id));
        }
    }
    Ok(paths)
}

pub(super) fn row(app: &App, visitor: &Visitor, alert: Alert) -> AlertRow {
    AlertRow {
        id: alert.id,
        severity: alert.severity,
        title: alert.title,
        message: alert.message,
        change: alert.old_value.zip(alert.new_value),
        domain: alert.domain,
        when: visitor.words().time(alert.created_at, app.clock.now()),
        is_read: alert.is_read,
        path: alert.scan_id.map(|scan| format!("/scans/{scan}/diff")),
        key_id: alert.key_id,
    }
}

/// Marks those that were ticked as read.
pub(super) async fn read_many(
    State(app): State<App>,
    visitor: Visitor,
    Form(sent): Form<Vec<(String, String)>>,
) -> Result<Response> {
    visitor.require::<AlertsWrite>(&app)?;
    let ids = sent.iter().filter(|(name, _)| name == "id").filter_map(|(_, id)| id.parse().ok());
    for id in ids.take(usize::try_from(PAGE).unwrap_or_default()) {
        app.store.read_alert(visitor.account(), id).await?;
    }
    Ok(go(HERE))
}

pub(super) async fn read(
    State(app): State<App>,
    visitor: Visitor,
    Path(id): Path<String>,
    Form(Nothing {}): Form<Nothing>,
) -> Result<Response> {
    visitor.require::<AlertsWrite>(&app)?;
    let id = id.parse().map_err(|_| Error::NotFound)?;
    match app.store.read_alert(visitor.account(), id).await? {
        true => Ok(go(HERE)),
        false => Err(Error::NotFound),
    }
}

pub(super) async fn read_all(
    State(app): State<App>,
    visitor: Visitor,
    Form(Nothing {}): Form<Nothing>,
) -> Result<Response> {
    visitor.require::<AlertsWrite>(&app)?;
    app.store.read_alerts(visitor.account()).await?;
    Ok(go(HERE))
}
