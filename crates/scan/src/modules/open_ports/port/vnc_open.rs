use model::Severity;

use crate::check::Check;
use crate::compliance::Group;
use crate::modules::open_ports::paste::{CAREFUL, close};
use crate::modules::open_ports::{Service, none_open};

pub(super) const CHECK: Check = Check {
    id: "port.vnc-open",
    title: "A VNC screen is open to the world",
    severity: Severity::Critical,
    group: Group::Ports,
    standard: "CISA BOD 23-02",
    why: "Classic VNC passwords have eight characters at most and some servers have none, so \
          strangers see and move the screen.",
    fix: "Let the server listen on the local address, and reach it through SSH or a VPN.",
    careful: Some(CAREFUL),
    paste: close!(5900, 5901),
    run: |evidence| none_open(evidence, Service::Vnc),
    ..Check::BASE
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::open_ports::{silent, with_open};

    #[test]
    fn each_of_its_ports_is_seen() {
        for port in [5900, 5901] {
            let seen = judged(&CHECK, &with_open(&[port]));
            assert!(seen.starts_with(&format!("fail: port {port} (")), "{seen}");
        }
        assert_eq!(judged(&CHECK, &with_open(&[80, 443])), "pass");
        assert_eq!(judged(&CHECK, &silent()), "missing: silence");
    }
}
