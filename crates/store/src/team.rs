//! The people of an account: who they are, what role they have, and how one leaves.
//!
//! Every change first takes the row of the account, so that two changes of one team wait for each
//! other, and is decided after that by the roles as they are then: of two owners who demote each
//! other at once one stays.
//!
//! Whoever leaves is deleted with everything that only they had (sessions, links): there is nothing
//! left that could let them in. What their dead keys were is kept, without a maker; the audit log
//! knows who it was. A new table that refers to users is emptied in `forget_user!`.

use model::{AuditAction, Scope, TeamRole, Timestamp};
use serde_json::json;

use crate::api_keys::{ApiKey, LOCK_ACCOUNT, key_columns, target};
use crate::audit::audit;
use crate::generation::RAISE;
use crate::rows::{self, row};
use crate::{Act, Result, Store, read, write};

row! {
    /// One of the people of an account.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct Member {
        pub id: i64,
        pub email: String,
        pub name: Option<String>,
        pub team_role: TeamRole,
        pub created_at: Timestamp,
        pub email_verified_at: Option<Timestamp>,
        /// Keys that they made and that are neither revoked nor expired.
        pub living_keys: i64,
        /// How many second factors they have; with one, a password alone is not enough.
        pub second_factors: i64,
        /// When a sign-in of theirs was last used.
        pub last_seen_at: Option<Timestamp>,
    }
}

/// What became of the wish to give somebody another role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RoleChanged {
    /// The member as they are now, and the role they had.
    Done(Member, TeamRole),
    NotFound,
    /// Only owners make, change and remove owners.
    OwnersOnly,
    /// An account has an owner.
    LastOwner,
}

/// What happens to the living keys of somebody who leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeysOfLeaver {
    Revoke,
    /// They belong to that member from now on, and can do no more than the leaver could.
    HandTo(i64),
}

/// Somebody who has left.
#[derive(Debug, Clone, PartialEq)]
pub struct Leaver {
    pub member: Member,
    /// Their living keys, as they are now.
    pub keys: Vec<ApiKey>,
}

/// What became of the wish that somebody leaves.
#[derive(Debug, Clone, PartialEq)]
pub enum MemberRemoved {
    Done(Box<Leaver>),
    NotFound,
    OwnersOnly,
    LastOwner,
    /// They operate the instance, which must not be left without an operator.
    Operator,
    /// They made living keys, newest first, and nobody said what is to happen to them.
    KeysAlive(Vec<ApiKey>),
}

/// Revokes the living keys of somebody who leaves, inside a transaction; gives them as they are now.
macro_rules! revoke_all {
    ($self:ident, $tx:ident, $account:expr, $user:expr, $living:expr, $act:expr) => {{
        const REVOKE: &str = "UPDATE api_keys SET revoked_at = $2, revoked_by = $3 WHERE id = $1";
        let mut keys: Vec<ApiKey> = $living;
        for key in &mut keys {
            sqlx::query(REVOKE)
                .bind(key.id)
                .bind($act.at.0)
                .bind(&$act.actor)
                .execute(&mut *$tx)
                .await?;
            let detail = json!({ "reason": "member_removed", "made_by": $user });
            audit!($self, $tx, $account, $act, AuditAction::ApiKeyRevoked, Some(&target(&key.key_id)), detail);
            key.revoked_at = Some($act.at);
            key.revoked_by = Some($act.actor.clone());
        }
        keys
    }};
}

/// Gives the living keys of somebody who leaves to an heir, inside a transaction; gives them as they
/// are now. Who leaves has seen the secrets: no key may do more under a mightier maker than it could.
macro_rules! hand_over {
    ($self:ident, $tx:ident, $account:expr, $leaver:expr, $heir:expr, $living:expr, $act:expr) => {{
        const HAND_OVER: &str = "UPDATE api_keys SET created_by = $2, scopes = $3 WHERE id = $1";
        let mut keys: Vec<ApiKey> = $living;
        for key in &mut keys {
            key.scopes.retain(|scope: &Scope| $leaver.team_role.scopes().contains(scope));
            key.created_by = Some($heir);
            sqlx::query(HAND_OVER)
                .bind(key.id)
                .bind($heir)
                .bind(rows::json(&key.scopes)?)
                .execute(&mut *$tx)
                .await?;
            let detail = json!({ "from": $leaver.id, "to": $heir, "scopes": key.scopes });
            audit!($self, $tx, $account, $act, AuditAction::ApiKeyTransferred, Some(&target(&key.key_id)), detail);
        }
        keys
    }};
}

