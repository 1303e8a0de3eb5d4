use model::Severity;

use crate::check::Check;
use crate::compliance::Group;
use crate::modules::open_ports::paste::{CAREFUL, close};
use crate::modules::open_ports::{Service, none_open};

pub(super) const CHECK: Check = Check {
    id: "port.remote-shell-open",
    title: "An rsh, rlogin or rexec server is open to the world",
    severity: Severity::Critical,
    group: Group::Ports,
    standard: "CIS Controls v8.1, safeguard 4.8",
    why: "The Berkeley remote shells trust addresses instead of keys and encrypt nothing, \
          passwords included.",
    fix: "Switch the service off and use SSH with keys instead.",
    careful: Some(CAREFUL),
    paste: close!(512, 513, 514),
    run: |evidence| none_open(evidence, Service::RemoteShell),
    ..Check::BASE
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::open_ports::{silent, with_open};

    #[test]
    fn each_of_its_ports_is_seen() {
        for port in [512, 513, 514] {
            let seen = judged(&CHECK, &with_open(&[port]));
            assert!(seen.starts_with(&format!("fail: port {port} (")), "{seen}");
        }
        assert_eq!(judged(&CHECK, &with_open(&[80, 443])), "pass");
        assert_eq!(judged(&CHECK, &silent()), "missing: silence");
    }
}
