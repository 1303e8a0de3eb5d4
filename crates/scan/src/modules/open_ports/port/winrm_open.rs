use model::Severity;

use crate::check::Check;
use crate::compliance::Group;
use crate::modules::open_ports::paste::{CAREFUL, close};
use crate::modules::open_ports::{Service, none_open};

pub(super) const CHECK: Check = Check {
    id: "port.winrm-open",
    title: "Windows Remote Management is open to the world",
    severity: Severity::High,
    group: Group::Ports,
    standard: "CISA BOD 23-02",
    why: "A guessed or stolen password of an administrator is enough to run commands on the \
          machine.",
    fix: "Close the ports to the world; manage the machine over a VPN.",
    careful: Some(CAREFUL),
    paste: close!(5985, 5986),
    run: |evidence| none_open(evidence, Service::Winrm),
    ..Check::BASE
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::open_ports::{silent, with_open};

    #[test]
    fn each_of_its_ports_is_seen() {
        for port in [5985, 5986] {
            let seen = judged(&CHECK, &with_open(&[port]));
            assert!(seen.starts_with(&format!("fail: port {port} (")), "{seen}");
        }
        assert_eq!(judged(&CHECK, &with_open(&[80, 443])), "pass");
        assert_eq!(judged(&CHECK, &silent()), "missing: silence");
    }
}
