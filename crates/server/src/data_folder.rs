use std::fs::{DirBuilder, File};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// Makes the data folder for this user alone, if it is missing.
pub(crate) fn create(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(|error| {
        io::Error::new(error.kind(), format!("the data folder {}: {error}", path.display()))
    })
}

/// Holds an embedded database for one server. Let go when dropped, also by a crash.
#[derive(Debug)]
pub(crate) struct Lock(#[expect(dead_code, reason = "the open file is the lock")] File);

/// Another server holds the database.
#[derive(Debug, thiserror::Error)]
pub enum LockProblem {
    #[error("another server uses {0}; stop it, or use another data folder or PostgreSQL")]
    Taken(PathBuf),
    #[error("{path}: {source}")]
    File { path: PathBuf, source: io::Error },
}

/// Takes `<database>.lock`.
pub(crate) fn lock(database: &Path) -> Result<Lock, LockProblem> {
    let mut path = database.as_os_str().to_owned();
    path.push(".lock");
    let path = PathBuf::from(path);
    let mut options = File::options();
    let opened = options.write(true).create(true).truncate(false).mode(0o600).open(&path);
    let file = opened.map_err(|source| LockProblem::File { path: path.clone(), source })?;
    match file.try_lock() {
        Ok(()) => Ok(Lock(file)),
        Err(std::fs::TryLockError::WouldBlock) => Err(LockProblem::Taken(database.to_owned())),
        Err(std::fs::TryLockError::Error(source)) => Err(LockProblem::File { path, source }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_holds_it_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("a.db");
        let held = lock(&database).unwrap();
        assert!(matches!(lock(&database), Err(LockProblem::Taken(_))));
        drop(held);
        lock(&database).unwrap();
    }
}
