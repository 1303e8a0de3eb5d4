//! What shows a report to be the one that was issued, wherever it is kept.
//!
//! An [`Attestation`] names the report, the SHA-256 of what is attested and an Ed25519 signature (RFC
//! 8032) over both. It is the last member of the JSON, whatever the space between its tokens; other
//! files carry it behind their end, as a comment of their kind, so that every byte before it counts.
//! Signing the same report twice gives the same bytes.
//!
//! Whoever has the [`PublicKeys`] of an instance verifies without asking anybody.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::json::{Attestation, ReportView};

/// Stands before the attestation in files other than JSON.
const MARK: &str = "compliancelayer-attestation ";
/// Stands before it in JSON without space.
const MEMBER: &str = ",\"attestation\":";
/// No attestation with its comment is longer, in bytes.
const LONGEST: usize = 1_024;

/// What an instance signs reports with.
pub struct SigningKey {
    pair: Ed25519KeyPair,
    id: String,
}

impl SigningKey {
    /// Makes the key of 32 secret bytes.
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        let pair = Ed25519KeyPair::from_seed_unchecked(seed)
            .expect("32 bytes are a seed, whichever they are");
        let id = key_id(pair.public_key().as_ref());
        Self { pair, id }
    }

    /// Returns what the key is called: the beginning of the SHA-256 of its public half, 16 hexadecimal
    /// digits.
    pub fn id(&self) -> &str {
        &self.id
    }

    fn attest(&self, report_id: &str, bytes: &[u8]) -> Attestation {
        let digest = digest(bytes);
        let signature = self.pair.sign(statement(report_id, &digest).as_bytes());
        Attestation {
            report_id: report_id.to_owned(),
            digest,
            key_id: self.id.clone(),
            signature: STANDARD.encode(signature.as_ref()),
        }
    }

    /// Attests a report as its JSON.
    pub fn attest_report(&self, report_id: &str, view: &mut ReportView) {
        view.attestation = None;
        let text = without_space(view.to_json_line().as_bytes());
        // The member stands last, as `null`.
        let bare = text.len() - MEMBER.len() - "null}".len();
        view.attestation = Some(self.attest(report_id, &text[..bare]));
    }

    /// Adds the attestation of a PDF behind its end.
    pub fn attest_pdf(&self, report_id: &str, mut file: Vec<u8>) -> Vec<u8> {
        let attestation = written(&self.attest(report_id, &file));
        file.extend(format!("\n%{MARK}{attestation}\n").into_bytes());
        file
    }

    /// Adds the attestation of a page of HTML behind its end.
    pub fn attest_html(&self, report_id: &str, mut file: Vec<u8>) -> Vec<u8> {
        let attestation = written(&self.attest(report_id, &file));
        file.extend(format!("\n<!-- {MARK}{attestation} -->\n").into_bytes());
        file
    }
}

fn written(attestation: &Attestation) -> String {
    serde_json::to_string(attestation).expect("it is made of texts")
}

fn key_id(public: &[u8]) -> String {
    hex(&Sha256::digest(public)[..8])
}

fn digest(bytes: &[u8]) -> String {
    format!("sha256:{}", hex(&Sha256::digest(bytes)))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What is signed.
fn statement(report_id: &str, digest: &str) -> String {
    format!("compliancelayer report 1\n{report_id}\n{digest}\n")
}

/// Why a file is not known to be what was issued.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Doubt {
    #[error("the file carries no attestation; reports in JSON, PDF and HTML do")]
    NotAttested,
    #[error("the file is signed with the key {0}, which is none of the given ones")]
    UnknownKey(String),
    #[error("the file was changed after it was issued, or not issued with this key at all")]
    Changed,
}

/// The public halves of an instance's keys, as a JSON Web Key Set (RFC 7517, RFC 8037).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PublicKeys {
    keys: Vec<PublicKey>,
}

