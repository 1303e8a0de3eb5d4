//! Confirming an e-mail address, and changing it.
//!
//! A change takes both mailboxes: the present one allows it, so that a stolen sign-in cannot take the
//! way back to an account along, then the new one confirms that it is read.

use model::LinkPurpose;
use store::{Act, EmailChange};

use crate::app::App;
use crate::auth::Identity;
use crate::auth::sign_in::Origin;
use crate::error::{Error, Result};
use crate::jobs::write_letter;
use crate::mail;
use crate::mail::letters::Occasion;
use crate::ops::accounts::email_problem;
use crate::ops::passwords::spent_link;

/// What a link about an address did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Confirmed {
    /// The address of the user is confirmed.
    Address,
    /// The present mailbox allows another address; its letter is on its way.
    ChangeAllowed,
    /// The user has another address.
    Changed,
}

/// Uses up a link about an address. Nobody is signed in by it.
pub(crate) async fn verify(app: &App, token: &str, origin: Origin) -> Result<Confirmed> {
    let ip = origin.ip.map(|ip| ip.to_string());
    // The store puts the link's user in its place.
    let act = Act { actor: "link".to_owned(), ip, at: app.clock.now() };
    let hash = |purpose| app.secrets.hash_link(purpose, token);
    if app.store.verify_email(&hash(LinkPurpose::VerifyEmail), &act).await? {
        return Ok(Confirmed::Address);
    }
    for purpose in [LinkPurpose::AllowEmailChange, LinkPurpose::ChangeEmail] {
        let link = hash(purpose);
        let Some(holder) = app.store.find_link(purpose, &link, act.at).await? else { continue };
        let Some(wanted) = holder.wanted_email else { continue };
        let user_id = holder.user_id;
        let done = if purpose == LinkPurpose::AllowEmailChange {
            let next = Occasion::EmailChangeAllowed { user_id, wanted };
            let next = write_letter::due(&next, act.at)?;
            app.store
                .allow_email_change(&link, &next, &act)
                .await?
                .then_some(Confirmed::ChangeAllowed)
        } else {
            let (ip, at) = (act.ip.clone(), act.at);
            let notice = Occasion::EmailChanged { former: holder.email, wanted, ip, at };
            let notice = write_letter::due(&notice, at)?;
            let changed = app.store.change_email(&link, &notice, &act).await?;
            (changed == EmailChange::Done).then_some(Confirmed::Changed)
        };
        if let Some(done) = done {
            app.wake.wake();
            return Ok(done);
        }
    }
    Err(spent_link())
}

/// Orders another letter to the caller's address.
pub(crate) async fn resend(app: &App, caller: &Identity) -> Result<()> {
    let user = caller.principal();
    if user.user_email_verified_at.is_some() {
        return Err(Error::Conflict("This e-mail address is confirmed already.".to_owned()));
    }
    mail::order(app, &Occasion::Registered { user_id: user.user_id }).await
}

/// Orders the first letter of a change of the caller's address: to the present mailbox, or to the new
/// one when the present one was never confirmed and so may be nobody's.
pub(crate) async fn ask_to_change(app: &App, caller: &Identity, wanted: &str) -> Result<()> {
    caller.fresh(app)?;
    let user = caller.principal();
    let wanted = wanted.trim().to_lowercase();
    if let Some(problem) = email_problem(&wanted) {
        return Err(Error::invalid("email", problem));
    }
    if wanted == user.user_email {
        return Err(Error::invalid("email", "is your address already"));
    }
    let user_id = user.user_id;
    let occasion = match user.user_email_verified_at {
        Some(_) => Occasion::EmailChangeAsked { user_id, wanted },
        None => Occasion::EmailChangeAllowed { user_id, wanted },
    };
    mail::order(app, &occasion).await
}
