use model::DomainName;

use super::Identity;
use crate::error::{Error, Result};

/// Returns whether patterns (`example.com`, or `*.example.com` for everything below it) let a
/// domain pass. No pattern at all lets every domain pass.
pub(crate) fn covers(patterns: &[String], domain: &str) -> bool {
    let fits = |pattern: &String| match pattern.strip_prefix('*') {
        Some(suffix) => domain.len() > suffix.len() && domain.ends_with(suffix),
        None => domain == pattern,
    };
    patterns.is_empty() || patterns.iter().any(fits)
}

impl Identity {
    /// Returns whether the caller may see and scan a domain: a key with a list of domains is for
    /// those alone. Whatever is about a domain asks here.
    pub(crate) fn may_see(&self, domain: &str) -> bool {
        self.key().is_none_or(|key| covers(&key.domains, domain))
    }

    /// Refuses a domain that the caller wrote themselves. What exists already and may not be seen
    /// is not found instead.
    pub(crate) fn require_domain(&self, domain: &DomainName) -> Result<()> {
        match self.may_see(domain.as_str()) {
            true => Ok(()),
            false => Err(Error::DomainNotAllowed(domain.clone())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_covers_itself_or_what_is_below() {
        let patterns = ["example.com".to_owned(), "*.example.org".to_owned()];
        for inside in ["example.com", "a.example.org", "a.b.example.org"] {
            assert!(covers(&patterns, inside), "{inside}");
        }
        for outside in ["a.example.com", "example.org", "badexample.org", ".example.org", "com", ""]
        {
            assert!(!covers(&patterns, outside), "{outside}");
        }
        assert!(covers(&[], "anything.example"));
    }
}
