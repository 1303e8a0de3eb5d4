use model::Severity;

use crate::check::Check;
use crate::compliance::Group;
use crate::modules::open_ports::paste::{CAREFUL, close};
use crate::modules::open_ports::{Service, none_open};

pub(super) const CHECK: Check = Check {
    id: "port.redis-open",
    title: "A Redis server is open to the world",
    severity: Severity::Critical,
    cap: Some(54),
    group: Group::Ports,
    standard: "PCI DSS 4.0.1, requirement 1.4.4",
    why: "Redis has no password unless one is set, and whoever may write to it may run \
          programs on the machine.",
    fix: "Set `bind 127.0.0.1`, `protected-mode yes` and a password, and close the port to \
          the world.",
    careful: Some(CAREFUL),
    paste: close!(6379),
    run: |evidence| none_open(evidence, Service::Redis),
    ..Check::BASE
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::open_ports::{silent, with_open};

    #[test]
    fn the_port_is_seen() {
        let seen = judged(&CHECK, &with_open(&[6379]));
        assert!(seen.starts_with("fail: port 6379 ("), "{seen}");
        assert_eq!(judged(&CHECK, &with_open(&[80, 443])), "pass");
        assert_eq!(judged(&CHECK, &silent()), "missing: silence");
    }
}
