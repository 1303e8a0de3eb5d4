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
mod frame;
mod html;
pub mod pages;
pub mod parts;
mod problems;
mod time;
mod words;
mod zone;

pub use frame::{Frame, Notice, Section, Theme, Tone, Who};
pub use html::{Html, escape};
pub use time::utc_date;
pub use words::{Lang, Words};
pub use zone::Zone;

/// Prints a page.
pub fn render(page: &impl askama::Template) -> String {
    // The only errors are those of `Display`, and none of ours fails.
    page.render().expect("a template writes into a string")
}
