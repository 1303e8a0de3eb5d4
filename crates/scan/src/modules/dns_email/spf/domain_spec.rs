//! The domain in a term (RFC 7208, section 7.1), with or without macros. Macros are checked, never
//! expanded: what they stand for depends on the message.

/// Reads a domain in lower case, or says what is wrong with it.
pub(super) fn read(text: &str) -> Result<String, &'static str> {
    match problem(text) {
        Some(problem) => Err(problem),
        None => Ok(text.trim_end_matches('.').to_ascii_lowercase()),
    }
}

/// Returns whether the domain depends on the message.
pub(super) fn has_macro(domain: &str) -> bool {
    domain.contains('%')
}

/// Returns what is wrong with a domain, as a clause.
pub(super) fn problem(text: &str) -> Option<&'static str> {
    if text.is_empty() {
        return Some("needs a domain");
    }
    // The name with a letter in place of each macro.
    let mut name = String::new();
    let mut rest = text;
    while let Some(start) = rest.find('%') {
        let (before, found) = rest.split_at(start);
        let (found, after) = found.split_at(macro_length(found));
        let sound = match found.strip_prefix("%{") {
            None => found.len() == 2,
            Some(inside) => inside.strip_suffix('}').is_some_and(is_macro),
        };
        if !sound {
            return Some("holds a broken macro");
        }
        name.push_str(before);
        name.push('m');
        rest = after;
    }
    let ends_in_macro = rest.is_empty();
    name.push_str(rest);
    let name = name.strip_suffix('.').unwrap_or(&name);
    if name.len() > 253 || !name.split('.').all(|label| (1..=63).contains(&label.len())) {
        return Some("does not hold a domain name");
    }
    let full = name.rsplit_once('.').is_some_and(|(_, last)| is_top_label(last));
    (!ends_in_macro && !full).then_some("does not hold a full domain name")
}

/// Returns the length of the macro that `text` begins with; 1 when `%` begins none.
fn macro_length(text: &str) -> usize {
    match text.as_bytes().get(1) {
        Some(b'%' | b'_' | b'-') => 2,
        Some(b'{') => text.find('}').map_or(text.len(), |end| end + 1),
        _ => 1,
    }
}

/// Returns whether the text between the braces is a letter, digits, `r` and delimiters.
fn is_macro(inside: &str) -> bool {
    let Some(letter) = inside.chars().next() else { return false };
    let rest = inside[letter.len_utf8()..].trim_start_matches(|digit: char| digit.is_ascii_digit());
    let rest = rest.strip_prefix(['r', 'R']).unwrap_or(rest);
    "slodiphcrtv".contains(letter.to_ascii_lowercase())
        && rest.chars().all(|delimiter| ".-+,/_=".contains(delimiter))
}

/// Returns whether a label can be the last one: letters, digits and hyphens, not only digits.
fn is_top_label(label: &str) -> bool {
    label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        && label.bytes().any(|byte| !byte.is_ascii_digit())
        && !label.starts_with('-')
        && !label.ends_with('-')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn reads_names_and_macros() {
        assert_eq!(read("_SPF.Example.com."), Ok("_spf.example.com".to_owned()));
        for sound in [
            "%{d}",
            "%{ir}.%{v}._spf.%{d2}",
            "%{l1r+-}.example.com",
            "a%%b.example.com",
            "%{I}.x.y",
        ] {
            assert_eq!(problem(sound), None, "{sound}");
        }
        assert!(has_macro("%{d}") && !has_macro("example.com"));
    }

    #[test]
    fn says_what_is_wrong() {
        for (broken, says) in [
            ("", "needs a domain"),
            ("localhost", "does not hold a full domain name"),
            ("192.0.2.1", "does not hold a full domain name"),
            ("a..example.com", "does not hold a domain name"),
            ("%{x}.example.com", "holds a broken macro"),
            ("%{d.example.com", "holds a broken macro"),
            ("100%.example.com", "holds a broken macro"),
            ("%{}.example.com", "holds a broken macro"),
        ] {
            assert_eq!(problem(broken), Some(says), "{broken}");
        }
        assert_eq!(
            problem(&format!("{}.com", "a".repeat(64))),
            Some("does not hold a domain name")
        );
    }

    proptest! {
        #[test]
        fn reading_never_panics(text in "(\\PC|[%{}a-z.0-9]){0,60}") {
            let _ = read(&text);
        }
    }
}
