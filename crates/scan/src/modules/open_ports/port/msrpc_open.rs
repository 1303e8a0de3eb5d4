use model::Severity;

use crate::check::Check;
use crate::compliance::Group;
use crate::modules::open_ports::paste::{CAREFUL, close};
use crate::modules::open_ports::{Service, none_open};

pub(super) const CHECK: Check = Check {
    id: "port.msrpc-open",
    title: "Microsoft RPC is open to the world",
    severity: Severity::High,
    group: Group::Ports,
    standard: "CIS Controls v8.1, safeguard 4.8",
    why: "The endpoint mapper tells what runs on the machine, and several worms came in \
          through it.",
    fix: "Close the port to the world.",
    careful: Some(CAREFUL),
    paste: close!(135),
    run: |evidence| none_open(evidence, Service::Msrpc),
    ..Check::BASE
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::open_ports::{silent, with_open};

    #[test]
    fn the_port_is_seen() {
        let seen = judged(&CHECK, &with_open(&[135]));
        assert!(seen.starts_with("fail: port 135 ("), "{seen}");
        assert_eq!(judged(&CHECK, &with_open(&[80, 443])), "pass");
        assert_eq!(judged(&CHECK, &silent()), "missing: silence");
    }
}
