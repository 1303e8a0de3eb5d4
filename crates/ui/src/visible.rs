//! Characters that nobody sees but that move or hide their neighbours: what a target sends, or
//! somebody types, must not make a page read other than it is.
//!
//! [`crate::render`] lets every page through here, so no template can forget it.

use std::borrow::Cow;

/// Puts U+FFFD in place of control characters, of those that change the direction of text, and of
/// those without a width (Unicode Technical Report 36, section 2.7). Line breaks and tabs stay.
///
/// A joiner stays behind a character that is not ASCII: emoji and several scripts need it, and in a
/// Latin name it only hides.
pub(crate) fn visible(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_unseen) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len());
    let mut before = '\0';
    for character in text.chars() {
        let joins = is_joiner(character) && !before.is_ascii() && !is_joiner(before);
        shown.push(if is_unseen(character) && !joins { '\u{fffd}' } else { character });
        before = character;
    }
    Cow::Owned(shown)
}

fn is_joiner(character: char) -> bool {
    matches!(character, '\u{200c}' | '\u{200d}')
}

fn is_unseen(character: char) -> bool {
    match character {
        '\n' | '\r' | '\t' => false,
        ' '..='~' => false,
        '\u{ad}'
        | '\u{34f}'
        | '\u{61c}'
        | '\u{115f}'..='\u{1160}'
        | '\u{17b4}'..='\u{17b5}'
        | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{3164}'
        | '\u{feff}'
        | '\u{ffa0}'
        | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e007f}' => true,
        other => other.is_control(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_hides_or_turns_text_around_is_shown() {
        for hidden in [
            '\0',
            '\u{1b}',
            '\u{7f}',
            '\u{9b}',
            '\u{ad}',
            '\u{61c}',
            '\u{200b}',
            '\u{200d}',
            '\u{200e}',
            '\u{202a}',
            '\u{202e}',
            '\u{2028}',
            '\u{2060}',
            '\u{2066}',
            '\u{2069}',
            '\u{feff}',
            '\u{e0041}',
        ] {
            assert_eq!(visible(&format!("a{hidden}b")), "a\u{fffd}b", "{hidden:?}");
        }
    }

    #[test]
    fn what_people_write_stays_as_it_is() {
        for plain in [
            "",
            "a\r\n\tb",
            "Größe − “x”",
            "👨\u{200d}👩\u{200d}👧",
            "می\u{200c}خواهم",
            "עברית العربية",
        ] {
            assert_eq!(visible(plain), plain);
        }
        assert_eq!(visible("é\u{200d}\u{200d}x"), "é\u{200d}\u{fffd}x", "one joiner joins");
    }
}
