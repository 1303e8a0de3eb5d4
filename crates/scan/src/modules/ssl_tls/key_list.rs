//! Keys that are known to be weak, as the operator has them in files: those that Debian's OpenSSL of
//! 2006 to 2008 could make (CVE-2008-0166), in the form of the package `openssl-blacklist`: a line a
//! key, the last 20 hexadecimal digits of the SHA-1 of `Modulus=` with the modulus. Files are read
//! line by line and never kept.

use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;

use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use rustls_pki_types::CertificateDer;

use super::certificate::CertificateFacts;
use crate::check::{Missing, Seen};
use crate::net::Net;

/// Bytes of a file that are read; the longest has a megabyte.
const MOST_BYTES: u64 = 64 * 1024 * 1024;
/// Bytes of a line; longer ones are cut in two, which match nothing.
const MOST_LINE: u64 = 256;

/// Says whether the RSA key of a chain's leaf is known to be weak; other keys are not.
pub(super) async fn holds_leaf(net: &Net, sent: &[CertificateDer<'_>]) -> Seen<bool> {
    let facts = sent.first().and_then(|leaf| CertificateFacts::read(leaf));
    match facts.and_then(|facts| facts.rsa) {
        Some(rsa) => holds(&net.providers().weak_keys, &rsa.modulus).await,
        None => Ok(false),
    }
}

/// Says whether a modulus in hexadecimal stands in one of some files, on a thread
/// that may wait for the disk.
///
/// # Errors
///
/// [`Missing`] when there are no files, or one cannot be read.
async fn holds(files: &[PathBuf], modulus: &str) -> Seen<bool> {
    if files.is_empty() {
        return Err(Missing::not_configured("providers.weak_keys"));
    }
    let (files, wanted) = (files.to_vec(), entry(modulus));
    let searched = tokio::task::spawn_blocking(move || {
        for path in files {
            let failed = |error| Missing(format!("`providers.weak_keys` cannot be read: {error}"));
            let file = std::fs::File::open(path).map_err(failed)?;
            if search(BufReader::new(file.take(MOST_BYTES)), &wanted).map_err(failed)? {
                return Ok(true);
            }
        }
        Ok(false)
    });
    searched.await.unwrap_or_else(|_| Err(Missing("the files of weak keys were not read".into())))
}

/// Returns the line that stands for a modulus in hexadecimal.
fn entry(modulus: &str) -> String {
    let text = format!("Modulus={}\n", modulus.to_ascii_uppercase());
    let hash = digest(&SHA1_FOR_LEGACY_USE_ONLY, text.as_bytes());
    hash.as_ref()[10..].iter().map(|octet| format!("{octet:02x}")).collect()
}

fn search(mut list: impl BufRead, wanted: &str) -> std::io::Result<bool> {
    let mut line = Vec::new();
    loop {
        line.clear();
        if list.by_ref().take(MOST_LINE).read_until(b'\n', &mut line)? == 0 {
            return Ok(false);
        }
        if line.trim_ascii().eq_ignore_ascii_case(wanted.as_bytes()) {
            return Ok(true);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_half_a_hash() {
        // printf 'Modulus=C0FFEE\n' | sha1sum | cut -c21-40
        assert_eq!(entry("c0ffee"), "6149ed99475722f13e18");
    }

    #[tokio::test]
    async fn files_tell_which_keys_are_weak() {
        let folder = tempfile::tempdir().unwrap();
        let files = [folder.path().join("RSA-2048"), folder.path().join("RSA-4096")];
        std::fs::write(&files[0], "# a comment\n00000000000000000000\n").unwrap();
        std::fs::write(&files[1], format!("11111111111111111111\n{}", entry("c0ffee"))).unwrap();
        assert_eq!(holds(&files, "C0FFEE").await, Ok(true));
        assert_eq!(holds(&files, "c0ffef").await, Ok(false));
        let none = holds(&[], "c0ffee").await.unwrap_err();
        assert!(Missing::is_not_configured(&none.0), "{none}");
        let absent = holds(&[folder.path().join("absent")], "c0ffee").await.unwrap_err();
        assert!(absent.0.starts_with("`providers.weak_keys` cannot be read: "), "{absent}");
    }
}
