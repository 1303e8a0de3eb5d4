//! What the server says about a field, in the reader's language.
//!
//! The API says it in English; pages look the sentence up here. One that is not listed stays as it is.
//! `{}` stands for a value, which may be a sentence of the list itself.

use crate::Words;
use crate::words::{Lang, texts};

const SAID: [&str; 40] = texts![
    "A word by itself is easy to guess",
    "Common names and surnames are easy to guess",
    "Dates are often easy to guess",
    "Names and surnames by themselves are easy to guess",
    "Recent years are easy to guess",
    "Repeats like {} are easy to guess",
    "Repeats like {} are only slightly harder to guess than {}",
    "Sequences like abc or 6543 are easy to guess",
    "Short keyboard patterns are easy to guess",
    "Straight rows of keys are easy to guess",
    "This is a top-10 common password",
    "This is a top-100 common password",
    "This is a very common password",
    "This is similar to a commonly used password",
    "cannot be scanned: {}",
    "ends in `.{}`, which is reserved and never on the public internet",
    "goes beyond what the key that asks may do",
    "has a single label; give a full domain such as example.com",
    "holds a user name or password; give the domain alone",
    "is an IP address; give the domain that points to it",
    "is empty; give a domain such as example.com",
    "is not a valid domain; use letters, digits, hyphens and dots, such as example.com",
    "is not good any more; ask for a new letter",
    "is not what the authenticator shows now",
    "is too easy to guess ({}); take a few unrelated words, without your name or address",
    "is too easy to guess; take a few unrelated words, without your name or address",
    "is too long; a domain has at most 253 characters, and 63 between two dots",
    "is your address already",
    "must be an e-mail address such as ann@example.com",
    "must be between {} and {}",
    "must be one line of 1 to {} characters",
    "must be one line of at most {} characters",
    "must have at least {} characters, this has {}; a few unrelated words do well",
    "must have at most {} characters",
    "must have at most {} entries",
    "must be a day such as 2027-01-31",
    "must hold at least one scope, or be left out",
    "must lie in the future",
    "must lie within {} days",
    "must lie within {} days: the account's key policy says so",
];

impl Words {
    /// Says what the server says about a field.
    pub fn problem(&self, message: &str) -> String {
        if self.lang == Lang::English {
            return message.to_owned();
        }
        let known = SAID.iter().find_map(|said| Some((said, values(said, message)?)));
        known.map_or_else(
            || message.to_owned(),
            |(said, values)| {
                values.into_iter().fold(self.t(said).to_owned(), |text, value| {
                    text.replacen("{}", &self.problem(value), 1)
                })
            },
        )
    }
}

/// Returns what stands in a text for each `{}` of a pattern; `None` when it is another text.
fn values<'a>(pattern: &str, text: &'a str) -> Option<Vec<&'a str>> {
    let mut parts = pattern.split("{}");
    let mut rest = text.strip_prefix(parts.next()?)?;
    let mut values = Vec::new();
    let mut parts = parts.peekable();
    while let Some(part) = parts.next() {
        let at = match parts.peek() {
            Some(_) => rest.find(part)?,
            None => rest.strip_suffix(part)?.len(),
        };
        values.push(&rest[..at]);
        rest = &rest[at + part.len()..];
    }
    rest.is_empty().then_some(values)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_found_in_their_places() {
        assert_eq!(values("a {} b {}", "a 1 b 2"), Some(vec!["1", "2"]));
        assert_eq!(values("a {} b", "a 1 c"), None);
        assert_eq!(values("a", "a"), Some(vec![]));
        assert_eq!(values("a", "a b"), None);
    }

    #[test]
    fn a_sentence_with_a_reason_is_said_in_german() {
        let german = Words::from(Lang::German);
        let said = german.problem(
            "is too easy to guess (Dates are often easy to guess); take a few unrelated words, \
             without your name or address",
        );
        assert_eq!(
            said,
            "ist zu leicht zu erraten (Daten sind oft leicht zu erraten); nehmen Sie einige Wörter \
             ohne Zusammenhang, ohne Ihren Namen oder Ihre Adresse"
        );
        assert_eq!(german.problem("is odd"), "is odd");
        assert_eq!(Words::from(Lang::English).problem("is odd"), "is odd");
    }
}
