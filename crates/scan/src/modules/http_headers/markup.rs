//! What a page's markup names: scripts, styles, frames, forms, and what its `<meta>` elements say.
//!
//! A standard tokenizer ([`html5gum`]) reads the page once; of what it finds only a bounded list of
//! attributes is kept, never the page. No tree is built: what stands in a `<template>` or a
//! `<noscript>` is left out, since a browser with scripts loads neither. Never fails, whatever the
//! bytes are.
//!
//! Invariants: no query of an address is kept, but for a version in it; what did not fit is told by
//! [`Markup::is_cut`], so that its absence is never taken for a good sign.

use std::convert::Infallible;

use html5gum::emitters::callback::{CallbackEmitter, CallbackEvent};
use html5gum::{Span, Tokenizer};
use serde::{Deserialize, Serialize};
use url::Url;

use super::evidence::Meta;
use crate::net::Scheme;

/// Resources kept of one kind.
const MOST_OF_A_KIND: usize = 64;
/// Characters kept of an address and of an integrity attribute.
const ADDRESS_CHARACTERS: usize = 512;
/// Hosts kept that inline scripts name.
const MOST_HOSTS: usize = 64;
/// Policies, banners and generators kept, of each.
const MOST_WORDS: usize = 8;
/// Characters kept of a policy.
const POLICY_CHARACTERS: usize = 8 * 1024;
/// Characters kept of a banner or a generator.
const WORD_CHARACTERS: usize = 128;

/// What a page's markup names.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Markup {
    /// At most 64 of a kind, each once. Of images and media one for each host and protocol.
    pub resources: Vec<Resource>,
    /// Hosts that inline scripts name after `//`, at most 64, in lower case.
    pub inline_hosts: Vec<String>,
    /// First lines of `/*!` comments in inline scripts, at most 8.
    pub banners: Vec<String>,
    /// What `<meta name=generator>` says, at most 8.
    pub generators: Vec<String>,
    /// The first 128 characters of `<title>`.
    pub title: String,
    /// Whether there is a field for a password.
    pub asks_password: bool,
    /// Whether the page or a list was cut short.
    pub is_cut: bool,
}

/// One thing a page loads, or a place it sends a form to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resource {
    pub kind: ResourceKind,
    pub scheme: Scheme,
    pub host: String,
    /// Without the query.
    pub path: String,
    /// What `ver=`, `v=` or `version=` of the query says, when it looks like a version.
    pub version: Option<String>,
    pub integrity: Option<String>,
    /// Whether there is a `crossorigin` attribute.
    pub has_crossorigin: bool,
}

/// What a browser does with a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResourceKind {
    Script,
    Style,
    Font,
    /// A page in the page.
    Frame,
    /// `<object>` and `<embed>`.
    Object,
    Image,
    /// Sound and film.
    Media,
    /// Where a form is sent.
    Form,
}

impl Resource {
    /// Returns the address, without its query.
    pub fn url(&self) -> String {
        format!("{}://{}{}", self.scheme.as_str(), self.host, self.path)
    }
}

/// Attributes that are looked at; the others are skipped.
const ATTRIBUTES: &[&str] = &[
    "src",
    "href",
    "rel",
    "type",
    "as",
    "data",
    "action",
    "formaction",
    "integrity",
    "crossorigin",
    "name",
    "content",
    "http-equiv",
];

/// Script types that run (HTML, "JavaScript MIME type" and `module`); anything else is data.
const SCRIPT_TYPES: &[&str] = &[
    "",
    "module",
    "text/javascript",
    "application/javascript",
    "application/x-javascript",
    "application/ecmascript",
    "text/ecmascript",
    "text/x-javascript",
    "text/jscript",
];

