use askama::Template;

use crate::Frame;

/// What one prober fetched.
#[derive(Debug, Clone)]
pub struct EvidencePart {
    /// Its name in the report's JSON, where links lead.
    pub name: String,
    /// The modules that are judged by it.
    pub title: String,
    /// JSON, as text.
    pub text: String,
    pub lines: usize,
    /// Whether there is more than is shown.
    pub is_cut: bool,
}

/// What the probers of a scan fetched, as it was stored.
#[derive(Debug, Template)]
#[template(path = "evidence.html")]
pub struct Evidence {
    pub frame: Frame,
    /// The scan.
    pub id: i64,
    pub parts: Vec<EvidencePart>,
}
