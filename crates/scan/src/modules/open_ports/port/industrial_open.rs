use model::Severity;

use crate::check::Check;
use crate::compliance::Group;
use crate::modules::open_ports::paste::{CAREFUL, close};
use crate::modules::open_ports::{Service, none_open};

pub(super) const CHECK: Check = Check {
    id: "port.industrial-open",
    title: "A control system is open to the world",
    severity: Severity::Critical,
    group: Group::Ports,
    standard: "IEC 62443-3-3, SR 5.1",
    why: "Most protocols of industry and building control ask for no password: who reaches the \
          port may read and set what the plant does.",
    fix: "Close the port to the world, and let maintenance in through a VPN only.",
    careful: Some(CAREFUL),
    paste: close!(102, 502, 1911, 2404, 4840, 20000, 44818),
    run: |evidence| none_open(evidence, Service::Industrial),
    ..Check::BASE
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::open_ports::{silent, with_open};

    #[test]
    fn each_of_its_ports_is_seen() {
        for port in [102, 502, 1911, 2404, 4840, 20_000, 44_818] {
            let seen = judged(&CHECK, &with_open(&[port]));
            assert!(seen.starts_with(&format!("fail: port {port} (")), "{seen}");
        }
        assert_eq!(judged(&CHECK, &with_open(&[80, 443])), "pass");
        assert_eq!(judged(&CHECK, &silent()), "missing: silence");
    }
}
