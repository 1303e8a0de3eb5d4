//! Invitations to a team, from the letter to the new user.
//!
//! An address has one open invitation to an account; another one takes its place and voids the link
//! of the letter before. What is stored of the token is its keyed hash, set when the letter is
//! written. Joining takes the account's row first, so that of many who want the last seat one gets
//! it; the invitation goes with the joining, so a link is good once.

use model::{AuditAction, MINUTE_MS, TeamRole, Timestamp};
use serde_json::json;

use crate::accounts::User;
use crate::api_keys::LOCK_ACCOUNT;
use crate::audit::audit;
use crate::generation::RAISE;
use crate::once::{Claim, claim, settle};
use crate::rows::{row, text};
use crate::team::user_target;
use crate::{Act, Once, Result, Store, read, write};

/// Most open invitations of an account.
pub const MAX_INVITATIONS: i64 = 100;

/// How long an invitation that is sent again with another role keeps its letter: a mailbox is not
/// filled by somebody who cannot make up their mind.
const COOL_DOWN_MS: i64 = 2 * MINUTE_MS;

row! {
    /// An open invitation.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct Invitation {
        pub id: i64,
        /// Lower case.
        pub email: String,
        pub role: TeamRole,
        /// The user who invites.
        pub invited_by: i64,
        pub created_at: Timestamp,
        pub expires_at: Timestamp,
    }
}

row! {
    /// What a letter to somebody invited tells.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct InvitationLetter {
        pub email: String,
        pub role: TeamRole,
        pub inviter_email: String,
        /// `None` while nobody has shown that the inviter's address is theirs.
        pub inviter_verified_at: Option<Timestamp>,
    }
}

/// An invitation to be. The address is stored in lower case.
#[derive(Debug, Clone)]
pub struct NewInvitation {
    pub email: String,
    pub role: TeamRole,
    pub expires_at: Timestamp,
    /// People that the account may have.
    pub seats: i64,
}

/// What became of the wish to invite somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Invited {
    /// A letter is due.
    Now(Invitation),
    /// Nothing new is to be sent: the same request made it before, or it was made a moment ago.
    Before(Invitation),
    /// The same request made it before, and it is not open any more.
    Ended,
    /// The idempotency key stands for another request.
    KeyReused,
    /// The address is that of one of the account's people.
    IsMember,
    SeatsTaken,
    /// The account has as many open invitations as it may.
    TooMany,
    /// Only owners invite owners.
    OwnersOnly,
}

/// Somebody who joins.
#[derive(Debug, Clone)]
pub struct NewPerson {
    pub name: Option<String>,
    /// In PHC form.
    pub password_hash: String,
}

/// What became of the wish to join.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Joined {
    Done(User),
    /// The link is unknown, used up, replaced, withdrawn or too old.
    Spent,
    /// The address has a user, here or in another account. The invitation stays open.
    AddressTaken,
    /// The invitation stays open.
    SeatsTaken,
}

macro_rules! invitation_columns {
    () => {
        "id, email, role, invited_by, created_at, expires_at"
    };
}

