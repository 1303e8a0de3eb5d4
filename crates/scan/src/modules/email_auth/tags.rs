/// Reads a record of `tag=value` pairs with semicolons in between (RFC 6376, section 3.2). Tags in
/// lower case; `Err` with what has no equals sign.
pub(super) fn tags(text: &str) -> Result<Vec<(String, String)>, String> {
    let parts = text.split(';').map(str::trim).filter(|part| !part.is_empty());
    let pairs = parts.map(|part| match part.split_once('=') {
        Some((tag, value)) => Ok((tag.trim().to_ascii_lowercase(), value.trim().to_owned())),
        None => Err(part.chars().take(60).collect()),
    });
    pairs.collect()
}

/// Returns the first value of a tag.
pub(super) fn value<'t>(tags: &'t [(String, String)], wanted: &str) -> Option<&'t str> {
    tags.iter().find(|(tag, _)| tag == wanted).map(|(_, value)| value.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_read_and_anything_else_is_named() {
        let read = tags("v=STSv1; ID = a=b ;;").unwrap();
        assert_eq!((value(&read, "v"), value(&read, "id")), (Some("STSv1"), Some("a=b")));
        assert_eq!(value(&read, "rua"), None);
        assert_eq!(tags("v=STSv1; id"), Err("id".to_owned()));
    }
}
