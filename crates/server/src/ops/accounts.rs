//! Making accounts and signing in: what an e-mail address and a name may be, and who may sign up.

use model::{AuthFailure, Role, Timestamp};
use store::{Act, FirstAdmin, NewUser, Principal, User};

use crate::app::App;
use crate::auth::password::{Compared, SecondFactor};
use crate::auth::sign_in::{self, Origin, Proven, Signed};
use crate::auth::{Identity, standing};
use crate::error::{Error, FieldProblem, Result};
use crate::mail;
use crate::mail::letters::Occasion;
use crate::ops::passwords;
use crate::ops::second_factors::{self, Checked, Code};
use crate::visit::{Named, RefusedCredential, Visit};

const MAX_EMAIL: usize = 254;
/// Characters of a user's name.
pub(crate) const MAX_NAME: usize = 100;

/// Somebody who wants an account.
pub(crate) struct Applicant {
    pub(crate) email: String,
    pub(crate) password: String,
    pub(crate) name: Option<String>,
}

/// What became of a registration.
pub(crate) enum Registered {
    SignedIn(Box<(User, Signed)>),
    /// A letter is on its way: with a link to a new user, with a hint to the owner of an account
    /// that exists. Which of the two is nobody's business.
    LetterSent,
}

/// Makes an account. On an instance that confirms addresses nobody learns whether one has an account:
/// the password is hashed, the row is tried and a letter is queued either way. On any other the new
/// user is signed in, which cannot be done for an address that is taken.
pub(crate) async fn register(
    app: &App,
    applicant: Applicant,
    origin: Origin,
) -> Result<Registered> {
    if !app.config.auth.allow_sign_up {
        return Err(Error::SignUpClosed);
    }
    let user = new_user(app, applicant, Role::User, None).await?;
    let created = app.store.create_user(&user, app.clock.now()).await?;
    if app.config.auth.require_email_verification {
        let occasion = match created {
            Some(created) => Occasion::Registered { user_id: created.id },
            None => Occasion::AddressTaken { email: user.email },
        };
        mail::order(app, &occasion).await?;
        return Ok(Registered::LetterSent);
    }
    let created = created.ok_or_else(taken)?;
    let signed = sign_in::start_session(app, &Proven::new(&created), origin, None).await?;
    Ok(Registered::SignedIn(Box::new((created, signed))))
}

/// Makes the first administrator; `None` when there is one.
pub(crate) async fn set_up(app: &App, applicant: Applicant) -> Result<Option<User>> {
    // Whoever has the set-up link operates the instance; there may be no mail yet.
    let verified = Some(app.clock.now());
    let user = new_user(app, applicant, Role::Admin, verified).await?;
    match app.store.create_first_admin(&user, app.clock.now()).await? {
        FirstAdmin::Created(user) => Ok(Some(user)),
        FirstAdmin::AdminExists => Ok(None),
        FirstAdmin::EmailTaken => Err(taken()),
    }
}

fn taken() -> Error {
    Error::Conflict("This e-mail address has an account already.".to_owned())
}

async fn new_user(
    app: &App,
    applicant: Applicant,
    role: Role,
    email_verified_at: Option<Timestamp>,
) -> Result<NewUser> {
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
    let objection = passwords::objection(app, &password, &context, SecondFactor::None).await?;
    if let Some(problem) = objection {
        problems.push(FieldProblem::new("password", problem));
    }
    if !problems.is_empty() {
        return Err(Error::Invalid(problems));
    }
    let password_hash = app.passwords.hash(&password).await?;
    let plan_id = app.config.plans.default.clone();
    Ok(NewUser { email, name, password_hash, role, plan_id, email_verified_at })
}

/// What somebody signs in with.
pub(crate) struct Credentials {
    pub(crate) email: String,
    pub(crate) password: String,
    pub(crate) code: Option<Code>,
}

/// Signs a user in. An unknown address, a wrong password and a wrong code are one answer; the first
/// two take one time. That a code is missing learns nobody but who knows the password. A code that
/// nobody asked for is left alone.
pub(crate) async fn sign_in(
    app: &App,
    sent: &Credentials,
    origin: Origin,
    visit: &Visit,
) -> Result<(Principal, Signed)> {
    let Credentials { email, password, code } = sent;
    let tried = match code {
        Some(code) => format!("{password}\n{}", code.text()),
        None => password.clone(),
    };
    let guess = app.guesses.begin(email, &tried, origin.ip, app.clock.now())?;
    let login = app.store.find_login(email).await?;
    let stored = login.as_ref().map(|login| login.password_hash.as_str());
    let compared = app.passwords.compare(password, stored).await?;
    let (login, rehashed) = match (login, compared) {
        (Some(login), Compared::Right { rehashed }) => (login, rehashed),
        (login, _) => {
            guess.wrong();
            if let Some(login) = login {
                refused(app, &login.principal, AuthFailure::WrongPassword, &origin, visit);
            }
            return Err(Error::Unauthorized { sent: false });
        }
    };
    let user = &login.principal;
    standing(user)?;
    let mut second_factor = None;
    if user.user_second_factors > 0 {
        // The password alone is not right: whoever has it must not wash away wrong codes with it.
        let code = code.as_ref().ok_or(Error::MfaRequired)?;
        let act = sign_in::act(user.user_id, origin.ip, app.clock.now());
        match second_factors::check(app, user, code, &act).await? {
            Checked::Right(kind) => second_factor = Some(kind),
            Checked::Wrong => {
                guess.wrong();
                refused(app, user, AuthFailure::WrongCode, &origin, visit);
                return Err(match second_factors::is_late(app, user, code, &act).await? {
                    true => Error::LateCode,
                    false => Error::Unauthorized { sent: false },
                });
            }
        }
    }
    guess.right();
    if let Some(stronger) = rehashed {
        let user = login.principal.user_id;
        app.store.replace_password_hash(user, &login.password_hash, &stronger).await?;
    }
    let signed =
        sign_in::start_session(app, &Proven::known(&login.principal), origin, second_factor)
            .await?;
    Ok((login.principal, signed))
}

/// Remembers a wrong password or code of a known user. The log is written beside the answer, which
/// would otherwise take longer than for an unknown address.
fn refused(app: &App, user: &Principal, reason: AuthFailure, origin: &Origin, visit: &Visit) {
    let (account, user) = (user.user_account_id, user.user_id);
    visit.refuse(RefusedCredential { account_id: account, named: Named::User(user), reason });
    let ip = origin.ip.map(|ip| ip.to_string());
    let act = Act { actor: "stranger".to_owned(), ip, at: app.clock.now() };
    let store = app.store.clone();
    app.tasks.spawn(store::in_this_request(async move {
        if let Err(error) = store.record_failed_sign_in(account, user, reason, &act).await {
            tracing::error!(%error, "a failed sign-in could not be recorded");
        }
    }));
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

/// Gives the caller another name; an empty one is none.
pub(crate) async fn rename(app: &App, caller: &Identity, name: &str) -> Result<()> {
    let name = Some(name.trim()).filter(|name| !name.is_empty());
    if name.is_some_and(|name| !is_line(name, MAX_NAME)) {
        let problem = format!("must be one line of at most {MAX_NAME} characters");
        return Err(Error::invalid("name", problem));
    }
    let user = caller.principal();
    if name == user.user_name.as_deref() {
        return Ok(());
    }
    let (account, act) = (user.user_account_id, caller.act(app));
    Ok(app.store.rename_user(account, user.user_id, name, &act).await?)
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
