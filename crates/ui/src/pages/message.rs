use askama::Template;

use crate::Frame;

/// A page that says one thing: an error, or what to do next.
#[derive(Debug, Template)]
#[template(path = "message.html")]
pub struct Message {
    pub frame: Frame,
    pub paragraphs: Vec<String>,
    /// The id under which the log has it, for errors of ours.
    pub request_id: Option<String>,
    /// Label and path of the next steps.
    pub links: Vec<(String, String)>,
    /// Seconds after which it may be tried again.
    pub wait: Option<u32>,
    /// Whether the letter that confirms an address can be sent once more.
    pub offers_letter: bool,
}

impl Message {
    /// Returns a page that says one thing, without a next step.
    pub fn of(frame: Frame, text: impl Into<String>) -> Self {
        Self {
            frame,
            paragraphs: vec![text.into()],
            request_id: None,
            links: Vec::new(),
            wait: None,
            offers_letter: false,
        }
    }
}
