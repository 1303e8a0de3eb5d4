//! What is counted outlives a restart, so that restarting does not give a day's limit anew.

use std::collections::HashMap;
use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::{Counted, Limiter, PoisonError};

const VERSION: u32 = 1;
/// Larger files are not read: they are none of ours.
const MAX_BYTES: u64 = 256 * 1024 * 1024;

#[derive(Serialize, Deserialize)]
struct Snapshot {
    version: u32,
    accounts: HashMap<i64, Counted>,
}

fn path(data_dir: &Path) -> PathBuf {
    data_dir.join("limits.snapshot")
}

impl Limiter {
    /// Reads what was counted before. A file that cannot be read counts as none.
    pub(crate) fn restore(data_dir: &Path) -> Self {
        let limiter = Self::default();
        let path = path(data_dir);
        match read(&path) {
            Ok(Some(snapshot)) => {
                for (account, counted) in snapshot.accounts {
                    limiter.shard(account).accounts.insert(account, counted);
                }
            }
            Ok(None) => {}
            Err(error) => {
                tracing::warn!(path = %path.display(), %error, "limits begin anew: what was counted cannot be read");
            }
        }
        limiter
    }

    /// Writes what is counted, whole or not at all.
    pub(crate) fn save(&self, data_dir: &Path) -> io::Result<()> {
        let mut accounts = HashMap::new();
        for shard in &self.shards {
            let shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
            accounts.extend(shard.accounts.iter().map(|(id, counted)| (*id, counted.clone())));
        }
        let bytes = serde_json::to_vec(&Snapshot { version: VERSION, accounts })?;
        let path = path(data_dir);
        let fresh = path.with_extension("snapshot.new");
        let mut options = fs::File::options();
        let mut file = options.write(true).create(true).truncate(true).mode(0o600).open(&fresh)?;
        file.write_all(&bytes)?;
        file.sync_all()?;
        fs::rename(fresh, path)
    }
}

fn read(path: &Path) -> io::Result<Option<Snapshot>> {
    match fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
        Ok(found) if found.len() > MAX_BYTES => return Err(io::Error::other("it is too large")),
        Ok(_) => {}
    }
    let snapshot: Snapshot = serde_json::from_slice(&fs::read(path)?)?;
    match snapshot.version {
        VERSION => Ok(Some(snapshot)),
        other => Err(io::Error::other(format!("version {other} is unknown here"))),
    }
}

#[cfg(test)]
mod tests {
    use model::Timestamp;

    use super::super::Limits;
    use super::*;

    #[test]
    fn what_was_counted_is_counted_after_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let limits = Limits { account: 7, requests: [1, 5, 5], key: Some((3, 1)) };
        let limiter = Limiter::restore(folder.path());
        assert!(limiter.admit(&limits, Timestamp(9)).refused_by.is_none());
        limiter.save(folder.path()).unwrap();
        let again = Limiter::restore(folder.path());
        assert!(again.admit(&limits, Timestamp(10)).refused_by.is_some());
    }

    #[test]
    fn a_broken_file_is_no_reason_not_to_start() {
        let folder = tempfile::tempdir().unwrap();
        let limits = Limits { account: 7, requests: [1, 5, 5], key: None };
        for text in ["", "{}", "{\"version\":9,\"accounts\":{}}", "\0\0"] {
            fs::write(path(folder.path()), text).unwrap();
            let limiter = Limiter::restore(folder.path());
            assert!(limiter.admit(&limits, Timestamp(9)).refused_by.is_none());
            limiter.save(folder.path()).unwrap();
        }
    }
}
