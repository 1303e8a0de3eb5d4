use axum::extract::{Path, Query, State};
use axum::response::Response;
use serde::Deserialize;
use store::{Alert, AlertFilter};
use ui::Section;
use ui::pages::alerts::{AlertRow, Alerts};

use super::answer::{go, page};
use super::form::{Form, Nothing};
use super::paging::{self, PAGE};
use super::visitor::Visitor;
use crate::app::App;
use crate::auth::AlertsWrite;
use crate::error::{Error, Result};

const HERE: &str = "/alerts";

#[derive(Deserialize)]
pub(super) struct Filter {
    #[serde(default)]
    show: String,
    before: Option<i64>,
}

/// The list of alerts, the unread ones unless all are asked for.
pub(super) async fn list(
    State(app): State<App>,
    visitor: Visitor,
    Query(wanted): Query<Filter>,
) -> Result<Response> {
    let words = visitor.words();
    let shows_all = wanted.show == "all";
    let filter = AlertFilter {
        is_read: (!shows_all).then_some(false),
        before: wanted.before,
        ..AlertFilter::default()
    };
    let alerts = app.store.list_alerts(visitor.account(), &filter, PAGE).await?;
    let last = ("before", alerts.last().map(|last| last.id.to_string()));
    let next = paging::next(HERE, &[("show", &wanted.show)], alerts.len(), last);
    Ok(page(&Alerts {
        frame: visitor.frame(words.t("Alerts"), Section::Alerts),
        rows: alerts.into_iter().map(|alert| row(&app, &visitor, alert)).collect(),
        shows_all,
        next,
    }))
}

pub(super) fn row(app: &App, visitor: &Visitor, alert: Alert) -> AlertRow {
    AlertRow {
        id: alert.id,
        severity: alert.severity,
        title: alert.title,
        message: alert.message,
        when: visitor.words().time(alert.created_at, app.clock.now()),
        is_read: alert.is_read,
        key_id: alert.key_id,
    }
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
