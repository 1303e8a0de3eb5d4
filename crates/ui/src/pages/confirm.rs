use askama::Template;

use crate::Frame;

/// The question before something is done that is not easily undone.
#[derive(Debug, Template)]
#[template(path = "confirm.html")]
pub struct Confirm {
    pub frame: Frame,
    /// What it means.
    pub paragraphs: Vec<String>,
    /// What the button says that does it.
    pub button: &'static str,
    /// Whether something is lost by it.
    pub is_danger: bool,
    /// Where whoever does not want it goes.
    pub back: &'static str,
}
