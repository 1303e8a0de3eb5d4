//! Another e-mail address for a user: the present mailbox allows it, the new one confirms it. Each
//! step uses one link up and queues what comes next, in one transaction.

use model::{AuditAction, LinkPurpose};
use serde_json::json;

use crate::audit::audit;
use crate::generation::RAISE;
use crate::jobs::insert_job;
use crate::rows::text;
use crate::user_tokens::{of_user, take_link};
use crate::{Act, NewJob, Result, Store, write};

/// What became of the last step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EmailChange {
    Done,
    /// The link is not good.
    Spent,
    /// Somebody has that address by now.
    Taken,
}

impl Store {
    /// Uses up the link that came to the present mailbox, and queues the letter to the new one.
    /// Returns whether the link was good.
    pub async fn allow_email_change(&self, link: &str, next: &NewJob, act: &Act) -> Result<bool> {
        Ok(write!(self, tx => {
            let holder = take_link!(tx, LinkPurpose::AllowEmailChange, link, act.at);
            if holder.is_some() {
                insert_job!(tx, next, act.at);
            }
            Ok(holder.is_some())
        }))
    }

    /// Uses up the link that came to the new mailbox: from then on the user has that address, and it
    /// is confirmed. `notice` tells the former one.
    pub async fn change_email(
        &self,
        link: &str,
        notice: &NewJob,
        act: &Act,
    ) -> Result<EmailChange> {
        const SQL: &str = "
            UPDATE users SET email = $2, email_verified_at = $3
            WHERE id = $1 AND NOT EXISTS (SELECT 1 FROM users WHERE email = $2)";
        let outcome = write!(self, tx => {
            let holder = take_link!(tx, LinkPurpose::ChangeEmail, link, act.at);
            let Some((holder, wanted)) = holder.and_then(|holder| {
                let wanted = holder.wanted_email.clone()?;
                Some((holder, wanted))
            }) else {
                return Ok(EmailChange::Spent);
            };
            let changed = sqlx::query(SQL)
                .bind(holder.user_id)
                .bind(text(&wanted))
                .bind(act.at.0)
                .execute(&mut *tx)
                .await?
                .rows_affected();
            if changed == 0 {
                return Ok(EmailChange::Taken);
            }
            let (act, target) = (of_user(act, holder.user_id), format!("user:{}", holder.user_id));
            let detail = json!({ "from": holder.email, "to": wanted });
            audit!(self, tx, holder.account_id, &act, AuditAction::EmailChanged, Some(&target), detail);
            insert_job!(tx, notice, act.at);
            sqlx::query(RAISE).execute(&mut *tx).await?;
            Ok(EmailChange::Done)
        });
        self.publish_generation().await?;
        Ok(outcome)
    }
}

#[cfg(test)]
mod tests {
    use model::{Role, Timestamp};

    use super::*;
    use crate::testing::store_test;
    use crate::{NewLink, NewUser};

    fn act() -> Act {
        Act { actor: "link".to_owned(), ip: None, at: Timestamp(5) }
    }

    fn job() -> NewJob {
        NewJob { kind: "test", payload: String::new(), run_at: Timestamp(0), max_attempts: 1 }
    }

    async fn put(store: &Store, user: i64, purpose: LinkPurpose, hash: &str, wanted: &str) -> bool {
        let link = NewLink {
            user_id: user,
            purpose,
            hash: hash.to_owned(),
            email: "a@example.com".to_owned(),
            wanted_email: Some(wanted.to_owned()),
            expires_at: Timestamp(100),
        };
        store.put_link(&link, Timestamp(0), Timestamp(1)).await.unwrap()
    }

    store_test! {
        async fn each_step_takes_its_own_link_once(store: Store, _address: String) {
            let user = store.create_user(&NewUser::plain("a@example.com", Role::User), Timestamp(1)).await.unwrap().unwrap();
            assert!(put(&store, user.id, LinkPurpose::AllowEmailChange, "one", "b@example.com").await);
            assert!(!put(&store, user.id, LinkPurpose::AllowEmailChange, "soon", "b@example.com").await, "a fresh link for the same address is left alone");
            assert!(put(&store, user.id, LinkPurpose::AllowEmailChange, "two", "c@example.com").await, "another address replaces it");
            assert!(!store.allow_email_change("one", &job(), &act()).await.unwrap());
            assert_eq!(store.change_email("two", &job(), &act()).await.unwrap(), EmailChange::Spent);
            assert!(store.allow_email_change("two", &job(), &act()).await.unwrap());
            assert!(!store.allow_email_change("two", &job(), &act()).await.unwrap());
            assert!(put(&store, user.id, LinkPurpose::ChangeEmail, "three", "c@example.com").await);
            assert_eq!(store.change_email("three", &job(), &act()).await.unwrap(), EmailChange::Done);
            assert_eq!(store.change_email("three", &job(), &act()).await.unwrap(), EmailChange::Spent);
            assert!(store.find_login("a@example.com").await.unwrap().is_none());
            let login = store.find_login("c@example.com").await.unwrap().unwrap();
            assert_eq!(login.principal.user_email_verified_at, Some(Timestamp(5)));
            assert_eq!(store.queue_depth().await.unwrap(), 2);
        }

        async fn nobody_gets_an_address_that_is_taken(store: Store, _address: String) {
            let user = store.create_user(&NewUser::plain("a@example.com", Role::User), Timestamp(1)).await.unwrap().unwrap();
            assert!(put(&store, user.id, LinkPurpose::ChangeEmail, "one", "b@example.com").await);
            store.create_user(&NewUser::plain("b@example.com", Role::User), Timestamp(2)).await.unwrap().unwrap();
            assert_eq!(store.change_email("one", &job(), &act()).await.unwrap(), EmailChange::Taken);
            assert!(store.find_login("a@example.com").await.unwrap().is_some());
            assert_eq!(store.queue_depth().await.unwrap(), 0);
        }
    }
}
