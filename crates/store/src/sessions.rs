use model::Timestamp;

use crate::accounts::{Principal, principal_columns};
use crate::generation::RAISE;
use crate::rows::text;
use crate::{Result, Store, read, write};

/// A sign-in.
#[derive(Debug, Clone)]
pub struct NewSession {
    /// Random, unguessable; the `sid` of the JWT.
    pub id: String,
    pub user_id: i64,
    pub expires_at: Timestamp,
    pub ip: Option<String>,
    pub agent: Option<String>,
}

/// A session that was found, with who it is.
#[derive(Debug, Clone)]
pub struct SessionPrincipal {
    pub expires_at: Timestamp,
    pub ended_at: Option<Timestamp>,
    pub principal: Principal,
}

impl Store {
    /// Records a sign-in.
    pub async fn start_session(&self, session: &NewSession, now: Timestamp) -> Result<()> {
        const SQL: &str = "
            INSERT INTO sessions (id, user_id, created_at, expires_at, ip, agent)
            VALUES ($1, $2, $3, $4, $5, $6)";
        write!(self, tx => {
            sqlx::query(SQL)
                .bind(&session.id)
                .bind(session.user_id)
                .bind(now.0)
                .bind(session.expires_at.0)
                .bind(&session.ip)
                .bind(session.agent.as_deref().map(text))
                .execute(&mut *tx)
                .await?;
            Ok(())
        });
        Ok(())
    }

    /// Ends a session. Returns whether it was running.
    pub async fn end_session(&self, id: &str, now: Timestamp) -> Result<bool> {
        const SQL: &str = "UPDATE sessions SET ended_at = $2 WHERE id = $1 AND ended_at IS NULL";
        let ended = write!(self, tx => {
            let ended = sqlx::query(SQL).bind(id).bind(now.0).execute(&mut *tx).await?.rows_affected();
            if ended > 0 {
                sqlx::query(RAISE).execute(&mut *tx).await?;
            }
            Ok(ended)
        });
        self.publish_generation().await?;
        Ok(ended > 0)
    }

    /// Returns a session, ended or not, with its user.
    pub async fn find_session(&self, id: &str) -> Result<Option<SessionPrincipal>> {
        use sqlx::{FromRow, Row};
        const SQL: &str = concat!(
            "SELECT s.expires_at, s.ended_at, ",
            principal_columns!(),
            "
             FROM sessions s
             JOIN users u ON u.id = s.user_id
             JOIN accounts a ON a.id = u.account_id
             JOIN plans p ON p.id = a.plan_id
             WHERE s.id = $1"
        );
        read!(self, pool => {
            let Some(row) = sqlx::query(SQL).bind(text(id)).fetch_optional(pool).await? else {
                return Ok(None);
            };
            Ok(Some(SessionPrincipal {
                expires_at: Timestamp(row.try_get("expires_at")?),
                ended_at: row.try_get::<Option<i64>, _>("ended_at")?.map(Timestamp),
                principal: Principal::from_row(&row)?,
            }))
        })
    }
}

#[cfg(test)]
mod tests {
    use model::Role;

    use super::*;
    use crate::NewUser;
    use crate::testing::store_test;

    store_test! {
        async fn a_new_password_ends_every_other_session(store: Store, _address: String) {
            let user = store.create_user(&NewUser::plain("a@example.com", Role::User), Timestamp(1)).await.unwrap().unwrap();
            for id in ["one", "two"] {
                let session = NewSession { id: id.to_owned(), user_id: user.id, expires_at: Timestamp(99), ip: None, agent: None };
                store.start_session(&session, Timestamp(2)).await.unwrap();
            }
            store.set_password(user.id, "new", Some("two"), Timestamp(3)).await.unwrap();
            let ended = |id: &'static str| {
                let store = store.clone();
                async move { store.find_session(id).await.unwrap().unwrap().ended_at }
            };
            assert_eq!(ended("one").await, Some(Timestamp(3)));
            assert_eq!(ended("two").await, None);
            assert!(store.end_session("two", Timestamp(4)).await.unwrap());
            assert!(!store.end_session("two", Timestamp(5)).await.unwrap());
            assert!(store.find_session("three").await.unwrap().is_none());
        }
    }
}
