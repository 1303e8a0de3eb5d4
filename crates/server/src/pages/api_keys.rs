//! Settings → API Keys: the list, the form, and the questions before something ends.
//!
//! A new key is shown in the answer to the form and nowhere else.

use axum::extract::{Path, Query, State};
use axum::response::Response;
use model::{ApiToken, DAY_MS, KeyStatus, Scope, Timestamp};
use serde::Deserialize;
use store::{ApiKey, KeyFilter};
use ui::pages::Field;
use ui::pages::api_keys::{ApiKeys, ConfirmKey, FreshKey, KeyAct, KeyRow, NewKey};
use ui::{Notice, Section, Tone};

use super::answer::{go, page, refused};
use super::entry::problem_of;
use super::form::{Form, Nothing, nonce, once};
use super::visitor::Visitor;
use crate::app::App;
use crate::auth::KeysWrite;
use crate::error::{Error, Result};
use crate::ops;
use crate::ops::api_keys::Wish;

/// Age after which a key should be replaced.
const ROTATION_DAYS: i64 = 90;
/// Days without use after which a key is worth a question.
const IDLE_DAYS: i64 = 30;
/// Days before the end from which it is said.
const SOON_DAYS: i64 = 14;
/// Keys that the page shows, the newest.
const MOST_KEYS: i64 = 1_000;

#[derive(Deserialize)]
pub(super) struct Show {
    #[serde(default)]
    show: String,
}

/// The list of keys.
pub(super) async fn list(
    State(app): State<App>,
    visitor: Visitor,
    Query(wanted): Query<Show>,
) -> Result<Response> {
    Ok(page(&list_page(&app, &visitor, wanted.show == "revoked", None).await?))
}

async fn list_page(
    app: &App,
    visitor: &Visitor,
    shows_revoked: bool,
    fresh: Option<FreshKey>,
) -> Result<ApiKeys> {
    let words = visitor.words();
    let now = app.clock.now();
    let keys =
        app.store.list_keys(visitor.account(), &KeyFilter::default(), MOST_KEYS, now).await?;
    let rows: Vec<KeyRow> = keys.into_iter().map(|key| row(app, visitor, &key)).collect();
    let alive = rows.iter().filter(|row| row.is_alive()).count();
    let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
    let mut frame = visitor.frame(words.t("API Keys"), Section::ApiKeys);
    frame.lead = words.t("Keys let servers and pipelines use the API as you.").to_owned();
    if alive > 0 && frame.may(Scope::KeysWrite) {
        let label = words.t("Create API Key").to_owned();
        frame.action = Some((label, "/settings/api-keys/new".to_owned()));
    }
    Ok(ApiKeys {
        frame,
        alive: count(alive),
        revoked: count(rows.len() - alive),
        rows: rows.into_iter().filter(|row| row.is_alive() != shows_revoked).collect(),
        shows_revoked,
        fresh,
        base_url: app.base_url.clone(),
    })
}

pub(super) fn row(app: &App, visitor: &Visitor, key: &ApiKey) -> KeyRow {
    let (words, now) = (visitor.words(), app.clock.now());
    let days_since = |at: Timestamp| now.ms_since(at) / DAY_MS;
    let is_own = key.created_by == Some(visitor.principal().user_id);
    let status = key.status(now);
    let mut remarks = Vec::new();
    if matches!(status, KeyStatus::Active | KeyStatus::Expiring) {
        if days_since(key.created_at) > ROTATION_DAYS {
            remarks.push(words.t("Older than 90 days: rotate").to_owned());
        }
        if key.last_used_at.is_some_and(|at| days_since(at) >= IDLE_DAYS) {
            remarks.push(words.t("Idle for 30 days").to_owned());
        }
        if let Some(end) = key.expires_at
            && -days_since(end) <= SOON_DAYS
        {
            remarks.push(words.t1("Expires {}", words.ago(end, now)));
        }
    }
    if status == KeyStatus::Disabled {
        remarks.push(words.t("Switched off").to_owned());
    }
    KeyRow {
        id: key.id,
        name: key.name.clone(),
        key_id: key.key_id.clone(),
        status,
        environment: key.environment.map(model::Environment::as_str),
        created: words.time(key.created_at, now),
        expires: key.expires_at.map(|at| words.time(at, now)),
        last_used: key.last_used_at.map(|at| words.time(at, now)),
        last_used_ip: key.last_used_ip.clone(),
        remarks,
        may_change: visitor.may(Scope::KeysWrite) && (visitor.role().manages_every_key() || is_own),
    }
}

pub(super) async fn show_form(State(app): State<App>, visitor: Visitor) -> Result<Response> {
    visitor.require::<KeysWrite>(&app)?;
    visitor.fresh(&app)?;
    let access = Field::of("full");
    Ok(page(&form(&visitor, Field::default(), Field::of("90"), access)?))
}

fn form(visitor: &Visitor, name: Field, expiry: Field, access: Field) -> Result<NewKey> {
    Ok(NewKey {
        frame: visitor.frame(visitor.words().t("Create API Key"), Section::ApiKeys),
        nonce: nonce()?,
        name,
        expiry,
        access,
        ip_allowlist: Field::default(),
        description: Field::default(),
    })
}

