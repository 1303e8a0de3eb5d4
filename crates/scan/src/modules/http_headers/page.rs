//! What a body tells: that it is a block page, which policies its `<meta>` elements carry, whether
//! it is the file that was asked for.
//!
//! No HTML parser: policies stand in the head, so a scan for `<meta` in the first [`HEAD_BYTES`],
//! comments left out, finds them. Never fails, whatever the bytes are.

use super::evidence::Meta;
use crate::net::HttpResponse;

/// Bytes of a page in which `<meta>` elements are looked for.
const HEAD_BYTES: usize = 64 * 1024;
/// Policies kept from `<meta>` elements.
const MOST_POLICIES: usize = 8;
/// Characters kept of one value.
const VALUE_CHARACTERS: usize = 8 * 1024;

/// Headers that only a shield sends, and what to call it.
const SHIELD_HEADERS: &[(&str, &str, &str)] = &[
    ("cf-mitigated", "challenge", "a Cloudflare challenge"),
    ("x-amzn-waf-action", "", "an AWS WAF challenge"),
    ("x-sucuri-block", "", "the Sucuri firewall"),
];

/// Pages longer than this are the site's own: a shield also puts its scripts into those.
const SHIELD_PAGE_BYTES: usize = 16 * 1024;

/// Words that stand on block pages whatever their status, and what to call them.
const SHIELD_WORDS: &[(&str, &str)] = &[
    ("Request unsuccessful. Incapsula incident ID", "the Imperva firewall"),
    ("The requested URL was rejected. Please consult with your administrator.", "an F5 firewall"),
    ("Sucuri WebSite Firewall - Access Denied", "the Sucuri firewall"),
    ("<title>Just a moment...</title>", "a Cloudflare challenge"),
    ("geo.captcha-delivery.com", "a DataDome challenge"),
    ("id=\"px-captcha\"", "a HUMAN challenge"),
];

/// Returns what says that a response is a block page, if anything does.
pub(super) fn block_sign(response: &HttpResponse) -> Option<String> {
    let header = SHIELD_HEADERS.iter().find(|(name, value, _)| {
        response.header(name).is_some_and(|have| have.to_ascii_lowercase().contains(value))
    });
    if let Some((_, _, shield)) = header {
        return Some((*shield).to_owned());
    }
    if response.body.len() <= SHIELD_PAGE_BYTES {
        let text = String::from_utf8_lossy(&response.body);
        if let Some((_, shield)) = SHIELD_WORDS.iter().find(|(word, _)| text.contains(word)) {
            return Some((*shield).to_owned());
        }
    }
    let refusal = match response.status {
        403 => "forbidden",
        429 => "too many requests",
        503 => "service unavailable",
        _ => return None,
    };
    Some(refusal.to_owned())
}

/// Returns the policies a page's `<meta>` elements carry.
pub(super) fn meta(body: &[u8]) -> Meta {
    let text = String::from_utf8_lossy(&body[..body.len().min(HEAD_BYTES)]);
    let text = without_comments(&text);
    let lower = text.to_ascii_lowercase();
    let mut meta = Meta::default();
    for (at, _) in lower.match_indices("<meta") {
        let rest = &text[at + "<meta".len()..];
        let attributes = attributes(rest);
        let value = |name: &str| {
            let found = attributes.iter().find(|(have, _)| have.eq_ignore_ascii_case(name));
            found.map(|(_, value)| value.as_str())
        };
        let Some(content) = value("content") else { continue };
        let content: String = content.chars().take(VALUE_CHARACTERS).collect();
        if value("http-equiv")
            .is_some_and(|name| name.eq_ignore_ascii_case("content-security-policy"))
            && meta.content_security_policy.len() < MOST_POLICIES
        {
            meta.content_security_policy.push(content);
        } else if value("name").is_some_and(|name| name.eq_ignore_ascii_case("referrer")) {
            meta.referrer = Some(content);
        }
    }
    meta
}

