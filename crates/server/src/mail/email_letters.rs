//! The letters of a change of address: the present mailbox allows it, the new one confirms it, and
//! the former one is told.

use model::{LinkPurpose, Timestamp};

use super::Letter;
use super::letters::{Attempt, from, letter, link};
use crate::app::App;
use crate::error::Result;

/// Asks the present mailbox; nothing while an earlier letter about the same address is fresh.
pub(super) async fn ask_present(
    app: &App,
    user_id: i64,
    wanted: &str,
    attempt: Attempt,
) -> Result<Option<(String, Letter)>> {
    let Some(user) = app.store.find_user_by_id(user_id).await? else { return Ok(None) };
    let link = link(app, &user, LinkPurpose::AllowEmailChange, Some(wanted), attempt).await?;
    Ok(link.map(|link| (user.email, asking(wanted, &link))))
}

fn asking(wanted: &str, link: &str) -> Letter {
    letter(
        "Change the address of your account?",
        format!(
            "Somebody who is signed in as you wants your ComplianceLayer account to have this \
             address instead:\n\n  {wanted}\n\n\
             If it was you, open this link within 24 hours; a letter to the new address comes \
             next:\n\n{link}\n\n\
             If it was not you, do not open it: without the link the address stays as it is. Set a \
             new password, since somebody else is signed in as you.\n"
        ),
    )
}

/// Asks the new mailbox; nothing when somebody has that address, which is nobody's business.
pub(super) async fn ask_new(
    app: &App,
    user_id: i64,
    wanted: &str,
    attempt: Attempt,
) -> Result<Option<(String, Letter)>> {
    let Some(user) = app.store.find_user_by_id(user_id).await? else { return Ok(None) };
    if app.store.find_user(wanted).await?.is_some() {
        return Ok(None);
    }
    let link = link(app, &user, LinkPurpose::ChangeEmail, Some(wanted), attempt).await?;
    Ok(link.map(|link| (wanted.to_owned(), confirming(&link))))
}

fn confirming(link: &str) -> Letter {
    letter(
        "Confirm your new e-mail address",
        format!(
            "Somebody, probably you, wants to sign in to ComplianceLayer with this address.\n\n\
             To confirm that it is yours, open this link within 24 hours:\n\n{link}\n\n\
             If it was not you, do nothing.\n"
        ),
    )
}

/// Tells the former mailbox.
pub(super) fn tell_former(
    former: &str,
    wanted: &str,
    ip: Option<&str>,
    at: Timestamp,
) -> (String, Letter) {
    let text = format!(
        "Your ComplianceLayer account has another address since {at}{}:\n\n  {wanted}\n\n\
         Letters go there, and you sign in with it; the password is the same. If it was not you, \
         tell whoever operates the service at once.\n",
        from(ip)
    );
    (former.to_owned(), letter("The address of your account was changed", text))
}