/// Reads a page that lies at `url`. `truncated` says that the rest of it was not fetched.
pub(crate) fn read(url: &str, body: &[u8], truncated: bool) -> (Meta, Markup) {
    let mut reader = Reader::default();
    let mut emitter = CallbackEmitter::new(|event: CallbackEvent<'_>, _: Span<()>| {
        reader.take(event);
        None::<Infallible>
    });
    emitter.naively_switch_states(true);
    let Ok(()) = Tokenizer::new_with_emitter(body, emitter).finish();
    reader.finish(url, truncated)
}

/// A resource as it stands in the page, before its address is resolved.
struct Found {
    kind: ResourceKind,
    address: String,
    integrity: Option<String>,
    has_crossorigin: bool,
}

#[derive(Default)]
struct Reader {
    tag: String,
    /// The attributes of the open tag that are looked at.
    attributes: Vec<(&'static str, String)>,
    /// The attribute whose value comes next.
    attribute: Option<&'static str>,
    /// Depth of `<template>` elements.
    templates: u32,
    in_body: bool,
    text: Text,
    base: Option<String>,
    found: Vec<Found>,
    meta: Meta,
    markup: Markup,
}

/// Whose text comes next.
#[derive(Default, PartialEq, Eq)]
enum Text {
    #[default]
    Other,
    Script,
    Title,
}

impl Reader {
    fn take(&mut self, event: CallbackEvent<'_>) {
        match event {
            CallbackEvent::OpenStartTag { name } => {
                self.tag.clear();
                self.tag.push_str(&String::from_utf8_lossy(&name[..name.len().min(32)]));
                self.attributes.clear();
                self.attribute = None;
            }
            CallbackEvent::AttributeName { name } => {
                let known = ATTRIBUTES.iter().copied().find(|known| known.as_bytes() == name);
                // Of an attribute that is repeated, the first counts.
                let new = |name: &&str| self.attributes.iter().all(|(have, _)| have != name);
                self.attribute = known.filter(new);
                self.attributes.extend(self.attribute.map(|name| (name, String::new())));
            }
            CallbackEvent::AttributeValue { value } => {
                let name = self.attribute.take();
                if let Some((_, kept)) = self.attributes.last_mut().filter(|_| name.is_some()) {
                    *kept =
                        String::from_utf8_lossy(value).chars().take(POLICY_CHARACTERS).collect();
                }
            }
            CallbackEvent::CloseStartTag { .. } => self.element(),
            CallbackEvent::EndTag { name } => {
                self.text = Text::Other;
                if name == b"template" {
                    self.templates = self.templates.saturating_sub(1);
                }
            }
            CallbackEvent::String { value } => match self.text {
                Text::Script => self.inline_script(&String::from_utf8_lossy(value)),
                Text::Title => {
                    let title = String::from_utf8_lossy(value);
                    self.markup.title = title.trim().chars().take(WORD_CHARACTERS).collect();
                    self.text = Text::Other;
                }
                Text::Other => {}
            },
            CallbackEvent::Comment { .. }
            | CallbackEvent::Doctype { .. }
            | CallbackEvent::Error(_) => {}
        }
    }

    fn value(&self, name: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|(have, _)| *have == name);
        found.map(|(_, value)| value.as_str())
    }

    fn is(&self, name: &str, wanted: &str) -> bool {
        self.value(name).is_some_and(|value| value.trim().eq_ignore_ascii_case(wanted))
    }

