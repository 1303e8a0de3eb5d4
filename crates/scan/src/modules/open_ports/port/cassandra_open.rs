use model::Severity;

use crate::check::Check;
use crate::compliance::Group;
use crate::modules::open_ports::paste::{CAREFUL, close};
use crate::modules::open_ports::{Service, none_open};

pub(super) const CHECK: Check = Check {
    id: "port.cassandra-open",
    title: "A Cassandra database is open to the world",
    severity: Severity::Critical,
    cap: Some(54),
    group: Group::Ports,
    standard: "PCI DSS 4.0.1, requirement 1.4.4",
    why: "Cassandra asks for no password unless it is told to, so everybody may read and \
          delete its tables.",
    fix: "Set `rpc_address` and `listen_address` to private addresses and `authenticator: \
          PasswordAuthenticator`, and close the ports to the world.",
    careful: Some(CAREFUL),
    paste: close!(9042, 9160),
    run: |evidence| none_open(evidence, Service::Cassandra),
    ..Check::BASE
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::open_ports::{silent, with_open};

    #[test]
    fn each_of_its_ports_is_seen() {
        for port in [9042, 9160] {
            let seen = judged(&CHECK, &with_open(&[port]));
            assert!(seen.starts_with(&format!("fail: port {port} (")), "{seen}");
        }
        assert_eq!(judged(&CHECK, &with_open(&[80, 443])), "pass");
        assert_eq!(judged(&CHECK, &silent()), "missing: silence");
    }
}
