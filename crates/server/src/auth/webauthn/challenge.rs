//! Challenges that carry their own end and seal.
//!
//! A challenge is the time it ends, 128 random bits, and an HMAC over both, over what it is for and
//! for whom. Starting a ceremony therefore writes nothing, however many strangers start one, and any
//! node can finish it. Each is good once: whoever acts on an answer keeps the challenge's hash in the
//! same transaction (`store::AnsweredChallenge`).

use hmac::Mac;
use model::{MINUTE_MS, Timestamp};
use sha2::{Digest, Sha256};
use store::AnsweredChallenge;

use super::{Problem, decode, encode};
use crate::auth::secrets::{Secrets, hex};
use crate::error::{Error, Result};

/// How long a browser has to answer.
pub(crate) const LIFETIME_MS: i64 = 5 * MINUTE_MS;

/// Random bytes of a challenge (13.4.3 asks for sixteen).
const RANDOM: usize = 16;

/// What a challenge is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ceremony {
    Register,
    SignIn,
    StepUp,
}

/// Who may answer a challenge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Subject<'a> {
    /// Whoever has a passkey.
    Anybody,
    /// The sign-in that asked, by its `sid`.
    Session(&'a str),
}

impl Ceremony {
    fn seal(self, secrets: &Secrets, subject: Subject<'_>, content: &[u8]) -> impl Mac + use<> {
        let name = match self {
            Self::Register => "register",
            Self::SignIn => "sign in",
            Self::StepUp => "step up",
        };
        let mut mac = secrets.seal("passkey challenge");
        mac.update(name.as_bytes());
        mac.update(b"\n");
        match subject {
            Subject::Anybody => {}
            Subject::Session(sid) => mac.update(sid.as_bytes()),
        }
        mac.update(b"\n");
        mac.update(content);
        mac
    }

    /// Returns a new challenge, base64url.
    pub(crate) fn challenge(
        self,
        secrets: &Secrets,
        subject: Subject<'_>,
        now: Timestamp,
    ) -> Result<String> {
        let mut random = [0; RANDOM];
        getrandom::fill(&mut random).map_err(|error| Error::Internal(error.into()))?;
        let content = [&now.plus_ms(LIFETIME_MS).0.to_be_bytes()[..], &random].concat();
        let seal = self.seal(secrets, subject, &content).finalize().into_bytes();
        Ok(encode(&[&content[..], &seal].concat()))
    }

    /// Checks that a challenge is ours, for this, for them, and has not ended.
    pub(crate) fn open(
        self,
        secrets: &Secrets,
        subject: Subject<'_>,
        challenge: &str,
        now: Timestamp,
    ) -> std::result::Result<AnsweredChallenge, Problem> {
        let bytes = decode(challenge, "challenge").map_err(|_| Problem::WrongChallenge)?;
        let (content, seal) = bytes.split_at_checked(8 + RANDOM).ok_or(Problem::WrongChallenge)?;
        let sealed = self.seal(secrets, subject, content);
        sealed.verify_slice(seal).map_err(|_| Problem::WrongChallenge)?;
        let (end, _) = content.split_first_chunk::<8>().ok_or(Problem::WrongChallenge)?;
        let expires_at = Timestamp(i64::from_be_bytes(*end));
        match expires_at > now {
            true => Ok(AnsweredChallenge { hash: hex(&Sha256::digest(&bytes)), expires_at }),
            false => Err(Problem::WrongChallenge),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_challenge_is_good_for_one_thing_one_sign_in_and_five_minutes() {
        let folder = tempfile::tempdir().unwrap();
        let secrets = Secrets::open(folder.path()).unwrap();
        let (ann, now) = (Subject::Session("ann"), Timestamp(1_000));
        let challenge = Ceremony::StepUp.challenge(&secrets, ann, now).unwrap();
        assert_ne!(challenge, Ceremony::StepUp.challenge(&secrets, ann, now).unwrap());
        let last = now.plus_ms(LIFETIME_MS - 1);
        let opened = Ceremony::StepUp.open(&secrets, ann, &challenge, last).unwrap();
        assert_eq!((opened.hash.len(), opened.expires_at), (64, now.plus_ms(LIFETIME_MS)));
        let refused = |ceremony: Ceremony, subject, challenge: &str, now| {
            let outcome = ceremony.open(&secrets, subject, challenge, now);
            assert_eq!(outcome, Err(Problem::WrongChallenge));
        };
        refused(Ceremony::StepUp, ann, &challenge, now.plus_ms(LIFETIME_MS));
        refused(Ceremony::Register, ann, &challenge, now);
        refused(Ceremony::StepUp, Subject::Session("bob"), &challenge, now);
        refused(Ceremony::StepUp, Subject::Anybody, &challenge, now);
        refused(Ceremony::StepUp, ann, &challenge[1..], now);
        refused(Ceremony::StepUp, ann, "", now);
        let mut other = decode(&challenge, "").unwrap();
        other[7] ^= 0x10;
        refused(Ceremony::StepUp, ann, &encode(&other), now);
        let elsewhere = tempfile::tempdir().unwrap();
        let others = Secrets::open(elsewhere.path()).unwrap();
        assert!(Ceremony::StepUp.open(&others, ann, &challenge, now).is_err());
    }
}
