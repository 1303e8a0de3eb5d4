//! Making accounts: what an e-mail address and a name may be, and who may sign up.

use model::{AuthFailure, Role, Timestamp};
use store::{FirstAdmin, NewUser, Principal, User};

use crate::app::App;
use crate::auth::password::{self, Compared};
use crate::auth::sign_in::{self, Origin, Signed};
use crate::auth::{Identity, standing};
use crate::error::{Error, FieldProblem, Result};
use crate::visit::{Named, RefusedCredential, Visit};

const MAX_EMAIL: usize = 254;
const MAX_NAME: usize = 100;

/// Somebody who wants an account.
pub(crate) struct Applicant {
    pub(crate) email: String,
    pub(crate) password: String,
    pub(crate) name: Option<String>,
}

/// Makes an account and signs its user in.
pub(crate) async fn register(
    app: &App,
    applicant: Applicant,
    origin: Origin,
) -> Result<(User, Signed)> {
    if !app.config.auth.allow_sign_up {
        return Err(Error::SignUpClosed);
    }
    let user = new_user(app, applicant, Role::User).await?;
    let created = app.store.create_user(&user, app.clock.now()).await?;
    let created = created.ok_or_else(taken)?;
    let signed = sign_in::start_session(app, created.id, Timestamp(0), origin).await?;
    Ok((created, signed))
}

/// Makes the first administrator; `None` when there is one.
pub(crate) async fn set_up(app: &App, applicant: Applicant) -> Result<Option<User>> {
    let user = new_user(app, applicant, Role::Admin).await?;
    match app.store.create_first_admin(&user, app.clock.now()).await? {
        FirstAdmin::Created(user) => Ok(Some(user)),
        FirstAdmin::AdminExists => Ok(None),
        FirstAdmin::EmailTaken => Err(taken()),
    }
}

fn taken() -> Error {
    Error::Conflict("This e-mail address has an account already.".to_owned())
}

async fn new_user(app: &App, applicant: Applicant, role: Role) -> Result<NewUser> {
    let Applicant { email, password, name } = applicant;
    let name = name.map(|name| name.trim().to_owned()).filter(|name| !name.is_empty());
    let mut problems = Vec::new();
    if let Some(problem) = email_problem(&email) {
        problems.push(FieldProblem::new("email", problem));
    }
    if name.as_ref().is_some_and(|name| !is_line(name, MAX_NAME)) {
        problems.push(FieldProblem::new(
            "name",
            format!("must be one line of at most {MAX_NAME} characters"),
        ));
    }
    let context = [email.as_str(), name.as_deref().unwrap_or_default()];
    if let Some(problem) = password::weakness(&password, &context) {
        problems.push(FieldProblem::new("password", problem));
    }
    if !problems.is_empty() {
        return Err(Error::Invalid(problems));
    }
    let password_hash = app.passwords.hash(&password).await?;
    let plan_id = app.config.plans.default.clone();
    Ok(NewUser { email, name, password_hash, role, plan_id })
}

/// Signs a user in. An unknown address and a wrong password are one answer and take one time.
pub(crate) async fn sign_in(
    app: &App,
    email: &str,
    password: &str,
    origin: Origin,
    visit: &Visit,
) -> Result<(Principal, Signed)> {
    // GUESS LIMITS STAND HERE: by HMAC of the address, whether it exists or not, and by network.
    let login = app.store.find_login(email).await?;
    let stored = login.as_ref().map(|login| login.password_hash.as_str());
    let compared = app.passwords.compare(password, stored).await?;
    let (login, rehashed) = match (login, compared) {
        (Some(login), Compared::Right { rehashed }) => (login, rehashed),
        (login, _) => {
            if let Some(login) = login {
                visit.refuse(RefusedCredential {
                    account_id: login.principal.user_account_id,
                    named: Named::User(login.principal.user_id),
                    reason: AuthFailure::WrongPassword,
                });
            }
            return Err(Error::Unauthorized { sent: false });
        }
    };
    standing(&login.principal)?;
    if let Some(stronger) = rehashed {
        let user = login.principal.user_id;
        app.store.replace_password_hash(user, &login.password_hash, &stronger).await?;
    }
    let signed = sign_in::start(app, &login.principal, origin).await?;
    Ok((login.principal, signed))
}

/// Changes the caller's password and ends every session but `keep`.
pub(crate) async fn change_password(
    app: &App,
    caller: &Identity,
    keep: Option<&str>,
    current: &str,
    new: &str,
) -> Result<()> {
    // GUESS LIMITS STAND HERE TOO: a stolen key must not become an oracle for the password.
    let user = caller.principal();
    let stored = app.store.find_password_hash(user.user_id).await?;
    let compared = app.passwords.compare(current, stored.as_deref()).await?;
    let Compared::Right { .. } = compared else {
        return Err(Error::invalid("current_password", "is not the present password"));
    };
    let context = [user.user_email.as_str(), user.user_name.as_deref().unwrap_or_default()];
    if let Some(problem) = password::weakness(new, &context) {
        return Err(Error::invalid("new_password", problem));
    }
    let hash = app.passwords.hash(new).await?;
    app.store.set_password(user.user_id, &hash, keep, app.clock.now()).await?;
    Ok(())
}

/// Returns what is wrong with an e-mail address. Whether mail arrives there is another question.
pub(crate) fn email_problem(email: &str) -> Option<&'static str> {
    const PROBLEM: &str = "must be an e-mail address such as ann@example.com";
    let is_plain = |c: char| !c.is_whitespace() && !c.is_control();
    let (local, domain) = email.split_once('@').unwrap_or_default();
    let is_good = email.len() <= MAX_EMAIL
        && email.chars().all(is_plain)
        && (1..=64).contains(&local.len())
        && !domain.contains('@')
        && domain.split('.').all(|label| !label.is_empty());
    (!is_good).then_some(PROBLEM)
}

/// Returns whether a text is one line of at most that many characters, and not empty.
pub(crate) fn is_line(text: &str, most: usize) -> bool {
    (1..=most).contains(&text.chars().count()) && !text.chars().any(char::is_control)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_told_from_nonsense() {
        for good in
            ["a@b", "ann.archer+x@example.com", "ünï@example.com", "o'neil@sub.example.co.uk"]
        {
            assert_eq!(email_problem(good), None, "{good}");
        }
        let long = format!("{}@example.com", "a".repeat(65));
        for bad in ["", "ann", "@b", "a@", "a@b@c", "a b@c", "a@b..c", "a@.b", "a@b\n", &long] {
            assert!(email_problem(bad).is_some(), "{bad}");
        }
    }
}
