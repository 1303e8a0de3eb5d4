//! Passkeys of the caller: adding one in two steps, listing, renaming, removing; and what a passkey
//! signed, for signing in and for proving again.
//!
//! Both answers end in [`checked`]: known passkey, good signature, a challenge that nobody answered
//! before, a counter that grew. Why one is refused is told to who is signed in already, and kept in
//! the account's log; a stranger gets the constant 401.

use hmac::Mac;
use model::{AuthFailure, FactorKind};
use store::{
    Act, NewPasskey, Once, Passkey, PasskeyLogin, PasskeyMade, PasskeyUse, PasskeyUsed, Principal,
};

use crate::app::App;
use crate::auth::sign_in::{self, Origin, Proven, Signed};
use crate::auth::webauthn::json::{
    AuthenticationCredential, CreationOptions, CredentialDescriptor, NewCredentialUser,
    RegistrationCredential, RequestOptions,
};
use crate::auth::webauthn::{
    Ceremony, Known, Problem, RelyingParty, Subject, encode, verify_assertion, verify_registration,
};
use crate::auth::{Identity, SignedIn, standing};
use crate::error::{Error, Result};
use crate::jobs::write_letter;
use crate::mail::letters::Occasion;
use crate::ops::accounts::is_line;
use crate::visit::{Named, RefusedCredential, Visit};

const MAX_NAME: usize = 100;
/// The name of a passkey that was given none.
const UNNAMED: &str = "Passkey";

/// Returns whom passkeys are made for here.
fn relying_party(app: &App) -> Result<RelyingParty> {
    let public_url = app.config.server.public_url.as_ref();
    public_url.and_then(|url| RelyingParty::of(url.as_str())).ok_or(Error::PasskeysUnavailable)
}

/// Returns what authenticators know a user by: always the same, and no clue to who it is.
fn user_handle(app: &App, user: i64) -> String {
    let mut mac = app.secrets.seal("passkey user");
    mac.update(&user.to_be_bytes());
    encode(&mac.finalize().into_bytes())
}

fn descriptor(passkey: Passkey) -> CredentialDescriptor {
    CredentialDescriptor::new(passkey.credential_id, passkey.transports)
}

/// Returns whether browsers make passkeys for this service.
pub(crate) fn are_possible(app: &App) -> bool {
    relying_party(app).is_ok()
}

/// Begins to add a passkey. Authenticators that hold one of the caller's already are left out.
pub(crate) async fn start_registration(
    app: &App,
    caller: &Identity,
    session_id: &str,
) -> Result<CreationOptions> {
    let rp = relying_party(app)?;
    let user = caller.principal();
    let subject = Subject::Session(session_id);
    let challenge = Ceremony::Register.challenge(&app.secrets, subject, app.clock.now())?;
    let known = app.store.list_passkeys(user.user_id).await?;
    let name = user.user_email.clone();
    let named = NewCredentialUser {
        handle: user_handle(app, user.user_id),
        display_name: user.user_name.clone().unwrap_or_else(|| name.clone()),
        name,
    };
    let known = known.into_iter().map(descriptor).collect();
    Ok(CreationOptions::new(rp, named, challenge, known))
}

/// Adds a passkey to the caller and tells them by mail.
pub(crate) async fn finish_registration(
    app: &App,
    caller: &Identity,
    session_id: &str,
    credential: &RegistrationCredential,
    name: Option<String>,
    once: Option<&Once>,
) -> Result<Passkey> {
    let rp = relying_party(app)?;
    let name = checked_name(name)?.unwrap_or_else(|| UNNAMED.to_owned());
    let act = caller.act(app);
    let subject = Subject::Session(session_id);
    let registered = verify_registration(&rp, credential, |challenge| {
        Ceremony::Register.open(&app.secrets, subject, challenge, act.at)
    });
    let registered = registered.map_err(refusal)?;
    let user = caller.principal();
    let passkey = NewPasskey {
        user_id: user.user_id,
        credential_id: registered.credential_id,
        public_key: registered.public_key,
        sign_count: registered.sign_count.into(),
        name,
        transports: registered.transports,
        backup_eligible: registered.backup_eligible,
        backed_up: registered.backed_up,
    };
    let (ip, at) = (act.ip.clone(), act.at);
    let notice = write_letter::due(&Occasion::PasskeyAdded { user_id: user.user_id, ip, at }, at)?;
    let (account, challenge) = (user.user_account_id, &registered.challenge);
    let made = app.store.create_passkey(account, &passkey, challenge, &notice, once, &act).await?;
    app.wake.wake();
    match made {
        PasskeyMade::Now(passkey) | PasskeyMade::Before(Some(passkey)) => Ok(passkey),
        PasskeyMade::Before(None) => Err(Error::NotFound),
        PasskeyMade::KeyReused => Err(Error::IdempotencyKeyReused),
        PasskeyMade::ChallengeSpent => Err(refusal(Problem::WrongChallenge)),
        PasskeyMade::Known => {
            Err(Error::Conflict("This passkey was added before. Take another one.".to_owned()))
        }
        PasskeyMade::TooMany => {
            Err(Error::Conflict("You have ten passkeys. Remove one first.".to_owned()))
        }
    }
}

