//! Plans: rows that the operator edits while accounts are on them. Each change stands in the log of the
//! instance and raises the generation, so it holds for every request from then on.

use model::{AuditAction, Plan};

use crate::audit::audit;
use crate::generation::RAISE;
use crate::operator::INSTANCE;
use crate::rows::{json, row, text};
use crate::{Act, Result, Store, read, write};

/// A plan and how many accounts are on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanUse {
    pub plan: Plan,
    pub accounts: i64,
}

row! {
    /// A plan as it is stored. The crate's callers get [`Plan`].
    #[derive(Debug)]
    pub struct PlanRow {
        pub id: String,
        pub per_minute: i64,
        pub per_hour: i64,
        pub per_day: i64,
        pub concurrent_scans: i64,
        pub scans_per_month: i64,
        pub domains: i64,
        pub seats: i64,
        pub gates: Vec<String>,
    }
}

macro_rules! plan_columns {
    () => {
        "id, per_minute, per_hour, per_day, concurrent_scans, scans_per_month, domains, seats, gates"
    };
}

impl From<PlanRow> for Plan {
    fn from(row: PlanRow) -> Self {
        Self {
            id: row.id,
            per_minute: row.per_minute,
            per_hour: row.per_hour,
            per_day: row.per_day,
            concurrent_scans: row.concurrent_scans,
            scans_per_month: row.scans_per_month,
            domains: row.domains,
            seats: row.seats,
            gates: row.gates,
        }
    }
}

/// Returns how the audit log names a plan.
fn target(id: &str) -> String {
    format!("plan:{id}")
}

impl Store {
    /// Makes a plan, or changes the one of that id. Every request after this is judged by it.
    pub async fn put_plan(&self, plan: &Plan, act: &Act) -> Result<()> {
        const SQL: &str = "
            INSERT INTO plans (id, per_minute, per_hour, per_day, concurrent_scans,
                scans_per_month, domains, seats, gates)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
            ON CONFLICT (id) DO UPDATE SET per_minute = excluded.per_minute,
                per_hour = excluded.per_hour, per_day = excluded.per_day,
                concurrent_scans = excluded.concurrent_scans,
                scans_per_month = excluded.scans_per_month, domains = excluded.domains,
                seats = excluded.seats, gates = excluded.gates";
        let gates = json(&plan.gates)?;
        write!(self, tx => {
            sqlx::query(SQL)
                .bind(text(&plan.id))
                .bind(plan.per_minute)
                .bind(plan.per_hour)
                .bind(plan.per_day)
                .bind(plan.concurrent_scans)
                .bind(plan.scans_per_month)
                .bind(plan.domains)
                .bind(plan.seats)
                .bind(&gates)
                .execute(&mut *tx)
                .await?;
            let detail = serde_json::json!({ "to": plan });
            audit!(self, tx, INSTANCE, act, AuditAction::PlanChanged, Some(&target(&plan.id)), detail);
            sqlx::query(RAISE).execute(&mut *tx).await?;
            Ok(())
        });
        self.publish_generation().await
    }

    /// Deletes a plan that no account is on. Returns whether one was deleted.
    pub async fn delete_plan(&self, id: &str, act: &Act) -> Result<bool> {
        const SQL: &str = "
            DELETE FROM plans
            WHERE id = $1 AND NOT EXISTS (SELECT 1 FROM accounts WHERE plan_id = $1)";
        let deleted = write!(self, tx => {
            let rows = sqlx::query(SQL).bind(text(id)).execute(&mut *tx).await?.rows_affected();
            if rows > 0 {
                let detail = serde_json::json!({});
                audit!(self, tx, INSTANCE, act, AuditAction::PlanDeleted, Some(&target(id)), detail);
                sqlx::query(RAISE).execute(&mut *tx).await?;
            }
            Ok(rows > 0)
        });
        self.publish_generation().await?;
        Ok(deleted)
    }

