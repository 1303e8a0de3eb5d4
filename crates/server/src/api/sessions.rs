use axum::Json;
use axum::extract::State;
use http::StatusCode;
use model::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::extract::{Path, Query};
use crate::app::App;
use crate::auth::SignedIn;
use crate::error::Result;
use crate::ops;

/// The sessions that are running, newest first.
#[derive(Serialize, ToSchema)]
pub(super) struct SessionsView {
    sessions: Vec<SessionView>,
}

/// One sign-in.
#[derive(Serialize, ToSchema)]
pub(super) struct SessionView {
    id: i64,
    /// Whether it is the one this request was sent with.
    current: bool,
    created_at: Timestamp,
    /// When it was last used, within a few seconds.
    last_seen_at: Timestamp,
    expires_at: Timestamp,
    /// Where it was last used from.
    ip: Option<String>,
    /// The program that signed in, as it named itself.
    agent: Option<String>,
}

/// List my sessions
#[utoipa::path(
    get, path = "/v1/auth/sessions", tag = "auth",
    responses((status = 200, body = SessionsView)),
    security(("session" = [])),
)]
pub(super) async fn list_sessions(
    State(app): State<App>,
    caller: SignedIn,
) -> Result<Json<SessionsView>> {
    let sessions = ops::sessions::list(&app, &caller).await?;
    let view = |session: store::Session| SessionView {
        id: session.id,
        current: session.sid == caller.session_id,
        created_at: session.created_at,
        last_seen_at: session.last_seen_at,
        expires_at: session.expires_at,
        ip: session.ip,
        agent: session.agent,
    };
    Ok(Json(SessionsView { sessions: sessions.into_iter().map(view).collect() }))
}

/// End a session
///
/// Its token stops working at once, everywhere. The present one may be ended too.
#[utoipa::path(
    delete, path = "/v1/auth/sessions/{id}", tag = "auth",
    params(("id" = i64, Path, description = "The session's `id`")),
    responses((status = 204)),
    security(("session" = [])),
)]
pub(super) async fn end_session(
    State(app): State<App>,
    caller: SignedIn,
    Path(id): Path<i64>,
) -> Result<StatusCode> {
    ops::sessions::end(&app, &caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Which sessions stay.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct EndQuery {
    /// `current`: the session of this request goes on. Left out, all end.
    keep: Option<Keep>,
}

/// The session that stays.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Keep {
    Current,
}

/// End all my sessions
///
/// Signs out everywhere. API keys stay as they are.
#[utoipa::path(
    delete, path = "/v1/auth/sessions", tag = "auth",
    params(EndQuery),
    responses((status = 204)),
    security(("session" = [])),
)]
pub(super) async fn end_sessions(
    State(app): State<App>,
    caller: SignedIn,
    Query(query): Query<EndQuery>,
) -> Result<StatusCode> {
    let keep = query.keep.map(|Keep::Current| caller.session_id.as_str());
    ops::sessions::end_all(&app, &caller, keep).await?;
    Ok(StatusCode::NO_CONTENT)
}
