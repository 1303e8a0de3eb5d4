use model::Severity;

use crate::check::Check;
use crate::compliance::Group;
use crate::modules::open_ports::paste::{CAREFUL, close};
use crate::modules::open_ports::{Service, none_open};

pub(super) const CHECK: Check = Check {
    id: "port.java-remote-open",
    title: "A remote interface of Java is open to the world",
    severity: Severity::High,
    group: Group::Ports,
    standard: "CIS Controls v8.1, safeguard 4.8",
    why: "RMI, debuggers and AJP connectors run what they are sent or hand out files; each \
          has a history of takeovers.",
    fix: "Let the interface listen on the local address, and close the port to the world.",
    careful: Some(CAREFUL),
    paste: close!(1099, 4848, 5005, 8009),
    run: |evidence| none_open(evidence, Service::JavaRemote),
    ..Check::BASE
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::open_ports::{silent, with_open};

    #[test]
    fn each_of_its_ports_is_seen() {
        for port in [1099, 4848, 5005, 8009] {
            let seen = judged(&CHECK, &with_open(&[port]));
            assert!(seen.starts_with(&format!("fail: port {port} (")), "{seen}");
        }
        assert_eq!(judged(&CHECK, &with_open(&[80, 443])), "pass");
        assert_eq!(judged(&CHECK, &silent()), "missing: silence");
    }
}
