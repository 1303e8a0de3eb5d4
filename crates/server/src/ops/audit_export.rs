//! An account's audit log as one file, the newest entry first: for the API and for the command line.
//! The seals are in it, so a copy kept elsewhere proves later what the log held.

use model::Timestamp;
use serde::Serialize;
use store::AuditEntry;
use utoipa::ToSchema;

/// Something that was done to the account.
#[derive(Serialize, ToSchema)]
pub(crate) struct AuditEntryView {
    /// 1, 2, 3 … within the account, without gaps.
    number: i64,
    at: Timestamp,
    /// `user:ID`, `key:KEY_ID`, `admin:ID`, `operator`, `stranger`, or the name of a job.
    actor: String,
    action: String,
    /// What it was done to.
    target: Option<String>,
    /// Where it was done from.
    ip: Option<String>,
    /// What else there is to know; its members depend on the action.
    #[schema(value_type = Object)]
    detail: serde_json::Value,
    /// Seals this entry together with the one before it.
    seal: String,
}

impl From<AuditEntry> for AuditEntryView {
    fn from(entry: AuditEntry) -> Self {
        Self {
            number: entry.number,
            at: entry.at,
            actor: entry.actor,
            action: entry.action,
            target: entry.target,
            ip: entry.ip,
            detail: entry.detail,
            seal: entry.seal,
        }
    }
}

/// What the file looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuditFormat {
    Csv,
    Json,
    /// An entry a line.
    JsonLines,
}

const COLUMNS: [&str; 8] = ["number", "at", "actor", "action", "target", "ip", "detail", "seal"];

impl AuditFormat {
    /// Returns the format that `word` stands for.
    pub(crate) fn parse(word: &str) -> Option<Self> {
        match word {
            "csv" => Some(Self::Csv),
            "json" => Some(Self::Json),
            "jsonl" => Some(Self::JsonLines),
            _ => None,
        }
    }

    pub(crate) const fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8; header=present",
            Self::Json => "application/json",
            Self::JsonLines => "application/jsonl",
        }
    }

    /// Returns what stands before the entries.
    pub(crate) fn head(self) -> String {
        match self {
            Self::Csv => COLUMNS.join(",") + "\r\n",
            Self::Json => "{\"entries\":[".to_owned(),
            Self::JsonLines => String::new(),
        }
    }

    /// Returns what stands after the entries.
    pub(crate) const fn tail(self) -> &'static str {
        match self {
            Self::Csv | Self::JsonLines => "",
            Self::Json => "]}\n",
        }
    }

    /// Returns one page of entries; `earlier` is the number of the entry before it in the file.
    pub(crate) fn page(self, earlier: Option<i64>, entries: Vec<AuditEntry>) -> String {
        match self {
            Self::Csv => entries.iter().map(row).collect(),
            Self::Json => {
                let page = entries.into_iter().map(object).collect::<Vec<_>>().join(",");
                if earlier.is_some() { format!(",{page}") } else { page }
            }
            Self::JsonLines => entries.into_iter().map(|entry| object(entry) + "\n").collect(),
        }
    }
}

fn object(entry: AuditEntry) -> String {
    serde_json::to_string(&AuditEntryView::from(entry))
        .expect("keys are strings and no member can refuse to be written")
}

fn row(entry: &AuditEntry) -> String {
    let cells = [
        &entry.number.to_string(),
        &entry.at.to_string(),
        &entry.actor,
        &entry.action,
        entry.target.as_deref().unwrap_or_default(),
        entry.ip.as_deref().unwrap_or_default(),
        &entry.detail.to_string(),
        &entry.seal,
    ];
    cells.map(report::csv::field).join(",") + "\r\n"
}
