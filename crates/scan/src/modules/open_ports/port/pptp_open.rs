use model::Severity;

use crate::check::Check;
use crate::compliance::Group;
use crate::modules::open_ports::paste::{CAREFUL, close};
use crate::modules::open_ports::{Service, none_open};

pub(super) const CHECK: Check = Check {
    id: "port.pptp-open",
    title: "A PPTP VPN is open to the world",
    severity: Severity::Medium,
    group: Group::Ports,
    standard: "RFC 2637",
    why: "The sign-in of PPTP has been broken since 2012: what is recorded can be decrypted.",
    fix: "Replace it by WireGuard or IPsec with IKEv2, and close the port.",
    careful: Some(CAREFUL),
    paste: close!(1723),
    run: |evidence| none_open(evidence, Service::Pptp),
    ..Check::BASE
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::open_ports::{silent, with_open};

    #[test]
    fn the_port_is_seen() {
        let seen = judged(&CHECK, &with_open(&[1723]));
        assert!(seen.starts_with("fail: port 1723 ("), "{seen}");
        assert_eq!(judged(&CHECK, &with_open(&[80, 443])), "pass");
        assert_eq!(judged(&CHECK, &silent()), "missing: silence");
    }
}
