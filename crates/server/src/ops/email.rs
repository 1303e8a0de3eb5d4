use model::LinkPurpose;
use store::Act;

use crate::app::App;
use crate::auth::Identity;
use crate::auth::sign_in::Origin;
use crate::error::{Error, Result};
use crate::mail;
use crate::mail::letters::Occasion;
use crate::ops::passwords::spent_link;

/// Confirms the address that a link was sent to. Nobody is signed in by it.
pub(crate) async fn verify(app: &App, token: &str, origin: Origin) -> Result<()> {
    let link = app.secrets.hash_link(LinkPurpose::VerifyEmail, token);
    let ip = origin.ip.map(|ip| ip.to_string());
    // The store puts the link's user in its place.
    let act = Act { actor: "link".to_owned(), ip, at: app.clock.now() };
    match app.store.verify_email(&link, &act).await? {
        true => Ok(()),
        false => Err(spent_link()),
    }
}

/// Orders another letter to the caller's address.
pub(crate) async fn resend(app: &App, caller: &Identity) -> Result<()> {
    let user = caller.principal();
    if user.user_email_verified_at.is_some() {
        return Err(Error::Conflict("This e-mail address is confirmed already.".to_owned()));
    }
    mail::order(app, &Occasion::Registered { user_id: user.user_id }).await
}
