//! Findings that somebody of an account answers for until a day.
//!
//! An acceptance is open until it is ended or its day comes; nothing has to run for that. Of a check on
//! a domain one is open at a time, and the index decides so. Rows stay: what was accepted, by whom and
//! why can be read long after. Whoever leaves the team is no longer named, their number is.

use model::{AcceptanceStatus, AuditAction, Timestamp};
use serde_json::json;

use crate::api_keys::LOCK_ACCOUNT;
use crate::audit::audit;
use crate::once::{Claim, claim, settle};
use crate::rows::{row, text};
use crate::{Act, Once, Result, Store, read, write};

/// Acceptances that an account may have open.
const MAX_OPEN: i64 = 500;

row! {
    /// A finding that somebody answers for.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct AcceptedRisk {
        pub id: i64,
        pub domain: String,
        pub check_id: String,
        pub reason: String,
        /// The address of who answers for it; `None` once they have left the team.
        pub email: Option<String>,
        pub created_at: Timestamp,
        /// As in the audit log.
        pub created_by: String,
        pub expires_at: Timestamp,
        pub ended_at: Option<Timestamp>,
        /// As in the audit log; `None` for one that expired.
        pub ended_by: Option<String>,
    }
}

impl AcceptedRisk {
    /// Returns where it stands at a time.
    pub fn status(&self, now: Timestamp) -> AcceptanceStatus {
        match &self.ended_by {
            Some(_) => AcceptanceStatus::Ended,
            None if self.expires_at <= now => AcceptanceStatus::Expired,
            None => AcceptanceStatus::Open,
        }
    }
}

macro_rules! from_risks {
    () => {
        "SELECT r.id, r.domain, r.check_id, r.reason, u.email, r.created_at, r.created_by, r.expires_at,
             r.ended_at, r.ended_by
         FROM accepted_risks r
         LEFT JOIN users u ON u.id = r.accepted_by AND u.account_id = r.account_id "
    };
}

const FIND: &str = concat!(from_risks!(), "WHERE r.account_id = $1 AND r.id = $2");

/// An acceptance to be.
#[derive(Debug, Clone)]
pub struct NewAcceptedRisk {
    pub domain: String,
    pub check_id: String,
    pub reason: String,
    /// The user who answers for it.
    pub accepted_by: i64,
    pub expires_at: Timestamp,
}

/// What became of the wish to accept a risk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RiskAccepted {
    Now(AcceptedRisk),
    /// The same request did it before; this is its present state.
    Before(AcceptedRisk),
    /// The idempotency key stands for another request.
    KeyReused,
    /// It is accepted already.
    Already,
    /// The account has as many open as it may.
    TooMany,
}

/// Which acceptances are listed.
#[derive(Debug, Clone, Default)]
pub struct RiskFilter {
    pub domain: Option<String>,
    /// Only those that are open at this time.
    pub open_at: Option<Timestamp>,
    /// Only those with a smaller id.
    pub before: Option<i64>,
}

fn target(domain: &str) -> String {
    format!("domain:{domain}")
}

