use model::{ApiToken, DAY_MS, KeyStatus, SECOND_MS};
use store::{ApiKey, Once, Rotated, Rotation};

use super::api_keys::{not_wider, only_makers, require_own};
use super::key_letters::{self, Told};
use crate::app::App;
use crate::auth::Identity;
use crate::auth::token::new_token;
use crate::error::{Error, Result};
use crate::mail;

/// Longest time that a replaced key may go on working, in seconds: 30 days.
const MAX_GRACE: i64 = 30 * DAY_MS / SECOND_MS;

/// Replaces a key of the caller's account; the old one works for `grace` more seconds. A repeated
/// request gets the successor without its token.
///
/// A key may replace itself, and others that may do no more than it may.
pub(crate) async fn rotate(
    app: &App,
    caller: &Identity,
    id: i64,
    grace: i64,
    once: Option<&Once>,
) -> Result<(ApiKey, Option<ApiToken>)> {
    if !(0..=MAX_GRACE).contains(&grace) {
        let problem = format!("must be between 0 and {MAX_GRACE}");
        return Err(Error::invalid("grace_period_seconds", problem));
    }
    let account = caller.principal().user_account_id;
    let now = app.clock.now();
    let max_days = app.store.find_key_policy(account).await?.max_lifetime_days;
    let mut latest_end = max_days.map(|days| now.plus_ms(days * DAY_MS));
    let target = app.store.find_key(account, id).await?.ok_or(Error::NotFound)?;
    require_own(caller, &target)?;
    if let Some(maker) = caller.key()
        && maker.id != id
    {
        not_wider(&target, maker)?;
        latest_end = latest_end.into_iter().chain(maker.expires_at).min();
    }
    let token = new_token().map_err(|error| Error::Internal(error.into()))?;
    let (pepper_version, hash) = app.secrets.hash_key(&token);
    let rotation = Rotation {
        key_id: token.key_id().to_owned(),
        hash,
        pepper_version,
        grace_ms: grace * SECOND_MS,
        latest_end,
    };
    let act = caller.act(app);
    match app.store.rotate_key(account, id, &rotation, once, &act).await? {
        Rotated::Now { old, new } => {
            if let Some(owner) = app.store.find_key_owner(account, id).await? {
                let letter = key_letters::rotated(&Told::of(&old, &owner), &new, &act);
                mail::queue(app, &owner.email, &letter).await?;
            }
            Ok((*new, Some(token)))
        }
        Rotated::Before(new) => Ok((*new, None)),
        Rotated::KeyReused => Err(Error::IdempotencyKeyReused),
        Rotated::NotFound => Err(Error::NotFound),
        Rotated::Refused(status) => Err(Error::Conflict(refusal(status).to_owned())),
    }
}

/// Replaces the calling key at once; for a signed-in user, the oldest active key that they manage.
pub(crate) async fn regenerate(
    app: &App,
    caller: &Identity,
    once: Option<&Once>,
) -> Result<(ApiKey, Option<ApiToken>)> {
    let id = match caller.key() {
        Some(key) => key.id,
        None => {
            let account = caller.principal().user_account_id;
            let oldest = app
                .store
                .find_oldest_active_key(account, only_makers(caller), app.clock.now())
                .await?;
            let none = || Error::Conflict("You have no active key. Make one.".to_owned());
            oldest.ok_or_else(none)?.id
        }
    };
    rotate(app, caller, id, 0, once).await
}

fn refusal(status: KeyStatus) -> &'static str {
    match status {
        KeyStatus::Active => "The key changed in this moment. Try again.",
        KeyStatus::Disabled => "The key is switched off. Switch it on first, or make a new one.",
        KeyStatus::Expiring => "The key was replaced before; `rotated_to` names its successor.",
        KeyStatus::Expired => "The key has expired and cannot be replaced. Make a new one.",
        KeyStatus::Revoked => "The key is revoked and cannot be replaced. Make a new one.",
    }
}
