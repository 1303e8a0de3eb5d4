use model::Severity;

use crate::check::{Check, Missing, Paste, Tool, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::ssl_tls::at_every_address;

pub(super) const CHECK: Check = Check {
    id: "tlsflaw.opossum",
    title: "Plain HTTP can be turned into TLS in the middle (Opossum)",
    severity: Severity::Medium,
    group: Group::TlsFlaw,
    standard: "CVE-2025-49812; RFC 2817, section 3",
    why: "An attacker on the network ties a visitor's connection to port 443 to one at port 80 and \
          puts an answer of their choice before the site's own: pages get mixed up, and sessions \
          taken over.",
    fix: "Take `SSLEngine optional` out of the configuration: browsers never upgrade this way.",
    paste: &[Paste { tool: Tool::Apache, text: "SSLEngine on" }],
    run: |evidence| at_every_address(evidence, run),
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    match evidence.tls()?.habits.upgrades.clone()? {
        Some(upgrades) => Ok(Verdict::fail_if(upgrades, || {
            "port 80 answers `Upgrade: TLS/1.0` with 101 (Switching Protocols)".to_owned()
        })),
        None => Ok(Verdict::NotApplicable("port 80 is closed")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::ssl_tls::seen;

    #[test]
    fn plain_http_stays_plain() {
        let with = |upgrades| judged(&CHECK, &seen(|tls| tls.habits.upgrades = Ok(upgrades)));
        assert_eq!(
            with(Some(true)),
            "fail: port 80 answers `Upgrade: TLS/1.0` with 101 (Switching Protocols)"
        );
        assert_eq!(with(Some(false)), "pass");
        assert_eq!(with(None), "not applicable: port 80 is closed");
        assert_eq!(judged(&CHECK, &seen(|_| {})), "missing: not probed in this scan");
    }
}