/// Deletes what only one user had, and the user, inside a transaction. Their keys must be dead or
/// somebody else's.
macro_rules! forget_user {
    ($tx:ident, $account:expr, $user:expr) => {{
        const KEYS: &str =
            "UPDATE api_keys SET created_by = NULL WHERE account_id = $2 AND created_by = $1";
        const SESSIONS: &str = "DELETE FROM sessions WHERE user_id = $1";
        const LINKS: &str = "DELETE FROM user_tokens WHERE user_id = $1";
        const INVITATIONS: &str = "DELETE FROM team_invitations WHERE invited_by = $1";
        const USER: &str = "DELETE FROM users WHERE id = $1 AND account_id = $2";
        for sql in [SESSIONS, LINKS, INVITATIONS] {
            sqlx::query(sql).bind($user).execute(&mut *$tx).await?;
        }
        for sql in [KEYS, USER] {
            sqlx::query(sql).bind($user).bind($account).execute(&mut *$tx).await?;
        }
    }};
}

/// The people of account `$1` at time `$2`, as far as the condition holds.
macro_rules! members {
    ($condition:literal) => {
        concat!(
            "SELECT u.id, u.email, u.name, u.team_role, u.created_at, u.email_verified_at,
                (SELECT COUNT(*) FROM api_keys k
                    WHERE k.account_id = u.account_id AND k.created_by = u.id
                    AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > $2)
                ) AS living_keys,
                (SELECT COUNT(*) FROM totp_factors t WHERE t.user_id = u.id) AS second_factors,
                (SELECT MAX(s.last_seen_at) FROM sessions s WHERE s.user_id = u.id)
                    AS last_seen_at
            FROM users u
            WHERE u.account_id = $1 ",
            $condition
        )
    };
}

const MEMBER: &str = members!("AND u.id = $3");

/// Returns how the audit log names a user.
pub(crate) fn user_target(id: i64) -> String {
    format!("user:{id}")
}

impl Store {
    /// Returns up to `limit` people of an account, the oldest first.
    pub async fn list_members(
        &self,
        account: i64,
        limit: i64,
        now: Timestamp,
    ) -> Result<Vec<Member>> {
        const SQL: &str = members!("ORDER BY u.id LIMIT $3");
        Ok(read!(self, pool => {
            sqlx::query_as(SQL).bind(account).bind(now.0).bind(limit).fetch_all(pool).await?
        }))
    }

    /// Returns one of the people of an account.
    pub async fn find_member(
        &self,
        account: i64,
        user: i64,
        now: Timestamp,
    ) -> Result<Option<Member>> {
        Ok(read!(self, pool => {
            sqlx::query_as(MEMBER).bind(account).bind(now.0).bind(user).fetch_optional(pool).await?
        }))
    }

    /// Gives `user` another role in the name of the member `by`. Whoever gets a smaller one loses
    /// the invitations they sent.
    pub async fn change_role(
        &self,
        account: i64,
        by: i64,
        user: i64,
        role: TeamRole,
        act: &Act,
    ) -> Result<RoleChanged> {
        const CHANGE: &str = "
            UPDATE users SET team_role = $4
            WHERE account_id = $1 AND id = $3
                AND EXISTS (SELECT 1 FROM users b WHERE b.account_id = $1 AND b.id = $2
                    AND (b.team_role = 'owner' OR (b.team_role = 'admin'
                        AND users.team_role <> 'owner' AND $4 <> 'owner')))
                AND (team_role <> 'owner' OR $4 = 'owner' OR EXISTS (SELECT 1 FROM users o
                    WHERE o.account_id = $1 AND o.team_role = 'owner' AND o.id <> $3))";
        const IS_OWNER: &str = "
            SELECT COUNT(*) FROM users WHERE account_id = $1 AND id = $2 AND team_role = 'owner'";
        const WITHDRAW: &str =
            "DELETE FROM team_invitations WHERE account_id = $1 AND invited_by = $2";
        let outcome = write!(self, tx => {
            sqlx::query(LOCK_ACCOUNT).bind(account).execute(&mut *tx).await?;
            let found: Option<Member> = sqlx::query_as(MEMBER)
                .bind(account)
                .bind(act.at.0)
                .bind(user)
                .fetch_optional(&mut *tx)
                .await?;
            let Some(before) = found else { return Ok(RoleChanged::NotFound) };
            let changed = sqlx::query(CHANGE)
                .bind(account)
                .bind(by)
                .bind(user)
                .bind(role.as_str())
                .execute(&mut *tx)
                .await?
                .rows_affected() > 0;
            if !changed {
                let owners: i64 = sqlx::query_scalar(IS_OWNER).bind(account).bind(by).fetch_one(&mut *tx).await?;
                return Ok(match owners {
                    0 => RoleChanged::OwnersOnly,
                    _ => RoleChanged::LastOwner,
                });
            }
            let was = before.team_role;
            if was != role {
                let withdrawn = match role < was {
                    true => sqlx::query(WITHDRAW).bind(account).bind(user).execute(&mut *tx).await?.rows_affected(),
                    false => 0,
                };
                let detail = json!({ "from": was, "to": role, "invitations_withdrawn": withdrawn });
                audit!(self, tx, account, act, AuditAction::TeamRoleChanged, Some(&user_target(user)), detail);
                sqlx::query(RAISE).execute(&mut *tx).await?;
            }
            Ok(RoleChanged::Done(Member { team_role: role, ..before }, was))
        });
        self.publish_generation().await?;
        Ok(outcome)
    }

