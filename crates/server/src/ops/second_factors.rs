//! Second factors: enrolling an authenticator, its recovery codes, and checking what somebody sends.
//!
//! [`check`] is the one place that says whether a code is right. It is only asked about somebody who
//! proved something else already (a password, a session), so its refusals may say more than a sign-in
//! does. A wrong code is told to the guess limits by whoever asked.

use model::{FactorChange, FactorKind, MINUTE_MS};
use store::{Act, NewJob, NewTotp, Principal, SecondFactors, TotpTried};

use crate::app::App;
use crate::auth::totp::QrDrawing;
use crate::auth::{Identity, totp};
use crate::error::{Error, Result};
use crate::jobs::write_letter;
use crate::mail::letters::Occasion;

/// How long an enrolment waits for its first code.
pub(crate) const ENROLMENT_MS: i64 = 15 * MINUTE_MS;
const RECOVERY_CODES: usize = 10;
/// 120 bits in base32.
const RECOVERY_CHARACTERS: usize = 24;
/// Digits and letters that nobody takes for one another (Crockford's base32).
const RECOVERY_ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const GROUP: usize = 6;

/// What somebody sends besides a password.
pub(crate) enum Code {
    Totp(String),
    Recovery(String),
}

impl Code {
    /// Takes the one that was sent. Both at once are refused.
    pub(crate) fn of(totp: Option<String>, recovery: Option<String>) -> Result<Option<Self>> {
        match (totp, recovery) {
            (Some(_), Some(_)) => {
                Err(Error::invalid("recovery_code", "cannot be sent together with `totp`"))
            }
            (totp, recovery) => Ok(totp.map(Self::Totp).or(recovery.map(Self::Recovery))),
        }
    }

    /// Tells which it is that somebody typed into one field.
    pub(crate) fn typed(text: String) -> Self {
        match text.chars().filter(|c| !c.is_whitespace()).all(|c| c.is_ascii_digit()) {
            true => Self::Totp(text),
            false => Self::Recovery(text),
        }
    }

    /// Returns what was sent.
    pub(crate) fn text(&self) -> &str {
        match self {
            Self::Totp(text) | Self::Recovery(text) => text,
        }
    }

    /// Returns the field it was sent in.
    pub(crate) fn field(&self) -> &'static str {
        match self {
            Self::Totp(_) => "totp",
            Self::Recovery(_) => "recovery_code",
        }
    }
}

/// Whether a code is right.
pub(crate) enum Checked {
    Right(FactorKind),
    Wrong,
}

/// A secret to be put into an authenticator.
pub(crate) struct Enrolment {
    /// In base32.
    pub(crate) secret: String,
    pub(crate) url: String,
    /// The address as a QR code.
    pub(crate) drawing: QrDrawing,
}

/// Says whether a code is one of the user's, and uses it up if so. After three wrong codes of an
/// authenticator the next step is to be waited for.
pub(crate) async fn check(app: &App, user: &Principal, code: &Code, act: &Act) -> Result<Checked> {
    let id = user.user_id;
    match code {
        Code::Totp(text) => {
            let Some(sealed) = app.store.find_totp(id).await? else { return Ok(Checked::Wrong) };
            let secret = app.secrets.factor_key().open(id, &sealed).map_err(Error::Internal)?;
            let fits = totp::fitting_step(&secret, &plain(text), act.at);
            let (now, most) = (totp::step(act.at), totp::MOST_WRONG);
            Ok(match app.store.try_totp(id, &sealed, fits, now, most).await? {
                TotpTried::Taken => Checked::Right(FactorKind::Totp),
                TotpTried::Wrong => Checked::Wrong,
                TotpTried::Spent => {
                    let wait = totp::STEP_SECONDS - act.at.unix_seconds() % totp::STEP_SECONDS;
                    let retry_after = u32::try_from(wait).unwrap_or(1);
                    return Err(Error::RateLimited { limit: most, window: "codes", retry_after });
                }
            })
        }
        Code::Recovery(text) => {
            let Some(code) = recovery_code(text) else { return Ok(Checked::Wrong) };
            let hash = app.secrets.factor_key().hash_code(id, &code);
            let notice = notice(id, FactorChange::RecoveryCodeUsed, act)?;
            let account = user.user_account_id;
            if !app.store.use_recovery_code(account, id, &hash, &notice, act).await? {
                return Ok(Checked::Wrong);
            }
            app.wake.wake();
            Ok(Checked::Right(FactorKind::RecoveryCode))
        }
    }
}

