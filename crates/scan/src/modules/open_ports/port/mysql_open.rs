use model::Severity;

use crate::check::Check;
use crate::compliance::Group;
use crate::modules::open_ports::paste::{CAREFUL, close};
use crate::modules::open_ports::{Service, none_open};

pub(super) const CHECK: Check = Check {
    id: "port.mysql-open",
    title: "A MySQL or MariaDB database is open to the world",
    severity: Severity::Critical,
    cap: Some(54),
    group: Group::Ports,
    standard: "PCI DSS 4.0.1, requirement 1.4.4",
    why: "Anybody can guess passwords of the database or use a flaw of the server, and then copies \
          or deletes what it holds.",
    fix: "Let the database listen on the local address (`bind-address = 127.0.0.1`), and \
          close its ports to the world.",
    careful: Some(CAREFUL),
    paste: close!(3306, 33060),
    run: |evidence| none_open(evidence, Service::Mysql),
    ..Check::BASE
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::open_ports::{silent, with_open};

    #[test]
    fn each_of_its_ports_is_seen() {
        for port in [3306, 33_060] {
            let seen = judged(&CHECK, &with_open(&[port]));
            assert!(seen.starts_with(&format!("fail: port {port} (")), "{seen}");
        }
        assert_eq!(judged(&CHECK, &with_open(&[80, 443])), "pass");
        assert_eq!(judged(&CHECK, &silent()), "missing: silence");
    }
}