    /// Removes `user` from their account in the name of the member `by`, who may be they
    /// themselves. Sessions, links and invitations of the leaver end with it.
    pub async fn remove_member(
        &self,
        account: i64,
        by: i64,
        user: i64,
        keys: Option<KeysOfLeaver>,
        act: &Act,
    ) -> Result<MemberRemoved> {
        const VERDICT: &str = "
            SELECT CASE
                WHEN $2 <> u.id AND NOT EXISTS (
                    SELECT 1 FROM users b WHERE b.account_id = $1 AND b.id = $2
                        AND (b.team_role = 'owner'
                            OR (b.team_role = 'admin' AND u.team_role <> 'owner'))) THEN 'owners_only'
                WHEN u.role = 'admin' THEN 'operator'
                WHEN u.team_role = 'owner' AND NOT EXISTS (
                    SELECT 1 FROM users o WHERE o.account_id = $1 AND o.team_role = 'owner'
                        AND o.id <> u.id) THEN 'last_owner'
                ELSE 'may_go' END
            FROM users u
            WHERE u.account_id = $1 AND u.id = $3";
        const KEYS: &str = concat!(
            "SELECT ",
            key_columns!(),
            " FROM api_keys
             WHERE api_keys.account_id = $1 AND created_by = $2 AND revoked_at IS NULL
                 AND (expires_at IS NULL OR expires_at > $3)
             ORDER BY id DESC"
        );
        let outcome = write!(self, tx => {
            sqlx::query(LOCK_ACCOUNT).bind(account).execute(&mut *tx).await?;
            let verdict: Option<String> = sqlx::query_scalar(VERDICT)
                .bind(account)
                .bind(by)
                .bind(user)
                .fetch_optional(&mut *tx)
                .await?;
            match verdict.as_deref() {
                None => return Ok(MemberRemoved::NotFound),
                Some("owners_only") => return Ok(MemberRemoved::OwnersOnly),
                Some("operator") => return Ok(MemberRemoved::Operator),
                Some("last_owner") => return Ok(MemberRemoved::LastOwner),
                Some(_) => {}
            }
            let member: Member = sqlx::query_as(MEMBER)
                .bind(account)
                .bind(act.at.0)
                .bind(user)
                .fetch_one(&mut *tx)
                .await?;
            let living: Vec<ApiKey> = sqlx::query_as(KEYS)
                .bind(account)
                .bind(user)
                .bind(act.at.0)
                .fetch_all(&mut *tx)
                .await?;
            let keys = match keys {
                _ if living.is_empty() => Vec::new(),
                None => return Ok(MemberRemoved::KeysAlive(living)),
                Some(KeysOfLeaver::Revoke) => revoke_all!(self, tx, account, user, living, act),
                Some(KeysOfLeaver::HandTo(heir)) => {
                    hand_over!(self, tx, account, member, heir, living, act)
                }
            };
            forget_user!(tx, account, user);
            let detail = json!({ "email": member.email, "role": member.team_role, "keys": keys.len() });
            audit!(self, tx, account, act, AuditAction::TeamMemberRemoved, Some(&user_target(user)), detail);
            sqlx::query(RAISE).execute(&mut *tx).await?;
            Ok(MemberRemoved::Done(Box::new(Leaver { member, keys })))
        });
        self.publish_generation().await?;
        Ok(outcome)
    }
}