/// Returns whether a wrong code of a user was right some minutes ago.
pub(crate) async fn is_late(app: &App, user: &Principal, code: &Code, act: &Act) -> Result<bool> {
    let Code::Totp(text) = code else { return Ok(false) };
    let Some(sealed) = app.store.find_totp(user.user_id).await? else { return Ok(false) };
    let secret = app.secrets.factor_key().open(user.user_id, &sealed).map_err(Error::Internal)?;
    Ok(totp::is_late(&secret, &plain(text), act.at))
}

/// Returns which second factors the caller has.
pub(crate) async fn list(app: &App, caller: &Identity) -> Result<SecondFactors> {
    Ok(app.store.second_factors(caller.principal().user_id).await?)
}

/// Makes a secret for the caller's authenticator. It counts once a code of it was sent; until then an
/// earlier one goes on.
pub(crate) async fn enrol(app: &App, caller: &Identity) -> Result<Enrolment> {
    let user = caller.principal();
    let secret = totp::new_secret().map_err(|error| Error::Internal(error.into()))?;
    let sealed = app.secrets.factor_key().seal(user.user_id, &secret).map_err(Error::Internal)?;
    app.store.put_totp_enrolment(user.user_id, &sealed, app.clock.now()).await?;
    drawn(&secret, user)
}

/// Returns the secret that waits for its first code; `None` when none does.
pub(crate) async fn waiting(app: &App, caller: &Identity) -> Result<Option<Enrolment>> {
    let user = caller.principal();
    let since = app.clock.now().plus_ms(-ENROLMENT_MS);
    let Some(sealed) = app.store.find_totp_enrolment(user.user_id, since).await? else {
        return Ok(None);
    };
    let secret = app.secrets.factor_key().open(user.user_id, &sealed).map_err(Error::Internal)?;
    drawn(&secret, user).map(Some)
}

fn drawn(secret: &[u8], user: &Principal) -> Result<Enrolment> {
    let url = totp::enrolment_url(secret, &user.user_email);
    let drawing = totp::qr_code(&url)
        .ok_or_else(|| Error::Internal(anyhow::anyhow!("an address is too long for a QR code")))?;
    Ok(Enrolment { secret: totp::base32(secret), url, drawing })
}

/// Makes the enrolled authenticator the caller's, and returns the recovery codes that go with it.
/// Every session but `keep` ends.
pub(crate) async fn confirm(
    app: &App,
    caller: &Identity,
    keep: &str,
    code: &str,
) -> Result<Vec<String>> {
    let (user, act) = (caller.principal(), caller.act(app));
    let id = user.user_id;
    let since = act.at.plus_ms(-ENROLMENT_MS);
    let sealed = app.store.find_totp_enrolment(id, since).await?.ok_or_else(nothing_enrolled)?;
    let secret = app.secrets.factor_key().open(id, &sealed).map_err(Error::Internal)?;
    let step = totp::fitting_step(&secret, &plain(code), act.at)
        .ok_or_else(|| Error::invalid("code", "is not what the authenticator shows now"))?;
    let (codes, hashes) = new_recovery_codes(app, id)?;
    let notice = notice(id, FactorChange::TotpEnrolled, &act)?;
    let new = NewTotp { secret: &sealed, step, recovery_codes: &hashes, keep, notice: &notice };
    if !app.store.confirm_totp(user.user_account_id, id, &new, &act).await? {
        return Err(nothing_enrolled());
    }
    app.wake.wake();
    Ok(codes)
}

fn nothing_enrolled() -> Error {
    Error::Conflict(
        "No authenticator waits for its first code. Begin with `POST /v1/auth/mfa/totp/enroll`; \
         an enrolment waits for 15 minutes."
            .to_owned(),
    )
}