impl Store {
    /// Accepts the risk of a check on a domain.
    pub async fn accept_risk(
        &self,
        account: i64,
        risk: &NewAcceptedRisk,
        once: Option<&Once>,
        act: &Act,
    ) -> Result<RiskAccepted> {
        // One that expired makes room.
        const SETTLE: &str = "
            UPDATE accepted_risks SET ended_at = expires_at
            WHERE account_id = $1 AND domain = $2 AND check_id = $3 AND ended_at IS NULL
                AND expires_at <= $4";
        const OPEN: &str = "
            SELECT COUNT(*) FROM accepted_risks
            WHERE account_id = $1 AND ended_at IS NULL AND expires_at > $2";
        const SQL: &str = "
            INSERT INTO accepted_risks (account_id, domain, check_id, reason, accepted_by, created_at,
                created_by, expires_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
            ON CONFLICT (account_id, domain, check_id) WHERE ended_at IS NULL DO NOTHING
            RETURNING id";
        Ok(write!(self, tx => {
            match claim!(tx, account, once, act.at) {
                Claim::First => {}
                Claim::Other => return Ok(RiskAccepted::KeyReused),
                Claim::Made(id) => {
                    let made: AcceptedRisk =
                        sqlx::query_as(FIND).bind(account).bind(id).fetch_one(&mut *tx).await?;
                    return Ok(RiskAccepted::Before(made));
                }
            }
            sqlx::query(LOCK_ACCOUNT).bind(account).execute(&mut *tx).await?;
            sqlx::query(SETTLE)
                .bind(account)
                .bind(text(&risk.domain))
                .bind(text(&risk.check_id))
                .bind(act.at.0)
                .execute(&mut *tx)
                .await?;
            let open: i64 =
                sqlx::query_scalar(OPEN).bind(account).bind(act.at.0).fetch_one(&mut *tx).await?;
            if open >= MAX_OPEN {
                settle!(tx, account, once, None);
                return Ok(RiskAccepted::TooMany);
            }
            let id: Option<i64> = sqlx::query_scalar(SQL)
                .bind(account)
                .bind(text(&risk.domain))
                .bind(text(&risk.check_id))
                .bind(text(&risk.reason))
                .bind(risk.accepted_by)
                .bind(act.at.0)
                .bind(&act.actor)
                .bind(risk.expires_at.0)
                .fetch_optional(&mut *tx)
                .await?;
            let Some(id) = id else {
                settle!(tx, account, once, None);
                return Ok(RiskAccepted::Already);
            };
            let detail = json!({
                "accepted_risk": id,
                "check": risk.check_id,
                "reason": risk.reason,
                "expires_at": risk.expires_at,
            });
            audit!(self, tx, account, act, AuditAction::RiskAccepted, Some(&target(&risk.domain)), detail);
            settle!(tx, account, once, Some(id));
            let made: AcceptedRisk =
                sqlx::query_as(FIND).bind(account).bind(id).fetch_one(&mut *tx).await?;
            Ok(RiskAccepted::Now(made))
        }))
    }

    /// Returns up to `limit` acceptances of an account, the newest first.
    pub async fn list_accepted_risks(
        &self,
        account: i64,
        filter: &RiskFilter,
        limit: i64,
    ) -> Result<Vec<AcceptedRisk>> {
        const SQL: &str = concat!(
            from_risks!(),
            "WHERE r.account_id = $1 AND r.id < $2
                 AND (CAST($3 AS TEXT) IS NULL OR r.domain = $3)
                 AND (CAST($4 AS BIGINT) IS NULL OR (r.ended_at IS NULL AND r.expires_at > $4))
             ORDER BY r.id DESC
             LIMIT $5"
        );
        Ok(read!(self, pool => sqlx::query_as(SQL)
            .bind(account)
            .bind(filter.before.unwrap_or(i64::MAX))
            .bind(filter.domain.as_deref().map(text))
            .bind(filter.open_at.map(|at| at.0))
            .bind(limit)
            .fetch_all(pool)
            .await?))
    }

    /// Returns every acceptance that an account has open on a domain.
    pub async fn list_open_risks(
        &self,
        account: i64,
        domain: &str,
        now: Timestamp,
    ) -> Result<Vec<AcceptedRisk>> {
        let filter =
            RiskFilter { domain: Some(domain.to_owned()), open_at: Some(now), before: None };
        self.list_accepted_risks(account, &filter, MAX_OPEN).await
    }

    /// Returns an acceptance of an account.
    pub async fn find_accepted_risk(&self, account: i64, id: i64) -> Result<Option<AcceptedRisk>> {
        Ok(read!(self, pool => sqlx::query_as(FIND)
            .bind(account)
            .bind(id)
            .fetch_optional(pool)
            .await?))
    }

    /// Ends an acceptance before its day. Returns whether it was open.
    pub async fn end_accepted_risk(&self, account: i64, id: i64, act: &Act) -> Result<bool> {
        const SQL: &str = "
            UPDATE accepted_risks SET ended_at = $3, ended_by = $4
            WHERE account_id = $1 AND id = $2 AND ended_at IS NULL AND expires_at > $3
            RETURNING domain, check_id";
        Ok(write!(self, tx => {
            let ended: Option<(String, String)> = sqlx::query_as(SQL)
                .bind(account)
                .bind(id)
                .bind(act.at.0)
                .bind(&act.actor)
                .fetch_optional(&mut *tx)
                .await?;
            if let Some((domain, check)) = &ended {
                let detail = json!({ "accepted_risk": id, "check": check });
                audit!(self, tx, account, act, AuditAction::RiskAcceptanceEnded, Some(&target(domain)), detail);
            }
            Ok(ended.is_some())
        }))
    }
}

#[cfg(test)]
mod tests {
    use model::Role;

    use super::*;
    use crate::testing::store_test;
    use crate::{NewUser, User};

    fn act(at: i64) -> Act {
        Act { actor: "user:1".to_owned(), ip: None, at: Timestamp(at) }
    }

    async fn user(store: &Store, email: &str) -> User {
        store.create_user(&NewUser::plain(email, Role::User), Timestamp(1)).await.unwrap().unwrap()
    }

    fn new(user: &User, check: &str) -> NewAcceptedRisk {
        NewAcceptedRisk {
            domain: "shop.example".to_owned(),
            check_id: check.to_owned(),
            reason: "behind a\0 VPN".to_owned(),
            accepted_by: user.id,
            expires_at: Timestamp(100),
        }
    }

