use model::Severity;

use crate::check::Check;
use crate::compliance::Group;
use crate::modules::open_ports::paste::{CAREFUL, close};
use crate::modules::open_ports::{Service, none_open};

pub(super) const CHECK: Check = Check {
    id: "port.memcached-open",
    title: "A memcached server is open to the world",
    severity: Severity::Critical,
    cap: Some(54),
    group: Group::Ports,
    standard: "PCI DSS 4.0.1, requirement 1.4.4",
    why: "Everybody can read and change what the site keeps there, sessions among it: \
          memcached asks nobody who they are.",
    fix: "Start it with `-l 127.0.0.1 -U 0`, and close the port to the world.",
    careful: Some(CAREFUL),
    paste: close!(11211),
    run: |evidence| none_open(evidence, Service::Memcached),
    ..Check::BASE
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::open_ports::{silent, with_open};

    #[test]
    fn the_port_is_seen() {
        let seen = judged(&CHECK, &with_open(&[11_211]));
        assert!(seen.starts_with("fail: port 11211 ("), "{seen}");
        assert_eq!(judged(&CHECK, &with_open(&[80, 443])), "pass");
        assert_eq!(judged(&CHECK, &silent()), "missing: silence");
    }
}
