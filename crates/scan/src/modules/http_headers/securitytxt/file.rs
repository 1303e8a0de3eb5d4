//! The file security.txt (RFC 9116): its fields and what is wrong with them, signed or not. Never
//! fails, since telling people what is broken is the job.

use model::Timestamp;

/// A security.txt as its readers take it (RFC 9116, section 4). Never fails to parse.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct SecurityTxt {
    pub(super) contacts: Vec<String>,
    pub(super) expires: Vec<String>,
    /// Fields of the RFC that were read.
    known: usize,
    /// Lines that are no field.
    odd_lines: usize,
}

/// The fields of RFC 9116, section 2.5, and of its registry.
const FIELDS: &[&str] = &[
    "acknowledgments",
    "canonical",
    "contact",
    "csaf",
    "encryption",
    "expires",
    "hiring",
    "policy",
    "preferred-languages",
];

impl SecurityTxt {
    pub(crate) fn parse(text: &str) -> Self {
        let mut file = Self::default();
        let text = text.trim_start_matches('\u{feff}');
        for line in text.lines().map(str::trim).take(500) {
            if line.starts_with("-----BEGIN PGP SIGNATURE") {
                break;
            }
            if line.is_empty() || line.starts_with('#') || line.starts_with("-----BEGIN PGP") {
                continue;
            }
            match line.split_once(':') {
                Some((name, value)) if is_name(name) => file.field(name, value.trim()),
                _ => file.odd_lines += 1,
            }
        }
        file
    }

    fn field(&mut self, name: &str, value: &str) {
        let name = name.to_ascii_lowercase();
        if FIELDS.contains(&name.as_str()) {
            self.known += 1;
        }
        match name.as_str() {
            "contact" => self.contacts.push(value.to_owned()),
            "expires" => self.expires.push(value.to_owned()),
            // The RFC asks readers to ignore fields they do not know.
            _ => {}
        }
    }

    /// Says whether the text is a page that answers for everything.
    pub(super) fn is_something_else(&self) -> bool {
        self.known == 0
    }

    /// Returns when the file expires, if it says so once and readably.
    pub(crate) fn expiry(&self) -> Option<Timestamp> {
        match self.expires.as_slice() {
            [one] => Timestamp::parse(&one.to_ascii_uppercase()),
            _ => None,
        }
    }

    /// Returns what breaks the RFC, each as a clause.
    pub(crate) fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        if self.contacts.is_empty() {
            problems.push("`Contact` is missing".to_owned());
        }
        let bad = self.contacts.iter().find(|contact| !is_contact(contact));
        if let Some(contact) = bad {
            let shown: String = contact.chars().filter(|c| !c.is_control()).take(60).collect();
            problems.push(format!("`Contact: {shown}` is no mailto:, tel: or https: address"));
        }
        match self.expires.len() {
            0 => problems.push("`Expires` is missing".to_owned()),
            1 if self.expiry().is_none() => {
                problems.push("`Expires` is not a time such as 2027-01-01T00:00:00Z".to_owned());
            }
            1 => {}
            _ => problems.push("`Expires` stands more than once".to_owned()),
        }
        if self.odd_lines > 0 {
            problems.push(format!("{} lines are no field", self.odd_lines));
        }
        problems
    }
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

fn is_contact(contact: &str) -> bool {
    let lower = contact.to_ascii_lowercase();
    // Web addresses must be https (section 2.5.3).
    ["mailto:", "tel:", "https://"].iter().any(|scheme| lower.starts_with(scheme))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn reads_a_signed_file() {
        let file = SecurityTxt::parse(
            "-----BEGIN PGP SIGNED MESSAGE-----\r\nHash: SHA256\r\n\r\n# us\r\n\
             Contact: mailto:security@example.com\r\nExpires: 2027-01-01T00:00:00z\r\n\
             Later-Field: x\r\n-----BEGIN PGP SIGNATURE-----\r\n\r\nabc\r\n",
        );
        assert_eq!(file.problems(), [""; 0]);
        assert_eq!(file.expiry(), Timestamp::parse("2027-01-01T00:00:00Z"));
    }

    #[test]
    fn reads_the_examples_of_rfc_9116() {
        // Section 2.6.1, and the ways to be reached of section 2.5.3.
        let file = SecurityTxt::parse(
            "# Our security address\nContact: mailto:security@example.com\n\n\
             # Our OpenPGP key\nEncryption: https://example.com/pgp-key.txt\n\n\
             # Our security policy\nPolicy: https://example.com/security-policy.html\n\n\
             # Our security acknowledgments page\n\
             Acknowledgments: https://example.com/hall-of-fame.html\n\
             Expires: 2021-12-31T18:37:07z\n",
        );
        assert_eq!(file.problems(), [""; 0]);
        assert_eq!(file.expiry(), Timestamp::parse("2021-12-31T18:37:07Z"));
        let reached = SecurityTxt::parse(
            "Contact: mailto:security@example.com\nContact: tel:+1-201-555-0123\n\
             Contact: https://example.com/security-contact.html\nExpires: 2021-12-31T18:37:07z\n",
        );
        assert_eq!(reached.problems(), [""; 0]);
    }

    #[test]
    fn names_what_is_broken() {
        let problems = |text| SecurityTxt::parse(text).problems().join(", ");
        assert_eq!(
            problems("Policy: https://a.example"),
            "`Contact` is missing, `Expires` is missing"
        );
        assert_eq!(
            problems("Contact: security@example.com\nExpires: soon"),
            "`Contact: security@example.com` is no mailto:, tel: or https: address, \
             `Expires` is not a time such as 2027-01-01T00:00:00Z"
        );
        assert!(SecurityTxt::parse("<html>Contact: us</html>").is_something_else());
    }

    proptest! {
        #[test]
        fn never_panics(text in "(Contact:|Expires:|\\PC|\n){0,60}") {
            let file = SecurityTxt::parse(&text);
            file.problems();
            file.expiry();
        }
    }
}
