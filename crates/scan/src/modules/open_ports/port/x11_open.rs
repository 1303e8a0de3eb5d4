use model::Severity;

use crate::check::Check;
use crate::compliance::Group;
use crate::modules::open_ports::paste::{CAREFUL, close};
use crate::modules::open_ports::{Service, none_open};

pub(super) const CHECK: Check = Check {
    id: "port.x11-open",
    title: "An X11 display is open to the world",
    severity: Severity::Critical,
    group: Group::Ports,
    standard: "CIS Controls v8.1, safeguard 4.8",
    why: "Whoever may connect to the display reads every key that is pressed and can press \
          keys themselves.",
    fix: "Start the X server with `-nolisten tcp`, and forward displays through SSH.",
    careful: Some(CAREFUL),
    paste: close!(6000, 6001),
    run: |evidence| none_open(evidence, Service::X11),
    ..Check::BASE
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::open_ports::{silent, with_open};

    #[test]
    fn each_of_its_ports_is_seen() {
        for port in [6000, 6001] {
            let seen = judged(&CHECK, &with_open(&[port]));
            assert!(seen.starts_with(&format!("fail: port {port} (")), "{seen}");
        }
        assert_eq!(judged(&CHECK, &with_open(&[80, 443])), "pass");
        assert_eq!(judged(&CHECK, &silent()), "missing: silence");
    }
}
