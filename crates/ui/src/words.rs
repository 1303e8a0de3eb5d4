//! Languages: English stands in the templates, `messages/<language>.txt` has the others.
//!
//! A file is pairs of lines, `> English` and its translation, with empty lines between. `{}` stands
//! for a value. The test at the bottom finds texts without a translation and translations without a
//! text, so no page is half translated.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::Zone;

/// A language that the pages speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Lang {
    #[default]
    English,
    German,
}

impl Lang {
    /// Every language.
    pub const ALL: &'static [Self] = &[Self::English, Self::German];

    /// Returns the language's tag (BCP 47).
    pub fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
        }
    }

    /// Returns the language's name in itself.
    pub fn name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::German => "Deutsch",
        }
    }

    /// Returns which way it is written, for `dir`.
    pub fn direction(self) -> &'static str {
        match self {
            Self::English | Self::German => "ltr",
        }
    }

    /// Returns the language of a tag.
    pub fn parse(tag: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|lang| lang.tag() == tag)
    }

    /// Returns the first language of an `Accept-Language` field that is spoken here (RFC 9110,
    /// 12.5.4; weights are taken to be in order, as browsers send them).
    pub fn accepted(field: &str) -> Option<Self> {
        let tags = field.split(',').take(20).map(|item| item.split(';').next().unwrap_or(item));
        tags.filter_map(|tag| Self::parse(tag.trim().split('-').next()?)).next()
    }
}

static GERMAN: LazyLock<HashMap<&'static str, &'static str>> =
    LazyLock::new(|| read(include_str!("../messages/de.txt")));

/// Reads a file of translations.
pub(crate) fn read(file: &'static str) -> HashMap<&'static str, &'static str> {
    let mut lines = file.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let mut pairs = HashMap::new();
    while let (Some(english), Some(translation)) = (lines.next(), lines.next()) {
        pairs.insert(english.strip_prefix("> ").unwrap_or(english), translation);
    }
    pairs
}

/// Lists texts that are looked up later by name, so that the test below finds them.
macro_rules! texts {
    ($($text:literal),+ $(,)?) => { [$($text),+] };
}
pub(crate) use texts;

/// Says things in a language, and moments in a time zone.
#[derive(Debug, Clone, Copy, Default)]
pub struct Words {
    pub lang: Lang,
    pub zone: Zone,
}

impl From<Lang> for Words {
    fn from(lang: Lang) -> Self {
        Self { lang, zone: Zone::UTC }
    }
}

impl Words {
    /// Says a text.
    pub fn t(&self, english: &'static str) -> &'static str {
        match self.lang {
            Lang::English => english,
            Lang::German => GERMAN.get(english).copied().unwrap_or(english),
        }
    }

    /// Says a text with one value in place of `{}`.
    pub fn t1(&self, english: &'static str, value: impl std::fmt::Display) -> String {
        self.t(english).replacen("{}", &value.to_string(), 1)
    }

    /// Says a text with two values, in the order of the `{}`.
    pub fn t2(
        &self,
        english: &'static str,
        first: impl std::fmt::Display,
        second: impl std::fmt::Display,
    ) -> String {
        let text = self.t(english);
        let (before, after) = text.split_once("{}").unwrap_or((text, ""));
        format!("{before}{first}{}", after.replacen("{}", &second.to_string(), 1))
    }

    /// Says how many: `one` for exactly one, `many` with the number in place of `{}` otherwise.
    pub fn tn(&self, count: i64, one: &'static str, many: &'static str) -> String {
        match count {
            1 => self.t(one).to_owned(),
            _ => self.t1(many, self.number(count)),
        }
    }

    /// Returns a number with separators between its thousands.
    pub fn number(&self, number: impl Into<i64>) -> String {
        let number: i64 = number.into();
        let digits = number.unsigned_abs().to_string();
        let separator = match self.lang {
            Lang::English => ',',
            Lang::German => '.',
        };
        let mut text = String::new();
        for (at, digit) in digits.chars().enumerate() {
            if at > 0 && (digits.len() - at).is_multiple_of(3) {
                text.push(separator);
            }
            text.push(digit);
        }
        if number < 0 { format!("−{text}") } else { text }
    }
}

impl Words {
    /// Returns thousandths of a point as points with their sign, as in `−13.077` and `+2`.
    pub fn points(&self, milli: impl Into<i64>) -> String {
        let milli: i64 = milli.into();
        let sign = match milli {
            ..0 => "−",
            0 => "",
            1.. => "+",
        };
        let (whole, part) = (milli.unsigned_abs() / 1_000, milli.unsigned_abs() % 1_000);
        let separator = match self.lang {
            Lang::English => '.',
            Lang::German => ',',
        };
        match part {
            0 => format!("{sign}{whole}"),
            _ => {
                let digits = format!("{part:03}");
                format!("{sign}{whole}{separator}{}", digits.trim_end_matches('0'))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;

    /// The literals that stand behind `t(`, `t1(`, `t2(`, `tn(` in the templates and sources.
    fn texts() -> BTreeSet<String> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut folders =
            vec![root.join("templates"), root.join("src"), root.join("../server/src/pages")];
        let mut texts = BTreeSet::new();
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else if !path.ends_with("words.rs") {
                    collect(&std::fs::read_to_string(&path).unwrap(), &mut texts);
                }
            }
        }
        texts
    }

