use sha2::{Digest, Sha256};

use super::cbor::{self, Value};
use super::cose::PublicKey;
use super::{MAX_CREDENTIAL_ID, Problem, RelyingParty};

const MEMBER: &str = "authenticatorData";

/// The bits of its flags (6.1).
const USER_PRESENT: u8 = 1;
const USER_VERIFIED: u8 = 1 << 2;
const BACKUP_ELIGIBLE: u8 = 1 << 3;
const BACKED_UP: u8 = 1 << 4;
const ATTESTED: u8 = 1 << 6;
const EXTENSIONS: u8 = 1 << 7;

/// What an authenticator says (6.1), about a relying party that is ours and a user who was verified.
#[derive(Debug)]
pub(super) struct AuthenticatorData<'a> {
    /// 0 for authenticators that do not count.
    pub(super) sign_count: u32,
    pub(super) backup_eligible: bool,
    pub(super) backed_up: bool,
    /// The new credential, when one was made.
    pub(super) attested: Option<Attested<'a>>,
}

/// A credential that an authenticator made (6.5.1).
#[derive(Debug)]
pub(super) struct Attested<'a> {
    pub(super) credential_id: &'a [u8],
    /// As COSE.
    pub(super) public_key: &'a [u8],
}

impl<'a> AuthenticatorData<'a> {
    /// Reads all of it and checks what both ceremonies check.
    pub(super) fn read(bytes: &'a [u8], rp: &RelyingParty) -> Result<Self, Problem> {
        let short = Problem::Malformed(MEMBER);
        let (rp_id_hash, rest) = bytes.split_first_chunk::<32>().ok_or(short)?;
        let (&flags, rest) = rest.split_first().ok_or(short)?;
        let (sign_count, mut rest) = rest.split_first_chunk::<4>().ok_or(short)?;
        let has = |flag: u8| flags & flag != 0;
        let mut attested = None;
        if has(ATTESTED) {
            // The model of the authenticator is not asked for.
            let (_, after) = rest.split_first_chunk::<16>().ok_or(short)?;
            let (length, after) = after.split_first_chunk::<2>().ok_or(short)?;
            let length = usize::from(u16::from_be_bytes(*length));
            let (credential_id, after) = after.split_at_checked(length).ok_or(short)?;
            if !(1..=MAX_CREDENTIAL_ID).contains(&credential_id.len()) {
                return Err(short);
            }
            let (_, left) = PublicKey::read(after)?;
            let public_key = &after[..after.len() - left.len()];
            attested = Some(Attested { credential_id, public_key });
            rest = left;
        }
        if has(EXTENSIONS) {
            let Some((Value::Map(_), left)) = cbor::read(rest) else { return Err(short) };
            rest = left;
        }
        if !rest.is_empty() {
            return Err(short);
        }
        if *rp_id_hash != *Sha256::digest(&rp.id) {
            return Err(Problem::WrongRelyingParty);
        }
        if !has(USER_PRESENT) {
            return Err(Problem::NotPresent);
        }
        if !has(USER_VERIFIED) {
            return Err(Problem::NotVerified);
        }
        if has(BACKED_UP) && !has(BACKUP_ELIGIBLE) {
            return Err(Problem::InconsistentBackup);
        }
        Ok(Self {
            sign_count: u32::from_be_bytes(*sign_count),
            backup_eligible: has(BACKUP_ELIGIBLE),
            backed_up: has(BACKED_UP),
            attested,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rp() -> RelyingParty {
        RelyingParty::of("https://scan.example.com").unwrap()
    }

    fn data(flags: u8, more: &[u8]) -> Vec<u8> {
        let hash = Sha256::digest("scan.example.com");
        [&hash[..], &[flags, 0, 0, 1, 2], more].concat()
    }

    fn problem(bytes: &[u8]) -> Option<Problem> {
        AuthenticatorData::read(bytes, &rp()).err()
    }

    #[test]
    fn presence_verification_and_backup_are_asked_for() {
        let read = data(0b1_1101, &[]);
        let read = AuthenticatorData::read(&read, &rp()).unwrap();
        assert_eq!((read.sign_count, read.backup_eligible, read.backed_up), (258, true, true));
        assert!(read.attested.is_none());
        assert_eq!(problem(&data(0b100, &[])), Some(Problem::NotPresent));
        assert_eq!(problem(&data(0b001, &[])), Some(Problem::NotVerified));
        assert_eq!(problem(&data(0b1_0101, &[])), Some(Problem::InconsistentBackup));
        let mut other = data(0b101, &[]);
        other[0] ^= 1;
        assert_eq!(problem(&other), Some(Problem::WrongRelyingParty));
    }

    #[test]
    fn every_byte_is_accounted_for() {
        let malformed = Some(Problem::Malformed(MEMBER));
        let whole = data(0b101, &[]);
        for length in 0..whole.len() {
            assert_eq!(problem(&whole[..length]), malformed, "{length}");
        }
        assert_eq!(problem(&data(0b101, &[0])), malformed, "a byte too many");
        assert_eq!(problem(&data(0b1000_0101, &[0xa0])), None, "no extension");
        assert_eq!(problem(&data(0b1000_0101, &[])), malformed, "no map of extensions");
        assert_eq!(problem(&data(0b1000_0101, &[1])), malformed, "a number for extensions");
        let credential =
            |length: u16, id: &[u8]| [&[0; 16], &length.to_be_bytes()[..], id].concat();
        assert_eq!(problem(&data(0b100_0101, &credential(0, &[]))), malformed, "an empty id");
        assert_eq!(problem(&data(0b100_0101, &credential(9, &[1; 8]))), malformed);
        assert_eq!(problem(&data(0b100_0101, &credential(1024, &[1; 1024]))), malformed);
        let public_key = Some(Problem::Malformed("public key"));
        assert_eq!(problem(&data(0b100_0101, &credential(8, &[1; 8]))), public_key);
    }
}
