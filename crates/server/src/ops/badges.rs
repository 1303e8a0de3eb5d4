use model::DomainName;

use super::plans;
use crate::app::App;
use crate::auth::Identity;
use crate::error::{Error, Result};

/// Lets anybody see the newest score of a domain that the account has scanned, or nobody.
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
    match app.store.switch_badge_on(account, domain.as_str(), app.clock.now()).await? {
        true => Ok(()),
        false => Err(Error::NotFound),
    }
}
