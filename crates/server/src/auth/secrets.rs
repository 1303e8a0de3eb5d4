//! What the server must keep to itself: the JWT keyring, the key pepper, what seals the audit log
//! and what hashes the links in letters, in files of the data folder made at the first start.
//!
//! One secret a line, `<name> <base64url>`, the current one first; older ones stay valid until
//! their line is removed. Files are 0600 in a folder of 0700, and a file that others can read, or a
//! secret under 256 bits, stops the start.

use std::fs;
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use model::{ApiToken, LinkPurpose};
use sha2::Sha256;
use store::AuditKey;
use subtle::ConstantTimeEq;

const SECRET_BYTES: usize = 32;
const SETUP_TOKEN: &str = "setup-token";

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
    #[error("the system gives no randomness: {0}")]
    Randomness(#[from] getrandom::Error),
}

/// One named secret of at least 256 bits.
struct Named {
    name: String,
    mac: Hmac<Sha256>,
}

/// The secrets of this instance. Prints as nothing.
pub(crate) struct Secrets {
    jwt: Vec<Named>,
    pepper: Vec<(i64, Hmac<Sha256>)>,
    audit: AuditKey,
    links: Hmac<Sha256>,
}

impl Secrets {
    /// Reads the secrets in `data_dir`, making those that are missing.
    pub(crate) fn open(data_dir: &Path) -> Result<Self, SecretsProblem> {
        let folder = folder(data_dir)?;
        let jwt = keyring(&folder.join("jwt-keyring"))?;
        let path = folder.join("key-pepper");
        let numbered = |named: Named| Some((named.name.parse().ok()?, named.mac));
        let pepper: Option<Vec<_>> = keyring(&path)?.into_iter().map(numbered).collect();
        let pepper = pepper.ok_or(SecretsProblem::Malformed { path })?;
        let audit = AuditKey::new(&lone_secret(&folder.join("audit-key"))?);
        let links = lone_secret(&folder.join("link-key"))?;
        let links = Hmac::new_from_slice(&links).expect("HMAC takes keys of any length");
        Ok(Self { jwt, pepper, audit, links })
    }

    /// Returns the version of the pepper that new hashes are made with.
    pub(crate) fn pepper_version(&self) -> i64 {
        self.pepper[0].0
    }

    /// Returns the version and the hash, hex, under which a new key is stored.
    pub(crate) fn hash_key(&self, token: &ApiToken) -> (i64, String) {
        let (version, pepper) = &self.pepper[0];
        let mut mac = pepper.clone();
        mac.update(token.expose().as_bytes());
        (*version, hex(&mac.finalize().into_bytes()))
    }

    /// Returns whether a key fits a stored hash. Takes the same time whether the hash exists or not.
    pub(crate) fn fits(&self, token: &ApiToken, stored: Option<(i64, &str)>) -> bool {
        let version = stored.map(|(version, _)| version);
        let known = self.pepper.iter().find(|(own, _)| Some(*own) == version);
        let mut mac = known.unwrap_or(&self.pepper[0]).1.clone();
        mac.update(token.expose().as_bytes());
        let computed = hex(&mac.finalize().into_bytes());
        const DUMMY: &str = "0000000000000000000000000000000000000000000000000000000000000000";
        let hash = stored.map_or(DUMMY, |(_, hash)| hash);
        bool::from(computed.as_bytes().ct_eq(hash.as_bytes()))
            && known.is_some()
            && stored.is_some()
    }

    /// Returns what seals the audit log.
    pub(crate) fn audit_key(&self) -> &AuditKey {
        &self.audit
    }

    /// Returns the hash, hex, under which the token of a link in a letter is stored.
    pub(crate) fn hash_link(&self, purpose: LinkPurpose, token: &str) -> String {
        let mut mac = self.links.clone();
        mac.update(purpose.as_str().as_bytes());
        mac.update(b"\n");
        mac.update(token.as_bytes());
        hex(&mac.finalize().into_bytes())
    }

    /// Returns the id of the key that signs JWTs.
    pub(crate) fn jwt_key_id(&self) -> &str {
        &self.jwt[0].name
    }

    /// Returns the HMAC under the JWT key of that id, begun. `None` for an unknown id.
    pub(crate) fn jwt_mac(&self, key_id: &str) -> Option<Hmac<Sha256>> {
        self.jwt.iter().find(|named| named.name == key_id).map(|named| named.mac.clone())
    }
}

/// Returns the token of the set-up link, making it when it is missing.
pub(crate) fn setup_token(data_dir: &Path) -> Result<String, SecretsProblem> {
    let path = folder(data_dir)?.join(SETUP_TOKEN);
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)?;
    let token = read_or_make(&path, &hex(&bytes))?.trim().to_owned();
    let is_whole = token.len() >= 32 && token.bytes().all(|byte| byte.is_ascii_alphanumeric());
    is_whole.then_some(token).ok_or(SecretsProblem::Malformed { path })
}

/// Removes the set-up token once there is an administrator.
pub(crate) fn forget_setup_token(data_dir: &Path) -> Result<(), SecretsProblem> {
    let path = folder(data_dir)?.join(SETUP_TOKEN);
    match fs::remove_file(&path) {
        Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
            Err(SecretsProblem::File { path, source })
        }
        _ => Ok(()),
    }
}