/// Takes the caller's authenticator away. Every session but `keep` ends.
pub(crate) async fn remove(app: &App, caller: &Identity, keep: &str) -> Result<()> {
    let (user, act) = (caller.principal(), caller.act(app));
    let notice = notice(user.user_id, FactorChange::TotpRemoved, &act)?;
    let (account, id) = (user.user_account_id, user.user_id);
    match app.store.remove_totp(account, id, keep, &notice, &act).await? {
        true => {
            app.wake.wake();
            Ok(())
        }
        false => Err(Error::NotFound),
    }
}

/// Makes new recovery codes for the caller and voids all earlier ones.
pub(crate) async fn renew_codes(app: &App, caller: &Identity) -> Result<Vec<String>> {
    let (user, act) = (caller.principal(), caller.act(app));
    let (account, id) = (user.user_account_id, user.user_id);
    let (codes, hashes) = new_recovery_codes(app, id)?;
    let notice = notice(id, FactorChange::RecoveryCodesReplaced, &act)?;
    match app.store.replace_recovery_codes(account, id, &hashes, &notice, &act).await? {
        true => {
            app.wake.wake();
            Ok(codes)
        }
        false => Err(Error::Conflict(
            "Recovery codes stand in for a second factor, and there is none yet.".to_owned(),
        )),
    }
}

/// Returns new codes as they are shown, and their hashes.
fn new_recovery_codes(app: &App, user: i64) -> Result<(Vec<String>, Vec<String>)> {
    let mut codes = Vec::with_capacity(RECOVERY_CODES);
    let mut hashes = Vec::with_capacity(RECOVERY_CODES);
    for _ in 0..RECOVERY_CODES {
        let mut bytes = [0; RECOVERY_CHARACTERS];
        getrandom::fill(&mut bytes).map_err(|error| Error::Internal(error.into()))?;
        // 256 is a multiple of 32, so each character is equally likely.
        let digit = |byte: &u8| char::from(RECOVERY_ALPHABET[usize::from(byte & 31)]);
        let code: Vec<char> = bytes.iter().map(digit).collect();
        hashes.push(app.secrets.factor_key().hash_code(user, &code.iter().collect::<String>()));
        let groups: Vec<String> = code.chunks(GROUP).map(|group| group.iter().collect()).collect();
        codes.push(groups.join("-"));
    }
    Ok((codes, hashes))
}

/// Reads a recovery code however it was typed. `None` for what cannot be one.
fn recovery_code(text: &str) -> Option<String> {
    let meant = |c: char| match c.to_ascii_lowercase() {
        'o' => '0',
        'i' | 'l' => '1',
        other => other,
    };
    let code: String = plain(text).chars().filter(|c| *c != '-').map(meant).collect();
    let is_one = code.len() == RECOVERY_CHARACTERS
        && code.bytes().all(|byte| RECOVERY_ALPHABET.contains(&byte));
    is_one.then_some(code)
}

/// Returns a text without the spaces that apps and people put into codes.
fn plain(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).take(64).collect()
}

/// Returns the job that tells a user what happened to their factors.
pub(crate) fn notice(user_id: i64, change: FactorChange, act: &Act) -> Result<NewJob> {
    let (ip, at) = (act.ip.clone(), act.at);
    write_letter::due(&Occasion::SecondFactorChanged { user_id, change, ip, at }, at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recovery_code_is_read_however_it_was_typed() {
        let code = "0123456789abcdefghjkmnpq";
        for typed in [
            code,
            "012345-6789ab-cdefgh-jkmnpq",
            " 0L2345 6789AB CDEFGH JKMNPQ\n",
            "oi2345-6789ab-cdefgh-jkmnpq",
        ] {
            assert_eq!(recovery_code(typed).as_deref(), Some(code), "{typed}");
        }
        for odd in
            ["", "123456", "0123456789abcdefghjkmnp", "u123456789abcdefghjkmnpq", &"0".repeat(99)]
        {
            assert_eq!(recovery_code(odd), None, "{odd}");
        }
    }

    #[test]
    fn one_field_takes_both_kinds_of_codes() {
        assert_eq!(Code::typed("123 456".to_owned()).field(), "totp");
        assert_eq!(Code::typed("012345-6789ab".to_owned()).field(), "recovery_code");
        assert!(Code::of(Some("1".to_owned()), Some("2".to_owned())).is_err());
        assert!(Code::of(None, None).unwrap().is_none());
    }
}
