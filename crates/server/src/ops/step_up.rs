use model::AuthFailure;

use crate::app::App;
use crate::auth::Identity;
use crate::auth::password::Compared;
use crate::error::{Error, Result};

/// Renews the proof of who is behind a session by the user's password. A wrong one is kept in the
/// account's log like a failed sign-in.
pub(crate) async fn by_password(
    app: &App,
    caller: &Identity,
    session_id: &str,
    password: &str,
) -> Result<()> {
    let user = caller.principal();
    let act = caller.act(app);
    // A stolen token must not become an oracle for the password.
    let guess = app.guesses.begin(&user.user_email, password, caller.ip, act.at)?;
    let stored = app.store.find_password_hash(user.user_id).await?;
    let compared = app.passwords.compare(password, stored.as_deref()).await?;
    let Compared::Right { .. } = compared else {
        guess.wrong();
        let (account, reason) = (user.user_account_id, AuthFailure::WrongPassword);
        app.store.record_failed_sign_in(account, user.user_id, reason, &act).await?;
        return Err(Error::invalid("password", "is not the present password"));
    };
    guess.right();
    match app.store.renew_proof(user.user_account_id, session_id, &act).await? {
        true => Ok(()),
        false => Err(Error::Unauthorized { sent: true }),
    }
}