/// One public key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PublicKey {
    /// `OKP`.
    kty: String,
    /// `Ed25519`.
    crv: String,
    /// `EdDSA`.
    alg: String,
    /// `sig`.
    #[serde(rename = "use")]
    for_use: String,
    /// The `key_id` of attestations.
    kid: String,
    /// The key, base64url.
    x: String,
}

impl PublicKeys {
    /// Returns the public halves of keys.
    pub fn of<'a>(keys: impl IntoIterator<Item = &'a SigningKey>) -> Self {
        let public = |key: &SigningKey| PublicKey {
            kty: "OKP".to_owned(),
            crv: "Ed25519".to_owned(),
            alg: "EdDSA".to_owned(),
            for_use: "sig".to_owned(),
            kid: key.id.clone(),
            x: URL_SAFE_NO_PAD.encode(key.pair.public_key().as_ref()),
        };
        Self { keys: keys.into_iter().map(public).collect() }
    }

    /// Returns the attestation of a file that is what was issued, to the byte.
    pub fn check(&self, file: &[u8]) -> Result<Attestation, Doubt> {
        let (attestation, bytes) = split(file).ok_or(Doubt::NotAttested)?;
        let named = |key: &&PublicKey| key.kid == attestation.key_id && key.crv == "Ed25519";
        let key = self.keys.iter().find(named);
        let key = key.and_then(|key| URL_SAFE_NO_PAD.decode(&key.x).ok());
        let key = key.ok_or_else(|| Doubt::UnknownKey(printable(&attestation.key_id)))?;
        let signature = STANDARD.decode(&attestation.signature).map_err(|_| Doubt::Changed)?;
        let statement = statement(&attestation.report_id, &attestation.digest);
        let signed = UnparsedPublicKey::new(&ED25519, key).verify(statement.as_bytes(), &signature);
        match signed.is_ok() && attestation.digest == digest(&bytes) {
            true => Ok(attestation),
            false => Err(Doubt::Changed),
        }
    }
}

/// Returns the beginning of a text of a stranger, as one line of plain letters.
fn printable(text: &str) -> String {
    text.chars().take(64).filter(char::is_ascii_graphic).collect()
}

/// Takes a file apart: its attestation, and what that is about.
fn split(file: &[u8]) -> Option<(Attestation, Vec<u8>)> {
    if file.trim_ascii_start().starts_with(b"{") {
        let text = without_space(file);
        let at = find_last(&text, MEMBER.as_bytes())?;
        let rest = text[at + MEMBER.len()..].strip_suffix(b"}")?;
        let attestation = serde_json::from_slice(rest).ok()?;
        return Some((attestation, text[..at].to_vec()));
    }
    let tail_starts = file.len().saturating_sub(LONGEST);
    let at = tail_starts + find_last(&file[tail_starts..], MARK.as_bytes())?;
    let (before, rest) = (&file[..at], &file[at + MARK.len()..]);
    let (bytes, rest) = match before.strip_suffix(b"\n%") {
        Some(bytes) => (bytes, rest.strip_suffix(b"\n")?),
        None => (before.strip_suffix(b"\n<!-- ")?, rest.strip_suffix(b" -->\n")?),
    };
    Some((serde_json::from_slice(rest).ok()?, bytes.to_vec()))
}

fn find_last(text: &[u8], wanted: &[u8]) -> Option<usize> {
    text.windows(wanted.len()).rposition(|window| window == wanted)
}

