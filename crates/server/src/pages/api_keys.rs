//! Settings → API Keys: the form, and the questions before something ends. `key_list` is the list,
//! `api_key` is one key.
//!
//! A new key is shown in the answer to the form and nowhere else.

use axum::extract::{Path, State};
use axum::response::Response;
use model::{ApiToken, DAY_MS, Granularity, Scope, Timestamp};
use serde::Deserialize;
use store::ApiKey;
use ui::pages::Field;
use ui::pages::api_keys::{ConfirmKey, FreshKey, KeyAct, KeyUse, NewKey, OldKey};
use ui::{Notice, Section, Tone, Words};

use super::answer::{go, page, refused};
use super::entry::problem_of;
use super::form::{Form, Nothing, nonce, once};
use super::key_list::{HERE, Wanted, list_page, row};
use super::visitor::Visitor;
use crate::app::App;
use crate::auth::KeysWrite;
use crate::error::{Error, FieldProblem, Result};
use crate::ops;
use crate::ops::api_keys::Wish;
use crate::ops::key_hygiene::used_after_rotation;

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
        last_day: String::new(),
        access,
        ip_allowlist: Field::default(),
        description: Field::default(),
    })
}

#[derive(Deserialize)]
pub(super) struct NewKeyForm {
    nonce: String,
    name: String,
    /// Days, `date` or `never`.
    expiry: String,
    /// The last day, for `date`.
    #[serde(default)]
    last_day: String,
    access: String,
    ip_allowlist: String,
    description: String,
}

impl NewKeyForm {
    fn wish(&self, words: Words) -> Result<Wish> {
        let text = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        let odd = || Error::invalid("expires_at", words.t("Choose the last day."));
        let (expires_at, expires_in_days) = match &*self.expiry {
            "never" => (None, None),
            "date" => (Some(end_of(&self.last_day).ok_or_else(odd)?), None),
            days => {
                let odd = || Error::invalid("expires_in_days", "must be days, `date` or `never`");
                (None, Some(days.parse().map_err(|_| odd())?))
            }
        };
        Ok(Wish {
            name: self.name.clone(),
            description: text(&self.description),
            scopes: scopes(&self.access),
            expires_at,
            expires_in_days,
            ip_allowlist: Some(networks(&self.ip_allowlist)).filter(|list| !list.is_empty()),
            ..Wish::default()
        })
    }
}

/// Returns the moment at which a day, `2026-11-24`, is over everywhere that counts days in UTC.
fn end_of(day: &str) -> Option<Timestamp> {
    let start = Timestamp::parse(&format!("{}T00:00:00Z", day.trim()))?;
    Some(start.plus_ms(DAY_MS))
}

/// Returns the addresses and networks that were typed with commas, spaces or lines between them.
pub(super) fn networks(typed: &str) -> Vec<String> {
    let parts = typed.split(|letter: char| letter == ',' || letter.is_whitespace());
    parts.filter(|part| !part.is_empty()).map(str::to_owned).collect()
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
    let made = match sent.wish(visitor.words()) {
        Ok(wish) => ops::api_keys::create(&app, &visitor, wish, Some(&once)).await,
        Err(error) => Err(error),
    };
    match made {
        Ok(made) => shown(&app, &visitor, made, None).await,
        Err(Error::Invalid(problems)) => Ok(refused(&form_again(&visitor, &sent, &problems)?)),
        Err(error) => Err(error),
    }
}

fn form_again(visitor: &Visitor, sent: &NewKeyForm, problems: &[FieldProblem]) -> Result<NewKey> {
    let problem = |field| problem_of(visitor.words(), problems, field);
    let of = |value: &str, problem| Field { value: value.to_owned(), problem };
    let expiry = of(&sent.expiry, problem("expires_at").or_else(|| problem("expires_in_days")));
    let access = of(&sent.access, problem("scopes"));
    Ok(NewKey {
        last_day: sent.last_day.clone(),
        ip_allowlist: of(&sent.ip_allowlist, problem("ip_allowlist")),
        description: of(&sent.description, problem("description")),
        ..form(visitor, of(&sent.name, problem("name")), expiry, access)?
    })
}

