//! The letters about signing in, written at the moment they are sent.
//!
//! A letter that carries a link mints its token here and keeps only the keyed hash, so a job, the
//! database and a backup never hold one. A try that could not be sent is written anew with a new
//! token. Within [`COOL_DOWN_MS`] nobody gets a second link for the same purpose: otherwise a stranger
//! who keeps asking would void each link before it is used, and fill the mailbox.
//!
//! To add a letter: a variant of [`Occasion`], an arm in [`write()`].

use model::{DAY_MS, FactorChange, LinkPurpose, MINUTE_MS, Timestamp};
use serde::{Deserialize, Serialize};
use store::{NewLink, User};

use super::{Letter, email_letters, factor_letter, team_letters};
use crate::app::App;
use crate::auth::token::random_base62;
use crate::error::{Error, Result};

/// How long a link to set a password is good.
const RESET_MS: i64 = 30 * MINUTE_MS;
/// How long a link that confirms an address is good.
const VERIFY_MS: i64 = DAY_MS;
/// How long an invitation is good.
pub(crate) const INVITATION_MS: i64 = 7 * DAY_MS;
/// How long a fresh link is left alone.
const COOL_DOWN_MS: i64 = 2 * MINUTE_MS;
/// Characters of a token: 256 bits in base62.
const TOKEN_LENGTH: usize = 43;
/// How far back keys are listed when a password was changed.
const RECENT_KEYS_MS: i64 = 30 * DAY_MS;

/// Why somebody gets a letter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "occasion", rename_all = "snake_case")]
pub(crate) enum Occasion {
    /// A user is to confirm their address.
    Registered { user_id: i64 },
    /// Somebody wanted an account for an address that has one.
    AddressTaken { email: String },
    /// Somebody forgot the password of that address, which may be nobody's.
    PasswordForgotten { email: String },
    /// Somebody is to join a team.
    Invited { invitation_id: i64 },
    /// A user wants another address: the present mailbox is asked.
    EmailChangeAsked { user_id: i64, wanted: String },
    /// The present mailbox allowed it: the new one is asked.
    EmailChangeAllowed { user_id: i64, wanted: String },
    /// A user has another address; the former one is told.
    EmailChanged { former: String, wanted: String, ip: Option<String>, at: Timestamp },
    /// The password of a user is another one now.
    PasswordChanged { user_id: i64, ip: Option<String>, at: Timestamp },
    /// A user has a passkey more.
    PasskeyAdded { user_id: i64, ip: Option<String>, at: Timestamp },
    /// A user has a passkey less.
    PasskeyRemoved { user_id: i64, ip: Option<String>, at: Timestamp },
    /// Something happened to the second factors of a user.
    SecondFactorChanged { user_id: i64, change: FactorChange, ip: Option<String>, at: Timestamp },
}

/// Whether a letter is written for the first time or because it could not be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Attempt {
    First,
    Again,
}

/// Writes a letter. Returns its address and the letter; `None` when nobody is to get one.
pub(crate) async fn write(
    app: &App,
    occasion: &Occasion,
    attempt: Attempt,
) -> Result<Option<(String, Letter)>> {
    let user = match occasion {
        Occasion::Invited { invitation_id } => return invitation(app, *invitation_id).await,
        Occasion::EmailChangeAsked { user_id, wanted } => {
            return email_letters::ask_present(app, *user_id, wanted, attempt).await;
        }
        Occasion::EmailChangeAllowed { user_id, wanted } => {
            return email_letters::ask_new(app, *user_id, wanted, attempt).await;
        }
        Occasion::EmailChanged { former, wanted, ip, at } => {
            return Ok(Some(email_letters::tell_former(former, wanted, ip.as_deref(), *at)));
        }
        Occasion::Registered { user_id }
        | Occasion::PasswordChanged { user_id, .. }
        | Occasion::PasskeyAdded { user_id, .. }
        | Occasion::PasskeyRemoved { user_id, .. }
        | Occasion::SecondFactorChanged { user_id, .. } => {
            app.store.find_user_by_id(*user_id).await?
        }
        Occasion::AddressTaken { email } | Occasion::PasswordForgotten { email } => {
            app.store.find_user(email).await?
        }
    };
    let Some(user) = user else { return Ok(None) };
    let letter = match occasion {
        Occasion::Invited { .. }
        | Occasion::EmailChangeAsked { .. }
        | Occasion::EmailChangeAllowed { .. }
        | Occasion::EmailChanged { .. } => None,
        Occasion::Registered { .. } if user.email_verified_at.is_some() => None,
        Occasion::Registered { .. } => {
            link(app, &user, LinkPurpose::VerifyEmail, None, attempt).await?.map(verify)
        }
        Occasion::PasswordForgotten { .. } => {
            link(app, &user, LinkPurpose::ResetPassword, None, attempt).await?.map(reset)
        }
        Occasion::AddressTaken { .. } => Some(taken(app)),
        Occasion::PasswordChanged { ip, at, .. } => {
            Some(changed(app, &user, ip.as_deref(), *at).await?)
        }
        Occasion::PasskeyAdded { ip, at, .. } => Some(passkey_added(app, ip.as_deref(), *at)),
        Occasion::PasskeyRemoved { ip, at, .. } => Some(passkey_removed(app, ip.as_deref(), *at)),
        Occasion::SecondFactorChanged { change, ip, at, .. } => {
            Some(factor_letter::write(app, &user, *change, ip.as_deref(), *at).await?)
        }
    };
    Ok(letter.map(|letter| (user.email, letter)))
}

