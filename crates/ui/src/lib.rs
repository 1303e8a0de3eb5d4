//! What people see: pages, the parts they are made of, the style and the script.
//!
//! A page is a struct with its template; the server fills it and sends what [`render`] gives. Parts
//! are functions that return [`Html`], the one type a template may print as it stands; everything
//! else is escaped. Texts are English in the templates and looked up in `messages/` for other
//! languages ([`Words`]).
//!
//! Invariants: no SQL, no HTTP, no clock; no inline style or script, so that the content policy can
//! refuse both; nothing is loaded from elsewhere.
//!
//! To add a page: a struct in `pages/<noun>.rs`, a template of the same name, its texts in
//! `messages/de.txt`.

mod agent;
pub mod assets;
mod check_words;
mod frame;
mod html;
mod markup;
pub mod pages;
pub mod parts;
mod problems;
mod refill;
mod scan_words;
mod summary;
mod terms;
mod time;
mod visible;
mod words;
mod zone;

use std::borrow::Cow;

pub use check_words::translated_checks;
pub use frame::{Frame, Notice, Section, Theme, Tone, Who};
pub use html::{Html, escape};
pub use problems::is_said;
pub use refill::refill;
pub use summary::with_summary;
pub use terms::MODULE_TITLES;
pub use time::utc_date;
pub use words::{Lang, Words};
pub use zone::Zone;

/// Prints a page. Whatever texts stand in it, what cannot be seen of them is made to be.
pub fn render(page: &impl askama::Template) -> String {
    // The only errors are those of `Display`, and none of ours fails.
    let page = page.render().expect("a template writes into a string");
    match visible::visible(&page) {
        Cow::Borrowed(_) => page,
        Cow::Owned(shown) => shown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::message::Message;

    #[test]
    fn no_text_turns_a_page_around() {
        let evil = "shop\u{202e}moc.\u{2066}x\u{200b}\u{1b}[2J <b>";
        let frame = Frame::new(evil, Section::Elsewhere, Words::default(), Theme::System);
        let paragraphs = vec![evil.to_owned()];
        let links = vec![(evil.to_owned(), format!("/{evil}"))];
        let page = render(&Message {
            paragraphs,
            request_id: Some(evil.to_owned()),
            links,
            ..Message::of(frame, evil)
        });
        assert!(page.contains("shop\u{fffd}moc.\u{fffd}x\u{fffd}\u{fffd}[2J"), "{page}");
        for hidden in ['\u{202e}', '\u{2066}', '\u{200b}', '\u{1b}'] {
            assert!(!page.contains(hidden), "{hidden:?}");
        }
        assert!(!page.contains("<b>"));
    }
}