    async fn actions(store: &Store, account: i64) -> Vec<String> {
        let log = store.list_audit_log(account, None, 9).await.unwrap();
        let log = log.into_iter().map(|entry| entry.action);
        log.filter(|action| action.starts_with("risk.")).collect()
    }

    store_test! {
        async fn one_is_open_for_a_check_until_it_ends_or_expires(store: Store, _address: String) {
            let (ann, bob) = (user(&store, "a@example.com").await, user(&store, "b@example.com").await);
            let owner = ann.account_id;
            let accept = async |at| store.accept_risk(owner, &new(&ann, "hsts.missing"), None, &act(at)).await.unwrap();
            let open = async |at| store.list_open_risks(owner, "shop.example", Timestamp(at)).await.unwrap();
            let RiskAccepted::Now(first) = accept(5).await else { panic!() };
            assert_eq!((first.email.as_deref(), &*first.reason), (Some("a@example.com"), "behind a\u{fffd} VPN"));
            assert_eq!(accept(6).await, RiskAccepted::Already);
            assert_eq!((open(99).await, open(100).await), (vec![first.clone()], vec![]));
            assert!(store.list_open_risks(owner, "other.example", Timestamp(6)).await.unwrap().is_empty());

            assert!(!store.end_accepted_risk(bob.account_id, first.id, &act(7)).await.unwrap());
            assert_eq!(store.find_accepted_risk(bob.account_id, first.id).await.unwrap(), None);
            assert!(store.end_accepted_risk(owner, first.id, &act(7)).await.unwrap());
            assert!(!store.end_accepted_risk(owner, first.id, &act(7)).await.unwrap());
            assert!(open(8).await.is_empty());

            let RiskAccepted::Now(second) = accept(8).await else { panic!() };
            assert!(!store.end_accepted_risk(owner, second.id, &act(100)).await.unwrap(), "it expired");
            let late = NewAcceptedRisk { expires_at: Timestamp(200), ..new(&ann, "hsts.missing") };
            let third = store.accept_risk(owner, &late, None, &act(100)).await.unwrap();
            assert!(matches!(third, RiskAccepted::Now(_)), "an expired one makes room");
            let all = store.list_accepted_risks(owner, &RiskFilter::default(), 9).await.unwrap();
            let states: Vec<_> = all.iter().map(|risk| risk.status(Timestamp(101)).as_str()).collect();
            assert_eq!(states, ["open", "expired", "ended"]);
            let older = RiskFilter { before: Some(second.id), ..RiskFilter::default() };
            assert_eq!(store.list_accepted_risks(owner, &older, 9).await.unwrap()[0].id, first.id);
            assert_eq!(actions(&store, owner).await, ["risk.accepted", "risk.accepted", "risk.acceptance_ended", "risk.accepted"]);
            assert!(actions(&store, bob.account_id).await.is_empty());
        }

        async fn racing_and_repeated_requests_accept_once(store: Store, _address: String) {
            let ann = user(&store, "a@example.com").await;
            let racers: Vec<_> = (0..8).map(|_| {
                let (store, risk, account) = (store.clone(), new(&ann, "hsts.missing"), ann.account_id);
                tokio::spawn(async move { store.accept_risk(account, &risk, None, &act(5)).await.unwrap() })
            }).collect();
            let mut made = 0;
            for racer in racers {
                made += usize::from(matches!(racer.await.unwrap(), RiskAccepted::Now(_)));
            }
            assert_eq!((made, actions(&store, ann.account_id).await.len()), (1, 1));

            let once = |asked| Once::plain("key", asked);
            let accept = async |check: &str, once: Once| store.accept_risk(ann.account_id, &new(&ann, check), Some(&once), &act(6)).await.unwrap();
            // What made nothing leaves its key free.
            assert_eq!(accept("hsts.missing", once("first")).await, RiskAccepted::Already);
            let RiskAccepted::Now(risk) = accept("csp.missing", once("asked")).await else { panic!() };
            assert_eq!(accept("csp.missing", once("asked")).await, RiskAccepted::Before(risk));
            assert_eq!(accept("csp.missing", once("other")).await, RiskAccepted::KeyReused);
        }

        async fn an_account_has_only_so_many_open(store: Store, _address: String) {
            let ann = user(&store, "a@example.com").await;
            for number in 0..MAX_OPEN {
                let made = store.accept_risk(ann.account_id, &new(&ann, &format!("x.{number}")), None, &act(5)).await.unwrap();
                assert!(matches!(made, RiskAccepted::Now(_)));
            }
            let more = async |at| store.accept_risk(ann.account_id, &new(&ann, "x.more"), None, &act(at)).await.unwrap();
            assert_eq!(more(5).await, RiskAccepted::TooMany);
            assert!(matches!(more(100).await, RiskAccepted::Now(_)), "those that expired do not count");
        }
    }
}
