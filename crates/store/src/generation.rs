//! The number that tells caches whether anything that decides who may enter has changed.
//!
//! Every request compares it, so reading it must cost next to nothing: on SQLite it is kept in a
//! small file beside the database, written after each commit and before the change is reported, by
//! whichever process made the change. So a key revoked by `compliancelayer admin` on the same
//! machine stops at once in a running server. On PostgreSQL it is a row.
//!
//! A crash between commit and file write leaves the file behind by one change until the next one or
//! until the next start. Callers therefore re-read the database at least every second.
//!
//! Invariant: the number never goes back, or a cache would take an entry from before a change for
//! a fresh one. Not when two changes are published at once, and not when an older copy of the
//! database is put in place: `open` then lifts the database above the file.

use std::fs::File;
use std::io;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use sqlx::SqlitePool;

use crate::{Result, Store, StoreError, read};

#[derive(Clone)]
pub(crate) enum Generation {
    File(Arc<GenerationFile>),
    InDatabase,
}

/// `<database>.generation`: eight bytes, little endian.
pub(crate) struct GenerationFile {
    file: File,
    path: PathBuf,
    /// The file's lock keeps processes apart, this one the threads that share the file.
    writing: Mutex<()>,
}

/// The file, held against other processes until this is dropped.
pub(crate) struct Held(Arc<GenerationFile>);

/// Raises the number inside the transaction that makes the change.
pub(crate) const RAISE: &str = "UPDATE auth_generation SET n = n + 1";

const CURRENT: &str = "SELECT n FROM auth_generation";

impl GenerationFile {
    /// Opens `<database>.generation`, making it when it is missing.
    pub(crate) fn beside(database: &Path) -> Result<Arc<Self>> {
        let mut path = database.as_os_str().to_owned();
        path.push(".generation");
        let path = PathBuf::from(path);
        let mut options = File::options();
        let opened =
            options.read(true).write(true).create(true).truncate(false).mode(0o600).open(&path);
        match opened {
            Ok(file) => Ok(Arc::new(Self { file, path, writing: Mutex::new(()) })),
            Err(source) => Err(StoreError::File { path, source }),
        }
    }

    /// Waits until no other process opens the database or publishes a change.
    pub(crate) async fn hold(self: &Arc<Self>) -> Result<Held> {
        let file = Arc::clone(self);
        self.blocking(move || {
            file.file.lock()?;
            Ok(Held(file))
        })
        .await
    }

    fn number(&self) -> io::Result<i64> {
        let mut bytes = [0; 8];
        self.file.read_exact_at(&mut bytes, 0)?;
        Ok(i64::from_le_bytes(bytes))
    }

    /// Returns the number, or 0 while the file is new.
    fn number_or_zero(&self) -> io::Result<i64> {
        match self.number() {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(0),
            other => other,
        }
    }

    /// Writes `number`, unless a later one stands there already.
    fn raise_to(&self, number: i64) -> io::Result<()> {
        let _alone = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        self.file.lock()?;
        let written = self.number_or_zero().and_then(|known| match known < number {
            true => self.file.write_all_at(&number.to_le_bytes(), 0),
            false => Ok(()),
        });
        self.file.unlock()?;
        written
    }

    /// Runs what may wait for another process where it holds up no request.
    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> io::Result<T> + Send + 'static,
    ) -> Result<T> {
        let outcome = tokio::task::spawn_blocking(work).await.map_err(io::Error::other);
        outcome.flatten().map_err(|source| self.failed(source))
    }

    fn failed(&self, source: io::Error) -> StoreError {
        StoreError::File { path: self.path.clone(), source }
    }
}

impl Held {
    /// Brings the file and a database that was just opened to the same number.
    pub(crate) async fn settle(self, database: &SqlitePool) -> Result<()> {
        // An older copy of the database would otherwise count below the file for a while, and its
        // changes would go unseen.
        const LIFT: &str = "UPDATE auth_generation SET n = $1 + 1 WHERE n < $1";
        let known = self.0.number_or_zero().map_err(|source| self.0.failed(source))?;
        sqlx::query(LIFT).bind(known).execute(database).await?;
        let number: i64 = sqlx::query_scalar(CURRENT).fetch_one(database).await?;
        let written = self.0.file.write_all_at(&number.to_le_bytes(), 0);
        written.map_err(|source| self.0.failed(source))
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        // Nothing is lost when it fails: the lock goes with the file.
        let _ = self.0.file.unlock();
    }
}

impl Store {
    /// Returns a number that differs from every earlier one once anything that decides who may
    /// enter has changed: keys, sessions, users, accounts, plans. A new session does not raise it,
    /// because nobody can have asked for its id before.
    pub async fn auth_generation(&self) -> Result<i64> {
        match &self.generation {
            Generation::File(file) => file.number().map_err(|source| file.failed(source)),
            Generation::InDatabase => self.generation_in_database().await,
        }
    }

