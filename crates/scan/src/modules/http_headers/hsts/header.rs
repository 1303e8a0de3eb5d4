//! The header of HSTS (RFC 6797, section 6.1): its directives and what is wrong with them. Never
//! fails, since telling people what is broken is the job.

/// A `Strict-Transport-Security` value as a browser reads it (RFC 6797, section 6.1).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StrictTransport {
    /// In seconds.
    pub max_age: Option<u64>,
    pub include_subdomains: bool,
    /// The token of the browsers' preload lists; no RFC knows it.
    pub preload: bool,
    /// What breaks the grammar; a browser ignores the whole header then.
    pub errors: Vec<String>,
}

impl StrictTransport {
    /// Reads a value. Never fails: what is wrong stands in `errors`.
    pub fn parse(value: &str) -> Self {
        let mut policy = Self::default();
        let mut seen: Vec<String> = Vec::new();
        for directive in split(value) {
            let directive = directive.trim();
            if directive.is_empty() {
                continue;
            }
            let (name, argument) = match directive.split_once('=') {
                Some((name, argument)) => (name.trim(), Some(argument.trim())),
                None => (directive, None),
            };
            let name = name.to_ascii_lowercase();
            if seen.contains(&name) {
                policy.errors.push(format!("`{name}` stands twice"));
                continue;
            }
            policy.directive(&name, argument);
            seen.push(name);
        }
        if policy.max_age.is_none() && policy.errors.is_empty() {
            policy.errors.push("`max-age` is missing".to_owned());
        }
        policy
    }

    fn directive(&mut self, name: &str, argument: Option<&str>) {
        match (name, argument) {
            ("max-age", argument) => match seconds(argument.unwrap_or("")) {
                Some(seconds) => self.max_age = Some(seconds),
                None => self.errors.push("`max-age` is not a number of seconds".to_owned()),
            },
            ("includesubdomains", None) => self.include_subdomains = true,
            ("includesubdomains", Some(_)) => {
                self.errors.push("`includeSubDomains` takes no value".to_owned());
            }
            ("preload", None) => self.preload = true,
            (name, _) if !is_token(name) => {
                self.errors.push(format!("`{}` is not a directive name", shown(name)));
            }
            // Directives a browser does not know are ignored.
            _ => {}
        }
    }

    /// Says whether a browser heeds it.
    pub fn is_valid(&self) -> bool {
        self.errors.is_empty() && self.max_age.is_some()
    }
}

/// Splits at semicolons outside of quotes.
fn split(value: &str) -> Vec<&str> {
    let mut quoted = false;
    let parts = value.split(|character| {
        quoted ^= character == '"';
        character == ';' && !quoted
    });
    parts.collect()
}

fn seconds(argument: &str) -> Option<u64> {
    let bare = argument.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    let digits = bare.unwrap_or(argument);
    let all_digits = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    // Too many digits mean for ever, not an error.
    all_digits.then(|| digits.parse().unwrap_or(u64::MAX))
}

fn is_token(text: &str) -> bool {
    let known = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !text.is_empty() && text.bytes().all(known)
}

fn shown(text: &str) -> String {
    text.chars().filter(|character| !character.is_control()).take(40).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn errors(value: &str) -> String {
        StrictTransport::parse(value).errors.join(", ")
    }

    #[test]
    fn reads_what_servers_send() {
        let policy =
            StrictTransport::parse("Max-Age=\"31536000\" ; includesubdomains; preload; x=\";\";");
        assert!(policy.is_valid() && policy.include_subdomains && policy.preload);
        assert_eq!(policy.max_age, Some(31_536_000));
        let endless = StrictTransport::parse("max-age=99999999999999999999999");
        assert_eq!(endless.max_age, Some(u64::MAX));
    }

    #[test]
    fn reads_the_examples_of_rfc_6797() {
        // Section 6.2.
        for (value, max_age, include_subdomains) in [
            ("max-age=31536000", 31_536_000, false),
            ("max-age=15768000 ; includeSubDomains", 15_768_000, true),
            ("max-age=\"31536000\"", 31_536_000, false),
            ("max-age=0", 0, false),
            ("max-age=0; includeSubDomains", 0, true),
        ] {
            let policy = StrictTransport::parse(value);
            assert!(policy.is_valid(), "{value}: {:?}", policy.errors);
            assert_eq!(
                (policy.max_age, policy.include_subdomains),
                (Some(max_age), include_subdomains),
                "{value}"
            );
        }
    }

    #[test]
    fn names_what_is_broken() {
        assert_eq!(errors("includeSubDomains"), "`max-age` is missing");
        assert_eq!(errors("max-age=1y"), "`max-age` is not a number of seconds");
        assert_eq!(errors("max-age=1; max-age=2"), "`max-age` stands twice");
        assert_eq!(errors("max-age=1, max-age=2"), "`max-age` is not a number of seconds");
        assert_eq!(errors("max-age=1; includeSubDomains=1"), "`includeSubDomains` takes no value");
        assert_eq!(errors(""), "`max-age` is missing");
    }

    proptest! {
        #[test]
        fn never_panics(value in "\\PC{0,120}") {
            StrictTransport::parse(&value);
        }

        #[test]
        fn every_number_of_seconds_is_read_back(seconds: u64, subdomains: bool) {
            let tail = if subdomains { "; includeSubDomains" } else { "" };
            let policy = StrictTransport::parse(&format!("max-age={seconds}{tail}"));
            prop_assert_eq!(policy.max_age, Some(seconds));
            prop_assert_eq!(policy.include_subdomains, subdomains);
        }
    }
}