/// Returns JSON without the space between its tokens. What stands in texts stays.
fn without_space(json: &[u8]) -> Vec<u8> {
    let (mut in_text, mut is_escaped) = (false, false);
    let mut bare = Vec::with_capacity(json.len());
    for byte in json.iter().copied() {
        if !in_text && matches!(byte, b' ' | b'\t' | b'\n' | b'\r') {
            continue;
        }
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if in_text => is_escaped = true,
            b'"' => in_text = !in_text,
            _ => {}
        }
        bare.push(byte);
    }
    bare
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Format, sample};

    fn key() -> SigningKey {
        SigningKey::from_seed(&[7; 32])
    }

    fn keys() -> PublicKeys {
        PublicKeys::of([&SigningKey::from_seed(&[8; 32]), &key()])
    }

    fn attested() -> ReportView {
        let mut view = sample::view();
        view.raw_results = serde_json::json!({ "attestation": ",\"attestation\":{}", "x": [1.5] });
        key().attest_report("7Q4M-29XK", &mut view);
        view
    }

    #[test]
    fn a_report_in_json_verifies_however_it_is_spaced() {
        let view = attested();
        let (line, pretty) = (view.to_json_line(), view.to_json());
        for text in [&line, &pretty, &pretty.replace('\n', "\r\n\t")] {
            let attestation = keys().check(text.as_bytes()).unwrap();
            assert_eq!(attestation.report_id, "7Q4M-29XK");
        }
        let again: ReportView = serde_json::from_str(&pretty).unwrap();
        assert!(keys().check(again.to_json().as_bytes()).is_ok(), "printed anew");
        let mut twice = again;
        key().attest_report("7Q4M-29XK", &mut twice);
        assert_eq!(twice, view, "attesting again changes nothing");
    }

    #[test]
    fn any_change_of_the_json_is_noticed() {
        let text = attested().to_json();
        for (from, to) in [
            ("\"score\": 74", "\"score\": 94"),
            ("\"score\": 74", "\"score\": 94, \"score\": 74"),
            ("No DMARC record", "No  DMARC record"),
            ("7Q4M-29XK", "7Q4M-29XL"),
        ] {
            assert!(text.contains(from), "{from}");
            let changed = text.replacen(from, to, 1);
            assert_eq!(keys().check(changed.as_bytes()), Err(Doubt::Changed), "{from} → {to}");
        }
        let dropped = text.replacen("\"attestation\": {", "\"other\": {", 1);
        assert_eq!(keys().check(dropped.as_bytes()), Err(Doubt::NotAttested));
        let behind = format!("{}, \"score\": 99}}\n", text.trim_end().strip_suffix('}').unwrap());
        assert_eq!(keys().check(behind.as_bytes()), Err(Doubt::NotAttested));
        let foreign = PublicKeys::of([&SigningKey::from_seed(&[8; 32])]);
        let doubt = foreign.check(text.as_bytes()).unwrap_err();
        assert_eq!(doubt, Doubt::UnknownKey(key().id().to_owned()));
    }

    #[test]
    fn every_byte_of_other_files_counts() {
        let view = attested();
        let view = std::slice::from_ref(&view);
        let pdf = key().attest_pdf("7Q4M-29XK", Format::Pdf.print(view));
        let html = key().attest_html("7Q4M-29XK", Format::Html.print(view));
        for file in [pdf, html] {
            assert_eq!(keys().check(&file).unwrap().report_id, "7Q4M-29XK");
            for at in (0..file.len() - 1).step_by(file.len() / 97) {
                let mut changed = file.clone();
                changed[at] ^= 1;
                assert!(keys().check(&changed).is_err(), "byte {at}");
            }
            let longer = [file.as_slice(), b"<script>"].concat();
            assert!(keys().check(&longer).is_err());
        }
        for odd in [&b""[..], b"{", b"{}", b"%PDF-1.7", b",\"attestation\":", MARK.as_bytes()] {
            assert_eq!(keys().check(odd), Err(Doubt::NotAttested), "{odd:?}");
        }
    }

    #[test]
    fn published_keys_are_a_key_set() {
        let text = serde_json::to_string(&PublicKeys::of([&key()])).unwrap();
        let start =
            "{\"keys\":[{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"alg\":\"EdDSA\",\"use\":\"sig\"";
        assert!(text.starts_with(start), "{text}");
        let read: PublicKeys = serde_json::from_str(&text).unwrap();
        assert!(read.check(attested().to_json().as_bytes()).is_ok());
    }
}
