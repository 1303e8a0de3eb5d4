//! The list of domains that browsers know to speak HTTPS alone, in the form of Chromium's
//! `transport_security_state_static.json`: an entry a line, between comments. It has fifteen million
//! octets, so it is read line by line and never kept.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::check::{Missing, Seen};

/// Bytes of a list that are read.
const MOST_BYTES: u64 = 64 * 1024 * 1024;
/// Bytes of one line that are looked at.
const MOST_LINE: u64 = 4_096;

/// An entry that covers the domain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preloaded {
    /// The domain, or a parent whose entry includes what is below it.
    pub name: String,
}

#[derive(Deserialize)]
struct Listed {
    name: String,
    #[serde(default)]
    mode: String,
    #[serde(default)]
    include_subdomains: bool,
}

/// Looks for the entry that covers a domain, on a thread that may wait for the disk.
///
/// # Errors
///
/// [`Missing`] when there is no list, or it cannot be read, or holds no entries.
pub(super) async fn look_up(path: Option<&Path>, domain: &str) -> Seen<Option<Preloaded>> {
    let not_configured = || Missing::not_configured("providers.hsts_preload");
    let path: PathBuf = path.ok_or_else(not_configured)?.to_owned();
    let domain = domain.to_owned();
    let looked = tokio::task::spawn_blocking(move || {
        let failed = |reason: &dyn std::fmt::Display| {
            Missing(format!("`providers.hsts_preload` cannot be read: {reason}"))
        };
        let file = std::fs::File::open(path).map_err(|error| failed(&error))?;
        let found = search(BufReader::new(file.take(MOST_BYTES)), &domain);
        found.map_err(|error| failed(&error))?.ok_or_else(|| failed(&"it holds no entries"))
    });
    looked.await.unwrap_or_else(|_| Err(Missing("the list was not read".to_owned())))
}

/// Returns the entry that covers a domain, if any; the outer `None` is a list without entries.
fn search(mut list: impl BufRead, domain: &str) -> std::io::Result<Option<Option<Preloaded>>> {
    let starts = std::iter::once(0).chain(domain.match_indices('.').map(|(dot, _)| dot + 1));
    // Few lines are worth parsing: those that name the domain or a parent.
    let names: Vec<String> = starts.map(|start| format!("\"{}\"", &domain[start..])).collect();
    let mut entries = 0_u32;
    let mut line = Vec::new();
    loop {
        line.clear();
        if list.by_ref().take(MOST_LINE).read_until(b'\n', &mut line)? == 0 {
            return Ok((entries > 0).then_some(None));
        }
        let text = String::from_utf8_lossy(&line);
        let text = text.trim().trim_end_matches(',');
        if !(text.starts_with('{') && text.contains("\"name\"")) {
            continue;
        }
        entries = entries.saturating_add(1);
        if !names.iter().any(|name| text.contains(name)) {
            continue;
        }
        let Ok(listed) = serde_json::from_str::<Listed>(text) else { continue };
        let below = domain.strip_suffix(&listed.name).is_some_and(|rest| rest.ends_with('.'));
        let covers = domain == listed.name || (below && listed.include_subdomains);
        if covers && listed.mode == "force-https" {
            return Ok(Some(Some(Preloaded { name: listed.name })));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &str = r#"// Copyright
{
  "entries": [
    // a group
    { "name": "pins.example", "policy": "google", "pins": "google" },
    { "name": "shop.example", "policy": "custom", "mode": "force-https", "include_subdomains": true },
    { "name": "alone.example", "policy": "bulk-1-year", "mode": "force-https" },
    { "name": "dev", "policy": "public-suffix", "mode": "force-https", "include_subdomains": true }
  ]
}
"#;

    fn found(domain: &str) -> Option<String> {
        search(LIST.as_bytes(), domain).unwrap().unwrap().map(|entry| entry.name)
    }

    #[test]
    fn an_entry_covers_its_name_and_what_it_includes() {
        assert_eq!(found("shop.example").as_deref(), Some("shop.example"));
        assert_eq!(found("www.shop.example").as_deref(), Some("shop.example"));
        assert_eq!(found("my.dev").as_deref(), Some("dev"));
        assert_eq!(found("alone.example").as_deref(), Some("alone.example"));
        for absent in ["www.alone.example", "pins.example", "myshop.example", "example"] {
            assert_eq!(found(absent), None, "{absent}");
        }
    }

    #[tokio::test]
    async fn a_list_that_is_none_says_nothing() {
        assert_eq!(search("<html>\n".as_bytes(), "shop.example").unwrap(), None);
        let missing = look_up(None, "shop.example").await.unwrap_err();
        assert!(Missing::is_not_configured(&missing.0));
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("list.json");
        assert!(
            look_up(Some(&path), "shop.example").await.unwrap_err().0.contains("cannot be read")
        );
        std::fs::write(&path, LIST).unwrap();
        assert!(look_up(Some(&path), "shop.example").await.unwrap().is_some());
        std::fs::write(&path, "[]").unwrap();
        let empty = look_up(Some(&path), "shop.example").await.unwrap_err();
        assert!(empty.0.ends_with("it holds no entries"), "{empty}");
    }
}
