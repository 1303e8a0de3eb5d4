use model::{AuditAction, LeakPolicy, Timestamp};
use serde_json::json;

use crate::alert_raising::raise;
use crate::api_keys::{ApiKey, key_columns, target};
use crate::audit::audit;
use crate::generation::RAISE;
use crate::jobs::INSERT_JOB;
use crate::{Act, NewAlert, NewJob, Result, Store, write};

/// The letters to the owner of a leaked key, one for each policy; one of them is queued.
#[derive(Debug, Clone)]
pub struct LeakJobs {
    /// For a key that was revoked.
    pub revoked: NewJob,
    /// For a key that goes on working.
    pub flagged: NewJob,
}

impl Store {
    /// Marks a living key as exposed, revokes it when the account's policy says so, and queues the
    /// letter to its owner and raises the alert. `None` when nothing changed: the key is dead, or was reported before.
    pub async fn expose_key(
        &self,
        account: i64,
        id: i64,
        found_at: Option<&str>,
        jobs: &LeakJobs,
        alert: Option<&NewAlert>,
        act: &Act,
    ) -> Result<Option<ApiKey>> {
        const POLICY: &str = "SELECT leak_policy FROM key_policies WHERE account_id = $1";
        const SQL: &str = concat!(
            "UPDATE api_keys SET exposed_at = COALESCE(exposed_at, $3),
                 revoked_at = CAST($4 AS BIGINT),
                 revoked_by = CASE WHEN CAST($4 AS BIGINT) IS NULL THEN NULL ELSE $5 END
             WHERE account_id = $1 AND id = $2 AND revoked_at IS NULL
                 AND (expires_at IS NULL OR expires_at > $3)
                 AND (exposed_at IS NULL OR CAST($4 AS BIGINT) IS NOT NULL)
             RETURNING ",
            key_columns!()
        );
        let exposed = write!(self, tx => {
            let policy: Option<String> =
                sqlx::query_scalar(POLICY).bind(account).fetch_optional(&mut *tx).await?;
            let policy = policy.and_then(|word| LeakPolicy::parse(&word)).unwrap_or_default();
            let (job, revoked_at): (&NewJob, Option<Timestamp>) = match policy {
                LeakPolicy::Revoke => (&jobs.revoked, Some(act.at)),
                LeakPolicy::Notify => (&jobs.flagged, None),
            };
            let exposed: Option<ApiKey> = sqlx::query_as(SQL)
                .bind(account)
                .bind(id)
                .bind(act.at.0)
                .bind(revoked_at.map(|at| at.0))
                .bind(&act.actor)
                .fetch_optional(&mut *tx)
                .await?;
            if let Some(key) = &exposed {
                let detail = json!({ "leak_policy": policy, "found_at": found_at });
                audit!(self, tx, account, act, AuditAction::ApiKeyExposed, Some(&target(&key.key_id)), detail);
                sqlx::query(INSERT_JOB)
                    .bind(job.kind)
                    .bind(&job.payload)
                    .bind(job.run_at.0)
                    .bind(job.max_attempts)
                    .bind(act.at.0)
                    .execute(&mut *tx)
                    .await?;
                if let Some(alert) = alert {
                    raise!(tx, account, alert, act.at);
                }
                sqlx::query(RAISE).execute(&mut *tx).await?;
            }
            Ok(exposed)
        });
        self.publish_generation().await?;
        Ok(exposed)
    }
}

#[cfg(test)]
mod tests {
    use model::{KeyStatus, Role};

    use super::*;
    use crate::testing::store_test;
    use crate::{KeyPolicyChange, NewKey, NewUser};

    fn job() -> NewJob {
        NewJob {
            kind: "send_mail",
            payload: "{}".to_owned(),
            run_at: Timestamp(1),
            max_attempts: 1,
        }
    }

    store_test! {
        async fn a_leaked_key_meets_its_accounts_policy_once(store: Store, _address: String) {
            let user = store.create_user(&NewUser::plain("a@example.com", Role::User), Timestamp(1)).await.unwrap().unwrap();
            let owner = user.account_id;
            let act = Act::operator(Timestamp(5));
            let key = store.create_key(owner, &NewKey::plain("cl_aaaaaaaaaaaa"), None, &act).await.unwrap().now().unwrap();
            let jobs = LeakJobs { revoked: job(), flagged: job() };
            let expose = async || store.expose_key(owner, key.id, Some("https://example.org"), &jobs, None, &act).await.unwrap();
            let notify = KeyPolicyChange { leak_policy: Some(LeakPolicy::Notify), ..KeyPolicyChange::default() };
            store.change_key_policy(owner, notify, &act).await.unwrap();
            assert_eq!(store.find_key_policy(owner).await.unwrap().leak_policy, LeakPolicy::Notify);
            let flagged = expose().await.unwrap();
            assert_eq!((flagged.status(act.at), flagged.exposed_at), (KeyStatus::Active, Some(act.at)));
            assert!(expose().await.is_none());
            let revoke = KeyPolicyChange { leak_policy: Some(LeakPolicy::Revoke), ..KeyPolicyChange::default() };
            store.change_key_policy(owner, revoke, &act).await.unwrap();
            assert_eq!(expose().await.unwrap().status(act.at), KeyStatus::Revoked);
            assert!(expose().await.is_none());
            assert_eq!(store.queue_depth().await.unwrap(), 2);
        }
    }
}
