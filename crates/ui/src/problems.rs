//! What the server says about a field, in the reader's language.
//!
//! The API says it in English; pages look the sentence up here. One that is not listed stays as it is.
//! `{}` stands for a value, which may be a sentence of the list itself.

use crate::Words;
use crate::words::{Lang, texts};

const SAID: &[&str] = &texts![
    "A badge shows a scan of all modules, and no such scan of `{}` was completed. Scan it without choosing modules, then ask again.",
    "A key that is disabled was used: {}",
    "A key that is expired was used: {}",
    "A key that is revoked was used: {}",
    "A key was reported as leaked: {}",
    "A word by itself is easy to guess",
    "Accounts are on the plan `{}`. Put them on another one first.",
    "An account has an owner. Make somebody else one first.",
    "An account is deleted by its only owner. Whoever else is in its team can leave it, or an owner can make the others something less first.",
    "Common names and surnames are easy to guess",
    "Dates are often easy to guess",
    "Names and surnames by themselves are easy to guess",
    "Nobody else operates this instance. Make another administrator first.",
    "Recent years are easy to guess",
    "Recovery codes stand in for a second factor, and there is none yet.",
    "Repeats like {} are easy to guess",
    "Repeats like {} are only slightly harder to guess than {}",
    "Sequences like abc or 6543 are easy to guess",
    "Short keyboard patterns are easy to guess",
    "Somebody reported the whole of {}…; it is no secret any more. It was revoked, unless your key policy says `notify`.",
    "Straight rows of keys are easy to guess",
    "The invitation that this request made is not open any more.",
    "The key changed in this moment. Try again.",
    "The key has expired and cannot be replaced. Make a new one.",
    "The key is revoked and cannot be replaced. Make a new one.",
    "The key is switched off. Switch it on first, or make a new one.",
    "The key was replaced before; `rotated_to` names its successor.",
    "The link that this request made is ended.",
    "The scan is {}, so there is no report.",
    "The scan is {}. Ask again once it is completed.",
    "The whole secret of {}… was sent from {} and refused. Something still has it.",
    "There are 100 open invitations. Withdraw some, or wait for their end.",
    "There are 50 links to this report. End some first.",
    "This address has a user already, and a person belongs to one account. Leave or delete that account first, or ask to be invited under another address. The invitation stays open.",
    "This address is one of the team's already.",
    "This e-mail address has an account already.",
    "This e-mail address is confirmed already.",
    "This is a top-10 common password",
    "This is a top-100 common password",
    "This is a very common password",
    "This is similar to a commonly used password",
    "This passkey was added before. Take another one.",
    "This user operates the instance and cannot be removed from a team.",
    "You have no active key. Make one.",
    "You have no passkey. Send your password instead.",
    "You have ten passkeys. Remove one first.",
    "`{}` is the plan of new accounts (`plans.default`); it stays.",
    "cannot be scanned: {}",
    "ends in `.{}`, which is reserved and never on the public internet",
    "every address of the domain is one this instance refuses to scan: {}",
    "goes beyond what the key that asks may do",
    "has a single label; give a full domain such as example.com",
    "holds a user name or password; give the domain alone",
    "is an IP address; give the domain that points to it",
    "is empty; give a domain such as example.com",
    "is missing",
    "is needed: no earlier scan of the domain was completed",
    "is needed: there is no second factor",
    "is none of your passkeys",
    "is none that is spoken here",
    "is none that there is",
    "is none that we know",
    "is not a valid domain; use letters, digits, hyphens and dots, such as example.com",
    "is not good any more; ask for a new letter",
    "is not what the authenticator shows now",
    "is on lists of stolen passwords, which attackers try first; take a few unrelated words",
    "is too easy to guess ({}); take a few unrelated words, without your name or address",
    "is too easy to guess; take a few unrelated words, without your name or address",
    "is too long; a domain has at most 253 characters, and 63 between two dots",
    "is unknown: there is no plan `{}`",
    "is your address already",
    "must be a whole number",
    "must be an e-mail address such as ann@example.com",
    "must be between {} and {}",
    "must be named: this key has none of the default ones",
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
    "must name 1 to {} domains",
    "must name 2 to {} domains",
    "must not be negative",
    "nothing could be tested: {}",
    "says why there is a new `state`; send both",
    "the domain could not be looked up: {}",
    "the domain does not exist (NXDOMAIN)",
    "the domain is on this instance's exclusion list",
    "would lock you out: this is your own account",
    "{} % of the month's scans are used",
    "{} of {} scans of {} are used. The next month begins {}.",
];

impl Words {
    /// Says what the server says: about a field, or as a sentence of its own.
    pub fn problem(&self, message: &str) -> String {
        let [open, close] = match self.lang {
            Lang::English => ["“", "”"],
            Lang::German => ["„", "“"],
        };
        // The API has literals between backticks.
        let said = self.said(message);
        let parts: Vec<&str> = said.split('`').collect();
        match parts.len() % 2 {
            1 => parts.chunks(2).fold(String::new(), |text, pair| match pair {
                [plain, literal] => format!("{text}{plain}{open}{literal}{close}"),
                _ => text + pair[0],
            }),
            _ => said.clone(),
        }
    }

    fn said(&self, message: &str) -> String {
        let known = SAID.iter().find_map(|said| Some((said, values(said, message)?)));
        // Where the API names the field, a page shows it.
        let unnamed = message.strip_prefix('`').and_then(|rest| rest.split_once("` "));
        if let (None, Some((_, rest))) = (&known, unnamed) {
            return self.said(rest.strip_suffix('.').unwrap_or(rest));
        }
        if self.lang == Lang::English {
            return message.to_owned();
        }
        known.map_or_else(
            || message.to_owned(),
            |(said, values)| {
                values.into_iter().fold(self.t(said).to_owned(), |text, value| {
                    text.replacen("{}", &self.said(value), 1)
                })
            },
        )
    }
}

/// Returns whether there are words in every language for what the server says.
pub fn is_said(message: &str) -> bool {
    SAID.iter().any(|said| values(said, message).is_some())
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
        let named = "`domain` has a single label; give a full domain such as example.com.";
        assert!(german.problem(named).starts_with("besteht aus"), "{}", german.problem(named));
        assert_eq!(
            Words::from(Lang::English).problem(named),
            "has a single label; give a full domain such as example.com"
        );
        let said = Words::from(Lang::English).problem("is `a` and `b`.");
        assert_eq!(said, "is “a” and “b”.", "no backtick stands on a page");
        assert_eq!(german.problem("is odd"), "is odd");
        assert_eq!(Words::from(Lang::English).problem("is odd"), "is odd");
    }
}
