use std::collections::BTreeSet;
use std::io::BufRead;

use model::Timestamp;
use serde::Deserialize;

use crate::net::{Net, Table};

/// Ids that are kept.
const MOST_IDS: usize = 100_000;

/// CISA's catalogue of flaws that attackers use, by CVE id.
#[derive(Debug)]
pub(crate) struct ExploitedFlaws {
    ids: BTreeSet<String>,
    made_at: Option<Timestamp>,
}

#[derive(Deserialize)]
struct Catalogue {
    #[serde(rename = "dateReleased", default)]
    released: Option<String>,
    vulnerabilities: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    #[serde(rename = "cveID")]
    id: String,
}

impl Table for ExploitedFlaws {
    const SETTING: &'static str = "providers.kev";
    const ACCEPT: &'static str = "application/json";
    const MOST_BYTES: u64 = 16 * 1024 * 1024;
    /// What was exploited once stays so; an old catalogue only knows less.
    const MOST_DAYS: i64 = 3_650;

    fn read(text: impl BufRead) -> Option<Self> {
        let catalogue: Catalogue = serde_json::from_reader(text).ok()?;
        let ids = catalogue.vulnerabilities.into_iter().map(|entry| entry.id);
        let ids: BTreeSet<String> =
            ids.filter(|id| id.starts_with("CVE-") && id.len() < 24).take(MOST_IDS).collect();
        let made_at = catalogue.released.and_then(|text| Timestamp::parse(&text));
        (!ids.is_empty()).then_some(Self { ids, made_at })
    }

    fn made_at(&self) -> Option<Timestamp> {
        self.made_at
    }
}

/// Returns which flaws of our table the operator's catalogue has. Without one, or when it cannot be
/// read, none: our own marks stand all the same.
pub(crate) async fn exploited(net: &Net) -> Vec<String> {
    let Some(place) = &net.providers().kev else { return Vec::new() };
    let Ok(catalogue) = net.tables().exploited.get(net, place).await else { return Vec::new() };
    let ours = crate::known_flaws::ids();
    ours.into_iter().filter(|id| catalogue.ids.contains(*id)).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_catalogue_is_read_by_its_ids() {
        let text = r#"{"title":"CISA","dateReleased":"2026-11-24T10:00:00Z","count":2,
            "vulnerabilities":[{"cveID":"CVE-2024-4577","vendorProject":"PHP"},{"cveID":"x"}]}"#;
        let catalogue = <ExploitedFlaws as Table>::read(text.as_bytes()).unwrap();
        assert_eq!(catalogue.ids.len(), 1);
        assert!(catalogue.made_at().is_some());
        for text in ["", "[]", r#"{"vulnerabilities":[]}"#, "<html>"] {
            assert!(<ExploitedFlaws as Table>::read(text.as_bytes()).is_none(), "{text}");
        }
    }
}
