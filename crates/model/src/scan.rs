use crate::words;

/// Where a scan stands. `completed`, `failed` and `canceled` are ends: a scan leaves none of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ScanStatus {
    Queued,
    Running,
    Completed,
    Failed,
    Canceled,
}
words!(ScanStatus {
    Queued = "queued",
    Running = "running",
    Completed = "completed",
    Failed = "failed",
    Canceled = "canceled",
});

impl ScanStatus {
    /// Returns whether the scan has ended.
    pub fn ended(self) -> bool {
        matches!(self, Self::Completed | Self::Failed | Self::Canceled)
    }
}

/// Who asked for a scan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ScanSource {
    Api,
    Dashboard,
    Cli,
    Batch,
    Schedule,
    Manual,
}
words!(ScanSource {
    Api = "api",
    Dashboard = "dashboard",
    Cli = "cli",
    Batch = "batch",
    Schedule = "schedule",
    Manual = "manual",
});

/// Which probes a scan runs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum ScanProfile {
    /// Those that ask what any visitor might.
    #[default]
    Safe,
    /// Also those that try known attacks, for domains whose ownership is proven.
    Intrusive,
}
words!(ScanProfile { Safe = "safe", Intrusive = "intrusive" });