impl Store {
    /// Invites an address in the name of the member `by`, or changes its open invitation.
    pub async fn invite(
        &self,
        account: i64,
        by: i64,
        new: &NewInvitation,
        once: Option<&Once>,
        act: &Act,
    ) -> Result<Invited> {
        const FIND: &str = concat!(
            "SELECT ",
            invitation_columns!(),
            " FROM team_invitations WHERE account_id = $1 AND id = $2"
        );
        const FORGET: &str =
            "DELETE FROM team_invitations WHERE account_id = $1 AND expires_at <= $2";
        const INVITE: &str = concat!(
            "INSERT INTO team_invitations (account_id, email, role, invited_by, created_at,
                 expires_at)
             SELECT $1, $2, $3, $4, $5, $6
             WHERE (SELECT COUNT(*) FROM users WHERE account_id = $1) < $7
                 AND (SELECT COUNT(*) FROM team_invitations
                     WHERE account_id = $1 AND email <> $2) < $8
                 AND EXISTS (SELECT 1 FROM users b WHERE b.account_id = $1 AND b.id = $4
                     AND (b.team_role = 'owner' OR (b.team_role = 'admin' AND $3 <> 'owner')))
             ON CONFLICT (account_id, email) DO UPDATE
             SET role = excluded.role, invited_by = excluded.invited_by,
                 expires_at = excluded.expires_at,
                 hash = CASE WHEN team_invitations.created_at > $9
                     THEN team_invitations.hash END,
                 created_at = CASE WHEN team_invitations.created_at > $9
                     THEN team_invitations.created_at ELSE excluded.created_at END
             RETURNING ",
            invitation_columns!()
        );
        // Why nothing was made, the first reason that holds.
        const WHY: &str = "
            SELECT CASE
                WHEN NOT EXISTS (SELECT 1 FROM users b WHERE b.account_id = $1 AND b.id = $2
                    AND (b.team_role = 'owner' OR (b.team_role = 'admin' AND $3 <> 'owner')))
                    THEN 'owners_only'
                WHEN (SELECT COUNT(*) FROM users WHERE account_id = $1) >= $4 THEN 'seats_taken'
                ELSE 'too_many' END";
        const IS_MEMBER: &str = "SELECT COUNT(*) FROM users WHERE account_id = $1 AND email = $2";
        let email = text(&new.email).to_lowercase();
        let cool = act.at.plus_ms(-COOL_DOWN_MS);
        let outcome = write!(self, tx => {
            match claim!(tx, account, once, act.at) {
                Claim::First => {}
                Claim::Other => return Ok(Invited::KeyReused),
                Claim::Made(id) => {
                    let made: Option<Invitation> =
                        sqlx::query_as(FIND).bind(account).bind(id).fetch_optional(&mut *tx).await?;
                    return Ok(made.map_or(Invited::Ended, Invited::Before));
                }
            }
            sqlx::query(LOCK_ACCOUNT).bind(account).execute(&mut *tx).await?;
            sqlx::query(FORGET).bind(account).bind(act.at.0).execute(&mut *tx).await?;
            let known: i64 = sqlx::query_scalar(IS_MEMBER).bind(account).bind(&email).fetch_one(&mut *tx).await?;
            if known > 0 {
                settle!(tx, account, once, None);
                return Ok(Invited::IsMember);
            }
            let invited: Option<Invitation> = sqlx::query_as(INVITE)
                .bind(account)
                .bind(&email)
                .bind(new.role.as_str())
                .bind(by)
                .bind(act.at.0)
                .bind(new.expires_at.0)
                .bind(new.seats)
                .bind(MAX_INVITATIONS)
                .bind(cool.0)
                .fetch_optional(&mut *tx)
                .await?;
            let Some(invited) = invited else {
                settle!(tx, account, once, None);
                let why: String = sqlx::query_scalar(WHY)
                    .bind(account)
                    .bind(by)
                    .bind(new.role.as_str())
                    .bind(new.seats)
                    .fetch_one(&mut *tx)
                    .await?;
                return Ok(match why.as_str() {
                    "owners_only" => Invited::OwnersOnly,
                    "seats_taken" => Invited::SeatsTaken,
                    _ => Invited::TooMany,
                });
            };
            let detail = json!({ "email": invited.email, "role": invited.role });
            audit!(self, tx, account, act, AuditAction::TeamInvited, Some(&target(invited.id)), detail);
            settle!(tx, account, once, Some(invited.id));
            Ok(match invited.created_at == act.at {
                true => Invited::Now(invited),
                false => Invited::Before(invited),
            })
        });
        Ok(outcome)
    }

    /// Returns up to [`MAX_INVITATIONS`] open invitations of an account, newest first.
    pub async fn list_invitations(&self, account: i64, now: Timestamp) -> Result<Vec<Invitation>> {
        const SQL: &str = concat!(
            "SELECT ",
            invitation_columns!(),
            " FROM team_invitations WHERE account_id = $1 AND expires_at > $2
             ORDER BY id DESC
             LIMIT $3"
        );
        Ok(read!(self, pool => {
            sqlx::query_as(SQL).bind(account).bind(now.0).bind(MAX_INVITATIONS).fetch_all(pool).await?
        }))
    }

    /// Withdraws an open invitation. Returns whether there was one.
    pub async fn withdraw_invitation(&self, account: i64, id: i64, act: &Act) -> Result<bool> {
        const SQL: &str = concat!(
            "DELETE FROM team_invitations WHERE account_id = $1 AND id = $2 AND expires_at > $3
             RETURNING ",
            invitation_columns!()
        );
        Ok(write!(self, tx => {
            let gone: Option<Invitation> =
                sqlx::query_as(SQL).bind(account).bind(id).bind(act.at.0).fetch_optional(&mut *tx).await?;
            if let Some(gone) = &gone {
                let detail = json!({ "email": gone.email, "role": gone.role });
                audit!(self, tx, account, act, AuditAction::TeamInvitationWithdrawn, Some(&target(id)), detail);
            }
            Ok(gone.is_some())
        }))
    }

    /// Returns what the letter of an open invitation is to tell.
    pub async fn find_invitation_letter(
        &self,
        id: i64,
        now: Timestamp,
    ) -> Result<Option<InvitationLetter>> {
        const SQL: &str = "
            SELECT i.email, i.role, u.email AS inviter_email,
                u.email_verified_at AS inviter_verified_at
            FROM team_invitations i JOIN users u ON u.id = i.invited_by
            WHERE i.id = $1 AND i.expires_at > $2";
        Ok(read!(self, pool => {
            sqlx::query_as(SQL).bind(id).bind(now.0).fetch_optional(pool).await?
        }))
    }

    /// Keeps the keyed hash of the token that the letter of an invitation carries; the token of an
    /// earlier letter is void. Returns whether the invitation is open.
    pub async fn set_invitation_hash(&self, id: i64, hash: &str, now: Timestamp) -> Result<bool> {
        const SQL: &str = "UPDATE team_invitations SET hash = $2 WHERE id = $1 AND expires_at > $3";
        let kept = write!(self, tx => {
            Ok(sqlx::query(SQL).bind(id).bind(hash).bind(now.0).execute(&mut *tx).await?.rows_affected())
        });
        Ok(kept > 0)
    }

    /// Returns the open invitation behind a link. It stays open.
    pub async fn find_invitation(&self, hash: &str, now: Timestamp) -> Result<Option<Invitation>> {
        const SQL: &str = concat!(
            "SELECT ",
            invitation_columns!(),
            " FROM team_invitations WHERE hash = $1 AND expires_at > $2"
        );
        Ok(read!(self, pool => {
            sqlx::query_as(SQL).bind(hash).bind(now.0).fetch_optional(pool).await?
        }))
    }

    /// Makes the user that an invitation is for, if the account has a seat left. The letter reached
    /// the address, so it counts as confirmed.
    pub async fn join_team(&self, hash: &str, person: &NewPerson, act: &Act) -> Result<Joined> {
        const ACCOUNT: &str =
            "SELECT account_id FROM team_invitations WHERE hash = $1 AND expires_at > $2";
        const OPEN: &str =
            "SELECT COUNT(*) FROM team_invitations WHERE hash = $1 AND expires_at > $2";
        const JOIN: &str = "
            INSERT INTO users (account_id, email, name, password_hash, role, team_role, created_at,
                tokens_valid_after, email_verified_at)
            SELECT i.account_id, i.email, $2, $3, 'user', i.role, $4, 0, $4
            FROM team_invitations i
            JOIN accounts a ON a.id = i.account_id
            JOIN plans p ON p.id = a.plan_id
            WHERE i.hash = $1 AND i.expires_at > $4
                AND (SELECT COUNT(*) FROM users u WHERE u.account_id = i.account_id)
                    < COALESCE(a.own_seats, p.seats)
            ON CONFLICT (email) DO NOTHING
            RETURNING id, account_id, email, name, role, team_role, created_at, email_verified_at";
        const TAKEN: &str = "
            SELECT COUNT(*) FROM users
            WHERE email = (SELECT email FROM team_invitations WHERE hash = $1)";
        const USED: &str = "DELETE FROM team_invitations WHERE hash = $1 RETURNING invited_by";
        let outcome = write!(self, tx => {
            let account: Option<i64> =
                sqlx::query_scalar(ACCOUNT).bind(hash).bind(act.at.0).fetch_optional(&mut *tx).await?;
            let Some(account) = account else { return Ok(Joined::Spent) };
            sqlx::query(LOCK_ACCOUNT).bind(account).execute(&mut *tx).await?;
            let joined: Option<User> = sqlx::query_as(JOIN)
                .bind(hash)
                .bind(person.name.as_deref().map(text))
                .bind(&person.password_hash)
                .bind(act.at.0)
                .fetch_optional(&mut *tx)
                .await?;
            let Some(user) = joined else {
                let open: i64 = sqlx::query_scalar(OPEN).bind(hash).bind(act.at.0).fetch_one(&mut *tx).await?;
                let taken: i64 = sqlx::query_scalar(TAKEN).bind(hash).fetch_one(&mut *tx).await?;
                return Ok(match (open, taken) {
                    (0, _) => Joined::Spent,
                    (_, 0) => Joined::SeatsTaken,
                    _ => Joined::AddressTaken,
                });
            };
            let invited_by: i64 = sqlx::query_scalar(USED).bind(hash).fetch_one(&mut *tx).await?;
            let act = Act { actor: user_target(user.id), ..act.clone() };
            let detail = json!({ "email": user.email, "role": user.team_role, "invited_by": invited_by });
            audit!(self, tx, account, &act, AuditAction::TeamInvitationAccepted, Some(&user_target(user.id)), detail);
            sqlx::query(RAISE).execute(&mut *tx).await?;
            Ok(Joined::Done(user))
        });
        self.publish_generation().await?;
        Ok(outcome)
    }

    /// Forgets up to `limit` invitations that nobody accepted in time. Returns how many.
    pub async fn forget_invitations(&self, now: Timestamp, limit: i64) -> Result<u64> {
        const SQL: &str = "
            DELETE FROM team_invitations WHERE id IN (
                SELECT id FROM team_invitations WHERE expires_at <= $1 ORDER BY id LIMIT $2)";
        Ok(write!(self, tx => {
            Ok(sqlx::query(SQL).bind(now.0).bind(limit).execute(&mut *tx).await?.rows_affected())
        }))
    }
}

