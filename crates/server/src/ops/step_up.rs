use model::AuthFailure;

use crate::app::App;
use crate::auth::Identity;
use crate::auth::password::Compared;
use crate::error::{Error, Result};
use crate::ops::second_factors::{self, Checked, Code};
use crate::visit::{Named, RefusedCredential, Visit};

/// What somebody shows to prove again who they are.
pub(crate) struct Proof {
    pub(crate) password: Option<String>,
    pub(crate) code: Option<Code>,
}

/// Renews the proof of who is behind a session: by the password, or, once a second factor is
/// enrolled, by that. Whatever is sent must be right.
pub(crate) async fn prove(
    app: &App,
    caller: &Identity,
    session_id: &str,
    proof: &Proof,
    visit: &Visit,
) -> Result<()> {
    let user = caller.principal();
    match user.user_second_factors > 0 {
        true if proof.code.is_none() => return Err(Error::MfaRequired),
        false if proof.password.is_none() => {
            return Err(Error::invalid("password", "is needed: there is no second factor"));
        }
        _ => {}
    }
    refuse_wrong(app, caller, "password", proof, visit).await?;
    match app.store.renew_proof(user.user_account_id, session_id, &caller.act(app)).await? {
        true => Ok(()),
        false => Err(Error::Unauthorized { sent: true }),
    }
}

/// Refuses whoever does not know the password of the user who is signed in, which was sent as
/// `current_password`.
pub(crate) async fn require_password(
    app: &App,
    caller: &Identity,
    password: &str,
    visit: &Visit,
) -> Result<()> {
    let proof = Proof { password: Some(password.to_owned()), code: None };
    refuse_wrong(app, caller, "current_password", &proof, visit).await
}

/// Refuses a proof in which something is wrong, and keeps that in the account's log like a failed
/// sign-in: a stolen token must not become an oracle for the password, nor for codes. `field` is where
/// the password stands.
async fn refuse_wrong(
    app: &App,
    caller: &Identity,
    field: &'static str,
    proof: &Proof,
    visit: &Visit,
) -> Result<()> {
    let (user, act) = (caller.principal(), caller.act(app));
    let shown = [proof.password.as_deref(), proof.code.as_ref().map(Code::text)];
    let shown: Vec<&str> = shown.into_iter().flatten().collect();
    let guess = app.guesses.begin(&user.user_email, &shown.join("\n"), caller.ip, act.at)?;
    let Some(wrong) = first_wrong(app, caller, field, proof).await? else {
        guess.right();
        return Ok(());
    };
    guess.wrong();
    let (account, user, reason) = (user.user_account_id, user.user_id, wrong.reason);
    visit.refuse(RefusedCredential { account_id: account, named: Named::User(user), reason });
    app.store.record_failed_sign_in(account, user, reason, &act).await?;
    Err(Error::invalid(wrong.field, wrong.problem))
}

struct Wrong {
    field: &'static str,
    problem: &'static str,
    reason: AuthFailure,
}

/// Returns what is wrong with a proof. The code is looked at last, so that a wrong password uses
/// none up.
async fn first_wrong(
    app: &App,
    caller: &Identity,
    field: &'static str,
    proof: &Proof,
) -> Result<Option<Wrong>> {
    let user = caller.principal();
    if let Some(password) = &proof.password {
        let stored = app.store.find_password_hash(user.user_id).await?;
        let Compared::Right { .. } = app.passwords.compare(password, stored.as_deref()).await?
        else {
            let reason = AuthFailure::WrongPassword;
            let problem = "is not the present password";
            return Ok(Some(Wrong { field, problem, reason }));
        };
    }
    if user.user_second_factors > 0
        && let Some(code) = &proof.code
        && let Checked::Wrong = second_factors::check(app, user, code, &caller.act(app)).await?
    {
        let (field, reason) = (code.field(), AuthFailure::WrongCode);
        return Ok(Some(Wrong { field, problem: "is not good, or was used", reason }));
    }
    Ok(None)
}
