use askama::Template;

use super::alerts::AlertRow;
use super::api_keys::KeyRow;
use super::scans::ScanRow;
use crate::{Frame, Html};

/// A number that matters, with what it means.
#[derive(Debug, Clone)]
pub struct Card {
    pub label: &'static str,
    pub value: String,
    pub remark: String,
    pub path: &'static str,
}

/// What is to be done on a new account, in this order.
#[derive(Debug, Clone)]
pub struct Step {
    pub text: &'static str,
    pub path: &'static str,
    pub is_done: bool,
}

/// The first page after signing in.
#[derive(Debug, Template)]
#[template(path = "overview.html")]
pub struct Overview {
    pub frame: Frame,
    pub cards: Vec<Card>,
    /// Empty once all of them were done.
    pub steps: Vec<Step>,
    pub alerts: Vec<AlertRow>,
    pub chart: Html,
    pub scans: Vec<ScanRow>,
    /// Keys that someone should look after.
    pub keys: Vec<KeyRow>,
}
