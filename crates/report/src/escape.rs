//! Makes what a target said harmless in the place it is printed.

use std::borrow::Cow;

/// Shows control, invisible and direction-changing characters as `\u{1b}`, so that a target can
/// neither move the cursor nor reorder the line. Line breaks count as control characters.
pub fn terminal(text: &str) -> Cow<'_, str> {
    if !text.contains(is_unprintable) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 16);
    for letter in text.chars() {
        match is_unprintable(letter) {
            // `escape_default` gives `\n`, `\t`, `\u{1b}`.
            true => safe.extend(letter.escape_default()),
            false => safe.push(letter),
        }
    }
    Cow::Owned(safe)
}

fn is_unprintable(letter: char) -> bool {
    letter.is_control()
        || matches!(letter,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
            | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_gets_no_control_characters() {
        assert_eq!(terminal("plain text, ü and 漢"), "plain text, ü and 漢");
        assert_eq!(terminal("a\u{1b}[2Jb\r\nc"), "a\\u{1b}[2Jb\\r\\nc");
        assert_eq!(terminal("\u{202e}cod.exe"), "\\u{202e}cod.exe");
        assert_eq!(terminal("\u{9b}31m"), "\\u{9b}31m");
    }
}