#[cfg(test)]
mod tests {
    use model::Role;

    use super::*;
    use crate::testing::store_test;
    use crate::{Invited, Joined, KeyMade, NewInvitation, NewKey, NewPerson, NewUser, User};

    fn act(at: i64) -> Act {
        Act { actor: "user:1".to_owned(), ip: None, at: Timestamp(at) }
    }

    async fn owner(store: &Store) -> User {
        let user = NewUser {
            plan_id: "enterprise".to_owned(),
            ..NewUser::plain("a@example.com", Role::User)
        };
        store.create_user(&user, Timestamp(1)).await.unwrap().unwrap()
    }

    async fn member(store: &Store, owner: &User, email: &str, role: TeamRole) -> User {
        let new =
            NewInvitation { email: email.to_owned(), role, expires_at: Timestamp(99), seats: 50 };
        let invited = store.invite(owner.account_id, owner.id, &new, None, &act(2)).await.unwrap();
        let Invited::Now(invitation) = invited else { panic!("{invited:?}") };
        assert!(store.set_invitation_hash(invitation.id, email, Timestamp(2)).await.unwrap());
        let person = NewPerson { name: None, password_hash: "-".to_owned() };
        match store.join_team(email, &person, &act(3)).await.unwrap() {
            Joined::Done(user) => user,
            other => panic!("{other:?}"),
        }
    }

    async fn key(store: &Store, user: &User, key_id: &str, scopes: &[Scope]) -> i64 {
        let new =
            NewKey { created_by: Some(user.id), scopes: scopes.to_vec(), ..NewKey::plain(key_id) };
        match store.create_key(user.account_id, &new, None, &act(4)).await.unwrap() {
            KeyMade::Now(key) => key.id,
            other => panic!("{other:?}"),
        }
    }

