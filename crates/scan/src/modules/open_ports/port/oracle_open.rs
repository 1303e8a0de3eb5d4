use model::Severity;

use crate::check::Check;
use crate::compliance::Group;
use crate::modules::open_ports::paste::{CAREFUL, close};
use crate::modules::open_ports::{Service, none_open};

pub(super) const CHECK: Check = Check {
    id: "port.oracle-open",
    title: "An Oracle database listener is open to the world",
    severity: Severity::Critical,
    cap: Some(54),
    group: Group::Ports,
    standard: "PCI DSS 4.0.1, requirement 1.4.4",
    why: "The listener tells which databases there are, and known accounts with known \
          passwords are tried on it.",
    fix: "Close the port to the world, and name the hosts that may connect in `TCP.INVITED_NODES`, \
          with `TCP.VALIDNODE_CHECKING = YES`.",
    careful: Some(CAREFUL),
    paste: close!(1521),
    run: |evidence| none_open(evidence, Service::Oracle),
    ..Check::BASE
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::open_ports::{silent, with_open};

    #[test]
    fn the_port_is_seen() {
        let seen = judged(&CHECK, &with_open(&[1521]));
        assert!(seen.starts_with("fail: port 1521 ("), "{seen}");
        assert_eq!(judged(&CHECK, &with_open(&[80, 443])), "pass");
        assert_eq!(judged(&CHECK, &silent()), "missing: silence");
    }
}
