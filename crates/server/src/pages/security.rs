//! Settings → Security: the ways in of a person, where they are signed in, and who was refused.

use axum::extract::{Path, Query, State};
use axum::response::Response;
use model::{DAY_MS, Granularity, Timestamp};
use serde::Deserialize;
use store::{AttemptFilter, AttemptGroup, AttemptGrouping, FailedAttempts};
use ui::pages::security::{
    AddressGroup, AttemptRow, KeyGroup, PasskeyRow, Security, SessionRow, refusal_reason,
};
use ui::parts::{Bar, stacked};
use ui::{Html, Section, Words, utc_date};

use super::answer::{go, page};
use super::done::Told;
use super::form::{Form, Nothing};
use super::key_list::row;
use super::paging::{self, PAGE};
use super::usage::attempts;
use super::visitor::Visitor;
use crate::app::App;
use crate::error::{Error, Result};
use crate::ops;

/// This page.
pub(super) const HERE: &str = "/settings/security";

/// Days of which refused credentials are shown.
const ATTEMPT_DAYS: i64 = 30;
/// Groups of each kind that are shown, the largest.
const MOST_GROUPS: i64 = 10;

#[derive(Deserialize)]
pub(super) struct Place {
    /// Only refused credentials below this row.
    before: Option<i64>,
}

/// The ways in of a person, and what was refused.
pub(super) async fn show(
    State(app): State<App>,
    visitor: Visitor,
    Query(told): Query<Told>,
    Query(place): Query<Place>,
) -> Result<Response> {
    let (words, now) = (visitor.words(), app.clock.now());
    let sessions = ops::sessions::list(&app, &visitor).await?;
    let rows = sessions.into_iter().map(|session| SessionRow {
        id: session.id,
        is_current: session.sid == visitor.session_id,
        program: words.program(session.agent.as_deref()),
        agent: session.agent,
        ip: session.ip,
        created: words.time(session.created_at, now),
        last_seen: words.time(session.last_seen_at, now),
    });
    let passkeys = app.store.list_passkeys(visitor.principal().user_id).await?;
    let passkeys = passkeys.into_iter().map(|passkey| PasskeyRow {
        id: passkey.id,
        name: passkey.name,
        added: words.time(passkey.created_at, now),
        last_used: passkey.last_used_at.map(|at| words.time(at, now)),
        is_backed_up: passkey.backed_up,
    });
    let since = attempts(now.plus_ms(-ATTEMPT_DAYS * DAY_MS), now);
    let (account, below) =
        (visitor.account(), AttemptFilter { before: place.before, ..since.clone() });
    let refused = app.store.list_failed_attempts(account, &below, PAGE).await?;
    let last = ("before", refused.last().map(|last| last.id.to_string()));
    let next = paging::next(HERE, &[], refused.len(), last).map(|path| path + "#refused");
    let groups = |by| app.store.group_failed_attempts(account, &since, by, MOST_GROUPS);
    let by_address = groups(AttemptGrouping::Ip).await?.into_iter().map(|group| AddressGroup {
        ip: group.ip.filter(|ip| !ip.is_empty()),
        attempts: group.attempts,
        last: words.time(group.last_at, now),
    });
    let mut by_key = Vec::new();
    for group in groups(AttemptGrouping::ApiKey).await? {
        by_key.push(key_group(&app, &visitor, group).await?);
    }
    let factors = ops::second_factors::list(&app, &visitor).await?;
    let mut frame = visitor.frame(words.t("Security"), Section::Security);
    frame.notices.extend(told.notice(words));
    let has_authenticator = factors.totp_confirmed_at.is_some();
    Ok(page(&Security {
        frame,
        has_one_factor: has_authenticator && passkeys.len() == 0,
        chart: chart(&app, &visitor).await?,
        by_address: by_address.collect(),
        by_key,
        next,
        authenticator: factors.totp_confirmed_at.map(|at| words.time(at, now)),
        codes_left: factors.recovery_codes_left,
        rows: rows.collect(),
        passkeys: passkeys.collect(),
        can_add_passkeys: ops::passkeys::are_possible(&app),
        attempts: refused.into_iter().map(|row| attempt(words, now, row)).collect(),
        attempt_days: ATTEMPT_DAYS,
    }))
}

/// Returns what was refused day by day.
async fn chart(app: &App, visitor: &Visitor) -> Result<Html> {
    let words = visitor.words();
    let today = Granularity::Day.start_of(app.clock.now());
    let from = today.plus_ms(-(ATTEMPT_DAYS - 1) * DAY_MS);
    let days = app.store.failed_attempts_by_day(visitor.account(), from).await?;
    let bar = |number: i64| {
        let day = from.plus_ms(number * DAY_MS);
        let found = days.iter().find(|one| one.day == day);
        Bar {
            label: utc_date(day)[5..].to_owned(),
            limited: found.map_or(0, |one| one.sign_ins),
            refused: found.map_or(0, |one| one.keys),
            ..Bar::default()
        }
    };
    let bars: Vec<Bar> = (0..ATTEMPT_DAYS).map(bar).collect();
    let names = [None, Some(words.t("Failed sign-ins")), Some(words.t("Refused keys"))];
    Ok(stacked(words, "attempts", words.t("Failed sign-ins and refused keys"), names, &bars))
}

/// Returns a group with the name of its key, and whether that is to be revoked yet.
async fn key_group(app: &App, visitor: &Visitor, group: AttemptGroup) -> Result<KeyGroup> {
    let key = match group.api_key_id {
        Some(id) if id > 0 => app.store.find_key(visitor.account(), id).await?,
        _ => None,
    };
    let row = key.map(|key| row(app, visitor, &key));
    Ok(KeyGroup {
        may_revoke: row.as_ref().is_some_and(|row| row.is_alive() && row.may_change),
        key: row.map(|row| (row.id, row.name, row.key_id)),
        attempts: group.attempts,
        last: visitor.words().time(group.last_at, app.clock.now()),
    })
}

fn attempt(words: Words, now: Timestamp, row: FailedAttempts) -> AttemptRow {
    AttemptRow {
        reason: refusal_reason(words, row.reason),
        what: row.key_id.map(|key_id| format!("{key_id}…")).or(row.email),
        ip: Some(row.ip).filter(|ip| !ip.is_empty()),
        program: words.program(row.agent.as_deref()),
        attempts: row.attempts,
        last: words.time(row.last_at, now),
    }
}

/// Ends one session.
pub(super) async fn end(
    State(app): State<App>,
    visitor: Visitor,
    Path(id): Path<String>,
    Form(Nothing {}): Form<Nothing>,
) -> Result<Response> {
    let id = id.parse().map_err(|_| Error::NotFound)?;
    ops::sessions::end(&app, &visitor, id).await?;
    Ok(go(HERE))
}

/// Ends every session but this one.
pub(super) async fn end_others(
    State(app): State<App>,
    visitor: Visitor,
    Form(Nothing {}): Form<Nothing>,
) -> Result<Response> {
    ops::sessions::end_all(&app, &visitor, Some(&visitor.session_id)).await?;
    Ok(go(HERE))
}