    store_test! {
        async fn owners_who_demote_each_other_at_once_leave_one(store: Store, _address: String) {
            let ann = owner(&store).await;
            let bob = member(&store, &ann, "b@example.com", TeamRole::Owner).await;
            for _ in 0..10 {
                let demote = |by: i64, user: i64| {
                    let (store, account) = (store.clone(), ann.account_id);
                    tokio::spawn(async move { store.change_role(account, by, user, TeamRole::Admin, &act(5)).await.unwrap() })
                };
                let (one, two) = (demote(ann.id, bob.id), demote(bob.id, ann.id));
                let outcomes = [one.await.unwrap(), two.await.unwrap()];
                assert_eq!(outcomes.iter().filter(|outcome| matches!(outcome, RoleChanged::Done(..))).count(), 1, "{outcomes:?}");
                let members = store.list_members(ann.account_id, 10, Timestamp(5)).await.unwrap();
                let owners: Vec<_> = members.iter().filter(|member| member.team_role == TeamRole::Owner).collect();
                assert_eq!(owners.len(), 1, "{members:?}");
                let other = if owners[0].id == ann.id { bob.id } else { ann.id };
                let back = store.change_role(ann.account_id, owners[0].id, other, TeamRole::Owner, &act(6)).await.unwrap();
                assert!(matches!(back, RoleChanged::Done(_, TeamRole::Admin)));
            }
        }

        async fn owners_who_leave_at_once_leave_one(store: Store, _address: String) {
            let ann = owner(&store).await;
            let mut owners = vec![ann.id];
            for number in 0..5 {
                owners.push(member(&store, &ann, &format!("o{number}@example.com"), TeamRole::Owner).await.id);
            }
            let racers: Vec<_> = owners.iter().map(|user| {
                let (store, account, user) = (store.clone(), ann.account_id, *user);
                tokio::spawn(async move { store.remove_member(account, user, user, None, &act(5)).await.unwrap() })
            }).collect();
            let mut stayed = 0;
            for racer in racers {
                match racer.await.unwrap() {
                    MemberRemoved::Done(_) => {}
                    other => { assert_eq!(other, MemberRemoved::LastOwner); stayed += 1; }
                }
            }
            assert_eq!(stayed, 1);
            assert_eq!(store.list_members(ann.account_id, 10, Timestamp(6)).await.unwrap().len(), 1);
        }

        async fn an_admin_changes_no_owner_and_makes_none(store: Store, _address: String) {
            let ann = owner(&store).await;
            let bob = member(&store, &ann, "b@example.com", TeamRole::Admin).await;
            let cat = member(&store, &ann, "c@example.com", TeamRole::Member).await;
            let change = async |by: &User, user: &User, role| store.change_role(ann.account_id, by.id, user.id, role, &act(5)).await.unwrap();
            assert_eq!(change(&bob, &ann, TeamRole::Viewer).await, RoleChanged::OwnersOnly);
            assert_eq!(change(&bob, &bob, TeamRole::Owner).await, RoleChanged::OwnersOnly);
            assert_eq!(change(&cat, &bob, TeamRole::Viewer).await, RoleChanged::OwnersOnly);
            assert_eq!(change(&ann, &ann, TeamRole::Admin).await, RoleChanged::LastOwner);
            assert!(matches!(change(&bob, &cat, TeamRole::Admin).await, RoleChanged::Done(_, TeamRole::Member)));
            let remove = async |by: &User, user: &User| store.remove_member(ann.account_id, by.id, user.id, None, &act(6)).await.unwrap();
            assert_eq!(remove(&bob, &ann).await, MemberRemoved::OwnersOnly);
            assert_eq!(remove(&ann, &ann).await, MemberRemoved::LastOwner);
            assert!(matches!(remove(&bob, &cat).await, MemberRemoved::Done(_)));
            assert_eq!(remove(&bob, &cat).await, MemberRemoved::NotFound);
            let elsewhere = store.create_user(&NewUser::plain("z@example.com", Role::User), Timestamp(1)).await.unwrap().unwrap();
            assert_eq!(remove(&ann, &elsewhere).await, MemberRemoved::NotFound);
            assert_eq!(change(&ann, &elsewhere, TeamRole::Viewer).await, RoleChanged::NotFound);
        }

        async fn whoever_leaves_takes_nothing_along_and_can_come_again(store: Store, _address: String) {
            let ann = owner(&store).await;
            let bob = member(&store, &ann, "b@example.com", TeamRole::Admin).await;
            let dead = key(&store, &bob, "cl_aaaaaaaaaaaa", Scope::ALL).await;
            store.revoke_key(ann.account_id, dead, &act(5)).await.unwrap();
            let living = key(&store, &bob, "cl_bbbbbbbbbbbb", Scope::ALL).await;
            let session = crate::NewSession { id: "one".to_owned(), user_id: bob.id, epoch: 0, expires_at: Timestamp(99), ip: None, agent: None, second_factor: None };
            store.start_session(ann.account_id, &session, &act(5)).await.unwrap();
            let change = store.change_role(ann.account_id, ann.id, bob.id, TeamRole::Member, &act(6)).await.unwrap();
            assert!(matches!(change, RoleChanged::Done(_, TeamRole::Admin)));

            let remove = async |keys| store.remove_member(ann.account_id, ann.id, bob.id, keys, &act(7)).await.unwrap();
            match remove(None).await {
                MemberRemoved::KeysAlive(keys) => assert_eq!(keys.iter().map(|key| key.id).collect::<Vec<_>>(), [living]),
                other => panic!("{other:?}"),
            }
            assert!(store.find_session("one").await.unwrap().unwrap().ended_at.is_none(), "nothing is half done");
            let MemberRemoved::Done(left) = remove(Some(KeysOfLeaver::HandTo(ann.id))).await else { panic!() };
            assert_eq!((left.member.email.as_str(), left.keys.len()), ("b@example.com", 1));
            let found = store.find_key_principal("cl_bbbbbbbbbbbb").await.unwrap().unwrap();
            assert_eq!((found.principal.user_id, found.key.revoked_at), (ann.id, None));
            assert_eq!(found.key.scopes, TeamRole::Member.scopes(), "what slept in the key does not awake");
            assert!(store.find_session("one").await.unwrap().is_none());
            assert!(store.find_login("b@example.com").await.unwrap().is_none());
            let tombstone = store.find_key_principal("cl_aaaaaaaaaaaa").await.unwrap().unwrap();
            assert_eq!((tombstone.key.created_by, tombstone.principal.user_id), (None, ann.id));
            let log = store.list_audit_log(ann.account_id, None, 3).await.unwrap();
            let actions: Vec<_> = log.iter().map(|entry| entry.action.as_str()).collect();
            assert_eq!(actions, ["team.member_removed", "api_key.transferred", "team.role_changed"]);
            member(&store, &ann, "b@example.com", TeamRole::Viewer).await;
        }
    }
}
