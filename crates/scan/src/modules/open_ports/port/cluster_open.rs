use model::Severity;

use crate::check::Check;
use crate::compliance::Group;
use crate::modules::open_ports::paste::{CAREFUL, close};
use crate::modules::open_ports::{Service, none_open};

pub(super) const CHECK: Check = Check {
    id: "port.cluster-open",
    title: "The coordination service of a cluster is open to the world",
    severity: Severity::High,
    group: Group::Ports,
    standard: "CIS Controls v8.1, safeguard 4.8",
    why: "ZooKeeper, Consul and Nomad ask nobody for a password by default; some of them run \
          programs on request.",
    fix: "Let the service listen on a private address, switch its access control on, and \
          close the port to the world.",
    careful: Some(CAREFUL),
    paste: close!(2181, 4646, 8500),
    run: |evidence| none_open(evidence, Service::Cluster),
    ..Check::BASE
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::open_ports::{silent, with_open};

    #[test]
    fn each_of_its_ports_is_seen() {
        for port in [2181, 4646, 8500] {
            let seen = judged(&CHECK, &with_open(&[port]));
            assert!(seen.starts_with(&format!("fail: port {port} (")), "{seen}");
        }
        assert_eq!(judged(&CHECK, &with_open(&[80, 443])), "pass");
        assert_eq!(judged(&CHECK, &silent()), "missing: silence");
    }
}