/// Returns how the audit log names an invitation.
fn target(id: i64) -> String {
    format!("invitation:{id}")
}

#[cfg(test)]
mod tests {
    use model::Role;

    use super::*;
    use crate::NewUser;
    use crate::testing::store_test;

    fn act(at: i64) -> Act {
        Act { actor: "user:1".to_owned(), ip: None, at: Timestamp(at) }
    }

    fn person() -> NewPerson {
        NewPerson { name: Some("Bob".to_owned()), password_hash: "-".to_owned() }
    }

    fn new(email: &str, role: TeamRole) -> NewInvitation {
        NewInvitation { email: email.to_owned(), role, expires_at: Timestamp(1_000_000), seats: 10 }
    }

    /// An owner on a plan with ten seats.
    async fn owner(store: &Store) -> User {
        let user = NewUser {
            plan_id: "professional".to_owned(),
            ..NewUser::plain("a@example.com", Role::User)
        };
        store.create_user(&user, Timestamp(1)).await.unwrap().unwrap()
    }

    async fn invite(store: &Store, by: &User, email: &str, role: TeamRole, at: i64) -> Invited {
        store.invite(by.account_id, by.id, &new(email, role), None, &act(at)).await.unwrap()
    }

    fn now(invited: Invited) -> Invitation {
        match invited {
            Invited::Now(invitation) => invitation,
            other => panic!("{other:?}"),
        }
    }