    fn element(&mut self) {
        self.text = Text::Other;
        if self.tag == "template" {
            self.templates = self.templates.saturating_add(1);
        }
        if self.templates > 0 {
            return;
        }
        match self.tag.as_str() {
            "body" => self.in_body = true,
            "title" if self.markup.title.is_empty() => self.text = Text::Title,
            "base" if self.base.is_none() => self.base = self.value("href").map(str::to_owned),
            "meta" => self.meta(),
            "script" => {
                let is_kind = |kind: &&str| self.is("type", kind);
                if self.value("type").is_none() || SCRIPT_TYPES.iter().any(is_kind) {
                    match self.value("src") {
                        Some(_) => self.add(ResourceKind::Script, "src"),
                        None => self.text = Text::Script,
                    }
                }
            }
            "link" => self.link(),
            "iframe" | "frame" => self.add(ResourceKind::Frame, "src"),
            "embed" => self.add(ResourceKind::Object, "src"),
            "object" => self.add(ResourceKind::Object, "data"),
            "img" => self.add(ResourceKind::Image, "src"),
            "audio" | "video" | "source" | "track" => self.add(ResourceKind::Media, "src"),
            "form" => self.add(ResourceKind::Form, "action"),
            "button" => self.add(ResourceKind::Form, "formaction"),
            "input" => {
                self.markup.asks_password |= self.is("type", "password");
                if self.is("type", "image") {
                    self.add(ResourceKind::Image, "src");
                }
                self.add(ResourceKind::Form, "formaction");
            }
            _ => {}
        }
    }

    fn meta(&mut self) {
        let Some(content) = self.value("content") else { return };
        if self.is("http-equiv", "content-security-policy") {
            // Browsers heed a policy in the head only (CSP3, section 3.3).
            if !self.in_body && self.meta.content_security_policy.len() < MOST_WORDS {
                self.meta.content_security_policy.push(content.to_owned());
            }
        } else if self.is("name", "referrer") {
            self.meta.referrer = Some(content.to_owned());
        } else if self.is("name", "generator") && self.markup.generators.len() < MOST_WORDS {
            self.markup.generators.push(content.trim().chars().take(WORD_CHARACTERS).collect());
        }
    }

    fn link(&mut self) {
        let rel = self.value("rel").unwrap_or_default().to_ascii_lowercase();
        let mut words = rel.split_ascii_whitespace();
        let kind = words.find_map(|word| match word {
            "stylesheet" => Some(ResourceKind::Style),
            "icon" | "apple-touch-icon" => Some(ResourceKind::Image),
            "modulepreload" => Some(ResourceKind::Script),
            "preload" if self.is("as", "font") => Some(ResourceKind::Font),
            _ => None,
        });
        if let Some(kind) = kind {
            self.add(kind, "href");
        }
    }

    fn add(&mut self, kind: ResourceKind, attribute: &str) {
        let Some(address) = self.value(attribute).map(str::trim).filter(|value| !value.is_empty())
        else {
            return;
        };
        if matches!(kind, ResourceKind::Image | ResourceKind::Media) {
            let origin = origin(address);
            let is_seen =
                |found: &Found| found.kind == kind && self::origin(&found.address) == origin;
            if origin.starts_with("data:") || self.found.iter().any(is_seen) {
                return;
            }
        }
        // Four times what is kept: some turn out to be the same or no web addresses.
        if self.found.iter().filter(|found| found.kind == kind).count() >= 4 * MOST_OF_A_KIND {
            self.markup.is_cut = true;
            return;
        }
        let cut = |text: &str| text.chars().take(ADDRESS_CHARACTERS).collect();
        let found = Found {
            kind,
            address: address.chars().take(4 * ADDRESS_CHARACTERS).collect(),
            integrity: self.value("integrity").map(cut),
            has_crossorigin: self.value("crossorigin").is_some(),
        };
        self.found.push(found);
    }

    fn inline_script(&mut self, text: &str) {
        for (_, after) in text.match_indices("/*!").map(|(at, mark)| (at, &text[at + mark.len()..]))
        {
            if self.markup.banners.len() == MOST_WORDS {
                break;
            }
            let line = after.trim_start_matches(|c: char| c.is_whitespace() || c == '*');
            let line = line.lines().next().unwrap_or_default().trim();
            self.markup.banners.push(line.chars().take(WORD_CHARACTERS).collect());
        }
        for (at, mark) in text.match_indices("//").chain(text.match_indices("\\/\\/")) {
            let rest = &text[at + mark.len()..];
            let is_host = |c: char| c.is_ascii_alphanumeric() || c == '.' || c == '-';
            let end = rest.find(|c| !is_host(c)).unwrap_or(rest.len()).min(253);
            let host = rest[..end].trim_matches('.').to_ascii_lowercase();
            let hosts = &mut self.markup.inline_hosts;
            if !host.contains('.') || hosts.contains(&host) {
                continue;
            }
            if hosts.len() == MOST_HOSTS {
                self.markup.is_cut = true;
                break;
            }
            hosts.push(host);
        }
    }

