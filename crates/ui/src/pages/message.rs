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
}