fn without_comments(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("<!--") {
        kept.push_str(before);
        rest = after.split_once("-->").map_or("", |(_, after)| after);
    }
    kept.push_str(rest);
    kept
}

/// Reads attributes up to the end of the tag.
fn attributes(tag: &str) -> Vec<(String, String)> {
    let mut attributes = Vec::new();
    let mut rest = tag;
    while attributes.len() < 16 {
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '/');
        if rest.is_empty() || rest.starts_with('>') {
            break;
        }
        let end = rest
            .find(|c: char| c.is_whitespace() || matches!(c, '=' | '>' | '/'))
            .unwrap_or(rest.len());
        let (name, after) = match end {
            // A stray `=` begins a name (HTML, before attribute name state).
            0 => rest.split_at(1),
            end => rest.split_at(end),
        };
        let spaced = after.trim_start();
        let (value, after) = match spaced.strip_prefix('=') {
            None => ("", after),
            Some(value) => quoted(value.trim_start()),
        };
        attributes.push((name.to_owned(), unescape(value)));
        rest = after;
    }
    attributes
}

fn quoted(text: &str) -> (&str, &str) {
    for quote in ['"', '\''] {
        if let Some(inner) = text.strip_prefix(quote) {
            return inner.split_once(quote).unwrap_or((inner, ""));
        }
    }
    let end = text.find(|c: char| c.is_whitespace() || c == '>').unwrap_or(text.len());
    text.split_at(end)
}

fn unescape(value: &str) -> String {
    let value = value.replace("&#39;", "'").replace("&apos;", "'").replace("&#x27;", "'");
    value.replace("&quot;", "\"").replace("&amp;", "&")
}

/// Returns the first line of a `.git/HEAD`, when the body is one.
pub(super) fn git_head(body: &[u8]) -> Option<String> {
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
pub(super) fn variable_names(body: &[u8]) -> Vec<String> {
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

    fn response(status: u16, headers: &[(&str, &str)], body: &str) -> HttpResponse {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        HttpResponse {
            status,
            headers: headers.iter().map(owned).collect(),
            body: body.as_bytes().to_vec(),
            truncated: false,
        }
    }

    #[test]
    fn recognises_block_pages() {
        let sign = |status, headers, body| block_sign(&response(status, headers, body));
        assert_eq!(sign(403, &[], ""), Some("forbidden".to_owned()));
        assert_eq!(sign(429, &[], ""), Some("too many requests".to_owned()));
        let challenge: &[(&str, &str)] = &[("cf-mitigated", "challenge")];
        assert_eq!(sign(200, challenge, ""), Some("a Cloudflare challenge".to_owned()));
        let rejected =
            "<html>The requested URL was rejected. Please consult with your administrator.</html>";
        assert_eq!(sign(200, &[], rejected), Some("an F5 firewall".to_owned()));
        assert_eq!(sign(200, &[], "<h1>hello</h1>"), None);
        assert_eq!(sign(404, &[], "not here"), None);
    }

    #[test]
    fn reads_policies_from_meta_elements() {
        let page = br#"<head><!-- <meta http-equiv=content-security-policy content="x"> -->
            <META content="default-src &#39;self&#39;" HTTP-EQUIV='Content-Security-Policy' />
            <meta name=referrer content=no-referrer></head>"#;
        let read = meta(page);
        assert_eq!(read.content_security_policy, ["default-src 'self'"]);
        assert_eq!(read.referrer.as_deref(), Some("no-referrer"));
    }

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
        fn never_panics(body in proptest::collection::vec(any::<u8>(), 0..400), tag in "(<meta|<!--|-->|[ a-z=\"'/>\u{e9}]){0,40}") {
            block_sign(&response(200, &[], &tag));
            meta(&body);
            meta(tag.as_bytes());
            git_head(&body);
            variable_names(&body);
            variable_names(tag.as_bytes());
        }
    }
}