fn folder(data_dir: &Path) -> Result<PathBuf, SecretsProblem> {
    let path = data_dir.join("secrets");
    let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(&path);
    made.map_err(|source| SecretsProblem::File { path: path.clone(), source })?;
    Ok(path)
}

fn keyring(path: &Path) -> Result<Vec<Named>, SecretsProblem> {
    let named = |(name, secret): (String, Vec<u8>)| {
        let mac = Hmac::new_from_slice(&secret).expect("HMAC takes keys of any length");
        Named { name, mac }
    };
    Ok(lines(path)?.into_iter().map(named).collect())
}

/// Reads a secret without a successor: the rows that the audit log's sealed stay, and links in
/// letters live for a day at most.
fn lone_secret(path: &Path) -> Result<Vec<u8>, SecretsProblem> {
    let secret = lines(path)?.into_iter().next().map(|(_, secret)| secret);
    secret.ok_or_else(|| SecretsProblem::Malformed { path: path.to_owned() })
}

/// Reads a file of named secrets, at least one of them.
fn lines(path: &Path) -> Result<Vec<(String, Vec<u8>)>, SecretsProblem> {
    let mut bytes = [0; SECRET_BYTES];
    getrandom::fill(&mut bytes)?;
    let text = read_or_make(path, &format!("1 {}\n", URL_SAFE_NO_PAD.encode(bytes)))?;
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    match lines.map(named).collect::<Option<Vec<_>>>() {
        Some(named) if !named.is_empty() => Ok(named),
        _ => Err(SecretsProblem::Malformed { path: path.to_owned() }),
    }
}

fn named(line: &str) -> Option<(String, Vec<u8>)> {
    let (name, secret) = line.split_once(' ')?;
    let secret = URL_SAFE_NO_PAD.decode(secret.trim()).ok()?;
    (secret.len() >= SECRET_BYTES).then(|| (name.to_owned(), secret))
}

/// Reads a file, first making it with `fresh` inside when it is missing. Of two processes that make
/// it at once one wins, and both read the winner's.
fn read_or_make(path: &Path, fresh: &str) -> Result<String, SecretsProblem> {
    let failed = |source| SecretsProblem::File { path: path.to_owned(), source };
    if !path.exists() {
        let mut made = path.as_os_str().to_owned();
        made.push(format!(".{}", std::process::id()));
        let mut options = fs::File::options();
        let mut file = options
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&made)
            .map_err(failed)?;
        file.write_all(fresh.as_bytes()).and_then(|()| file.sync_all()).map_err(failed)?;
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

/// Returns bytes as lower-case hexadecimal digits. Every request with a key comes by here, so it
/// does without the formatting machinery.
pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |value: u8| char::from(DIGITS[usize::from(value)]);
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        text.push(digit(byte >> 4));
        text.push(digit(byte & 15));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::super::token::new_token;
    use super::*;

    #[test]
    fn bytes_become_digits() {
        assert_eq!(hex(&[0x00, 0x0f, 0xa5, 0xff]), "000fa5ff");
    }

    #[test]
    fn secrets_outlive_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let token = new_token().unwrap();
        let (version, hash) = Secrets::open(folder.path()).unwrap().hash_key(&token);
        let again = Secrets::open(folder.path()).unwrap();
        assert!(again.fits(&token, Some((version, &hash))));
        assert!(!again.fits(&token, Some((version + 1, &hash))));
        assert!(!again.fits(&token, None));
        assert!(!again.fits(&new_token().unwrap(), Some((version, &hash))));
        assert_eq!(setup_token(folder.path()).unwrap(), setup_token(folder.path()).unwrap());
        forget_setup_token(folder.path()).unwrap();
        forget_setup_token(folder.path()).unwrap();
    }

    #[test]
    fn files_are_for_the_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        Secrets::open(folder.path()).unwrap();
        let mode = |path: &str| {
            let path = folder.path().join(path);
            fs::metadata(path).unwrap().permissions().mode() & 0o777
        };
        assert_eq!(mode("secrets"), 0o700);
        assert_eq!(mode("secrets/jwt-keyring"), 0o600);
        let path = folder.path().join("secrets/key-pepper");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        let problem = Secrets::open(folder.path()).err().unwrap().to_string();
        assert!(problem.contains("mode 640") && problem.contains("chmod 600"), "{problem}");
    }

    #[test]
    fn a_short_secret_stops_the_start() {
        let folder = tempfile::tempdir().unwrap();
        Secrets::open(folder.path()).unwrap();
        for text in ["", "1 c2hvcnQ", "1", "1 !!!!"] {
            fs::write(folder.path().join("secrets/jwt-keyring"), text).unwrap();
            let problem = Secrets::open(folder.path()).err().unwrap().to_string();
            assert!(problem.contains("256 bits"), "{problem}");
        }
    }

    #[test]
    fn an_older_pepper_stays_good() {
        let folder = tempfile::tempdir().unwrap();
        let token = new_token().unwrap();
        let (old, hash) = Secrets::open(folder.path()).unwrap().hash_key(&token);
        let path = folder.path().join("secrets/key-pepper");
        let fresh = format!("2 {}\n", URL_SAFE_NO_PAD.encode([7; 32]));
        fs::write(&path, fresh + &fs::read_to_string(&path).unwrap()).unwrap();
        let secrets = Secrets::open(folder.path()).unwrap();
        assert!(secrets.fits(&token, Some((old, &hash))));
        assert_eq!(secrets.hash_key(&token).0, 2);
    }
}
