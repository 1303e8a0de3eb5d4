use askama::Template;
use model::Grade;

use super::accepted_risks::AcceptedRow;
use super::ownership::Claim;
use crate::parts::SortHead;
use crate::{Frame, Html};

/// A domain in the list.
#[derive(Debug, Clone)]
pub struct DomainRow {
    pub domain: String,
    /// The newest completed scan.
    pub scan: i64,
    pub grade: Option<Grade>,
    pub score: i64,
    /// Since the scan before.
    pub change: Option<i64>,
    pub critical: i64,
    pub high: i64,
    /// How the score went.
    pub spark: Html,
    pub when: Html,
}

/// The domains with a report.
#[derive(Debug, Template)]
#[template(path = "domains.html")]
pub struct Domains {
    pub frame: Frame,
    pub rows: Vec<DomainRow>,
    /// A part of the name that was asked for.
    pub part: String,
    pub sort: String,
    /// The heads of the name, the score and the time, to sort by.
    pub heads: [SortHead; 3],
    /// Where the list is as a table.
    pub csv: String,
    /// The path of the first page, from any other.
    pub first: Option<String>,
    /// The path of the next page.
    pub next: Option<String>,
}

/// A scan in the history of a domain.
#[derive(Debug, Clone)]
pub struct HistoryRow {
    pub id: i64,
    pub grade: Option<Grade>,
    pub score: i64,
    /// Since the scan before; `None` for the first.
    pub change: Option<i64>,
    pub critical: i64,
    pub high: i64,
    pub when: Html,
}

/// Text to paste that shows a badge.
#[derive(Debug, Clone)]
pub struct BadgeSnippets {
    pub markdown: String,
    pub html: String,
}

/// One domain over time.
#[derive(Debug, Template)]
#[template(path = "domain.html")]
pub struct Domain {
    pub frame: Frame,
    pub domain: String,
    pub chart: Html,
    /// How the numbers of critical and of high findings went.
    pub went: [Html; 2],
    /// That the score goes to and fro, and by what, in sentences.
    pub unsteady: Vec<String>,
    /// The newest first, at least one.
    pub rows: Vec<HistoryRow>,
    /// How to show the badge; `None` while it is off.
    pub badge: Option<BadgeSnippets>,
    pub claim: Claim,
    /// The acceptances that are open, the newest first.
    pub accepted: Vec<AcceptedRow>,
}

impl Domain {
    /// Returns the gauge of the newest scan.
    pub fn gauge(&self) -> Html {
        let newest = self.rows.first();
        let (grade, score) = (newest.and_then(|row| row.grade), newest.map(|row| row.score));
        self.frame.gauge(&grade, score)
    }
}
