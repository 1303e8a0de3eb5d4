use model::DomainName;

use super::{ownership, plans, reports};
use crate::app::App;
use crate::auth::Identity;
use crate::error::{Error, Result};

/// Lets anybody see the newest score of a domain that the account has scanned, or nobody. It takes the
/// proof that the domain is the account's: nobody publishes a grade of somebody else's.
pub(crate) async fn switch(
    app: &App,
    caller: &Identity,
    domain: &DomainName,
    enabled: bool,
) -> Result<()> {
    caller.require_domain(domain)?;
    let account = caller.principal().user_account_id;
    if !enabled {
        return Ok(app.store.switch_badge_off(account, domain.as_str()).await?);
    }
    plans::require_gate(app, caller.principal(), "badge").await?;
    if reports::latest(app, caller, domain.as_str()).await?.is_none() {
        return Err(match app.store.list_scores(account, domain.as_str(), 1).await?.is_empty() {
            true => Error::NotFound,
            false => Error::Conflict(format!(
                "A badge shows a scan of all modules, and no such scan of `{domain}` was completed. \
                 Scan it without choosing modules, then ask again."
            )),
        });
    }
    ownership::require(app, caller, domain).await?;
    match app.store.switch_badge_on(account, domain.as_str(), app.clock.now()).await? {
        true => Ok(()),
        false => Err(Error::NotFound),
    }
}
