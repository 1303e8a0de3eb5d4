use serde::{Deserialize, Serialize};

use crate::words;

/// What came of asking whether a domain belongs to whoever wants intrusive probes.
///
/// It is asked anew for every intrusive scan and never remembered: a domain that was sold must not
/// be attacked in the name of the one who sold it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum Ownership {
    Proven {
        by: Proof,
        /// The name of the record or the URL of the file.
        place: String,
        /// The name that is proven: with a record everything below it too, with a file it alone.
        covers: String,
    },
    /// Every place was looked at and none holds the token.
    NotProven { looked: Vec<Looked> },
    /// At least one place could not be looked at, and no other holds the token.
    Unseen { looked: Vec<Looked> },
}

impl Ownership {
    /// Returns whether the domain that was asked about is proven.
    pub fn is_proven(&self) -> bool {
        matches!(self, Self::Proven { .. })
    }

    /// Returns whether the proof covers a host.
    pub fn covers(&self, host: &str) -> bool {
        let Self::Proven { by, covers, .. } = self else { return false };
        let host = host.trim_end_matches('.').to_ascii_lowercase();
        match by {
            Proof::File => host == *covers,
            Proof::Record => {
                let above = host.strip_suffix(covers.as_str());
                above.is_some_and(|above| above.is_empty() || above.ends_with('.'))
            }
        }
    }

    /// Returns the places that were looked at; none when the first held the token.
    pub fn looked(&self) -> &[Looked] {
        match self {
            Self::Proven { .. } => &[],
            Self::NotProven { looked } | Self::Unseen { looked } => looked,
        }
    }

    /// Returns the word of the state, as it is stored.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Proven { .. } => "proven",
            Self::NotProven { .. } => "not_proven",
            Self::Unseen { .. } => "unseen",
        }
    }
}

/// How ownership is proven.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// A TXT record.
    Record,
    /// A file of the web server.
    File,
}
words!(Proof { Record = "record", File = "file" });

/// One place that was looked at in vain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Looked {
    /// The name of the record or the URL of the file.
    pub place: String,
    /// What was there instead, as a clause: `there is no TXT record`.
    pub seen: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proven(by: Proof) -> Ownership {
        Ownership::Proven { by, place: String::new(), covers: "shop.test".to_owned() }
    }

    #[test]
    fn a_record_covers_what_is_below_and_a_file_its_host_alone() {
        for (host, by_record, by_file) in [
            ("shop.test", true, true),
            ("MX.Shop.test.", true, false),
            ("notshop.test", false, false),
            ("test", false, false),
            ("shop.test.evil.test", false, false),
        ] {
            assert_eq!(proven(Proof::Record).covers(host), by_record, "{host}");
            assert_eq!(proven(Proof::File).covers(host), by_file, "{host}");
        }
        assert!(!Ownership::NotProven { looked: Vec::new() }.covers("shop.test"));
    }
}
