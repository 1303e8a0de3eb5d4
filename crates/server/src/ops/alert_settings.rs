use store::{AlertSettings, AlertSettingsChange};

use crate::app::App;
use crate::auth::Identity;
use crate::error::{Error, FieldProblem, Result};

/// Returns what the caller's account wants to be told of, and how.
pub(crate) async fn find(app: &App, caller: &Identity) -> Result<AlertSettings> {
    Ok(app.store.find_alert_settings(caller.principal().user_account_id).await?)
}

/// Changes what the caller's account wants to be told of, and returns the whole.
pub(crate) async fn change(
    app: &App,
    caller: &Identity,
    change: &AlertSettingsChange,
) -> Result<AlertSettings> {
    let problems: Vec<_> = change
        .rules
        .problems()
        .into_iter()
        .map(|(field, message)| FieldProblem::new(&field, message))
        .collect();
    if !problems.is_empty() {
        return Err(Error::Invalid(problems));
    }
    let account = caller.principal().user_account_id;
    let settings = app.store.change_alert_settings(account, change, &caller.act(app)).await?;
    // What was silent under the old rules may be told of under the new ones.
    app.told_today.clear();
    Ok(settings)
}
