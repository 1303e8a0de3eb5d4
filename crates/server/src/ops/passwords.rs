//! Passwords of users: what one must be, changing one, and setting one by a link in a letter.

use model::{LinkPurpose, Timestamp};
use store::{Act, KeysOnReset, LinkHolder, NewJob, Reset};

use crate::app::App;
use crate::auth::Identity;
use crate::auth::password::{self, SecondFactor};
use crate::auth::sign_in::Origin;
use crate::breached;
use crate::error::{Error, Result};
use crate::jobs::write_letter;
use crate::mail;
use crate::mail::letters::Occasion;
use crate::ops::accounts::email_problem;
use crate::ops::step_up;
use crate::visit::Visit;

/// Returns why a password may not be taken; nothing when it may.
pub(crate) async fn objection(
    app: &App,
    password: &str,
    context: &[&str],
    beside: SecondFactor,
) -> Result<Option<String>> {
    if let Some(weakness) = password::weakness(password, context, beside) {
        return Ok(Some(weakness));
    }
    let (folder, password) = (app.config.data_dir.clone(), password.to_owned());
    let asking = tokio::task::spawn_blocking(move || breached::holds(&folder, &password)).await;
    match asking.map_err(|error| Error::Internal(error.into()))? {
        Ok(true) => Ok(Some(BREACHED.to_owned())),
        Ok(false) => Ok(None),
        Err(error) => {
            // A broken list must not keep people from setting a password.
            tracing::error!(%error, "the list of breached passwords cannot be read");
            Ok(None)
        }
    }
}

/// What is wrong with a password that others have lost.
pub(crate) const BREACHED: &str =
    "is on lists of stolen passwords, which attackers try first; take a few unrelated words";

/// Changes the caller's password, ends every session but `keep`, and tells the user by mail.
pub(crate) async fn change(
    app: &App,
    caller: &Identity,
    keep: Option<&str>,
    current: &str,
    new: &str,
    visit: &Visit,
) -> Result<()> {
    step_up::require_password(app, caller, current, visit).await?;
    let user = caller.principal();
    let context = [user.user_email.as_str(), user.user_name.as_deref().unwrap_or_default()];
    let beside = SecondFactor::of(user.user_second_factors);
    if let Some(problem) = objection(app, new, &context, beside).await? {
        return Err(Error::invalid("new_password", problem));
    }
    let hash = app.passwords.hash(new).await?;
    let act = caller.act(app);
    let notice = notice(user.user_id, &act)?;
    let account = user.user_account_id;
    app.store.set_password(account, user.user_id, &hash, keep, &notice, &act).await?;
    app.wake.wake();
    Ok(())
}

/// Orders a letter with a link to set a new password. What happens here is the same for every
/// address; the job looks whether it is anybody's.
pub(crate) async fn forgot(app: &App, email: &str) -> Result<()> {
    if let Some(problem) = email_problem(email) {
        return Err(Error::invalid("email", problem));
    }
    mail::order(app, &Occasion::PasswordForgotten { email: email.to_owned() }).await
}

/// Returns whose password a link sets, if it is good. It stays good.
pub(crate) async fn find_link(app: &App, token: &str) -> Result<Option<LinkHolder>> {
    let hash = app.secrets.hash_link(LinkPurpose::ResetPassword, token);
    Ok(app.store.find_link(LinkPurpose::ResetPassword, &hash, app.clock.now()).await?)
}

/// Sets a password by a link and ends every session. Nobody is signed in by it. A password that is
/// not good enough leaves the link good.
pub(crate) async fn reset(
    app: &App,
    token: &str,
    new: &str,
    keys: KeysOnReset,
    origin: Origin,
) -> Result<()> {
    let link = app.secrets.hash_link(LinkPurpose::ResetPassword, token);
    let user = find_link(app, token).await?.ok_or_else(spent_link)?;
    let context = [user.email.as_str(), user.name.as_deref().unwrap_or_default()];
    let factors = app.store.second_factors(user.user_id).await?;
    if let Some(problem) = objection(app, new, &context, SecondFactor::of(factors.count())).await? {
        return Err(Error::invalid("new_password", problem));
    }
    let password_hash = &app.passwords.hash(new).await?;
    let ip = origin.ip.map(|ip| ip.to_string());
    let act = Act { actor: format!("user:{}", user.user_id), ip, at: app.clock.now() };
    let notice = &notice(user.user_id, &act)?;
    let reset = Reset { link: &link, password_hash, keys, notice };
    let outcome = app.store.reset_password(&reset, &act).await?;
    app.guesses.forgive(&user.email);
    app.wake.wake();
    outcome.map(drop).ok_or_else(spent_link)
}

/// One answer for a link that never was, is used up, has ended or is for something else.
pub(crate) fn spent_link() -> Error {
    Error::invalid("token", "is not good any more; ask for a new letter")
}

fn notice(user_id: i64, act: &Act) -> Result<NewJob> {
    let (ip, at): (_, Timestamp) = (act.ip.clone(), act.at);
    write_letter::due(&Occasion::PasswordChanged { user_id, ip, at }, at)
}
