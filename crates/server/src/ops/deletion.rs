//! Deleting accounts: who may, and who is told. How it is done stands in `store::leaving`.

use model::Role;
use store::{Act, Closed, Store, User};

use crate::app::App;
use crate::auth::Identity;
use crate::error::{Error, Result};
use crate::jobs::{erase_account, send_mail};
use crate::mail::Letter;
use crate::ops::step_up;
use crate::visit::Visit;

/// Deletes the account of the user who is signed in.
pub(crate) async fn delete_own(
    app: &App,
    caller: &Identity,
    password: &str,
    visit: &Visit,
) -> Result<()> {
    step_up::require_password(app, caller, password, visit).await?;
    let user = app.store.find_user_by_id(caller.principal().user_id).await?;
    let user = user.ok_or(Error::Unauthorized { sent: true })?;
    delete(&app.store, &user, &app.config.plans.default, &caller.act(app)).await?;
    app.scan_counts.forget(user.account_id);
    app.wake.wake();
    Ok(())
}

/// Deletes the account of a user who is its only owner, with everybody in it, and tells them all.
pub(crate) async fn delete(store: &Store, user: &User, plan: &str, act: &Act) -> Result<()> {
    let people = store.list_people(user.account_id).await?;
    let has_admin = people.iter().any(|person| person.role == Role::Admin);
    if has_admin && !store.has_admin_beside(user.account_id).await? {
        return Err(Error::Conflict(
            "Nobody else operates this instance. Make another administrator first.".to_owned(),
        ));
    }
    let mut jobs = erase_account::due(user.account_id, act.at).to_vec();
    for person in &people {
        jobs.push(send_mail::due(&person.email, &letter(act), act.at)?);
    }
    match store.close_account(user.account_id, user.id, plan, &jobs, act).await? {
        Closed::Done => Ok(()),
        Closed::NotTheOnlyOwner => Err(Error::Conflict(
            "An account is deleted by its only owner. Whoever else is in its team can leave it, or \
             an owner can make the others something less first."
                .to_owned(),
        )),
        Closed::NotFound => Err(Error::NotFound),
    }
}

/// Holds no word that anybody may have chosen: it goes to addresses that nobody may have confirmed.
fn letter(act: &Act) -> Letter {
    Letter {
        subject: "Your account was deleted".to_owned(),
        text: format!(
            "The ComplianceLayer account of this address was deleted on {}, by {}.\n\n\
             Every API key and every sign-in of it has ended. Scans, reports, usage, alerts and the \
             audit log are being removed; this cannot be undone. The address is free for a new \
             account.\n\n\
             If you do not know of this, tell the operator of the service.\n",
            act.at, act.actor
        ),
    }
}
