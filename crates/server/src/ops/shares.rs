//! Links under which anybody sees one report: made by whoever may scan, good until a day, ended at will.
//!
//! The token of a link is shown once and kept as a keyed hash. A link that is unknown, has expired or was
//! ended, and one of a suspended account, are one answer.

use std::net::IpAddr;

use hmac::Mac;
use model::{DAY_MS, Timestamp};
use report::{Redaction, ReportView};
use store::{NewShare, Once, Share, ShareMade, SharedScan};

use super::accounts::{MAX_NAME, is_line};
use super::{reports, scans};
use crate::app::App;
use crate::auth::Identity;
use crate::auth::password::{Compared, MAX_BYTES};
use crate::auth::secrets::hex;
use crate::auth::token::random_base62;
use crate::error::{Error, FieldProblem, Result};

/// Days that a link is good when nobody says how many.
pub(crate) const USUAL_DAYS: i64 = 30;
const MOST_DAYS: i64 = 365;
/// The shortest password of a link, in characters.
const LEAST_CHARACTERS: usize = 8;
/// Letters and digits of a token: 190 bits.
const TOKEN_LENGTH: usize = 32;

/// A link as somebody wants it.
pub(crate) struct Wish {
    pub(crate) name: String,
    pub(crate) expires_in_days: i64,
    pub(crate) password: Option<String>,
    pub(crate) redaction: Redaction,
}

impl Wish {
    fn problems(&self) -> Vec<FieldProblem> {
        let mut problems = Vec::new();
        if !is_line(&self.name, MAX_NAME) {
            let text = format!("must be one line of 1 to {MAX_NAME} characters");
            problems.push(FieldProblem::new("name", text));
        }
        if !(1..=MOST_DAYS).contains(&self.expires_in_days) {
            let text = format!("must be between 1 and {MOST_DAYS}");
            problems.push(FieldProblem::new("expires_in_days", text));
        }
        let fits = |password: &String| {
            password.chars().count() >= LEAST_CHARACTERS && password.len() <= MAX_BYTES
        };
        if self.password.as_ref().is_some_and(|password| !fits(password)) {
            let text = format!("must have at least {LEAST_CHARACTERS} characters");
            problems.push(FieldProblem::new("password", text));
        }
        problems
    }
}

/// Makes a link to the report of a completed scan. Returns its token as well, unless the same request
/// made it before.
pub(crate) async fn create(
    app: &App,
    caller: &Identity,
    scan: i64,
    wish: Wish,
    once: Option<&Once>,
) -> Result<(Share, Option<String>)> {
    scans::report(app, caller, scan).await?;
    let problems = wish.problems();
    if !problems.is_empty() {
        return Err(Error::Invalid(problems));
    }
    let password_hash = match &wish.password {
        Some(password) => Some(app.passwords.hash(password).await?),
        None => None,
    };
    let token = random_base62(TOKEN_LENGTH).map_err(|error| Error::Internal(error.into()))?;
    let act = caller.act(app);
    let new = NewShare {
        scan_id: scan,
        name: wish.name,
        hash: hash(app, &token),
        password_hash,
        hides_evidence: wish.redaction.hides_evidence,
        hides_addresses: wish.redaction.hides_addresses,
        expires_at: act.at.plus_ms(wish.expires_in_days * DAY_MS),
    };
    let account = caller.principal().user_account_id;
    match app.store.create_share(account, &new, once, &act).await? {
        ShareMade::Now(share) => Ok((share, Some(token))),
        ShareMade::Before(share) => Ok((share, None)),
        ShareMade::Ended => {
            let text = "The link that this request made is ended.";
            Err(Error::Conflict(text.to_owned()))
        }
        ShareMade::KeyReused => Err(Error::IdempotencyKeyReused),
        ShareMade::TooMany => {
            let text = "There are 50 links to this report. End some first.";
            Err(Error::Conflict(text.to_owned()))
        }
    }
}

/// Returns the links to a report of the caller's account, the newest first.
pub(crate) async fn list(app: &App, caller: &Identity, scan: i64) -> Result<Vec<Share>> {
    scans::find(app, caller, scan).await?;
    Ok(app.store.list_shares(caller.principal().user_account_id, scan).await?)
}

/// Ends a link for good.
pub(crate) async fn end(app: &App, caller: &Identity, scan: i64, id: i64) -> Result<()> {
    scans::find(app, caller, scan).await?;
    let account = caller.principal().user_account_id;
    match app.store.end_share(account, scan, id, &caller.act(app)).await? {
        true => Ok(()),
        false => Err(Error::NotFound),
    }
}

/// Returns the address of a link.
pub(crate) fn url(app: &App, token: &str) -> String {
    format!("{}/r/{token}", app.base_url)
}

/// Returns what a link leads to, if it is good.
pub(crate) async fn find(app: &App, token: &str) -> Result<SharedScan> {
    // Nothing that anybody types is a token without being about as long.
    if token.len() != TOKEN_LENGTH {
        return Err(Error::NotFound);
    }
    app.store.find_shared(&hash(app, token), app.clock.now()).await?.ok_or(Error::NotFound)
}

/// What a link shows to whoever opens it.
pub(crate) enum Opened {
    Report(Box<SharedReport>),
    /// It takes a password; whether a wrong one was given.
    Locked {
        is_wrong: bool,
    },
}

/// A report as others see it.
pub(crate) struct SharedReport {
    pub(crate) view: ReportView,
    pub(crate) expires_at: Timestamp,
}

/// Opens a link, and counts the look.
pub(crate) async fn open(
    app: &App,
    token: &str,
    password: Option<&str>,
    ip: Option<IpAddr>,
) -> Result<Opened> {
    let shared = find(app, token).await?;
    if let Some(stored) = &shared.password_hash {
        let Some(password) = password else { return Ok(Opened::Locked { is_wrong: false }) };
        // Whoever tries many is slowed down as at the sign-in, for this link and for the network.
        let about = format!("share:{}", shared.id);
        let guess = app.guesses.begin(&about, password, ip, app.clock.now())?;
        match app.passwords.compare(password, Some(stored)).await? {
            Compared::Right { .. } => guess.right(),
            Compared::Wrong => {
                guess.wrong();
                return Ok(Opened::Locked { is_wrong: true });
            }
        }
    }
    let mut view = reports::of_account(app, shared.account_id, shared.scan_id).await?;
    reports::attest(app, &mut view);
    let redaction = Redaction {
        hides_evidence: shared.hides_evidence,
        hides_addresses: shared.hides_addresses,
    };
    redaction.apply(&mut view);
    app.store.count_view(shared.id, app.clock.now()).await?;
    Ok(Opened::Report(Box::new(SharedReport { view, expires_at: shared.expires_at })))
}

fn hash(app: &App, token: &str) -> String {
    let mut mac = app.secrets.seal("link to a report");
    mac.update(token.as_bytes());
    hex(&mac.finalize().into_bytes())
}
