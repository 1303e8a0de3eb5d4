//! A logo as BIMI wants it: SVG Tiny Portable/Secure. The file is read by a tokenizer, never drawn,
//! and only what is wrong with it is kept.

use std::collections::BTreeSet;
use std::convert::Infallible;

use html5gum::emitters::callback::{CallbackEmitter, CallbackEvent};
use html5gum::{Span, Tokenizer};

/// Octets of a logo that mail programs take.
pub(in crate::modules::email_auth) const MOST_BYTES: usize = 32 * 1024;
/// Elements that move, run or load something, which the profile forbids.
const FORBIDDEN: [&str; 11] = [
    "script",
    "image",
    "foreignobject",
    "animate",
    "animatemotion",
    "animatetransform",
    "animatecolor",
    "set",
    "audio",
    "video",
    "handler",
];

#[derive(Default)]
struct Reader {
    element: String,
    attribute: String,
    /// Elements that were opened.
    elements: usize,
    profile: String,
    version: String,
    has_title: bool,
    problems: BTreeSet<String>,
}

/// Returns what is wrong with a logo, as clauses, sorted.
pub(crate) fn problems(svg: &[u8]) -> Vec<String> {
    let mut reader = Reader::default();
    if svg.len() > MOST_BYTES {
        reader.say("it is larger than 32 KiB");
    }
    let mut emitter = CallbackEmitter::new(|event: CallbackEvent<'_>, _: Span<()>| {
        reader.take(&event);
        None::<Infallible>
    });
    emitter.naively_switch_states(false);
    let Ok(()) = Tokenizer::new_with_emitter(&svg[..svg.len().min(MOST_BYTES)], emitter).finish();
    reader.finish()
}

impl Reader {
    fn say(&mut self, problem: &str) {
        self.problems.insert(problem.to_owned());
    }

    fn take(&mut self, event: &CallbackEvent<'_>) {
        match event {
            CallbackEvent::OpenStartTag { name } => self.open(&lower(name)),
            CallbackEvent::AttributeName { name } => self.attribute = lower(name),
            CallbackEvent::AttributeValue { value } => {
                self.attribute_value(&String::from_utf8_lossy(value));
            }
            _ => {}
        }
    }

    fn open(&mut self, name: &str) {
        if self.elements == 0 && name != "svg" {
            self.say("it does not begin with an `svg` element");
        }
        self.elements += 1;
        if let Some(forbidden) = FORBIDDEN.iter().find(|forbidden| **forbidden == name) {
            self.problems.insert(format!("it holds a `{forbidden}` element"));
        }
        self.has_title |= name == "title";
        name.clone_into(&mut self.element);
        self.attribute.clear();
    }

    fn attribute_value(&mut self, value: &str) {
        let attribute = std::mem::take(&mut self.attribute);
        let value = value.trim();
        let is_root = self.elements == 1;
        match attribute.as_str() {
            "baseprofile" if is_root => value.clone_into(&mut self.profile),
            "version" if is_root => value.clone_into(&mut self.version),
            "x" | "y" if is_root => self.say("the `svg` element has `x` or `y`"),
            "href" | "xlink:href" | "src" if !value.starts_with('#') => {
                self.say("it refers to something outside");
            }
            "style" | "fill" | "stroke" | "filter" | "mask" if reaches_out(value) => {
                self.say("it refers to something outside");
            }
            handler if handler.starts_with("on") => self.say("it holds an event handler"),
            _ => {}
        }
    }

    fn finish(mut self) -> Vec<String> {
        if self.elements == 0 {
            return vec!["it is no SVG file".to_owned()];
        }
        if self.profile != "tiny-ps" {
            self.say("`baseProfile` is not `tiny-ps`");
        }
        if self.version != "1.2" {
            self.say("`version` is not `1.2`");
        }
        if !self.has_title {
            self.say("there is no `title`");
        }
        self.problems.into_iter().collect()
    }
}

fn lower(name: &[u8]) -> String {
    String::from_utf8_lossy(&name[..name.len().min(40)]).to_ascii_lowercase()
}

fn reaches_out(value: &str) -> bool {
    let value = value.to_ascii_lowercase();
    value.match_indices("url(").any(|(at, found)| {
        let target = value[at + found.len()..].trim_start_matches([' ', '"', '\'']);
        !target.starts_with('#')
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const GOOD: &str = r##"<?xml version="1.0" encoding="UTF-8"?>
<svg version="1.2" baseProfile="tiny-ps" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9">
<title>Shop</title><defs><linearGradient id="a"/></defs>
<rect x="1" width="9" height="9" fill="url(#a)"/><use xlink:href="#a"/></svg>"##;

    #[test]
    fn a_logo_of_the_profile_is_fine() {
        assert_eq!(problems(GOOD.as_bytes()), [""; 0]);
    }

    #[test]
    fn what_the_profile_forbids_is_told() {
        for (from, to, problem) in [
            ("tiny-ps", "tiny", "`baseProfile` is not `tiny-ps`"),
            ("\"1.2\"", "\"1.1\"", "`version` is not `1.2`"),
            ("<title>Shop</title>", "", "there is no `title`"),
            ("<rect ", "<script>1</script><rect ", "it holds a `script` element"),
            ("<rect ", "<image href='#a'/><rect ", "it holds a `image` element"),
            ("<rect ", "<rect onclick='1' ", "it holds an event handler"),
            ("#a\"/></svg>", "https://e.example/\"/></svg>", "it refers to something outside"),
            ("url(#a)", "url(http://e.example/)", "it refers to something outside"),
            ("<svg ", "<svg x='1' ", "the `svg` element has `x` or `y`"),
        ] {
            assert!(GOOD.contains(from), "{from}");
            assert_eq!(problems(GOOD.replacen(from, to, 1).as_bytes()), [problem]);
        }
        assert_eq!(problems(b"not a picture"), ["it is no SVG file"]);
        let large = format!("{GOOD}{}", " ".repeat(MOST_BYTES));
        assert_eq!(problems(large.as_bytes()), ["it is larger than 32 KiB"]);
    }

    proptest! {
        #[test]
        fn any_file_is_read_and_little_is_kept(svg in "(<[a-z]{1,9} [a-z]{1,9}='\\PC{0,9}'>|\\PC{0,20}){0,40}") {
            prop_assert!(problems(svg.as_bytes()).len() < 20);
        }
    }
}