    async fn generation_in_database(&self) -> Result<i64> {
        Ok(read!(self, pool => sqlx::query_scalar(CURRENT).fetch_one(pool).await?))
    }

    /// Makes a committed change known to every process of this machine.
    pub(crate) async fn publish_generation(&self) -> Result<()> {
        let Generation::File(file) = &self.generation else { return Ok(()) };
        let number = self.generation_in_database().await?;
        let shared = Arc::clone(file);
        file.blocking(move || shared.raise_to(number)).await
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicI64, Ordering};

    use model::{AccountState, Role, Timestamp};

    use super::*;
    use crate::testing::store_test;
    use crate::{AccountChange, Act, KeyChange, NewKey, NewSession, NewUser};

    #[test]
    fn the_number_never_goes_back_when_threads_publish_at_once() {
        const CHANGES: i64 = 100_000;
        let folder = tempfile::tempdir().unwrap();
        let file = GenerationFile::beside(&folder.path().join("test.db")).unwrap();
        file.raise_to(1).unwrap();
        let committed = AtomicI64::new(1);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    loop {
                        let number = committed.fetch_add(1, Ordering::SeqCst) + 1;
                        if number > CHANGES {
                            return;
                        }
                        file.raise_to(number).unwrap();
                        let seen = file.number().unwrap();
                        assert!(seen >= number, "{number} was published, yet {seen} is read");
                    }
                });
            }
        });
        assert_eq!(file.number().unwrap(), CHANGES);
    }

    #[tokio::test]
    async fn changes_to_an_older_copy_of_the_database_are_seen() {
        let database = crate::testing::sqlite();
        let path = PathBuf::from(database.address.strip_prefix("sqlite://").unwrap());
        database.open().await.close().await;
        let file = GenerationFile::beside(&path).unwrap();
        file.raise_to(1_000).unwrap();
        let store = database.open().await;
        let before = store.auth_generation().await.unwrap();
        assert!(before > 1_000);
        let user = NewUser::plain("a@example.com", Role::User);
        store.create_user(&user, Timestamp(1)).await.unwrap().unwrap();
        assert_eq!(store.auth_generation().await.unwrap(), before + 1);
    }

    #[tokio::test]
    async fn processes_that_start_at_once_share_one_new_database() {
        let database = crate::testing::sqlite();
        let open = || {
            let address = database.address.clone();
            tokio::spawn(async move { crate::testing::open(&address).await })
        };
        let processes: Vec<_> = (0..8).map(|_| open()).collect();
        for process in processes {
            process.await.unwrap().unwrap();
        }
    }

    store_test! {
        async fn another_process_sees_every_change_of_who_may_enter(store: Store, address: String) {
            let server = store;
            let admin = crate::testing::open(&address).await.unwrap();
            let mut known = server.auth_generation().await.unwrap();
            macro_rules! seen {
                ($change:expr) => {{
                    let outcome = $change.await.unwrap();
                    let number = server.auth_generation().await.unwrap();
                    assert!(number > known, "unseen: {}", stringify!($change));
                    known = number;
                    outcome
                }};
            }
            let at = Timestamp(1);
            let act = Act::operator(at);
            let owner = seen!(admin.create_user(&NewUser::plain("a@example.com", Role::User), at)).unwrap();
            seen!(admin.create_first_admin(&NewUser::plain("b@example.com", Role::Admin), at));
            let account = owner.account_id;
            let key = seen!(admin.create_key(account, &NewKey::plain("cl_aaaaaaaaaaaa"), None, &act)).now().unwrap();
            seen!(admin.update_key(account, key.id, &KeyChange { enabled: Some(false), ..KeyChange::default() }, &act)).unwrap();
            seen!(admin.revoke_key(account, key.id, &act));
            seen!(admin.create_key(account, &NewKey::plain("cl_bbbbbbbbbbbb"), None, &act));
            seen!(admin.revoke_any_key("cl_bbbbbbbbbbbb", &act));
            let notice = crate::NewJob { kind: "test", payload: String::new(), run_at: at, max_attempts: 1 };
            let session = NewSession { id: "one".to_owned(), user_id: owner.id, epoch: 0, expires_at: Timestamp(9), ip: None, agent: None, second_factor: None };
            admin.start_session(account, &session, &act).await.unwrap();
            seen!(admin.end_session(account, "one", &act));
            seen!(admin.set_password(account, owner.id, "new", None, &notice, &act));
            let suspended = AccountChange { state: Some(AccountState::Suspended), ..AccountChange::default() };
            seen!(admin.change_account(account, &suspended, &act));
            let free = admin.find_plan("free").await.unwrap().unwrap();
            seen!(admin.put_plan(&model::Plan { id: "other".to_owned(), ..free }, &act));
            seen!(admin.delete_plan("other", &act));
            assert_eq!(known, admin.auth_generation().await.unwrap());
            admin.close().await;
        }
    }
}
