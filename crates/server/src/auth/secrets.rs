//! What the server must keep to itself: the JWT keyring, the key pepper, what signs reports, what seals
//! the audit log, what hashes the links in letters, what protects second factors and what proves ownership of domains, in
//! files of the data folder made at the first start.
//!
//! [`super::keyring`] has the form of the files and what refuses a weak secret. Keyrings and pepper
//! can be rotated beside a running server (`compliancelayer secrets rotate`): the files are looked at
//! once a second at most, and read again when they have changed. A secret that a row in the database
//! or a token seems to name and that is not there makes the server look at once. What cannot be read
//! then is logged, and the secrets known so far stay.

use std::fs;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant};

use hmac::{Hmac, KeyInit, Mac};
use model::{ApiToken, DomainName, LinkPurpose, Timestamp};
use report::{PublicKeys, SigningKey};
use scan::ownership::Challenge;
use sha2::Sha256;
use store::AuditKey;
use subtle::ConstantTimeEq;

use super::factor_key::FactorKey;
pub use super::keyring::SecretsProblem;
use super::keyring::{self, Secret};
use super::seal::Seal;

const SETUP_TOKEN: &str = "setup-token";
/// The file of the keys that sign JWTs.
pub(crate) const JWT_KEYRING: &str = "jwt-keyring";
/// The file of the peppers of API keys.
pub(crate) const KEY_PEPPER: &str = "key-pepper";
/// The file of the keys that sign reports.
pub(crate) const REPORT_KEYRING: &str = "report-keyring";
/// How often the files are looked at.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How often they are looked at when strangers send tokens that no key signed.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// The secrets of this instance. Prints as nothing.
pub(crate) struct Secrets {
    folder: PathBuf,
    rings: RwLock<Arc<Rings>>,
    /// The files as they were when they were last read.
    seen: Mutex<[Option<Stamp>; 3]>,
    opened: Instant,
    /// Milliseconds from `opened` to the last look.
    looked: AtomicU64,
    audit: AuditKey,
    links: Hmac<Sha256>,
    factors: FactorKey,
    forms: Seal,
    ownership: Secret,
}

/// What can be rotated, the current one first.
struct Rings {
    jwt: Vec<JwtKey>,
    pepper: Vec<(i64, Hmac<Sha256>)>,
    reports: Vec<SigningKey>,
}

struct JwtKey {
    name: String,
    mac: Hmac<Sha256>,
    /// When nothing it signed can be good any more; `None` for the current one.
    until: Option<Timestamp>,
}

/// Changes whenever a file is put in another's place or written to.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Stamp {
    file: u64,
    size: u64,
    modified: (i64, i64),
}

impl Stamp {
    fn of(path: &Path) -> Option<Self> {
        let file = fs::metadata(path).ok()?;
        Some(Self {
            file: file.ino(),
            size: file.size(),
            modified: (file.mtime(), file.mtime_nsec()),
        })
    }
}

impl Rings {
    fn read(folder: &Path) -> Result<Self, SecretsProblem> {
        let jwt = keyring::read(&folder.join(JWT_KEYRING))?.into_iter().map(|secret| JwtKey {
            mac: mac(&secret),
            name: secret.name,
            until: secret.until,
        });
        let path = folder.join(KEY_PEPPER);
        let numbered = |secret: Secret| Some((secret.name.parse().ok()?, mac(&secret)));
        let pepper: Option<Vec<_>> = keyring::read(&path)?.into_iter().map(numbered).collect();
        let pepper = pepper.ok_or(SecretsProblem::Malformed { path })?;
        let reports = keyring::read(&folder.join(REPORT_KEYRING))?;
        let reports = reports.iter().map(report_key).collect();
        Ok(Self { jwt: jwt.collect(), pepper, reports })
    }
}

fn mac(secret: &Secret) -> Hmac<Sha256> {
    Hmac::new_from_slice(&secret.bytes).expect("HMAC takes keys of any length")
}

/// Returns the key that a secret stands for. The secret may be longer than a seed.
pub(crate) fn report_key(secret: &Secret) -> SigningKey {
    let mut seed = mac(secret);
    seed.update(b"signatures of reports");
    SigningKey::from_seed(&seed.finalize().into_bytes().into())
}

fn stamps(folder: &Path) -> [Option<Stamp>; 3] {
    [JWT_KEYRING, KEY_PEPPER, REPORT_KEYRING].map(|name| Stamp::of(&folder.join(name)))
}

