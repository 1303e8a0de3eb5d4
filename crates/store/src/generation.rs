//! The number that tells caches whether anything that decides who may enter has changed.
//!
//! Every request compares it, so reading it must cost next to nothing: on SQLite it is kept in a
//! small file beside the database, written after each commit and before the change is reported, by
//! whichever process made the change. So a key revoked by `compliancelayer admin` on the same
//! machine stops at once in a running server. On PostgreSQL it is a row.
//!
//! A crash between commit and file write leaves the file behind by one change until the next one or
//! until the next start. Callers therefore re-read the database at least every second.

use std::fs::File;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::{Pool, Result, Store, StoreError, read};

#[derive(Clone)]
pub(crate) enum Generation {
    File { file: Arc<File>, path: PathBuf },
    InDatabase,
}

impl Generation {
    /// Opens `<database>.generation`, making it when it is missing.
    pub(crate) fn beside(database: &Path) -> Result<Self> {
        let mut path = database.as_os_str().to_owned();
        path.push(".generation");
        let path = PathBuf::from(path);
        let mut options = File::options();
        let opened =
            options.read(true).write(true).create(true).truncate(false).mode(0o600).open(&path);
        match opened {
            Ok(file) => Ok(Self::File { file: Arc::new(file), path }),
            Err(source) => Err(StoreError::File { path, source }),
        }
    }
}

/// Raises the number inside the transaction that makes the change.
pub(crate) const RAISE: &str = "UPDATE auth_generation SET n = n + 1";

impl Store {
    /// Returns a number that differs from every earlier one once anything that decides who may
    /// enter has changed: keys, sessions, users, accounts, plans.
    pub async fn auth_generation(&self) -> Result<i64> {
        match &self.generation {
            Generation::File { file, path } => {
                let failed = |source| StoreError::File { path: path.clone(), source };
                let mut bytes = [0; 8];
                file.read_exact_at(&mut bytes, 0).map_err(failed)?;
                Ok(i64::from_le_bytes(bytes))
            }
            Generation::InDatabase => self.generation_in_database().await,
        }
    }

    async fn generation_in_database(&self) -> Result<i64> {
        const SQL: &str = "SELECT n FROM auth_generation";
        Ok(read!(self, pool => sqlx::query_scalar(SQL).fetch_one(pool).await?))
    }

    /// Makes a committed change known to every process of this machine.
    pub(crate) async fn publish_generation(&self) -> Result<()> {
        let Generation::File { file, path } = &self.generation else { return Ok(()) };
        debug_assert!(matches!(self.pool, Pool::Sqlite { .. }));
        let now = self.generation_in_database().await?;
        let publish = || {
            file.lock()?;
            let mut bytes = [0; 8];
            let known = match file.read_exact_at(&mut bytes, 0) {
                Ok(()) => i64::from_le_bytes(bytes),
                Err(_) => 0,
            };
            let written = file.write_all_at(&now.max(known).to_le_bytes(), 0);
            file.unlock()?;
            written
        };
        publish().map_err(|source| StoreError::File { path: path.clone(), source })
    }
}

#[cfg(test)]
mod tests {
    use model::{Role, Timestamp};

    use crate::testing::store_test;
    use crate::{NewUser, Store};

    store_test! {
        async fn another_process_sees_the_change(store: Store, address: String) {
            let other = Store::open(&address).await.unwrap();
            let before = store.auth_generation().await.unwrap();
            let user = NewUser::plain("a@example.com", Role::User);
            other.create_user(&user, Timestamp(1)).await.unwrap().unwrap();
            assert!(store.auth_generation().await.unwrap() > before);
            assert_eq!(store.auth_generation().await.unwrap(), other.auth_generation().await.unwrap());
            other.close().await;
        }
    }
}
