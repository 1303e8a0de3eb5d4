use serde::{Deserialize, Serialize};

/// What an account may do. Plans are rows, seeded by the first migration and edited by the
/// operator; nothing in the code knows a plan by name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// `free`, `starter`, `professional`, `enterprise`, `msp`, `custom` or the operator's own.
    pub id: String,
    /// Requests a minute.
    pub per_minute: i64,
    /// Requests an hour.
    pub per_hour: i64,
    /// Requests a day.
    pub per_day: i64,
    /// Scans that may run at the same time.
    pub concurrent_scans: i64,
    /// Scans a calendar month (UTC).
    pub scans_per_month: i64,
    /// Watched domains.
    pub domains: i64,
    /// People in the team.
    pub seats: i64,
    /// What the plan unlocks, for instance `batch` or `pdf`.
    pub gates: Vec<String>,
}

impl Plan {
    /// Returns whether the plan unlocks `gate`.
    pub fn allows(&self, gate: &str) -> bool {
        self.gates.iter().any(|have| have == gate)
    }
}
