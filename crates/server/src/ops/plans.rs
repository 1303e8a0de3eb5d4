use store::Principal;

use crate::app::App;
use crate::error::{Error, Result};

/// Refuses what the caller's plan does not unlock, naming the lowest plan that does.
pub(crate) async fn require_gate(app: &App, caller: &Principal, gate: &str) -> Result<()> {
    if caller.plan_gates.iter().any(|have| have == gate) {
        return Ok(());
    }
    let plans = app.store.list_plans().await?;
    let lowest = plans.into_iter().find(|plan| plan.allows(gate));
    let plan = lowest.map_or_else(|| "custom".to_owned(), |plan| plan.id);
    Err(Error::PlanUpgradeRequired { plan })
}
