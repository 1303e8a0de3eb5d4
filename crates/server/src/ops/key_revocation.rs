use std::collections::BTreeMap;

use store::{Act, ApiKey, KeySelection, Revoked, Store};

use super::api_keys::{only_makers, require_own};
use super::key_letters::{self, Told};
use crate::app::App;
use crate::auth::Identity;
use crate::error::{Error, Result};
use crate::mail;

/// Revokes a key of the caller's account; one that is revoked already stays so.
pub(crate) async fn revoke(app: &App, caller: &Identity, id: i64) -> Result<()> {
    let account = caller.principal().user_account_id;
    let key = app.store.find_key(account, id).await?.ok_or(Error::NotFound)?;
    require_own(caller, &key)?;
    let act = caller.act(app);
    match app.store.revoke_key(account, id, &act).await? {
        Revoked::Done(key) => {
            tell_makers(&app.store, std::slice::from_ref(&*key), &act).await?;
            app.wake.wake();
            Ok(())
        }
        Revoked::Already => Ok(()),
        Revoked::NotFound => Err(Error::NotFound),
    }
}

/// Revokes several keys of the caller's account, all or none; whoever manages their own alone
/// revokes those. Returns how many were alive.
pub(crate) async fn revoke_many(
    app: &App,
    caller: &Identity,
    selection: &KeySelection,
) -> Result<usize> {
    let account = caller.principal().user_account_id;
    let act = caller.act(app);
    let revoked = app.store.revoke_keys(account, selection, only_makers(caller), &act).await?;
    tell_makers(&app.store, &revoked, &act).await?;
    app.wake.wake();
    Ok(revoked.len())
}

/// Writes to those who made the keys, unless they did it themselves; one letter each.
pub(crate) async fn tell_makers(store: &Store, keys: &[ApiKey], act: &Act) -> Result<()> {
    let mut by_maker: BTreeMap<Option<i64>, Vec<&ApiKey>> = BTreeMap::new();
    for key in keys {
        let is_maker = key.created_by.is_some_and(|user| act.actor == format!("user:{user}"));
        if !is_maker {
            by_maker.entry(key.created_by).or_default().push(key);
        }
    }
    for keys in by_maker.values() {
        let Some(owner) = store.find_key_owner(keys[0].account_id, keys[0].id).await? else {
            continue;
        };
        let told: Vec<Told> = keys.iter().map(|key| Told::of(key, &owner)).collect();
        let letter = key_letters::revoked(&told, act);
        mail::queue_beside(store, &owner.email, &letter, act.at).await?;
    }
    Ok(())
}
