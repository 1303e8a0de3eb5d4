use model::Severity;

use crate::check::Check;
use crate::compliance::Group;
use crate::modules::open_ports::paste::{CAREFUL, close};
use crate::modules::open_ports::{Service, none_open};

pub(super) const CHECK: Check = Check {
    id: "port.ldap-open",
    title: "An LDAP directory is open to the world",
    severity: Severity::High,
    group: Group::Ports,
    standard: "CIS Controls v8.1, safeguard 4.8",
    why: "Directories tell the names of everybody in the house, often without a password, \
          and take guesses of passwords.",
    fix: "Close the ports to the world; let outside services in by address or over a VPN.",
    careful: Some(CAREFUL),
    paste: close!(389, 636, 3268, 3269),
    run: |evidence| none_open(evidence, Service::Ldap),
    ..Check::BASE
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::open_ports::{silent, with_open};

    #[test]
    fn each_of_its_ports_is_seen() {
        for port in [389, 636, 3268, 3269] {
            let seen = judged(&CHECK, &with_open(&[port]));
            assert!(seen.starts_with(&format!("fail: port {port} (")), "{seen}");
        }
        assert_eq!(judged(&CHECK, &with_open(&[80, 443])), "pass");
        assert_eq!(judged(&CHECK, &silent()), "missing: silence");
    }
}
