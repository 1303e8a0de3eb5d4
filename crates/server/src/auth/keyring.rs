//! The files of secrets, and what refuses a bad one.
//!
//! One secret a line, `<name> <base64url>[ <unix seconds>]`, the current one first. Older ones stay
//! valid until their line is removed, or until the time at its end. Files are 0600 in a folder of
//! 0700. A file that others can read, a secret under 256 bits, one without randomness in it and one
//! that stands in a standard or a manual stop the start.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use model::Timestamp;

const SECRET_BYTES: usize = 32;
/// 32 random bytes have about 30 different values, and 64 random hexadecimal digits nearly always all
/// of their 16.
const LEAST_VALUES: usize = 12;

/// Secrets that everybody has read, as bytes in base64url.
const PUBLISHED: &[&str] = &[
    // RFC 7515, A.1.1, and RFC 7517, A.3.
    "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow",
    // RFC 7520, 3.5 and 5.8.
    "hJtXIZ2uSN5kbQfbtTNWbpdmhkV8FJG-Onbc6mxCcYg",
    "GZy6sIZ6wl9NJOKB-jnmVQ",
    // RFC 7520, 3.6.
    "AAPapAv4LbFbiVawEjagUBluYqN5rhna-8nuldDvOx8",
];
/// The same, written as text.
const PUBLISHED_TEXTS: &[&str] = &[
    "a-string-secret-at-least-256-bits-long",
    "a-valid-string-secret-that-is-at-least-384-bits-long",
    "a-valid-string-secret-that-is-at-least-512-bits-long-which-is-very-long",
    "this is a very long secret key for jwt signing",
    "qwertyuiopasdfghjklzxcvbnm123456",
    "abcdefghijklmnopqrstuvwxyz123456",
    "abcdefghijklmnopqrstuvwxyz012345",
    "404E635266556A586E3272357538782F413F4428472B4B6250645367566B5970",
];

