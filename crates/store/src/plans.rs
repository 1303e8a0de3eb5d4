use model::Plan;

use crate::generation::RAISE;
use crate::rows::{json, row, text};
use crate::{Result, Store, read, write};

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

impl Store {
    /// Makes a plan, or changes the one of that id. Every request after this is judged by it.
    pub async fn put_plan(&self, plan: &Plan) -> Result<()> {
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
            sqlx::query(RAISE).execute(&mut *tx).await?;
            Ok(())
        });
        self.publish_generation().await
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
            read!(self, pool => sqlx::query_as(SQL).bind(id).fetch_optional(pool).await?);
        Ok(row.map(Plan::from))
    }

    /// Returns whether a plan with that id exists.
    pub async fn has_plan(&self, id: &str) -> Result<bool> {
        Ok(self.find_plan(id).await?.is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
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
    }
}
