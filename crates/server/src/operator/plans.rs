//! Plans, looked at and changed beside a running server.

use model::{Plan, PlanOverrides};

use super::{Operator, OperatorError, Result};
use crate::ops::administration;
pub use crate::ops::administration::PlanStatus;

impl Operator {
    /// Returns every plan, the smallest first.
    pub async fn list_plans(&self) -> Result<Vec<PlanStatus>> {
        let uses = self.store.list_plan_uses().await?;
        Ok(uses.into_iter().map(PlanStatus::from).collect())
    }

    /// Makes a plan, or changes the one of that id. Holds for every request from now on.
    pub async fn put_plan(&self, plan: &Plan) -> Result<()> {
        Ok(administration::put_plan(&self.store, plan, &self.act()).await?)
    }

    /// Changes what is given of a plan; a new plan takes the rest from the plan of new accounts.
    /// Returns what the plan is now.
    pub async fn set_plan_limits(
        &self,
        id: &str,
        numbers: PlanOverrides,
        gates: Option<Vec<String>>,
    ) -> Result<Plan> {
        let before = match self.store.find_plan(id).await? {
            Some(plan) => plan,
            None => {
                let default = &self.config.plans.default;
                self.store.find_plan(default).await?.ok_or_else(|| {
                    OperatorError::Refused(format!("there is no plan `{default}` to begin with"))
                })?
            }
        };
        let plan = numbers.over(Plan { id: id.to_owned(), ..before });
        let plan = Plan { gates: gates.unwrap_or_else(|| plan.gates.clone()), ..plan };
        self.put_plan(&plan).await?;
        Ok(plan)
    }
}