/// A secret cannot be used, and what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum SecretsProblem {
    #[error("{path}: {source}")]
    File { path: PathBuf, source: std::io::Error },
    #[error("{path} can be read by others (mode {mode:o}); run `chmod 600 {path}`")]
    Readable { path: PathBuf, mode: u32 },
    #[error(
        "{path}: each line must be a name and at least 256 bits in base64url; remove the file to \
         have a new one made, which voids what the old one signed"
    )]
    Malformed { path: PathBuf },
    #[error(
        "{path}: the secret `{name}` {weakness}; remove its line, or the file to have a new one made, \
         which voids what the old one signed"
    )]
    Weak { path: PathBuf, name: String, weakness: &'static str },
    #[error("the system gives no randomness: {0}")]
    Randomness(#[from] getrandom::Error),
}

/// One named secret of at least 256 bits.
pub(crate) struct Secret {
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
    /// When it ends, if that is known.
    pub(crate) until: Option<Timestamp>,
}

/// Reads a file of secrets, first making it with one when it is missing.
pub(crate) fn read(path: &Path) -> Result<Vec<Secret>, SecretsProblem> {
    let text = read_or_make(path, &line("1", &random()?, None))?;
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let secrets = lines.map(secret).collect::<Option<Vec<_>>>().filter(|all| !all.is_empty());
    let secrets = secrets.ok_or_else(|| SecretsProblem::Malformed { path: path.to_owned() })?;
    for secret in &secrets {
        if let Some(weakness) = weakness(&secret.bytes) {
            let (path, name) = (path.to_owned(), secret.name.clone());
            return Err(SecretsProblem::Weak { path, name, weakness });
        }
    }
    Ok(secrets)
}

/// Reads a secret without a successor: the rows that the audit log's sealed stay, those of second
/// factors are sealed too, links in letters live for a day at most, and what proves ownership stands in
/// the zones of others, where knowing it helps nobody.
pub(crate) fn lone(path: &Path) -> Result<Secret, SecretsProblem> {
    let first = read(path)?.into_iter().next();
    first.ok_or_else(|| SecretsProblem::Malformed { path: path.to_owned() })
}

/// Puts a new secret before the others, in one step, and returns its name, the next number. The one
/// it takes the place of ends at `until`, if that is said; what has ended by `now` goes.
pub(crate) fn rotate(
    path: &Path,
    until: Option<Timestamp>,
    now: Timestamp,
) -> Result<String, SecretsProblem> {
    let failed = |source| SecretsProblem::File { path: path.to_owned(), source };
    // Two rotations at once must not lose one another's secret.
    let folder = path.parent().unwrap_or(Path::new("."));
    let alone = fs::File::open(folder).map_err(failed)?;
    alone.lock().map_err(failed)?;
    let old = read(path)?;
    let numbers = old.iter().filter_map(|secret| secret.name.parse::<i64>().ok());
    let name = (numbers.max().unwrap_or(0) + 1).to_string();
    let mut text = line(&name, &random()?, None);
    for (at, secret) in old.iter().enumerate() {
        let until = if at == 0 { secret.until.or(until) } else { secret.until };
        if until.is_none_or(|until| now < until) {
            text.push_str(&line(&secret.name, &secret.bytes, until));
        }
    }
    let draft = write_beside(path, &text).map_err(failed)?;
    fs::rename(&draft, path).map_err(failed)?;
    Ok(name)
}

fn line(name: &str, bytes: &[u8], until: Option<Timestamp>) -> String {
    let secret = URL_SAFE_NO_PAD.encode(bytes);
    match until {
        Some(until) => format!("{name} {secret} {}\n", until.unix_seconds()),
        None => format!("{name} {secret}\n"),
    }
}

fn secret(line: &str) -> Option<Secret> {
    let mut parts = line.split_ascii_whitespace();
    let (name, bytes) = (parts.next()?.to_owned(), URL_SAFE_NO_PAD.decode(parts.next()?).ok()?);
    let until: Option<i64> = parts.next().map(str::parse).transpose().ok()?;
    let until = until.map(|seconds| Timestamp(seconds.saturating_mul(1000)));
    (bytes.len() >= SECRET_BYTES && parts.next().is_none()).then_some(Secret { name, bytes, until })
}

fn random() -> Result<[u8; SECRET_BYTES], SecretsProblem> {
    let mut bytes = [0; SECRET_BYTES];
    getrandom::fill(&mut bytes)?;
    Ok(bytes)
}

/// Returns what is wrong with a secret, whatever its length.
fn weakness(bytes: &[u8]) -> Option<&'static str> {
    let is_published = PUBLISHED.contains(&URL_SAFE_NO_PAD.encode(bytes).as_str())
        || PUBLISHED_TEXTS.iter().any(|text| text.as_bytes() == bytes);
    if is_published {
        return Some("is published in a standard or a manual");
    }
    if bytes.iter().collect::<BTreeSet<_>>().len() < LEAST_VALUES {
        return Some("repeats few values and is not random");
    }
    let steps: BTreeSet<_> = bytes.windows(2).map(|pair| pair[1].wrapping_sub(pair[0])).collect();
    let is_cycle = (1..=bytes.len() / 2)
        .any(|period| bytes.iter().zip(bytes.iter().skip(period)).all(|(one, other)| one == other));
    (steps.len() == 1 || is_cycle).then_some("follows a pattern and is not random")
}

/// Reads a file, first making it with `fresh` inside when it is missing. Of two processes that make
/// it at once one wins, and both read the winner's.
pub(crate) fn read_or_make(path: &Path, fresh: &str) -> Result<String, SecretsProblem> {
    let failed = |source| SecretsProblem::File { path: path.to_owned(), source };
    if !path.exists() {
        let made = write_beside(path, fresh).map_err(failed)?;
        let linked = fs::hard_link(&made, path);
        fs::remove_file(&made).map_err(failed)?;
        match linked {
            Err(source) if source.kind() != std::io::ErrorKind::AlreadyExists => {
                return Err(failed(source));
            }
            _ => {}
        }
    }
    let mode = fs::metadata(path).map_err(failed)?.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(SecretsProblem::Readable { path: path.to_owned(), mode });
    }
    fs::read_to_string(path).map_err(failed)
}