#[derive(Deserialize)]
pub(super) struct NewKeyForm {
    nonce: String,
    name: String,
    expiry: String,
    access: String,
    ip_allowlist: String,
    description: String,
}

impl NewKeyForm {
    fn wish(&self) -> Wish {
        let text = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        let networks = self.ip_allowlist.split([',', ' ']).filter_map(text).collect::<Vec<_>>();
        Wish {
            name: self.name.clone(),
            description: text(&self.description),
            scopes: scopes(&self.access),
            expires_in_days: self.expiry.parse().ok(),
            ip_allowlist: (!networks.is_empty()).then_some(networks),
            ..Wish::default()
        }
    }
}

/// Returns what a choice of access stands for; `None` for the default.
fn scopes(access: &str) -> Option<Vec<Scope>> {
    let reads = |scope: &&Scope| scope.as_str().ends_with(":read") && **scope != Scope::KeysRead;
    match access {
        "scan" => Some(vec![Scope::ScansRead, Scope::ScansWrite, Scope::ReportsRead]),
        "read" => Some(Scope::ALL.iter().filter(reads).copied().collect()),
        _ => None,
    }
}

/// Makes a key and answers with the one page that shows it: a redirect would have to keep the
/// secret somewhere for the next request.
pub(super) async fn create(
    State(app): State<App>,
    visitor: Visitor,
    Form(sent): Form<NewKeyForm>,
) -> Result<Response> {
    visitor.require::<KeysWrite>(&app)?;
    visitor.fresh(&app)?;
    let once = once(&sent.nonce);
    match ops::api_keys::create(&app, &visitor, sent.wish(), Some(&once)).await {
        Ok(made) => shown(&app, &visitor, made).await,
        Err(Error::Invalid(problems)) => {
            let of = |field: &str, value: &str| Field {
                value: value.to_owned(),
                problem: problem_of(visitor.words(), &problems, field),
            };
            let (name, expiry) = (of("name", &sent.name), of("expires_in_days", &sent.expiry));
            let mut form = form(&visitor, name, expiry, of("scopes", &sent.access))?;
            form.ip_allowlist = of("ip_allowlist", &sent.ip_allowlist);
            form.description = of("description", &sent.description);
            Ok(refused(&form))
        }
        Err(error) => Err(error),
    }
}

/// The list with a key that was made just now on top; without, when its form was sent before.
async fn shown(
    app: &App,
    visitor: &Visitor,
    (key, token): (ApiKey, Option<ApiToken>),
) -> Result<Response> {
    let fresh = token
        .as_ref()
        .map(|token| FreshKey { name: key.name.clone(), secret: token.expose().to_owned() });
    let mut list = list_page(app, visitor, false, fresh).await?;
    if token.is_none() {
        list.frame.notices.push(Notice {
            tone: Tone::Warning,
            text: visitor
                .words()
                .t("This form was sent before: the key was made and shown then, and cannot be shown again.")
                .to_owned(),
            link: None,
        });
    }
    Ok(page(&list))
}

pub(super) async fn find(app: &App, visitor: &Visitor, id: &str) -> Result<ApiKey> {
    let id: i64 = id.parse().map_err(|_| Error::NotFound)?;
    app.store.find_key(visitor.account(), id).await?.ok_or(Error::NotFound)
}

pub(super) async fn ask_to_rotate(
    State(app): State<App>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Result<Response> {
    visitor.require::<KeysWrite>(&app)?;
    visitor.fresh(&app)?;
    let key = find(&app, &visitor, &id).await?;
    Ok(page(&ConfirmKey {
        frame: visitor.frame(visitor.words().t("Rotate this key?"), Section::ApiKeys),
        row: row(&app, &visitor, &key),
        act: KeyAct::Rotate,
        nonce: nonce()?,
    }))
}

#[derive(Deserialize)]
pub(super) struct RotateForm {
    nonce: String,
    /// Seconds that the old key goes on working.
    grace: i64,
}

/// Replaces a key and answers with the one page that shows its successor.
pub(super) async fn rotate(
    State(app): State<App>,
    visitor: Visitor,
    Path(id): Path<String>,
    Form(sent): Form<RotateForm>,
) -> Result<Response> {
    visitor.require::<KeysWrite>(&app)?;
    visitor.fresh(&app)?;
    let key = find(&app, &visitor, &id).await?;
    let once = once(&sent.nonce);
    let rotated =
        ops::key_rotation::rotate(&app, &visitor, key.id, sent.grace, Some(&once)).await?;
    shown(&app, &visitor, rotated).await
}

pub(super) async fn ask_to_revoke(
    State(app): State<App>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Result<Response> {
    let key = find(&app, &visitor, &id).await?;
    Ok(page(&ConfirmKey {
        frame: visitor.frame(visitor.words().t("Revoke this key?"), Section::ApiKeys),
        row: row(&app, &visitor, &key),
        act: KeyAct::Revoke,
        nonce: nonce()?,
    }))
}

pub(super) async fn revoke(
    State(app): State<App>,
    visitor: Visitor,
    Path(id): Path<String>,
    Form(Nothing {}): Form<Nothing>,
) -> Result<Response> {
    visitor.require::<KeysWrite>(&app)?;
    let key = find(&app, &visitor, &id).await?;
    ops::key_revocation::revoke(&app, &visitor, key.id).await?;
    Ok(go("/settings/api-keys?show=revoked"))
}
