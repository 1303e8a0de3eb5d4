use model::Severity;

use crate::check::Check;
use crate::compliance::Group;
use crate::modules::open_ports::paste::{CAREFUL, close};
use crate::modules::open_ports::{Service, none_open};

pub(super) const CHECK: Check = Check {
    id: "port.postgresql-open",
    title: "A PostgreSQL database is open to the world",
    severity: Severity::Critical,
    cap: Some(54),
    group: Group::Ports,
    standard: "PCI DSS 4.0.1, requirement 1.4.4",
    why: "Anybody can guess passwords of the database or use a flaw of the server, and then copies \
          or deletes what it holds.",
    fix: "Let the database listen on the local address (`listen_addresses = 'localhost'`), \
          and close the port to the world.",
    careful: Some(CAREFUL),
    paste: close!(5432),
    run: |evidence| none_open(evidence, Service::Postgresql),
    ..Check::BASE
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::open_ports::{silent, with_open};

    #[test]
    fn the_port_is_seen() {
        let seen = judged(&CHECK, &with_open(&[5432]));
        assert!(seen.starts_with("fail: port 5432 ("), "{seen}");
        assert_eq!(judged(&CHECK, &with_open(&[80, 443])), "pass");
        assert_eq!(judged(&CHECK, &silent()), "missing: silence");
    }
}
