use model::Severity;

use crate::check::Check;
use crate::compliance::Group;
use crate::modules::open_ports::paste::{CAREFUL, close};
use crate::modules::open_ports::{Service, none_open};

pub(super) const CHECK: Check = Check {
    id: "port.couchdb-open",
    title: "A CouchDB database is open to the world",
    severity: Severity::Critical,
    cap: Some(54),
    group: Group::Ports,
    standard: "PCI DSS 4.0.1, requirement 1.4.4",
    why: "The database answers to plain HTTP, and flaws of its administration have let \
          strangers run commands.",
    fix: "Set `bind_address = 127.0.0.1`, and close the port to the world.",
    careful: Some(CAREFUL),
    paste: close!(5984),
    run: |evidence| none_open(evidence, Service::Couchdb),
    ..Check::BASE
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::open_ports::{silent, with_open};

    #[test]
    fn the_port_is_seen() {
        let seen = judged(&CHECK, &with_open(&[5984]));
        assert!(seen.starts_with("fail: port 5984 ("), "{seen}");
        assert_eq!(judged(&CHECK, &with_open(&[80, 443])), "pass");
        assert_eq!(judged(&CHECK, &silent()), "missing: silence");
    }
}
