use model::{ScanSource, ScanStatus};

use crate::Words;

impl Words {
    /// Returns the word for where a scan stands.
    pub fn scan_status(&self, status: ScanStatus) -> &'static str {
        match status {
            ScanStatus::Queued => self.t("queued"),
            ScanStatus::Running => self.t("running"),
            ScanStatus::Completed => self.t("completed"),
            ScanStatus::Failed => self.t("failed"),
            ScanStatus::Canceled => self.t("canceled"),
        }
    }

    /// Returns the word for who asked for a scan.
    pub fn scan_source(&self, source: ScanSource) -> &'static str {
        match source {
            ScanSource::Api => self.t("API"),
            ScanSource::Dashboard => self.t("dashboard"),
            ScanSource::Cli => self.t("command line"),
            ScanSource::Batch => self.t("batch"),
            ScanSource::Schedule => self.t("schedule"),
            ScanSource::Manual => self.t("by hand"),
        }
    }
}