    /// Returns every plan with how many accounts are on it, the smallest first.
    pub async fn list_plan_uses(&self) -> Result<Vec<PlanUse>> {
        const SQL: &str = "
            SELECT plan_id, COUNT(*) FROM accounts
            WHERE EXISTS (SELECT 1 FROM users WHERE account_id = accounts.id)
            GROUP BY plan_id";
        let counts: Vec<(String, i64)> =
            read!(self, pool => sqlx::query_as(SQL).fetch_all(pool).await?);
        let of = |id: &str| counts.iter().find(|(plan, _)| plan == id).map_or(0, |(_, n)| *n);
        let plans = self.list_plans().await?.into_iter();
        Ok(plans.map(|plan| PlanUse { accounts: of(&plan.id), plan }).collect())
    }

    /// Returns every plan, the smallest first: by scans a month, then by domains.
    pub async fn list_plans(&self) -> Result<Vec<Plan>> {
        const SQL: &str = concat!(
            "SELECT ",
            plan_columns!(),
            " FROM plans ORDER BY scans_per_month, domains, id"
        );
        let rows: Vec<PlanRow> = read!(self, pool => sqlx::query_as(SQL).fetch_all(pool).await?);
        Ok(rows.into_iter().map(Plan::from).collect())
    }

    /// Returns one plan.
    pub async fn find_plan(&self, id: &str) -> Result<Option<Plan>> {
        const SQL: &str = concat!("SELECT ", plan_columns!(), " FROM plans WHERE id = $1");
        let row: Option<PlanRow> =
            read!(self, pool => sqlx::query_as(SQL).bind(text(id)).fetch_optional(pool).await?);
        Ok(row.map(Plan::from))
    }

    /// Returns whether a plan with that id exists.
    pub async fn has_plan(&self, id: &str) -> Result<bool> {
        Ok(self.find_plan(id).await?.is_some())
    }
}

#[cfg(test)]
mod tests {
    use model::{Role, Timestamp};

    use super::*;
    use crate::NewUser;
    use crate::testing::store_test;

    store_test! {
        async fn a_larger_plan_unlocks_what_a_smaller_one_does(store: Store, _address: String) {
            let plans: Vec<Plan> = store.list_plans().await.unwrap();
            let ids: Vec<_> = plans.iter().map(|plan| plan.id.as_str()).collect();
            assert_eq!(ids, ["free", "starter", "professional", "enterprise", "msp", "custom"]);
            for pair in plans.windows(2) {
                let missing: Vec<_> = pair[0].gates.iter().filter(|gate| !pair[1].allows(gate)).collect();
                assert!(missing.is_empty(), "{} lacks {missing:?} of {}", pair[1].id, pair[0].id);
            }
            let free = store.find_plan("free").await.unwrap().unwrap();
            assert_eq!((free.per_minute, free.per_hour, free.per_day), (120, 1200, 5000));
            assert_eq!((free.concurrent_scans, free.scans_per_month, free.domains, free.seats), (5, 10, 1, 1));
            assert_eq!(store.find_plan("platinum").await.unwrap(), None);
        }

        async fn only_a_plan_that_nobody_is_on_can_be_deleted(store: Store, _address: String) {
            let act = Act::operator(Timestamp(1));
            store.create_user(&NewUser::plain("a@example.com", Role::User), Timestamp(1)).await.unwrap();
            assert!(!store.delete_plan("free", &act).await.unwrap());
            assert!(store.delete_plan("msp", &act).await.unwrap());
            assert!(!store.delete_plan("msp", &act).await.unwrap());
            let plan = Plan { id: "own".to_owned(), ..store.find_plan("free").await.unwrap().unwrap() };
            store.put_plan(&plan, &act).await.unwrap();
            let uses = store.list_plan_uses().await.unwrap();
            let of = |id: &str| uses.iter().find(|found| found.plan.id == id).map(|found| found.accounts);
            assert_eq!((of("free"), of("own"), of("msp")), (Some(1), Some(0), None));
            let log = store.list_audit_log(INSTANCE, None, 9).await.unwrap();
            let told: Vec<_> = log.iter().map(|row| (row.action.as_str(), row.target.as_deref())).collect();
            assert_eq!(told, [("plan.changed", Some("plan:own")), ("plan.deleted", Some("plan:msp"))]);
            assert_eq!(log[0].detail["to"]["per_minute"], 120);
        }
    }
}
