use axum::extract::{Path, State};
use axum::response::Response;
use ui::Section;
use ui::pages::security::{PasskeyRow, Security, SessionRow};

use super::answer::{go, page};
use super::form::{Form, Nothing};
use super::visitor::Visitor;
use crate::app::App;
use crate::error::{Error, Result};
use crate::ops;

/// This page.
pub(super) const HERE: &str = "/settings/security";

/// The sessions and passkeys of a person.
pub(super) async fn show(State(app): State<App>, visitor: Visitor) -> Result<Response> {
    let (words, now) = (visitor.words(), app.clock.now());
    let sessions = ops::sessions::list(&app, &visitor).await?;
    let rows = sessions.into_iter().map(|session| SessionRow {
        id: session.id,
        is_current: session.sid == visitor.session_id,
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
    let frame = visitor.frame(words.t("Security"), Section::Security);
    Ok(page(&Security {
        frame,
        rows: rows.collect(),
        passkeys: passkeys.collect(),
        can_add_passkeys: ops::passkeys::are_possible(&app),
    }))
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
