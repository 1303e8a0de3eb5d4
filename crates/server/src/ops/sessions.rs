use store::Session;

use crate::app::App;
use crate::auth::{Identity, session_uses::LastSeen};
use crate::error::{Error, Result};

/// Returns the caller's running sessions, newest first, as they were last seen.
pub(crate) async fn list(app: &App, caller: &Identity) -> Result<Vec<Session>> {
    let user = caller.principal().user_id;
    let mut sessions = app.store.list_sessions(user, app.clock.now()).await?;
    for session in &mut sessions {
        if let Some(LastSeen { at, ip }) = app.session_uses.unwritten(&session.sid) {
            session.last_seen_at = at;
            session.ip = ip.map(|ip| ip.to_string()).or(session.ip.take());
        }
    }
    Ok(sessions)
}

/// Ends one of the caller's sessions.
pub(crate) async fn end(app: &App, caller: &Identity, id: i64) -> Result<()> {
    let user = caller.principal();
    let act = caller.act(app);
    match app.store.end_own_session(user.user_account_id, user.user_id, id, &act).await? {
        true => Ok(()),
        false => Err(Error::NotFound),
    }
}

/// Ends all of the caller's sessions but `keep`.
pub(crate) async fn end_all(app: &App, caller: &Identity, keep: Option<&str>) -> Result<()> {
    let user = caller.principal();
    let act = caller.act(app);
    app.store.end_sessions(user.user_account_id, user.user_id, keep, &act).await?;
    Ok(())
}
