//! Passwords: argon2id on threads of its own, and what counts as good.
//!
//! An unknown e-mail address costs the same as a known one.

use std::sync::Arc;

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};

use super::hashing::HashingThreads;
use crate::error::{Error, Result};

/// The shortest password that may stand alone.
pub(crate) const MIN_CHARACTERS: usize = 15;
/// The shortest password beside a second factor (NIST SP 800-63B-4, 3.1.1.2).
const MIN_CHARACTERS_BESIDE: usize = 8;
/// The longest one, so that hashing a password is never the attack.
pub(crate) const MAX_BYTES: usize = 1024;
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// Hashes and compares passwords. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Passwords {
    threads: HashingThreads,
    /// The hash of no password, compared when there is no user.
    dummy: Arc<str>,
}

/// What became of a comparison.
pub(crate) enum Compared {
    Wrong,
    Right {
        /// The same password under today's parameters, when the stored hash is weaker.
        rehashed: Option<String>,
    },
}

impl Passwords {
    /// Starts the threads.
    pub(crate) fn new() -> anyhow::Result<Self> {
        Ok(Self { threads: HashingThreads::start()?, dummy: dummy().into() })
    }

    /// Returns the hash of a password in PHC form.
    pub(crate) async fn hash(&self, password: &str) -> Result<String> {
        let password = password.to_owned();
        self.threads.run(move || hash(&password).map_err(Error::Internal)).await?
    }

    /// Compares a password with a stored hash; with none, takes as long and says no.
    pub(crate) async fn compare(&self, password: &str, stored: Option<&str>) -> Result<Compared> {
        let exists = stored.is_some();
        let stored: Arc<str> = stored.map_or_else(|| Arc::clone(&self.dummy), Into::into);
        // Nobody has such a password; comparing it would only cost time.
        let password = match password.len() <= MAX_BYTES {
            true => password.to_owned(),
            false => String::new(),
        };
        let compared = self
            .threads
            .run(move || {
                let right = verify(&password, &stored);
                let rehashed = (right && is_weak(&stored)).then(|| hash(&password).ok()).flatten();
                (right, rehashed)
            })
            .await?;
        Ok(match compared {
            (true, rehashed) if exists => Compared::Right { rehashed },
            _ => Compared::Wrong,
        })
    }
}

/// Returns a hash that no password has and that takes as long to compare as any. To make one would
/// leave 19 MiB behind at every start.
fn dummy() -> String {
    // Sixteen bytes of salt and thirty-two of hash, all zero.
    let (salt, hash) = ("A".repeat(22), "A".repeat(43));
    format!("$argon2id$v=19$m={MEMORY_KIB},t={PASSES},p={LANES}${salt}${hash}")
}

fn argon2() -> anyhow::Result<Argon2<'static>> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None)
        .map_err(|error| anyhow::anyhow!("argon2 refuses its parameters: {error}"))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn hash(password: &str) -> anyhow::Result<String> {
    let hash = argon2()?
        .hash_password(password.as_bytes())
        .map_err(|error| anyhow::anyhow!("a password cannot be hashed: {error}"))?;
    Ok(hash.to_string())
}

fn verify(password: &str, stored: &str) -> bool {
    let Ok(stored) = PasswordHash::new(stored) else { return false };
    Argon2::default().verify_password(password.as_bytes(), &stored).is_ok()
}

fn is_weak(stored: &str) -> bool {
    let parameters = PasswordHash::new(stored).ok().and_then(|hash| {
        let params = Params::try_from(&hash).ok()?;
        let is_id = hash.algorithm.as_str() == "argon2id";
        Some((is_id, params.m_cost(), params.t_cost()))
    });
    !parameters
        .is_some_and(|(is_id, memory, passes)| is_id && memory >= MEMORY_KIB && passes >= PASSES)
}

/// What else a user proves when signing in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SecondFactor {
    None,
    Enrolled,
}

impl SecondFactor {
    /// Returns it for somebody who has that many second factors.
    pub(crate) fn of(count: i64) -> Self {
        if count > 0 { Self::Enrolled } else { Self::None }
    }

    /// Returns how many characters a password beside it has at least.
    pub(crate) fn least_characters(self) -> usize {
        match self {
            Self::None => MIN_CHARACTERS,
            Self::Enrolled => MIN_CHARACTERS_BESIDE,
        }
    }
}