/// Gives a passkey of the caller's another name.
pub(crate) async fn rename(
    app: &App,
    caller: &Identity,
    id: i64,
    name: Option<String>,
) -> Result<Passkey> {
    let name = checked_name(name)?;
    let (user, act) = (caller.principal(), caller.act(app));
    let account = user.user_account_id;
    let renamed =
        app.store.rename_passkey(account, user.user_id, id, name.as_deref(), &act).await?;
    renamed.ok_or(Error::NotFound)
}

/// Removes a passkey of the caller's and tells them by mail.
pub(crate) async fn remove(app: &App, caller: &Identity, id: i64) -> Result<()> {
    let (user, act) = (caller.principal(), caller.act(app));
    let (ip, at) = (act.ip.clone(), act.at);
    let notice =
        write_letter::due(&Occasion::PasskeyRemoved { user_id: user.user_id, ip, at }, at)?;
    let account = user.user_account_id;
    let removed = app.store.remove_passkey(account, user.user_id, id, &notice, &act).await?;
    app.wake.wake();
    removed.then_some(()).ok_or(Error::NotFound)
}

/// Begins a sign-in with whatever passkey there is. One answer for everybody.
pub(crate) fn start_sign_in(app: &App) -> Result<RequestOptions> {
    let rp = relying_party(app)?;
    let now = app.clock.now();
    let challenge = Ceremony::SignIn.challenge(&app.secrets, Subject::Anybody, now)?;
    Ok(RequestOptions::new(rp, challenge, Vec::new()))
}

/// Signs in whose passkey it is. Everything that is wrong is one answer, until the proof is good.
pub(crate) async fn finish_sign_in(
    app: &App,
    credential: &AuthenticationCredential,
    origin: Origin,
    visit: &Visit,
) -> Result<(Principal, Signed)> {
    const REFUSED: Error = Error::Unauthorized { sent: false };
    let rp = relying_party(app)?;
    let login = app.store.find_passkey_login(&credential.id).await?.ok_or(REFUSED)?;
    let act = Act {
        actor: format!("user:{}", login.principal.user_id),
        ip: origin.ip.map(|ip| ip.to_string()),
        at: app.clock.now(),
    };
    let answer =
        Answer { rp: &rp, credential, ceremony: Ceremony::SignIn, subject: Subject::Anybody };
    if let Err(refused) = checked(app, &login, &answer, &act).await? {
        let stranger = Act { actor: "stranger".to_owned(), ..act };
        remember(app, &login.principal, refused.reason(), &stranger, visit).await?;
        return Err(REFUSED);
    }
    standing(&login.principal)?;
    let proven = Proven::known(&login.principal);
    let signed = sign_in::start_session(app, &proven, origin, Some(FactorKind::Passkey)).await?;
    Ok((login.principal, signed))
}

/// Begins to prove again who is signed in, with one of their passkeys.
pub(crate) async fn start_step_up(app: &App, caller: &SignedIn) -> Result<RequestOptions> {
    let rp = relying_party(app)?;
    let subject = Subject::Session(&caller.session_id);
    let known = app.store.list_passkeys(caller.principal().user_id).await?;
    if known.is_empty() {
        return Err(Error::Conflict("You have no passkey. Send your password instead.".to_owned()));
    }
    let challenge = Ceremony::StepUp.challenge(&app.secrets, subject, app.clock.now())?;
    Ok(RequestOptions::new(rp, challenge, known.into_iter().map(descriptor).collect()))
}

