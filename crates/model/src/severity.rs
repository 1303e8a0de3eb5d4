use crate::words;

/// How bad a failed check is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    Info,
    Low,
    Medium,
    High,
    Critical,
}
words!(Severity {
    Info = "info",
    Low = "low",
    Medium = "medium",
    High = "high",
    Critical = "critical",
});

impl Severity {
    /// Returns the points a module loses for a finding of this severity, unless its check says
    /// otherwise.
    pub const fn points(self) -> u8 {
        match self {
            Self::Critical => 40,
            Self::High => 20,
            Self::Medium => 10,
            Self::Low => 5,
            Self::Info => 0,
        }
    }
}
