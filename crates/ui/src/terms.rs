//! What a value of ours is called on pages: the risk of a grade, modules, alerts, the gates of plans.
//!
//! The API has one word for each, for ever; here it is what people say. Tests find a value without one,
//! and the test of the words one without a translation.

use crate::Words;
use crate::words::texts;

/// The titles of the modules, as the engine has them.
pub const MODULE_TITLES: &[&str] = &texts![
    "Block lists",
    "Cookies",
    "DNS and e-mail records",
    "DNSSEC",
    "E-mail transport",
    "HTTP and security headers",
    "Known breaches",
    "Open ports",
    "Registration",
    "Reputation",
    "Scripts",
    "Subdomains",
    "TLS and certificate",
    "Technology",
    "Trackers",
    "Web application firewall",
];

/// What alerts are headed by, as they are stored.
const ALERT_TITLES: &[&str] = &texts![
    "A key is due for rotation",
    "A key is not used any more",
    "A key that is expired was used",
    "A key that is revoked was used",
    "A key was reported as leaked",
    "A key was used from a new network",
    "A limit of your plan was reached",
    "Many failed attempts to get in",
    "Many more requests than usual",
];

impl Words {
    /// Returns what an alert is headed by, with the name that may follow after `: `; a title that is not
    /// known stays as it is.
    pub fn alert(&self, title: &str) -> String {
        const SPENT: &str = " % of the month's scans are used";
        let (head, name) = title.split_once(": ").map_or((title, None), |(a, b)| (a, Some(b)));
        let known = ALERT_TITLES.iter().find(|known| **known == head);
        match (known, name, title.strip_suffix(SPENT)) {
            (Some(known), Some(name), _) => format!("{}: {name}", self.t(known)),
            (Some(known), None, _) => self.t(known).to_owned(),
            (None, _, Some(percent)) => self.t1("{} % of the month's scans are used", percent),
            (None, _, None) => title.to_owned(),
        }
    }

    /// Returns what a module is called; a title that is not known stays as it is.
    pub fn module<'a>(&self, title: &'a str) -> &'a str {
        let known = MODULE_TITLES.iter().find(|known| **known == title);
        known.map_or(title, |known| self.t(known))
    }

    /// Returns what the risk of a grade is called, by its word in reports.
    pub fn risk(&self, level: &str) -> String {
        match level {
            "low" => self.t("Low risk").to_owned(),
            "low-medium" => self.t("Low to medium risk").to_owned(),
            "medium" => self.t("Medium risk").to_owned(),
            "high" => self.t("High risk").to_owned(),
            "critical" => self.t("Critical risk").to_owned(),
            other => self.t1("{} risk", other),
        }
    }

    /// Returns what a gate of a plan unlocks.
    pub fn gate(&self, gate: &str) -> String {
        let text = match gate {
            "scan" => self.t("Scans"),
            "history" => self.t("History of scores"),
            "badge" => self.t("Badges"),
            "webhooks" => self.t("Webhooks"),
            "batch" => self.t("Many domains at once"),
            "compare" => self.t("Comparing domains"),
            "monitor_daily" => self.t("Watching daily"),
            "monitor_hourly" => self.t("Watching hourly"),
            "csv" => self.t("CSV"),
            "pdf" => self.t("PDF"),
            "html" => self.t("HTML report"),
            "sarif" => self.t("SARIF"),
            "hooks" => self.t("Hooks"),
            "restricted_keys" => self.t("Keys with limits of their own"),
            "slack" => self.t("Slack"),
            "teams" => self.t("Teams"),
            "audit_export" => self.t("Export of the audit log"),
            "sso" => self.t("Single sign-on"),
            "workspaces" => self.t("Workspaces"),
            "white_label" => self.t("White label"),
            other => return other.to_owned(),
        };
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use model::{Grade, Plan};

    use super::*;
    use crate::Lang;

    #[test]
    fn alerts_are_headed_in_the_language_of_the_page() {
        let german = Words::from(Lang::German);
        for title in ALERT_TITLES {
            assert_ne!(german.alert(title), *title);
        }
        let spent = "80 % of the month's scans are used";
        assert_eq!(german.alert(spent), "80 % der Scans des Monats sind verbraucht");
        assert_eq!(Words::default().alert(spent), spent);
        assert_eq!(german.alert("Something else"), "Something else");
        let named = german.alert("A key that is revoked was used: CI: main");
        assert_eq!(named, "Ein widerrufener Schlüssel wurde benutzt: CI: main");
    }

    #[test]
    fn every_gate_and_every_risk_has_a_name_people_know() {
        let words = Words::from(Lang::English);
        for gate in Plan::GATES {
            assert_ne!(words.gate(gate), *gate, "the gate has no name");
        }
        for grade in [Grade::A, Grade::B, Grade::C, Grade::D, Grade::F] {
            let risk = words.risk(grade.risk_level());
            assert!(risk.ends_with(" risk") && !risk.contains('-'), "{risk}");
            assert!(Words::from(Lang::German).risk(grade.risk_level()).contains("Risiko"));
        }
    }
}