    fn finish(mut self, url: &str, truncated: bool) -> (Meta, Markup) {
        self.markup.is_cut |= truncated;
        let page = Url::parse(url).ok();
        let base = match (&self.base, &page) {
            (Some(base), Some(page)) => page.join(base).ok().or_else(|| Some(page.clone())),
            _ => page,
        };
        for found in &self.found {
            let Some(resource) = base.as_ref().and_then(|base| resolve(base, found)) else {
                continue;
            };
            let kept = &mut self.markup.resources;
            let is_seen = kept.iter().any(|have| match resource.kind {
                ResourceKind::Image | ResourceKind::Media => {
                    (have.kind, have.scheme, &have.host)
                        == (resource.kind, resource.scheme, &resource.host)
                }
                _ => *have == resource,
            });
            if is_seen {
                continue;
            }
            match kept.iter().filter(|have| have.kind == resource.kind).count() {
                MOST_OF_A_KIND.. => self.markup.is_cut = true,
                _ => kept.push(resource),
            }
        }
        (self.meta, self.markup)
    }
}

/// Returns what stands before the path: nothing for an address on the page's own host.
fn origin(address: &str) -> &str {
    let scheme = address.find([':', '/', '?', '#']).filter(|at| address[*at..].starts_with(':'));
    let Some(at) = scheme else {
        let Some(rest) = address.strip_prefix("//") else { return "" };
        return &address[..2 + rest.find(['/', '?', '#']).unwrap_or(rest.len())];
    };
    let rest = &address[at + 1..];
    let slashes = rest.bytes().take_while(|byte| *byte == b'/').count();
    let end = rest[slashes..].find(['/', '?', '#', ',']).unwrap_or(rest.len() - slashes);
    &address[..at + 1 + slashes + end]
}

