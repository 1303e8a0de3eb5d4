use model::Severity;

use crate::check::Check;
use crate::compliance::Group;
use crate::modules::open_ports::paste::{CAREFUL, close};
use crate::modules::open_ports::{Service, none_open};

pub(super) const CHECK: Check = Check {
    id: "port.printer-open",
    title: "A printer is open to the world",
    severity: Severity::Medium,
    group: Group::Ports,
    standard: "CIS Controls v8.1, safeguard 4.8",
    why: "Strangers can print, read what others print, and use the printer as a door into \
          the network.",
    fix: "Close the printing ports to the world.",
    careful: Some(CAREFUL),
    paste: close!(515, 631, 9100),
    run: |evidence| none_open(evidence, Service::Printer),
    ..Check::BASE
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::open_ports::{silent, with_open};

    #[test]
    fn each_of_its_ports_is_seen() {
        for port in [515, 631, 9100] {
            let seen = judged(&CHECK, &with_open(&[port]));
            assert!(seen.starts_with(&format!("fail: port {port} (")), "{seen}");
        }
        assert_eq!(judged(&CHECK, &with_open(&[80, 443])), "pass");
        assert_eq!(judged(&CHECK, &silent()), "missing: silence");
    }
}
