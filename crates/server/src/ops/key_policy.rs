use store::{KeyPolicy, KeyPolicyChange};

use crate::app::App;
use crate::auth::Identity;
use crate::error::{Error, Result};

/// The longest bound on the life of a key.
pub(crate) const MAX_DAYS: i64 = 3650;

/// Changes what an account demands of its keys, and returns the whole. Refuses a bound of no days or
/// of more than ten years.
pub(crate) async fn change(
    app: &App,
    identity: &Identity,
    change: KeyPolicyChange,
) -> Result<KeyPolicy> {
    if change.max_lifetime_days.flatten().is_some_and(|days| !(1..=MAX_DAYS).contains(&days)) {
        let problem = format!("must be between 1 and {MAX_DAYS}, or null");
        return Err(Error::invalid("max_lifetime_days", problem));
    }
    let account = identity.principal().user_account_id;
    Ok(app.store.change_key_policy(account, change, &identity.act(app)).await?)
}