/// Mints the link of an invitation and writes its letter; `None` when it is not open any more.
async fn invitation(app: &App, id: i64) -> Result<Option<(String, Letter)>> {
    let now = app.clock.now();
    let Some(found) = app.store.find_invitation_letter(id, now).await? else { return Ok(None) };
    let token = random_base62(TOKEN_LENGTH).map_err(|error| Error::Internal(error.into()))?;
    let hash = app.secrets.hash_link(LinkPurpose::JoinTeam, &token);
    if !app.store.set_invitation_hash(id, &hash, now).await? {
        return Ok(None);
    }
    let (page, _) = place(LinkPurpose::JoinTeam);
    let link = format!("{}/{page}?token={token}", app.base_url);
    let letter = team_letters::invitation(app, &found, &link);
    Ok(Some((found.email, letter)))
}

/// Mints a link; `None` when the user has a fresh one.
pub(super) async fn link(
    app: &App,
    user: &User,
    purpose: LinkPurpose,
    wanted_email: Option<&str>,
    attempt: Attempt,
) -> Result<Option<String>> {
    let token = random_base62(TOKEN_LENGTH).map_err(|error| Error::Internal(error.into()))?;
    let (page, lifetime) = place(purpose);
    let now = app.clock.now();
    let new = NewLink {
        user_id: user.id,
        purpose,
        hash: app.secrets.hash_link(purpose, &token),
        email: user.email.clone(),
        wanted_email: wanted_email.map(str::to_owned),
        expires_at: now.plus_ms(lifetime),
    };
    let replace_until = match attempt {
        Attempt::First => now.plus_ms(-COOL_DOWN_MS),
        Attempt::Again => now,
    };
    let kept = app.store.put_link(&new, replace_until, now).await?;
    Ok(kept.then(|| format!("{}/{page}?token={token}", app.base_url)))
}

/// Returns the page a link leads to and how long it is good.
fn place(purpose: LinkPurpose) -> (&'static str, i64) {
    match purpose {
        LinkPurpose::VerifyEmail | LinkPurpose::AllowEmailChange | LinkPurpose::ChangeEmail => {
            ("email/verify", VERIFY_MS)
        }
        LinkPurpose::ResetPassword => ("password/reset", RESET_MS),
        LinkPurpose::JoinTeam => ("team/join", INVITATION_MS),
    }
}

pub(super) fn letter(subject: &str, text: String) -> Letter {
    Letter { subject: subject.to_owned(), text }
}

fn verify(link: String) -> Letter {
    letter(
        "Confirm your e-mail address",
        format!(
            "Somebody, probably you, made a ComplianceLayer account with this address.\n\n\
             To confirm that it is yours, open this link within 24 hours:\n\n{link}\n\n\
             If it was not you, do nothing: without the link the account can do nothing.\n"
        ),
    )
}

fn reset(link: String) -> Letter {
    letter(
        "Set a new password",
        format!(
            "Somebody, probably you, asked to set a new password for the ComplianceLayer account \
             of this address.\n\n\
             Open this link within 30 minutes; it works once:\n\n{link}\n\n\
             If it was not you, do nothing: your password stays as it is.\n"
        ),
    )
}

fn taken(app: &App) -> Letter {
    letter(
        "You have an account already",
        format!(
            "Somebody, probably you, wanted to make a ComplianceLayer account with this address. \
             It has one already.\n\n\
             Sign in as usual at {}. If you do not know the password, or never made that account, \
             ask for a new password there: the link comes to this address, and setting it ends \
             every sign-in of anybody else.\n\n\
             If it was not you, do nothing.\n",
            app.base_url
        ),
    )
}

fn passkey_added(app: &App, ip: Option<&str>, at: Timestamp) -> Letter {
    letter(
        "A passkey was added",
        format!(
            "A passkey was added to your ComplianceLayer account on {at}{}. Whoever has it can sign \
             in with it.\n\n\
             If it was not you, remove it under Settings, Security ({}/settings/security), set a new \
             password and end every other session there.\n",
            from(ip),
            app.base_url
        ),
    )
}

fn passkey_removed(app: &App, ip: Option<&str>, at: Timestamp) -> Letter {
    letter(
        "A passkey was removed",
        format!(
            "A passkey was removed from your ComplianceLayer account on {at}{}. It signs nobody in \
             any more.\n\n\
             If it was not you, set a new password at once ({}): somebody else is signed in as \
             you.\n",
            from(ip),
            app.base_url
        ),
    )
}

pub(super) fn from(ip: Option<&str>) -> String {
    ip.map(|ip| format!(" from {ip}")).unwrap_or_default()
}

async fn changed(app: &App, user: &User, ip: Option<&str>, at: Timestamp) -> Result<Letter> {
    let since = at.plus_ms(-RECENT_KEYS_MS);
    let recent = app.store.list_keys_since(user.account_id, user.id, since).await?;
    let mut text = format!(
        "The password of your ComplianceLayer account was changed on {at}{}. Every other sign-in \
         has ended.\n\n\
         If it was not you, set a new password at once ({}) and revoke the keys you do not know.\n",
        from(ip),
        app.base_url
    );
    let passkeys = app.store.list_passkeys(user.id).await?;
    if !passkeys.is_empty() {
        text.push_str("\nPasskeys that sign you in; remove what you do not know:\n\n");
        for passkey in passkeys {
            text.push_str(&format!("  \"{}\", {}\n", passkey.name, passkey.created_at));
        }
    }
    if recent.is_empty() {
        text.push_str("\nNo API key was made in the last 30 days.\n");
    } else {
        text.push_str("\nAPI keys made in the last 30 days:\n\n");
        for key in recent {
            let state = if key.revoked_at.is_some() { ", revoked" } else { "" };
            text.push_str(&format!(
                "  {} \"{}\", {}{state}\n",
                key.key_id, key.name, key.created_at
            ));
        }
    }
    Ok(letter("Your password was changed", text))
}