    store_test! {
        async fn of_twenty_who_want_the_last_seat_one_gets_it(store: Store, _address: String) {
            let ann = owner(&store).await;
            for number in 0..28 {
                let email = format!("p{number}@example.com");
                let invitation = now(invite(&store, &ann, &email, TeamRole::Member, 2).await);
                assert!(store.set_invitation_hash(invitation.id, &email, Timestamp(2)).await.unwrap());
            }
            for number in 0..8 {
                let joined = store.join_team(&format!("p{number}@example.com"), &person(), &act(3)).await.unwrap();
                assert!(matches!(joined, Joined::Done(_)), "{joined:?}");
            }
            let racers: Vec<_> = (8..28).map(|number| {
                let store = store.clone();
                tokio::spawn(async move { store.join_team(&format!("p{number}@example.com"), &person(), &act(4)).await.unwrap() })
            }).collect();
            let mut joined = 0;
            for racer in racers {
                match racer.await.unwrap() {
                    Joined::Done(_) => joined += 1,
                    other => assert_eq!(other, Joined::SeatsTaken),
                }
            }
            assert_eq!(joined, 1);
            assert_eq!(store.list_members(ann.account_id, 100, Timestamp(5)).await.unwrap().len(), 10);
            assert_eq!(store.list_invitations(ann.account_id, Timestamp(5)).await.unwrap().len(), 19);
            assert_eq!(invite(&store, &ann, "late@example.com", TeamRole::Viewer, 6).await, Invited::SeatsTaken);
        }

        async fn a_link_is_good_once_until_another_letter_or_its_end(store: Store, _address: String) {
            let ann = owner(&store).await;
            let first = now(invite(&store, &ann, "Bob@Example.com", TeamRole::Member, 2).await);
            assert_eq!(first.email, "bob@example.com");
            assert!(store.set_invitation_hash(first.id, "one", Timestamp(2)).await.unwrap());
            // A moment later the letter stays, the role is the new one.
            let again = invite(&store, &ann, "bob@example.com", TeamRole::Viewer, 3).await;
            assert!(matches!(again, Invited::Before(_)), "{again:?}");
            assert_eq!(store.find_invitation("one", Timestamp(3)).await.unwrap().unwrap().role, TeamRole::Viewer);
            let later = 2 + COOL_DOWN_MS;
            let again = now(invite(&store, &ann, "bob@example.com", TeamRole::Admin, later).await);
            assert_eq!(again.id, first.id);
            assert_eq!(store.join_team("one", &person(), &act(later)).await.unwrap(), Joined::Spent);
            assert!(store.set_invitation_hash(again.id, "two", Timestamp(later)).await.unwrap());
            assert_eq!(store.join_team("two", &person(), &act(1_000_000)).await.unwrap(), Joined::Spent);
            let joined = store.join_team("two", &person(), &act(999_999)).await.unwrap();
            let Joined::Done(bob) = joined else { panic!("{joined:?}") };
            assert_eq!((bob.account_id, bob.team_role, bob.role), (ann.account_id, TeamRole::Admin, Role::User));
            assert_eq!(bob.email_verified_at, Some(Timestamp(999_999)));
            assert_eq!(store.join_team("two", &person(), &act(999_999)).await.unwrap(), Joined::Spent);
            assert_eq!(invite(&store, &ann, "bob@example.com", TeamRole::Viewer, 999_999).await, Invited::IsMember);
        }

        async fn an_address_with_a_user_stays_where_it_is(store: Store, _address: String) {
            let ann = owner(&store).await;
            let zoe = store.create_user(&NewUser::plain("zoe@example.com", Role::User), Timestamp(1)).await.unwrap().unwrap();
            let invitation = now(invite(&store, &ann, "zoe@example.com", TeamRole::Owner, 2).await);
            assert!(store.set_invitation_hash(invitation.id, "one", Timestamp(2)).await.unwrap());
            assert_eq!(store.join_team("one", &person(), &act(3)).await.unwrap(), Joined::AddressTaken);
            let login = store.find_login("zoe@example.com").await.unwrap().unwrap();
            assert_eq!(login.principal.user_account_id, zoe.account_id);
            assert!(!store.withdraw_invitation(zoe.account_id, invitation.id, &act(4)).await.unwrap());
            assert!(store.withdraw_invitation(ann.account_id, invitation.id, &act(4)).await.unwrap());
            assert!(!store.withdraw_invitation(ann.account_id, invitation.id, &act(4)).await.unwrap());
            assert_eq!(store.join_team("one", &person(), &act(5)).await.unwrap(), Joined::Spent);
        }

        async fn invitations_have_an_end_and_a_number(store: Store, _address: String) {
            let ann = owner(&store).await;
            for number in 0..MAX_INVITATIONS {
                now(invite(&store, &ann, &format!("p{number}@example.com"), TeamRole::Viewer, 2).await);
            }
            assert_eq!(invite(&store, &ann, "more@example.com", TeamRole::Viewer, 3).await, Invited::TooMany);
            assert!(matches!(invite(&store, &ann, "p0@example.com", TeamRole::Member, 3).await, Invited::Before(_)));
            assert_eq!(store.forget_invitations(Timestamp(999_999), 10).await.unwrap(), 0);
            assert_eq!(store.forget_invitations(Timestamp(1_000_000), 10).await.unwrap(), 10);
            assert!(store.list_invitations(ann.account_id, Timestamp(1_000_000)).await.unwrap().is_empty());
            now(invite(&store, &ann, "more@example.com", TeamRole::Viewer, 1_000_000 - 1 + COOL_DOWN_MS).await);
        }

        async fn a_repeated_request_invites_once(store: Store, _address: String) {
            let ann = owner(&store).await;
            let wish = new("bob@example.com", TeamRole::Member);
            let once = Once::plain("k", "f");
            let ask = async |once: &Once| store.invite(ann.account_id, ann.id, &wish, Some(once), &act(2)).await.unwrap();
            let made = now(ask(&once).await);
            assert_eq!(ask(&once).await, Invited::Before(made.clone()));
            assert_eq!(ask(&Once::plain("k", "g")).await, Invited::KeyReused);
            assert!(store.withdraw_invitation(ann.account_id, made.id, &act(3)).await.unwrap());
            assert_eq!(ask(&once).await, Invited::Ended);
        }
    }
}
