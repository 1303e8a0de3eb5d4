use model::Severity;

use crate::check::Check;
use crate::compliance::Group;
use crate::modules::open_ports::paste::{CAREFUL, close};
use crate::modules::open_ports::{Service, none_open};

pub(super) const CHECK: Check = Check {
    id: "port.rdp-open",
    title: "Remote Desktop is open to the world",
    severity: Severity::Critical,
    cap: Some(54),
    group: Group::Ports,
    standard: "CISA BOD 23-02",
    why: "Remote Desktop is what ransomware gangs try first: guessed passwords and flaws \
          that need none hand over the whole machine.",
    fix: "Close the port to the world and reach Remote Desktop through a VPN or a gateway \
          with a second factor.",
    careful: Some(CAREFUL),
    paste: close!(3389),
    run: |evidence| none_open(evidence, Service::Rdp),
    ..Check::BASE
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::open_ports::{silent, with_open};

    #[test]
    fn the_port_is_seen() {
        let seen = judged(&CHECK, &with_open(&[3389]));
        assert!(seen.starts_with("fail: port 3389 ("), "{seen}");
        assert_eq!(judged(&CHECK, &with_open(&[80, 443])), "pass");
        assert_eq!(judged(&CHECK, &silent()), "missing: silence");
    }
}