impl Secrets {
    /// Reads the secrets in `data_dir`, making those that are missing.
    pub(crate) fn open(data_dir: &Path) -> Result<Self, SecretsProblem> {
        let folder = folder(data_dir)?;
        let rings = Rings::read(&folder)?;
        let audit = AuditKey::new(&keyring::lone(&folder.join("audit-key"))?.bytes);
        let links = mac(&keyring::lone(&folder.join("link-key"))?);
        let factor_key = keyring::lone(&folder.join("factor-key"))?;
        let factors = FactorKey::new(&factor_key);
        let forms = Seal::derive(&factor_key, "seal of forms");
        let ownership = keyring::lone(&folder.join("ownership-key"))?;
        Ok(Self {
            seen: Mutex::new(stamps(&folder)),
            folder,
            rings: RwLock::new(Arc::new(rings)),
            opened: Instant::now(),
            looked: AtomicU64::new(0),
            audit,
            links,
            factors,
            forms,
            ownership,
        })
    }

    /// Returns the present secrets, looking at the files if nobody did for `patience`.
    fn rings(&self, patience: Duration) -> Arc<Rings> {
        let millis = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        let (now, last) = (millis(self.opened.elapsed()), self.looked.load(Ordering::Relaxed));
        let is_time = now.saturating_sub(last) >= millis(patience);
        let mine =
            |last| self.looked.compare_exchange(last, now, Ordering::Relaxed, Ordering::Relaxed);
        if is_time && mine(last).is_ok() {
            self.look();
        }
        Arc::clone(&self.rings.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Reads the files again if they have changed.
    pub(crate) fn look(&self) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let now = stamps(&self.folder);
        if *seen == now {
            return;
        }
        *seen = now;
        match Rings::read(&self.folder) {
            Ok(rings) => {
                *self.rings.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(rings);
                tracing::info!("the secrets have changed and were read again");
            }
            Err(error) => {
                tracing::error!(%error, "changed secrets cannot be used; the earlier ones stay");
            }
        }
    }

    /// Returns where the files are.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Returns the version and the hash, hex, under which a new key is stored.
    pub(crate) fn hash_key(&self, token: &ApiToken) -> (i64, String) {
        let rings = self.rings(LOOK_EVERY);
        let (version, pepper) = &rings.pepper[0];
        let mut mac = pepper.clone();
        mac.update(token.expose().as_bytes());
        (*version, hex(&mac.finalize().into_bytes()))
    }

    /// Returns the version of the pepper that new keys are hashed with.
    pub(crate) fn pepper_version(&self) -> i64 {
        self.rings(LOOK_EVERY).pepper[0].0
    }

    /// Returns whether a key fits a stored hash. Takes the same time whether the hash exists or not.
    pub(crate) fn fits(&self, token: &ApiToken, stored: Option<(i64, &str)>) -> bool {
        let version = stored.map(|(version, _)| version);
        let mut rings = self.rings(LOOK_EVERY);
        let knows = |rings: &Rings| rings.pepper.iter().any(|(own, _)| Some(*own) == version);
        if version.is_some() && !knows(&rings) {
            // The row was written under a pepper that came a moment ago.
            rings = self.rings(Duration::ZERO);
        }
        let known = rings.pepper.iter().find(|(own, _)| Some(*own) == version);
        let mut mac = known.unwrap_or(&rings.pepper[0]).1.clone();
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

    /// Returns what protects second factors in the database.
    pub(crate) fn factor_key(&self) -> &FactorKey {
        &self.factors
    }

    /// Returns what seals forms that wait for their sender to sign in again.
    pub(crate) fn form_seal(&self) -> &Seal {
        &self.forms
    }

    /// Returns the hash, hex, under which the token of a link in a letter is stored.
    pub(crate) fn hash_link(&self, purpose: LinkPurpose, token: &str) -> String {
        let mut mac = self.links.clone();
        mac.update(purpose.as_str().as_bytes());
        mac.update(b"\n");
        mac.update(token.as_bytes());
        hex(&mac.finalize().into_bytes())
    }

    /// Returns the HMAC, begun, over what is handed out and comes back, or must not be guessed. `about`
    /// keeps one use from another, and from links.
    pub(crate) fn seal(&self, about: &str) -> Hmac<Sha256> {
        let mut mac = self.links.clone();
        mac.update(about.as_bytes());
        mac.update(b"\n");
        mac
    }

    /// Returns what shows that a domain is an account's: the same each time, and stored nowhere.
    pub(crate) fn ownership_challenge(&self, account: i64, domain: &DomainName) -> Challenge {
        Challenge::derive(&self.ownership.bytes, &account.to_string(), domain)
    }

    /// Signs with the key that reports are signed with now.
    pub(crate) fn sign_report<T>(&self, sign: impl FnOnce(&SigningKey) -> T) -> T {
        sign(&self.rings(LOOK_EVERY).reports[0])
    }

    /// Returns the public halves of the keys that reports are, and were, signed with.
    pub(crate) fn report_keys(&self) -> PublicKeys {
        PublicKeys::of(&self.rings(LOOK_EVERY).reports)
    }

    /// Returns the name of the key that signs JWTs.
    pub(crate) fn jwt_key_id(&self) -> String {
        self.rings(LOOK_EVERY).jwt[0].name.clone()
    }

    /// Returns the HMAC under the JWT key of that name, begun. `None` for an unknown one.
    pub(crate) fn jwt_mac(&self, key_id: &str) -> Option<Hmac<Sha256>> {
        let rings = self.rings(LOOK_EVERY);
        rings.jwt.iter().find(|key| key.name == key_id).map(|key| key.mac.clone())
    }

    /// Returns the HMAC under the JWT key that signs, begun.
    pub(crate) fn jwt_signer(&self) -> Hmac<Sha256> {
        self.rings(LOOK_EVERY).jwt[0].mac.clone()
    }

    /// Returns whether one of the JWT keys that are good at `now` gives that signature to a text.
    pub(crate) fn jwt_signed(&self, text: &[u8], signature: &[u8], now: Timestamp) -> bool {
        let any = |rings: &Rings| {
            let alive = |key: &&JwtKey| key.until.is_none_or(|until| now < until);
            rings.jwt.iter().filter(alive).any(|key| {
                let mut mac = key.mac.clone();
                mac.update(text);
                mac.verify_slice(signature).is_ok()
            })
        };
        // Another server of this instance may have signed with a key that came a moment ago.
        any(&self.rings(LOOK_EVERY)) || any(&self.rings(LOOK_AGAIN))
    }
}

/// Returns the token of the set-up link, making it when it is missing.
pub(crate) fn setup_token(data_dir: &Path) -> Result<String, SecretsProblem> {
    let path = folder(data_dir)?.join(SETUP_TOKEN);
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)?;
    let token = keyring::read_or_make(&path, &hex(&bytes))?.trim().to_owned();
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

/// Returns the folder of the secrets, making it when it is missing.
pub(crate) fn folder(data_dir: &Path) -> Result<PathBuf, SecretsProblem> {
    let path = data_dir.join("secrets");
    let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(&path);
    made.map_err(|source| SecretsProblem::File { path: path.clone(), source })?;
    Ok(path)
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
    use std::os::unix::fs::PermissionsExt;

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
    fn a_rotation_is_noticed_and_the_older_pepper_stays_good() {
        let folder = tempfile::tempdir().unwrap();
        let secrets = Secrets::open(folder.path()).unwrap();
        let token = new_token().unwrap();
        let (old, hash) = secrets.hash_key(&token);
        let path = folder.path().join("secrets").join(KEY_PEPPER);
        assert_eq!(keyring::rotate(&path, None, Timestamp(0)).unwrap(), "2");
        // A row under the new pepper makes this server look before its time.
        let other = Secrets::open(folder.path()).unwrap();
        let (new, fresh) = other.hash_key(&token);
        assert_eq!(new, 2);
        assert!(secrets.fits(&token, Some((new, &fresh))));
        assert!(secrets.fits(&token, Some((old, &hash))));
        assert_eq!(secrets.pepper_version(), 2);
    }

    #[test]
    fn broken_secrets_leave_the_earlier_ones_in_force() {
        let folder = tempfile::tempdir().unwrap();
        let secrets = Secrets::open(folder.path()).unwrap();
        let name = secrets.jwt_key_id();
        fs::write(folder.path().join("secrets").join(JWT_KEYRING), "2 AAAA\n").unwrap();
        secrets.look();
        assert_eq!(secrets.jwt_key_id(), name);
    }

    #[test]
    fn a_retired_key_verifies_until_its_end() {
        let folder = tempfile::tempdir().unwrap();
        let secrets = Secrets::open(folder.path()).unwrap();
        let mut mac = secrets.jwt_signer();
        mac.update(b"text");
        let signature = mac.finalize().into_bytes();
        let path = folder.path().join("secrets").join(JWT_KEYRING);
        keyring::rotate(&path, Some(Timestamp(5_000)), Timestamp(0)).unwrap();
        secrets.look();
        assert_eq!(secrets.jwt_key_id(), "2");
        assert!(secrets.jwt_signed(b"text", &signature, Timestamp(4_999)));
        assert!(!secrets.jwt_signed(b"text", &signature, Timestamp(5_000)));
        assert!(!secrets.jwt_signed(b"other", &signature, Timestamp(4_999)));
    }
}