/// The list with a key that was made just now on top; without, when its form was sent before. With
/// `old`, the key that it takes the place of.
async fn shown(
    app: &App,
    visitor: &Visitor,
    (key, token): (ApiKey, Option<ApiToken>),
    old: Option<OldKey>,
) -> Result<Response> {
    let words = visitor.words();
    let replaces = old.is_some();
    let fresh = token.as_ref().map(|token| FreshKey {
        name: key.name.clone(),
        secret: token.expose().to_owned(),
        scopes: key.scopes.iter().map(|scope| scope.as_str()).collect(),
        old,
    });
    let mut list = list_page(app, visitor, &Wanted::default(), fresh).await?;
    if token.is_none() {
        list.frame.notices.push(Notice {
            tone: Tone::Warning,
            text: words
                .t("This form was sent before: the key was made and shown then, and cannot be shown again.")
                .to_owned(),
            link: None,
        });
    } else if !replaces {
        list.frame.notices.extend(namesake(app, visitor, &key).await?);
    }
    Ok(page(&list))
}

/// Returns a warning when another living key has the same name: the log and the letters then name
/// two of them alike.
async fn namesake(app: &App, visitor: &Visitor, key: &ApiKey) -> Result<Option<Notice>> {
    let words = visitor.words();
    let keys = app.store.list_living_keys(visitor.account(), app.clock.now()).await?;
    let is_taken = |name: &str| {
        let mut others = keys.iter().filter(|other| other.id != key.id);
        others.any(|other| other.name.to_lowercase() == name.to_lowercase())
    };
    if !is_taken(&key.name) {
        return Ok(None);
    }
    let free = (2..).map(|number| format!("{} {number}", key.name)).find(|name| !is_taken(name));
    Ok(Some(Notice {
        tone: Tone::Warning,
        text: words.t2(
            "Another key is called “{}” too. So that you can tell them apart, call this one “{}”.",
            &key.name,
            free.unwrap_or_default(),
        ),
        link: Some((words.t("Rename").to_owned(), format!("{HERE}/{}", key.id))),
    }))
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
    let title = visitor.words().t("Rotate this key?");
    Ok(page(&question(&app, &visitor, &key, title, KeyAct::Rotate).await?))
}

async fn question(
    app: &App,
    visitor: &Visitor,
    key: &ApiKey,
    title: &str,
    act: KeyAct,
) -> Result<ConfirmKey> {
    let day = Granularity::Day.start_of(app.clock.now());
    let time = (day, day.plus_ms(DAY_MS));
    let used = app.store.usage_of_key(visitor.account(), key.id, Granularity::Day, time).await?;
    Ok(ConfirmKey {
        frame: visitor.frame(title, Section::ApiKeys),
        row: row(app, visitor, key),
        last_use: last_use(visitor.words(), key, app.clock.now()),
        today: used.iter().map(|point| point.requests).sum(),
        act,
        nonce: nonce()?,
    })
}

/// Returns when, from where and by what a key was last used.
pub(super) fn last_use(words: Words, key: &ApiKey, now: Timestamp) -> Option<KeyUse> {
    key.last_used_at.map(|at| KeyUse {
        at: words.time(at, now),
        ip: key.last_used_ip.clone(),
        endpoint: key.last_used_endpoint.clone(),
        program: words.program(key.last_used_agent.as_deref()),
        agent: key.last_used_agent.clone(),
    })
}

/// Returns what is to be known of a key that has a successor; `None` once it has ended.
pub(super) fn old_key(app: &App, visitor: &Visitor, key: &ApiKey) -> Option<OldKey> {
    let (words, now) = (visitor.words(), app.clock.now());
    let row = row(app, visitor, key);
    row.is_alive().then(|| OldKey {
        id: key.id,
        name: key.name.clone(),
        key_id: key.key_id.clone(),
        ends: key.expires_at.map(|end| words.time(end, now)),
        is_used: used_after_rotation(key),
        last_use: last_use(words, key, now),
        may_end: row.may_change,
    })
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
    let old = find(&app, &visitor, &id).await?;
    shown(&app, &visitor, rotated, old_key(&app, &visitor, &old)).await
}

pub(super) async fn ask_to_revoke(
    State(app): State<App>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Result<Response> {
    let key = find(&app, &visitor, &id).await?;
    let title = visitor.words().t("Revoke this key?");
    Ok(page(&question(&app, &visitor, &key, title, KeyAct::Revoke).await?))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_last_day_counts_as_a_whole() {
        let end = end_of(" 2026-12-31 ").unwrap();
        assert_eq!(end.to_string(), "2027-01-01T00:00:00.000Z");
        for odd in ["", "tomorrow", "2026-02-30", "2026-12-31T00:00:00Z"] {
            assert_eq!(end_of(odd), None, "{odd}");
        }
    }

    #[test]
    fn addresses_may_be_typed_in_many_ways() {
        assert_eq!(
            networks(" 192.0.2.1,2001:db8::/32\n 198.51.100.0/24 ,"),
            ["192.0.2.1", "2001:db8::/32", "198.51.100.0/24"]
        );
        assert!(networks(" , ").is_empty());
    }
}
