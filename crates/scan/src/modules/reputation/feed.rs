//! One list, ready to be asked. Hosts are kept with their labels from the last to the first, so that
//! everything below a name stands together.

use std::collections::BTreeMap;
use std::io::BufRead;
use std::net::IpAddr;
use std::ops::Bound;

use model::Timestamp;

use super::Listed;
use crate::net::Table;

/// Hosts of one list that are kept.
const MOST_HOSTS: usize = 500_000;
/// Characters of a line that are looked at.
const LONGEST_LINE: usize = 2_048;
/// Names and pages of one domain that are told.
const MOST_PARTS: usize = 3;
/// Characters of a page's address that are told.
const LONGEST_PAGE: usize = 200;

/// A list.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Feed {
    hosts: BTreeMap<String, Entry>,
    /// When the list says it was made.
    made_at: Option<Timestamp>,
}

/// What is listed of a host.
#[derive(Debug, Default, PartialEq, Eq)]
struct Entry {
    is_whole: bool,
    page: Option<String>,
}

impl Table for Feed {
    const SETTING: &'static str = "providers.reputation";
    const ACCEPT: &'static str = "text/plain";
    const MOST_BYTES: u64 = 16 * 1024 * 1024;
    const MOST_DAYS: i64 = 7;

    fn read(mut text: impl BufRead) -> Option<Self> {
        let mut all = Vec::new();
        text.read_to_end(&mut all).ok()?;
        Self::read(&String::from_utf8_lossy(&all))
    }

    fn made_at(&self) -> Option<Timestamp> {
        self.made_at
    }
}

impl Feed {
    /// Reads a list: a host or a URL a line, or `address host` as in a hosts file. `None` when it
    /// holds none, or more than fit.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let mut feed = Self::default();
        if text.trim_start().starts_with('<') {
            return None;
        }
        for line in text.lines().map(str::trim) {
            if line.starts_with(['#', ';', '!']) || line.starts_with("//") {
                feed.made_at = feed.made_at.or_else(|| made_at(line));
                continue;
            }
            if let Some((host, page)) = place(line) {
                let entry = feed.hosts.entry(backwards(&host)).or_default();
                match page {
                    None => entry.is_whole = true,
                    Some(_) => entry.page = entry.page.take().or(page),
                }
                if feed.hosts.len() > MOST_HOSTS {
                    return None;
                }
            }
        }
        (!feed.hosts.is_empty()).then_some(feed)
    }

    /// Returns what is listed of a registrable domain, the scanned name among it.
    pub(crate) fn listed(&self, domain: &str, scanned: &str) -> Listed {
        let mut listed = Listed::default();
        let www = format!("www.{domain}");
        let root = backwards(domain);
        let from = (Bound::Included(root.clone()), Bound::Unbounded);
        let near = self.hosts.range::<String, _>(from);
        // Between the domain and the names below it others may stand: `-` sorts before `.`.
        let near = near.take_while(|(host, _)| host.starts_with(&root));
        let ours = near.filter(|(host, _)| {
            host.strip_prefix(&root).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        });
        for (host, entry) in ours {
            let name = backwards(host);
            let is_itself = [domain, scanned, &www].contains(&name.as_str());
            if entry.is_whole && is_itself {
                listed.domain.get_or_insert_with(|| name.clone());
            } else if entry.is_whole && listed.parts.len() < MOST_PARTS {
                listed.parts.push(name.clone());
            }
            if let Some(page) = &entry.page
                && listed.parts.len() < MOST_PARTS
            {
                listed.parts.push(page.clone());
            }
        }
        listed
    }
}

/// Reads the date of a comment such as `# Last updated: 2026-11-24 08:31:36 (UTC)`.
fn made_at(comment: &str) -> Option<Timestamp> {
    let lower = comment.to_ascii_lowercase();
    let at = lower.find("updated:").map(|at| at + "updated:".len())?;
    let rest = comment.get(at..)?.trim_matches([' ', '#']);
    crate::modules::whois::date::parse(rest)
}

/// Returns the host of a line, and the address of the page when it is about one.
fn place(line: &str) -> Option<(String, Option<String>)> {
    if line.len() > LONGEST_LINE {
        return None;
    }
    let mut words = line.split_whitespace();
    let mut text = words.next()?;
    if text.parse::<IpAddr>().is_ok() {
        text = words.next()?;
    }
    let rest = text.split_once("://").map_or(text, |(_, rest)| rest);
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let host = authority.rsplit('@').next().unwrap_or(authority);
    let host = host.split(':').next().unwrap_or(host);
    let host = host.trim_start_matches("*.").trim_end_matches('.').to_ascii_lowercase();
    let is_name = host.contains('.')
        && host.len() <= 253
        && host.chars().all(|letter| letter.is_ascii_alphanumeric() || "-_.".contains(letter))
        && host.parse::<IpAddr>().is_err();
    let page = || format!("{host}{path}").chars().take(LONGEST_PAGE).collect();
    let page = (!path.is_empty() && path != "/").then(page);
    is_name.then(|| (host.clone(), page))
}

/// Returns a name with its labels from the last to the first.
fn backwards(name: &str) -> String {
    name.rsplit('.').collect::<Vec<_>>().join(".")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn listed(text: &str) -> Listed {
        Feed::read(text).unwrap().listed("shop.example", "a.shop.example")
    }

    #[test]
    fn the_usual_forms_are_read() {
        for line in [
            "shop.example",
            "WWW.Shop.Example.",
            "127.0.0.1\tshop.example # malware",
            "0.0.0.0 www.shop.example",
            "http://shop.example/",
            "https://user@shop.example:8080",
            "a.shop.example",
            "*.shop.example",
        ] {
            assert!(listed(line).domain.is_some(), "{line}");
        }
        let page = "http://shop.example/wp/x.exe?y=1\nhttps://b.shop.example/login";
        assert_eq!(listed(page).parts, ["shop.example/wp/x.exe?y=1", "b.shop.example/login"]);
        assert_eq!(listed("evil.shop.example").parts, ["evil.shop.example"]);
    }

    #[test]
    fn neighbours_are_somebody_else() {
        let text = "shop.example-x\nshop-y.example\nmyshop.example\nexample.shop\nb.shop.example\n\
                    shop.example.test";
        assert_eq!(listed(text), Listed { domain: None, parts: vec!["b.shop.example".to_owned()] });
    }

    #[test]
    fn what_is_no_list_is_none() {
        for text in ["", "# nothing\n", "<!doctype html>\nshop.example", "127.0.0.1 localhost"] {
            assert_eq!(Feed::read(text), None, "{text}");
        }
    }

    #[test]
    fn a_list_tells_when_it_was_made() {
        let text = "################\n# Last updated: 2026-11-24 08:31:36 (UTC)   #\nshop.example";
        let made_at = Feed::read(text).unwrap().made_at.unwrap();
        assert_eq!(made_at.to_string(), "2026-11-24T08:31:36.000Z");
    }

    proptest! {
        #[test]
        fn any_text_is_read_and_little_is_told(text in "(https?://[a-z.]{0,20}shop.example/\\PC{0,300}\n|\\PC{0,40}\n){0,40}") {
            if let Some(feed) = Feed::read(&text) {
                let listed = feed.listed("shop.example", "shop.example");
                prop_assert!(listed.parts.len() <= MOST_PARTS);
                prop_assert!(listed.parts.iter().all(|part| part.chars().count() <= 253));
            }
        }
    }
}
