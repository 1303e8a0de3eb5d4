use model::Severity;

use crate::check::Check;
use crate::compliance::Group;
use crate::modules::open_ports::paste::{CAREFUL, close};
use crate::modules::open_ports::{Service, none_open};

pub(super) const CHECK: Check = Check {
    id: "port.small-service-open",
    title: "A service nobody needs is open to the world",
    severity: Severity::Low,
    group: Group::Ports,
    standard: "CIS Controls v8.1, safeguard 4.8",
    why: "Echo, chargen, finger and the like serve nothing today but attacks on others and \
          curiosity.",
    fix: "Switch the service off in inetd or xinetd.",
    careful: Some(CAREFUL),
    paste: close!(7, 9, 13, 17, 19, 37, 79),
    run: |evidence| none_open(evidence, Service::SmallService),
    ..Check::BASE
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::open_ports::{silent, with_open};

    #[test]
    fn each_of_its_ports_is_seen() {
        for port in [7, 9, 13, 17, 19, 37, 79] {
            let seen = judged(&CHECK, &with_open(&[port]));
            assert!(seen.starts_with(&format!("fail: port {port} (")), "{seen}");
        }
        assert_eq!(judged(&CHECK, &with_open(&[80, 443])), "pass");
        assert_eq!(judged(&CHECK, &silent()), "missing: silence");
    }
}