/// Renews the proof of who is behind the caller's session.
pub(crate) async fn finish_step_up(
    app: &App,
    caller: &SignedIn,
    credential: &AuthenticationCredential,
    visit: &Visit,
) -> Result<()> {
    let rp = relying_party(app)?;
    let user = caller.principal();
    let login = app.store.find_passkey_login(&credential.id).await?;
    let login = login.filter(|login| login.passkey.user_id == user.user_id);
    let login = login.ok_or_else(|| Error::invalid("credential", "is none of your passkeys"))?;
    let act = caller.act(app);
    let subject = Subject::Session(&caller.session_id);
    let answer = Answer { rp: &rp, credential, ceremony: Ceremony::StepUp, subject };
    if let Err(refused) = checked(app, &login, &answer, &act).await? {
        remember(app, user, refused.reason(), &act, visit).await?;
        return Err(refused.into());
    }
    match app.store.renew_proof(user.user_account_id, &caller.session_id, &act).await? {
        true => Ok(()),
        false => Err(Error::Unauthorized { sent: true }),
    }
}

/// What is said to be the answer to a challenge.
struct Answer<'a> {
    rp: &'a RelyingParty,
    credential: &'a AuthenticationCredential,
    ceremony: Ceremony,
    subject: Subject<'a>,
}

/// Why a passkey proved nothing.
enum Refused {
    Wrong(Problem),
    CounterWentBack,
}

impl Refused {
    fn reason(&self) -> AuthFailure {
        match self {
            Self::Wrong(_) => AuthFailure::WrongPasskey,
            Self::CounterWentBack => AuthFailure::PasskeyCounter,
        }
    }
}

impl From<Refused> for Error {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Wrong(problem) => refusal(problem),
            Refused::CounterWentBack => Self::invalid(
                "credential",
                "counts less than it did before, so there may be a copy of it; remove it, and add a \
                 new one",
            ),
        }
    }
}

/// Checks an answer and, when it is good, writes that the passkey was used.
async fn checked(
    app: &App,
    login: &PasskeyLogin,
    answer: &Answer<'_>,
    act: &Act,
) -> Result<std::result::Result<(), Refused>> {
    let passkey = &login.passkey;
    let known = Known {
        passkey,
        user_handle: &user_handle(app, passkey.user_id),
        names_user: answer.subject == Subject::Anybody,
    };
    let asserted = verify_assertion(answer.rp, answer.credential, &known, |challenge| {
        answer.ceremony.open(&app.secrets, answer.subject, challenge, act.at)
    });
    let asserted = match asserted {
        Ok(asserted) => asserted,
        Err(problem) => return Ok(Err(Refused::Wrong(problem))),
    };
    let used = PasskeyUse {
        id: passkey.id,
        user_id: passkey.user_id,
        sign_count: asserted.sign_count.into(),
        backed_up: asserted.backed_up,
        challenge: asserted.challenge,
    };
    let account = login.principal.user_account_id;
    Ok(match app.store.use_passkey(account, &used, act).await? {
        PasskeyUsed::Now => Ok(()),
        PasskeyUsed::ChallengeSpent => Err(Refused::Wrong(Problem::WrongChallenge)),
        PasskeyUsed::CounterWentBack => Err(Refused::CounterWentBack),
        PasskeyUsed::Removed => Err(Refused::Wrong(Problem::WrongSignature)),
    })
}

/// Keeps a failed proof in the log of the account whose passkey it names.
async fn remember(
    app: &App,
    user: &Principal,
    reason: AuthFailure,
    act: &Act,
    visit: &Visit,
) -> Result<()> {
    let (account_id, user) = (user.user_account_id, user.user_id);
    visit.refuse(RefusedCredential { account_id, named: Named::User(user), reason });
    Ok(app.store.record_failed_sign_in(account_id, user, reason, act).await?)
}

fn refusal(problem: Problem) -> Error {
    Error::invalid("credential", problem.to_string())
}

/// Returns a name without the blanks around it. `None` stays, a text must be a line.
fn checked_name(name: Option<String>) -> Result<Option<String>> {
    let name = name.map(|name| name.trim().to_owned());
    match &name {
        Some(name) if !is_line(name, MAX_NAME) => {
            let problem = format!("must be one line of 1 to {MAX_NAME} characters");
            Err(Error::invalid("name", problem))
        }
        _ => Ok(name),
    }
}
