use model::Severity;

use crate::check::Check;
use crate::compliance::Group;
use crate::modules::open_ports::paste::{CAREFUL, close};
use crate::modules::open_ports::{Service, none_open};

pub(super) const CHECK: Check = Check {
    id: "port.other-database-open",
    title: "A database is open to the world",
    severity: Severity::Critical,
    cap: Some(54),
    group: Group::Ports,
    standard: "PCI DSS 4.0.1, requirement 1.4.4",
    why: "Anybody can guess passwords of the database or use a flaw of the server, and then copies \
          or deletes what it holds.",
    fix: "Let the database listen on a private address, and close its port to the world.",
    careful: Some(CAREFUL),
    paste: close!(3050, 7687, 8086, 8529, 26257, 28015),
    run: |evidence| none_open(evidence, Service::OtherDatabase),
    ..Check::BASE
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::open_ports::{silent, with_open};

    #[test]
    fn each_of_its_ports_is_seen() {
        for port in [3050, 7687, 8086, 8529, 26_257, 28_015] {
            let seen = judged(&CHECK, &with_open(&[port]));
            assert!(seen.starts_with(&format!("fail: port {port} (")), "{seen}");
        }
        assert_eq!(judged(&CHECK, &with_open(&[80, 443])), "pass");
        assert_eq!(judged(&CHECK, &silent()), "missing: silence");
    }
}
