//! Whether a body is the file that was asked for. Never fails, whatever the bytes are.

/// Returns the first line of a `.git/HEAD`, when the body is one.
pub(crate) fn git_head(body: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(body.get(..body.len().min(512))?).ok()?;
    let line = text.lines().next()?.trim_end();
    let is_reference = line.strip_prefix("ref: refs/").is_some_and(|name| {
        !name.is_empty()
            && name.len() < 200
            && !name.contains(|c: char| c.is_whitespace() || c == '<')
    });
    let is_commit = matches!(line.len(), 40 | 64)
        && line.bytes().all(|byte| byte.is_ascii_hexdigit())
        && text.lines().count() == 1;
    (is_reference || is_commit).then(|| line.to_owned())
}

/// Returns the names of the variables of a `.env` file, at most 8; none when the body is not one.
pub(crate) fn variable_names(body: &[u8]) -> Vec<String> {
    let Ok(text) = std::str::from_utf8(body) else { return Vec::new() };
    let mut names = Vec::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()).take(2_000) {
        if line.starts_with('#') {
            continue;
        }
        let line = line.strip_prefix("export ").unwrap_or(line);
        let name = line.split_once('=').map(|(name, _)| name.trim_end());
        let is_name = |name: &str| {
            (2..=64).contains(&name.len())
                && name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
                && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        };
        match name {
            Some(name) if is_name(name) => names.push(name.to_owned()),
            // Values may go over several lines once the file has begun; markup never begins one.
            _ if names.is_empty() || line.starts_with('<') => return Vec::new(),
            _ => {}
        }
    }
    names.truncate(8);
    names
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn tells_leaked_files_from_pages() {
        assert_eq!(git_head(b"ref: refs/heads/main\n").as_deref(), Some("ref: refs/heads/main"));
        assert_eq!(git_head(b"<html>ref: refs/heads/main"), None);
        assert_eq!(git_head(&[b'a'; 40]).as_deref(), Some("a".repeat(40).as_str()));
        assert_eq!(
            variable_names(b"# local\nAPP_KEY=abc\nDB_PASSWORD=\"x\"\n"),
            ["APP_KEY", "DB_PASSWORD"]
        );
        assert!(variable_names(b"<!doctype html><p a=b>").is_empty());
        assert!(variable_names(b"nothing here").is_empty());
    }

    proptest! {
        #[test]
        fn never_panics(body in proptest::collection::vec(any::<u8>(), 0..400), text in "([A-Z]{1,4}=|export |#|<|\n|[ a-z\u{e9}]){0,40}") {
            git_head(&body);
            variable_names(&body);
            variable_names(text.as_bytes());
        }
    }
}