    fn collect(source: &str, texts: &mut BTreeSet<String>) {
        for (at, begin) in source.match_indices("texts![") {
            let list = &source[at + begin.len()..];
            let list = &list[..list.find(']').unwrap()];
            texts.extend(list.split('"').skip(1).step_by(2).map(str::to_owned));
        }
        for call in ["t(", "t1(", "t2(", "tn("] {
            for (at, _) in source.match_indices(&format!(".{call}")) {
                let arguments = arguments(&source[at + call.len() + 1..]);
                let mut literals = arguments.split('"').skip(1).step_by(2);
                match call {
                    "tn(" => texts.extend(literals.take(2).map(str::to_owned)),
                    // A call whose first argument is not a literal names none.
                    _ if arguments.trim_start().starts_with('"') => {
                        texts.extend(literals.next().map(str::to_owned));
                    }
                    _ => {}
                }
            }
        }
    }

    /// The text up to the bracket that ends a call.
    fn arguments(source: &str) -> &str {
        let (mut depth, mut quoted) = (0_i32, false);
        for (at, letter) in source.char_indices() {
            match letter {
                '"' => quoted = !quoted,
                '(' if !quoted => depth += 1,
                ')' if !quoted && depth == 0 => return &source[..at],
                ')' if !quoted => depth -= 1,
                _ => {}
            }
        }
        source
    }

    #[test]
    fn every_text_is_translated_and_every_translation_is_used() {
        let texts = texts();
        assert!(texts.len() > 20, "the texts were not found");
        let missing: Vec<_> =
            texts.iter().filter(|text| !GERMAN.contains_key(text.as_str())).collect();
        assert!(missing.is_empty(), "without a translation: {missing:#?}");
        let unused: Vec<_> = GERMAN.keys().filter(|text| !texts.contains(**text)).collect();
        assert!(unused.is_empty(), "translations of nothing: {unused:#?}");
        let lines =
            include_str!("../messages/de.txt").lines().filter(|line| line.starts_with("> "));
        assert_eq!(lines.count(), GERMAN.len(), "a text is translated twice");
        for (english, german) in &*GERMAN {
            let values = |text: &str| text.matches("{}").count();
            assert_eq!(values(english), values(german), "{english}");
        }
    }

    #[test]
    fn values_and_numbers_find_their_places() {
        let words = Words::from(Lang::English);
        assert_eq!(words.t2("{} of {}", 1, 2), "1 of 2");
        assert_eq!(words.tn(1, "1 key", "{} keys"), "1 key");
        assert_eq!(words.tn(1200, "1 key", "{} keys"), "1,200 keys");
        assert_eq!(words.number(-1_234_567), "−1,234,567");
        assert_eq!(Words::from(Lang::German).number(1_000), "1.000");
        let points = [-13_077, 0, 2_000, 250].map(|milli| words.points(milli));
        assert_eq!(points, ["−13.077", "0", "+2", "+0.25"]);
        assert_eq!(Words::from(Lang::German).points(-1_500), "−1,5");
    }

    #[test]
    fn the_browser_says_which_language() {
        assert_eq!(Lang::accepted("de-AT,de;q=0.9,en;q=0.8"), Some(Lang::German));
        assert_eq!(Lang::accepted("fr, en-GB;q=0.5"), Some(Lang::English));
        assert_eq!(Lang::accepted("fr"), None);
    }
}
