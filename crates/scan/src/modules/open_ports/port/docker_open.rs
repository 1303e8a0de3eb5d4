use model::Severity;

use crate::check::Check;
use crate::compliance::Group;
use crate::modules::open_ports::paste::{CAREFUL, close};
use crate::modules::open_ports::{Service, none_open};

pub(super) const CHECK: Check = Check {
    id: "port.docker-open",
    title: "The Docker interface is open to the world",
    severity: Severity::Critical,
    cap: Some(54),
    group: Group::Ports,
    standard: "CIS Controls v8.1, safeguard 4.8",
    why: "Who reaches the Docker interface without a certificate may start any container and \
          so is root on the machine.",
    fix: "Let Docker listen on its socket alone, or reach it over SSH \
          (`DOCKER_HOST=ssh://…`), and close the ports to the world.",
    careful: Some(CAREFUL),
    paste: close!(2375, 2376),
    run: |evidence| none_open(evidence, Service::Docker),
    ..Check::BASE
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::open_ports::{silent, with_open};

    #[test]
    fn each_of_its_ports_is_seen() {
        for port in [2375, 2376] {
            let seen = judged(&CHECK, &with_open(&[port]));
            assert!(seen.starts_with(&format!("fail: port {port} (")), "{seen}");
        }
        assert_eq!(judged(&CHECK, &with_open(&[80, 443])), "pass");
        assert_eq!(judged(&CHECK, &silent()), "missing: silence");
    }
}