/// Returns why a password is not good enough, as advice; nothing when it is. `context` is what
/// everybody knows about the user. `ops::passwords::objection` asks for more.
pub(crate) fn weakness(password: &str, context: &[&str], beside: SecondFactor) -> Option<String> {
    let characters = password.chars().count();
    // Eight characters without any pattern are 10^8 guesses, which zxcvbn scores as 2.
    let strong = match beside {
        SecondFactor::None => zxcvbn::Score::Three,
        SecondFactor::Enrolled => zxcvbn::Score::Two,
    };
    let least = beside.least_characters();
    if characters < least {
        return Some(format!(
            "must have at least {least} characters, this has {characters}; a few unrelated \
             words do well"
        ));
    }
    if password.len() > MAX_BYTES {
        return Some(format!("must not be longer than {MAX_BYTES} bytes"));
    }
    let mut known: Vec<&str> = vec!["compliancelayer", "compliance"];
    for text in context {
        known.push(text);
        known.extend(text.split(|c: char| !c.is_alphanumeric()).filter(|part| part.len() > 2));
    }
    // zxcvbn looks at the first hundred characters alone, and takes longer the more there are.
    let beginning: String = password.chars().take(100).collect();
    let estimate = zxcvbn::zxcvbn(&beginning, &known);
    if estimate.score() >= strong {
        return None;
    }
    let warning = estimate.feedback().and_then(|feedback| feedback.warning());
    let because =
        warning.map(|warning| format!(" ({})", warning.to_string().trim_end_matches('.')));
    Some(format!(
        "is too easy to guess{}; take a few unrelated words, without your name or address",
        because.unwrap_or_default()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_fits_its_own_hash_alone() {
        let passwords = Passwords::new().unwrap();
        let stored = passwords.hash("correct horse battery staple").await.unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{stored}");
        let right = passwords.compare("correct horse battery staple", Some(&stored)).await.unwrap();
        assert!(matches!(right, Compared::Right { rehashed: None }));
        for wrong in ["correct horse battery stapl", "", &"x".repeat(MAX_BYTES + 1)] {
            let compared = passwords.compare(wrong, Some(&stored)).await.unwrap();
            assert!(matches!(compared, Compared::Wrong), "{wrong}");
        }
        let nobody = passwords.compare("anything", None).await.unwrap();
        assert!(matches!(nobody, Compared::Wrong));
        // It must cost what a real one costs.
        let cost = |phc: &str| Params::try_from(&PasswordHash::new(phc).unwrap()).unwrap();
        assert_eq!(cost(&dummy()), cost(&stored));
        assert!(!verify("", &dummy()) && !is_weak(&dummy()));
        let broken = passwords.compare("-", Some("-")).await.unwrap();
        assert!(matches!(broken, Compared::Wrong));
    }

    #[tokio::test]
    async fn a_weak_hash_is_made_anew() {
        let passwords = Passwords::new().unwrap();
        let params = Params::new(8 * 1024, 1, 1, None).unwrap();
        let weak = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let weak = weak.hash_password(b"correct horse battery staple").unwrap().to_string();
        let Compared::Right { rehashed: Some(strong) } =
            passwords.compare("correct horse battery staple", Some(&weak)).await.unwrap()
        else {
            panic!("a weak hash stays");
        };
        assert!(verify("correct horse battery staple", &strong) && !is_weak(&strong));
    }

    #[test]
    fn advice_says_what_is_missing() {
        let weak = |password: &str| {
            let context = ["ann.archer@example.com", "Ann Archer"];
            weakness(password, &context, SecondFactor::None).unwrap_or_default()
        };
        let beside = |password: &str| weakness(password, &[], SecondFactor::Enrolled);
        assert!(beside("q7Gz!p").is_some_and(|advice| advice.contains("at least 8 characters")));
        assert!(beside("password").is_some_and(|advice| advice.contains("too easy to guess")));
        assert_eq!(beside("vK9$Lq2!"), None);
        assert!(weak("short").contains("at least 15 characters, this has 5"));
        assert!(weak("ünïcödé").contains("this has 7"));
        assert!(weak(&"correct horse ".repeat(100)).contains("1024 bytes"));
        assert!(weak("aaaaaaaaaaaaaaaaaaaa").contains("too easy to guess"));
        assert!(weak("passwordpassword").contains("too easy to guess"));
        assert!(weak("ann.archer@example.com").contains("too easy to guess"));
        assert!(weak("compliancelayer1").contains("too easy to guess"));
        assert_eq!(weak("correct horse battery staple"), "");
        assert_eq!(weak("gurgling walnut ferry tax"), "");
    }
}