/// Returns where a resource lies, when that is on the web.
fn resolve(base: &Url, found: &Found) -> Option<Resource> {
    let url = base.join(&found.address).ok()?;
    let scheme = match url.scheme() {
        "https" => Scheme::Https,
        "http" => Scheme::Http,
        _ => return None,
    };
    let version = url.query_pairs().find_map(|(name, value)| {
        let looks_like_one = value.len() <= 24
            && value.starts_with(|c: char| c.is_ascii_digit())
            && value.contains('.')
            && value.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_'));
        (matches!(&*name, "ver" | "v" | "version") && looks_like_one).then(|| value.into_owned())
    });
    Some(Resource {
        kind: found.kind,
        scheme,
        host: url.host_str()?.to_owned(),
        path: url.path().chars().take(ADDRESS_CHARACTERS).collect(),
        version,
        integrity: found.integrity.clone(),
        has_crossorigin: found.has_crossorigin,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn markup(page: &str) -> Markup {
        read("https://shop.example.com/a/b?token=s3cr3t", page.as_bytes(), false).1
    }

    fn names(page: &str) -> Vec<String> {
        markup(page)
            .resources
            .iter()
            .map(|have| format!("{:?} {}", have.kind, have.url()))
            .collect()
    }

    #[test]
    fn names_what_a_page_loads() {
        let page = "<link rel='Preload StyleSheet' href=/s.css><script src=//cdn.test/x.js?v=1.2.3>\
             </script><SCRIPT SRC='y.js'></SCRIPT><iframe src=http://frames.test></iframe>\
             <img src=data:image/png;base64,AA==><form action='../send?key=1'><object data=o.svg>";
        assert_eq!(
            names(page),
            [
                "Style https://shop.example.com/s.css",
                "Script https://cdn.test/x.js",
                "Script https://shop.example.com/a/y.js",
                "Frame http://frames.test/",
                "Form https://shop.example.com/send",
                "Object https://shop.example.com/a/o.svg",
            ]
        );
        assert_eq!(markup(page).resources[1].version.as_deref(), Some("1.2.3"));
        assert!(!serde_json::to_string(&markup(page)).unwrap().contains("s3cr3t"));
    }

    #[test]
    fn what_does_not_load_is_left_out() {
        let page = "<!-- <script src=a.js></script> --><script type=text/plain src=b.js></script>\
             <template><script src=c.js></script></template><noscript><img src=d.png></noscript>\
             <script>'<script src=e.js>'</script><textarea><script src=f.js></textarea>\
             <title><script src=g.js></title>";
        assert_eq!(names(page), [""; 0]);
    }

    #[test]
    fn the_first_base_moves_every_address() {
        let page = "<script src=x.js></script><base href=//cdn.test/lib/><base href=//other.test/>";
        assert_eq!(names(page), ["Script https://cdn.test/lib/x.js"]);
    }

    #[test]
    fn reads_policies_of_the_head_only() {
        let page = br#"<head><!-- <meta http-equiv=content-security-policy content="x"> -->
            <META content="default-src &#39;self&#39;" HTTP-EQUIV='Content-Security-Policy' />
            <meta name=referrer content=no-referrer><meta name=generator content="WordPress 6.4"></head>
            <body><meta http-equiv=content-security-policy content="script-src 'none'">"#;
        let (meta, markup) = read("https://example.com/", page, false);
        assert_eq!(meta.content_security_policy, ["default-src 'self'"]);
        assert_eq!(meta.referrer.as_deref(), Some("no-referrer"));
        assert_eq!(markup.generators, ["WordPress 6.4"]);
    }

    #[test]
    fn inline_scripts_tell_hosts_and_banners() {
        let read = markup(
            "<script>/*!\n * jQuery v1.12.4 | (c)\n */ j.src='https://Tags.test/t.js?id='+i;\
             k='https:\\/\\/more.test\\/'; // a comment. x</script>\
             <script type=application/json>'//data.test/'</script>",
        );
        assert_eq!(read.banners, ["jQuery v1.12.4 | (c)"]);
        assert_eq!(read.inline_hosts, ["tags.test", "more.test"]);
    }

    #[test]
    fn lists_are_bounded_and_say_so() {
        let many: String =
            (0..5_000).map(|index| format!("<script src={index}.js></script>")).collect();
        let read = markup(&many);
        assert_eq!(read.resources.len(), MOST_OF_A_KIND);
        assert!(read.is_cut);
        let images: String =
            (0..900).map(|index| format!("<img src=/i/{index}.png?a:b>")).collect();
        assert_eq!(markup(&images).resources.len(), 1);
        assert!(!markup(&images).is_cut);
        let data = "<img src=data:image/png;base64,AA==>".repeat(300);
        assert!(markup(&data).resources.is_empty() && !markup(&data).is_cut);
    }

    proptest! {
        #[test]
        fn never_panics_and_stays_small(
            bytes in proptest::collection::vec(any::<u8>(), 0..400),
            page in "(<script|<base href=|</|<!--|-->|<link rel=|<template>|src=|//|/\\*!|[ a-z=\"'/>:.\u{e9}]){0,60}",
        ) {
            read("https://example.com/", &bytes, false);
            read(&page, page.as_bytes(), true);
            let (_, markup) = read("https://example.com/", page.as_bytes(), false);
            prop_assert!(markup.resources.len() <= 8 * MOST_OF_A_KIND);
            prop_assert!(markup.inline_hosts.len() <= MOST_HOSTS);
        }
    }
}