/// Writes a draft of a file beside it, for its owner alone, and returns where.
fn write_beside(path: &Path, text: &str) -> std::io::Result<PathBuf> {
    let mut draft = path.as_os_str().to_owned();
    draft.push(format!(".{}", std::process::id()));
    let mut options = fs::File::options();
    let mut file = options.write(true).create(true).truncate(true).mode(0o600).open(&draft)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    Ok(PathBuf::from(draft))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(text: &str) -> String {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ring");
        read(&path).unwrap();
        fs::write(&path, text).unwrap();
        read(&path).err().map(|problem| problem.to_string()).unwrap_or_default()
    }

    fn encoded(bytes: &[u8]) -> String {
        format!("1 {}\n", URL_SAFE_NO_PAD.encode(bytes))
    }

    #[test]
    fn a_short_or_broken_secret_is_refused() {
        for text in ["", "1 c2hvcnQ", "1", "1 !!!!", &encoded(&random().unwrap()[1..])] {
            assert!(problem(text).contains("256 bits"), "{text}");
        }
        let good = encoded(&random().unwrap());
        assert!(problem(&format!("{} soon", good.trim_end())).contains("256 bits"));
        assert!(problem(&format!("{} 1 2", good.trim_end())).contains("256 bits"));
        assert_eq!(problem(&format!("{} 1795509096", good.trim_end())), "");
    }

    #[test]
    fn a_secret_without_randomness_is_refused() {
        let counting: Vec<u8> = (0..32).collect();
        let again: Vec<u8> = random().unwrap()[..16].repeat(2);
        for weak in [&[7; 32][..], &counting, &again, b"abcabcabcabcabcabcabcabcabcabcabc"] {
            assert!(problem(&encoded(weak)).contains("not random"), "{weak:?}");
        }
        for published in PUBLISHED_TEXTS {
            assert!(problem(&encoded(published.as_bytes())).contains("published"), "{published}");
        }
        let rfc_7515 = format!("1 {}", PUBLISHED[0]);
        assert!(problem(&rfc_7515).contains("the secret `1` is published"));
        for _ in 0..1_000 {
            assert_eq!(weakness(&random().unwrap()), None);
        }
    }

    #[test]
    fn a_rotation_keeps_what_is_not_over() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ring");
        let first = read(&path).unwrap()[0].bytes.clone();
        let names = || {
            let secrets = read(&path).unwrap();
            secrets.into_iter().map(|secret| (secret.name, secret.until)).collect::<Vec<_>>()
        };
        assert_eq!(rotate(&path, Some(Timestamp(9_000)), Timestamp(0)).unwrap(), "2");
        assert_eq!(names(), [("2".to_owned(), None), ("1".to_owned(), Some(Timestamp(9_000)))]);
        assert_eq!(read(&path).unwrap()[1].bytes, first);
        assert_eq!(rotate(&path, Some(Timestamp(19_000)), Timestamp(9_000)).unwrap(), "3");
        assert_eq!(names(), [("3".to_owned(), None), ("2".to_owned(), Some(Timestamp(19_000)))]);
        let mode = fs::metadata(&path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode, fs::read_dir(folder.path()).unwrap().count()), (0o600, 1));
    }

    #[test]
    fn rotations_at_once_lose_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ring");
        read(&path).unwrap();
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| rotate(&path, None, Timestamp(0)).unwrap());
            }
        });
        let names: Vec<_> = read(&path).unwrap().into_iter().map(|secret| secret.name).collect();
        assert_eq!(names, ["5", "4", "3", "2", "1"]);
    }
}
