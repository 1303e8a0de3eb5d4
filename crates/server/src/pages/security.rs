//! Settings → Security: the ways in of a person, where they are signed in, and who was refused.

use axum::extract::{Path, Query, State};
use axum::response::Response;
use model::{DAY_MS, Timestamp};
use store::FailedAttempts;
use ui::pages::security::{AttemptRow, PasskeyRow, Security, SessionRow, refusal_reason};
use ui::{Section, Words};

use super::answer::{go, page};
use super::done::Told;
use super::form::{Form, Nothing};
use super::usage::attempts;
use super::visitor::Visitor;
use crate::app::App;
use crate::error::{Error, Result};
use crate::ops;

/// This page.
pub(super) const HERE: &str = "/settings/security";

/// Days of which refused credentials are shown, and how many rows at most.
const ATTEMPT_DAYS: i64 = 30;
const MOST_ATTEMPTS: i64 = 20;

/// The ways in of a person, and what was refused.
pub(super) async fn show(
    State(app): State<App>,
    visitor: Visitor,
    Query(told): Query<Told>,
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
    let refused = app.store.list_failed_attempts(visitor.account(), &since, MOST_ATTEMPTS).await?;
    let factors = ops::second_factors::list(&app, &visitor).await?;
    let mut frame = visitor.frame(words.t("Security"), Section::Security);
    frame.notices.extend(told.notice(words));
    Ok(page(&Security {
        frame,
        authenticator: factors.totp_confirmed_at.map(|at| words.time(at, now)),
        codes_left: factors.recovery_codes_left,
        rows: rows.collect(),
        passkeys: passkeys.collect(),
        can_add_passkeys: ops::passkeys::are_possible(&app),
        attempts: refused.into_iter().map(|row| attempt(words, now, row)).collect(),
        attempt_days: ATTEMPT_DAYS,
    }))
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
