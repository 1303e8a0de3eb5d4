//! Our own pages, read again: as much of HTML as our templates print.
//!
//! What is to be said about every form is done here once, after its page is made, instead of in each
//! template: [`crate::refill()`] puts back what was typed, [`crate::with_summary`] says on top what is
//! wrong. Attributes have double quotes and text has no `<`: both hold for what askama and
//! [`crate::Html`] print, and for nothing else, so no page of others is ever read with this.

use std::ops::Range;

/// One tag, with where it stands.
#[derive(Debug, Clone)]
pub(crate) struct Tag<'a> {
    /// Without the brackets; an end begins with `/`.
    pub(crate) name: &'a str,
    pub(crate) at: Range<usize>,
    attributes: Vec<(&'a str, Option<&'a str>)>,
}

impl<'a> Tag<'a> {
    /// Returns the value of an attribute as it is printed; one without a value is empty.
    pub(crate) fn raw(&self, name: &str) -> Option<&'a str> {
        let (_, value) = self.attributes.iter().find(|(have, _)| *have == name)?;
        Some(value.unwrap_or_default())
    }

    /// Returns the value of an attribute as it is meant.
    pub(crate) fn value(&self, name: &str) -> Option<String> {
        self.raw(name).map(unescape)
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.raw(name).is_some()
    }

    pub(crate) fn has_class(&self, class: &str) -> bool {
        self.raw("class").is_some_and(|all| all.split(' ').any(|one| one == class))
    }

    /// Returns the tag with one attribute in place of any of that name; `None` takes it away.
    pub(crate) fn with(&self, name: &str, value: Option<&str>) -> String {
        let mut tag = format!("<{}", self.name);
        let mut attribute = |name: &str, value: Option<&str>| {
            tag.push(' ');
            tag.push_str(name);
            if let Some(value) = value {
                tag.push_str(&format!("=\"{value}\""));
            }
        };
        for (have, value) in self.attributes.iter().filter(|(have, _)| *have != name) {
            attribute(have, *value);
        }
        if let Some(value) = value {
            attribute(
                name,
                Some(&crate::escape(value)).filter(|value| !value.is_empty()).map(|value| &**value),
            );
        }
        tag.push('>');
        tag
    }
}

/// Returns every tag of a page, in order.
pub(crate) fn tags(html: &str) -> Vec<Tag<'_>> {
    let mut tags = Vec::new();
    let mut from = 0;
    while let Some(begin) = html[from..].find('<').map(|at| from + at) {
        match tag(html, begin) {
            Some(tag) => {
                from = tag.at.end;
                tags.push(tag);
            }
            None => from = begin + 1,
        }
    }
    tags
}

fn tag(html: &str, begin: usize) -> Option<Tag<'_>> {
    let rest = &html[begin + 1..];
    let name = &rest[..rest.find([' ', '\n', '>'])?];
    if !name.trim_start_matches('/').starts_with(|first: char| first.is_ascii_alphabetic()) {
        return None;
    }
    let mut attributes = Vec::new();
    let mut at = begin + 1 + name.len();
    loop {
        let rest = html[at..].trim_start_matches([' ', '\n', '/']);
        at = html.len() - rest.len();
        if rest.starts_with('>') {
            return Some(Tag { name, at: begin..at + 1, attributes });
        }
        let word = &rest[..rest.find([' ', '\n', '=', '>'])?];
        at += word.len();
        let value = match html[at..].strip_prefix("=\"") {
            Some(rest) => {
                let value = &rest[..rest.find('"')?];
                at += value.len() + 3;
                Some(value)
            }
            None => None,
        };
        attributes.push((word, value));
    }
}

/// Returns printed text as it is meant: what [`crate::escape`] and askama write, backwards.
pub(crate) fn unescape(text: &str) -> String {
    const WRITTEN: [(&str, &str); 9] = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#60;", "<"),
        ("&#62;", ">"),
        ("&#34;", "\""),
        ("&#39;", "'"),
        ("&#38;", "&"),
        ("&amp;", "&"),
    ];
    let mut meant = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        meant.push_str(&rest[..at]);
        rest = &rest[at..];
        let known = WRITTEN.iter().find(|(written, _)| rest.starts_with(written));
        let (written, character) = known.unwrap_or(&("&", "&"));
        meant.push_str(character);
        rest = &rest[written.len()..];
    }
    meant + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_found_with_what_stands_in_them() {
        let html = "<!doctype html>\n<p class=\"a b\">1 &lt; 2</p><input value=\"a > &#34;b&#34;\"\n checked><br/>";
        let tags = tags(html);
        let names: Vec<_> = tags.iter().map(|tag| tag.name).collect();
        assert_eq!(names, ["p", "/p", "input", "br/"]);
        assert!(tags[0].has_class("b") && !tags[0].has_class("c"));
        assert_eq!(tags[2].value("value").unwrap(), "a > \"b\"");
        assert!(tags[2].has("checked") && !tags[2].has("name"));
        assert_eq!(&html[tags[0].at.clone()], "<p class=\"a b\">");
    }

    #[test]
    fn one_attribute_is_put_in_anothers_place() {
        let tags = tags("<input name=\"x\" value=\"1\" required>");
        assert_eq!(
            tags[0].with("value", Some("<\">")),
            "<input name=\"x\" required value=\"&lt;&quot;&gt;\">"
        );
        assert_eq!(tags[0].with("required", None), "<input name=\"x\" value=\"1\">");
        assert_eq!(
            tags[0].with("checked", Some("")),
            "<input name=\"x\" value=\"1\" required checked>"
        );
    }

    #[test]
    fn text_that_was_escaped_is_meant_as_before() {
        for text in ["<a href=\"x\" b='y'>&amp;", "&lt", "&", "Ünï & 😀"] {
            assert_eq!(unescape(&crate::escape(text)), text);
        }
    }
}
