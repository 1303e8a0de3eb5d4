use model::Severity;

use crate::check::Check;
use crate::compliance::Group;
use crate::modules::open_ports::paste::{CAREFUL, close};
use crate::modules::open_ports::{Service, none_open};

pub(super) const CHECK: Check = Check {
    id: "port.kubernetes-open",
    title: "A Kubernetes interface is open to the world",
    severity: Severity::High,
    group: Group::Ports,
    standard: "CIS Kubernetes Benchmark, section 4.2",
    why: "A flaw or a leaked token is enough to run programs in the cluster when its \
          interfaces can be reached from anywhere.",
    fix: "Let only known addresses reach the API server, and nobody outside the cluster the \
          kubelets.",
    careful: Some(CAREFUL),
    paste: close!(6443, 10250, 10255),
    run: |evidence| none_open(evidence, Service::Kubernetes),
    ..Check::BASE
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::open_ports::{silent, with_open};

    #[test]
    fn each_of_its_ports_is_seen() {
        for port in [6443, 10_250, 10_255] {
            let seen = judged(&CHECK, &with_open(&[port]));
            assert!(seen.starts_with(&format!("fail: port {port} (")), "{seen}");
        }
        assert_eq!(judged(&CHECK, &with_open(&[80, 443])), "pass");
        assert_eq!(judged(&CHECK, &silent()), "missing: silence");
    }
}
