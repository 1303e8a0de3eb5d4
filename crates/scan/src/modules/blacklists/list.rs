/// A DNS block list (RFC 5782).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlockList {
    /// The zone that is asked, in lower case, without a trailing dot.
    pub zone: String,
    pub lists: Lists,
}

/// What a block list is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lists {
    Addresses,
    Domains,
}

impl BlockList {
    /// Reads `zen.example` (addresses) or `domain:dbl.example` (domains).
    pub fn parse(text: &str) -> Option<Self> {
        let (lists, zone) = match text.strip_prefix("domain:") {
            Some(zone) => (Lists::Domains, zone),
            None => (Lists::Addresses, text),
        };
        let zone = model::DomainName::parse(zone).ok()?.to_string();
        Some(Self { zone, lists })
    }
}

impl std::fmt::Display for BlockList {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.lists {
            Lists::Addresses => f.write_str(&self.zone),
            Lists::Domains => write!(f, "domain:{}", self.zone),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_about_addresses_unless_it_says_domains() {
        for (text, lists) in
            [("zen.example.org", Lists::Addresses), ("domain:dbl.example.org", Lists::Domains)]
        {
            let list = BlockList::parse(text).unwrap();
            assert_eq!((list.lists, list.to_string().as_str()), (lists, text));
        }
        for text in ["", "domain:", "not a zone", "192.0.2.1"] {
            assert_eq!(BlockList::parse(text), None, "{text}");
        }
    }
}
