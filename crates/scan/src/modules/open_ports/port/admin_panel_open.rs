use model::Severity;

use crate::check::Check;
use crate::compliance::Group;
use crate::modules::open_ports::paste::{CAREFUL, close};
use crate::modules::open_ports::{Service, none_open};

pub(super) const CHECK: Check = Check {
    id: "port.admin-panel-open",
    title: "An administration panel is open to the world",
    severity: Severity::Medium,
    group: Group::Ports,
    standard: "CISA BOD 23-02",
    why: "A password is all that stands between the internet and the machine, and flaws of \
          such panels are used within days.",
    fix: "Let only your own networks reach the panel, or put it behind a VPN.",
    careful: Some(CAREFUL),
    paste: close!(2082, 2083, 2086, 2087, 5601, 7547, 8006, 8291, 9090, 10000, 15672),
    run: |evidence| none_open(evidence, Service::AdminPanel),
    ..Check::BASE
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::open_ports::{silent, with_open};

    #[test]
    fn each_of_its_ports_is_seen() {
        for port in [2082, 2083, 2086, 2087, 5601, 7547, 8006, 8291, 9090, 10_000, 15_672] {
            let seen = judged(&CHECK, &with_open(&[port]));
            assert!(seen.starts_with(&format!("fail: port {port} (")), "{seen}");
        }
        assert_eq!(judged(&CHECK, &with_open(&[80, 443])), "pass");
        assert_eq!(judged(&CHECK, &silent()), "missing: silence");
    }
}
