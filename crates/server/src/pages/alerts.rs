//! Alerts: those that nobody has read, or all, by severity, rule and domain; read one by one or together.

use std::collections::HashMap;

use axum::extract::{Path, Query, State};
use axum::response::Response;
use model::{AlertType, Severity};
use serde::Deserialize;
use store::{Alert, AlertFilter, AlertOrder};
use ui::pages::alerts::{AlertRow, Alerts};
use ui::parts::SortHead;
use ui::{Section, Words};

use super::answer::{go, page};
use super::form::{Form, Nothing};
use super::paging::{self, PAGE};
use super::sorting;
use super::visitor::Visitor;
use crate::api::csv;
use crate::app::App;
use crate::auth::AlertsWrite;
use crate::error::{Error, Result};

const HERE: &str = "/alerts";

const WAYS: &[(&str, AlertOrder)] = &[
    ("-when", AlertOrder::Newest),
    ("when", AlertOrder::Oldest),
    ("-severity", AlertOrder::MostSevere),
    ("severity", AlertOrder::LeastSevere),
];

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
    /// One of [`WAYS`].
    #[serde(default)]
    sort: String,
    after: Option<i64>,
}

impl Filter {
    /// Returns what is asked for, without the place in the list and what was read.
    fn pairs(&self) -> [(&'static str, &str); 3] {
        [("severity", &self.severity), ("type", &self.rule), ("domain", self.domain.trim())]
    }

    fn shows_all(&self) -> bool {
        self.show == "all"
    }

    fn of_store(&self) -> AlertFilter {
        let domain = self.domain.trim();
        AlertFilter {
            is_read: (!self.shows_all()).then_some(false),
            severity: Severity::parse(&self.severity),
            alert_type: AlertType::parse(&self.rule),
            domain: (!domain.is_empty()).then(|| domain.to_owned()),
            order: self.sorting().1,
            after: self.after,
            ..AlertFilter::default()
        }
    }

    fn sorting(&self) -> (&'static str, AlertOrder) {
        sorting::chosen(WAYS, &self.sort)
    }

    fn path(&self, here: &str, show: &str, sort: &str) -> String {
        let pairs = [("show", show)].into_iter().chain(self.pairs()).chain([("sort", sort)]);
        paging::path(here, pairs)
    }

    /// Returns the heads of the columns that the list can be sorted by: the severity and the time.
    fn heads(&self, words: Words) -> [SortHead; 2] {
        let path = |way: &str| self.path(HERE, &self.show, way);
        let chosen = self.sorting().0;
        [
            sorting::head(words.t("Severity"), "-severity", chosen, path),
            sorting::head(words.t("When"), "-when", chosen, path),
        ]
    }
}

/// The list of alerts, the unread ones unless all are asked for.
pub(super) async fn list(
    State(app): State<App>,
    visitor: Visitor,
    Query(wanted): Query<Filter>,
) -> Result<Response> {
    let words = visitor.words();
    let alerts = app.store.list_alerts(visitor.account(), &wanted.of_store(), PAGE).await?;
    let last = ("after", alerts.last().map(|last| last.id.to_string()));
    let pairs = [("show", &*wanted.show)].into_iter().chain(wanted.pairs());
    let pairs: Vec<_> = pairs.chain([("sort", &*wanted.sort)]).collect();
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
        shows_all: wanted.shows_all(),
        heads: wanted.heads(words),
        is_sorted: wanted.sorting().1 != AlertOrder::Newest,
        is_filtered: wanted.pairs().iter().any(|(_, text)| !text.is_empty()),
        tabs: ["", "all"].map(|show| wanted.path(HERE, show, &wanted.sort)),
        first: wanted.after.map(|_| wanted.path(HERE, &wanted.show, &wanted.sort)),
        csv: wanted.path("/alerts.csv", &wanted.show, &wanted.sort),
        severity: wanted.severity,
        rule: wanted.rule,
        domain: wanted.domain,
        sort: wanted.sort,
        next,
    }))
}

/// The same list as a table.
pub(super) async fn table(
    State(app): State<App>,
    visitor: Visitor,
    Query(wanted): Query<Filter>,
) -> Result<Response> {
    const HEAD: [&str; 12] = [
        "id",
        "type",
        "severity",
        "title",
        "message",
        "old_value",
        "new_value",
        "domain",
        "scan_id",
        "key_id",
        "is_read",
        "created_at",
    ];
    let (account, filter) = (visitor.account(), wanted.of_store());
    Ok(csv::streamed_file("alerts.csv", &HEAD, move |after| {
        let (app, filter) = (app.clone(), AlertFilter { after, ..filter.clone() });
        async move {
            let alerts = app.store.list_alerts(account, &filter, csv::PAGE).await?;
            let Some(last) = alerts.last().map(|last| last.id) else { return Ok(None) };
            let mut out = String::new();
            alerts.into_iter().for_each(|alert| push(&mut out, alert));
            Ok(Some((out, last)))
        }
    }))
}

fn push(out: &mut String, alert: Alert) {
    let cells = [
        alert.id.to_string(),
        alert.alert_type.to_string(),
        alert.severity.to_string(),
        alert.title,
        alert.message,
        alert.old_value.unwrap_or_default(),
        alert.new_value.unwrap_or_default(),
        alert.domain.unwrap_or_default(),
        alert.scan_id.map_or_else(String::new, |scan| scan.to_string()),
        alert.key_id.unwrap_or_default(),
        alert.is_read.to_string(),
        alert.created_at.to_string(),
    ];
    csv::push_row(out, cells.iter().map(String::as_str));
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
        title: visitor.words().alert(&alert.title),
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
