use model::Severity;

use crate::check::Check;
use crate::compliance::Group;
use crate::modules::open_ports::paste::{CAREFUL, close};
use crate::modules::open_ports::{Service, none_open};

pub(super) const CHECK: Check = Check {
    id: "port.camera-open",
    title: "A camera or recorder is open to the world",
    severity: Severity::Medium,
    group: Group::Ports,
    standard: "CIS Controls v8.1, safeguard 4.8",
    why: "Cameras with default passwords are listed in public, and botnets live on them.",
    fix: "Close the port to the world, and look at the camera through a VPN.",
    careful: Some(CAREFUL),
    paste: close!(554, 37777),
    run: |evidence| none_open(evidence, Service::Camera),
    ..Check::BASE
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::open_ports::{silent, with_open};

    #[test]
    fn each_of_its_ports_is_seen() {
        for port in [554, 37_777] {
            let seen = judged(&CHECK, &with_open(&[port]));
            assert!(seen.starts_with(&format!("fail: port {port} (")), "{seen}");
        }
        assert_eq!(judged(&CHECK, &with_open(&[80, 443])), "pass");
        assert_eq!(judged(&CHECK, &silent()), "missing: silence");
    }
}
