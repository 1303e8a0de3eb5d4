use serde::{Deserialize, Serialize};

/// What an account may do. Plans are rows, seeded by the first migration and edited by the
/// operator; nothing in the code knows a plan by name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
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
    /// Every gate that something asks for.
    pub const GATES: &'static [&'static str] = &[
        "scan",
        "history",
        "badge",
        "webhooks",
        "batch",
        "compare",
        "monitor_daily",
        "csv",
        "pdf",
        "html",
        "sarif",
        "monitor_hourly",
        "hooks",
        "restricted_keys",
        "slack",
        "teams",
        "audit_export",
        "sso",
        "workspaces",
        "white_label",
    ];

    /// Returns whether the plan unlocks `gate`.
    pub fn allows(&self, gate: &str) -> bool {
        self.gates.iter().any(|have| have == gate)
    }
}

/// Numbers that stand in place of a plan's; `None` leaves the plan's own. Units as in [`Plan`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PlanOverrides {
    /// Requests a minute.
    pub per_minute: Option<i64>,
    /// Requests an hour.
    pub per_hour: Option<i64>,
    /// Requests a day.
    pub per_day: Option<i64>,
    /// Scans that may run at the same time.
    pub concurrent_scans: Option<i64>,
    /// Scans a calendar month (UTC).
    pub scans_per_month: Option<i64>,
    /// Watched domains.
    pub domains: Option<i64>,
    /// People in the team.
    pub seats: Option<i64>,
}

impl PlanOverrides {
    /// Returns each number with its name, in the order of declaration.
    pub fn named(&self) -> [(&'static str, Option<i64>); 7] {
        [
            ("per_minute", self.per_minute),
            ("per_hour", self.per_hour),
            ("per_day", self.per_day),
            ("concurrent_scans", self.concurrent_scans),
            ("scans_per_month", self.scans_per_month),
            ("domains", self.domains),
            ("seats", self.seats),
        ]
    }

    /// Returns a plan with these numbers in place of its own.
    pub fn over(&self, plan: Plan) -> Plan {
        Plan {
            per_minute: self.per_minute.unwrap_or(plan.per_minute),
            per_hour: self.per_hour.unwrap_or(plan.per_hour),
            per_day: self.per_day.unwrap_or(plan.per_day),
            concurrent_scans: self.concurrent_scans.unwrap_or(plan.concurrent_scans),
            scans_per_month: self.scans_per_month.unwrap_or(plan.scans_per_month),
            domains: self.domains.unwrap_or(plan.domains),
            seats: self.seats.unwrap_or(plan.seats),
            ..plan
        }
    }
}
