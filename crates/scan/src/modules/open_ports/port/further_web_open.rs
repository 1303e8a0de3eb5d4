use model::Severity;

use crate::check::Check;
use crate::compliance::Group;
use crate::modules::open_ports::paste::{CAREFUL, close};
use crate::modules::open_ports::{Service, none_open};

pub(super) const CHECK: Check = Check {
    id: "port.further-web-open",
    title: "Web servers at unusual ports are open to the world",
    severity: Severity::Low,
    group: Group::Ports,
    standard: "CIS Controls v8.1, safeguard 4.8",
    why: "What listens there is often a development server, a test or an administration page \
          that nobody meant to publish.",
    fix: "Put what is meant for the public behind the web server at port 443, and close the \
          other ports.",
    careful: Some(CAREFUL),
    paste: close!(3000, 5000, 8000, 8080, 8081, 8443, 8888),
    run: |evidence| none_open(evidence, Service::FurtherWeb),
    ..Check::BASE
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::open_ports::{silent, with_open};

    #[test]
    fn each_of_its_ports_is_seen() {
        for port in [3000, 5000, 8000, 8080, 8081, 8443, 8888] {
            let seen = judged(&CHECK, &with_open(&[port]));
            assert!(seen.starts_with(&format!("fail: port {port} (")), "{seen}");
        }
        assert_eq!(judged(&CHECK, &with_open(&[80, 443])), "pass");
        assert_eq!(judged(&CHECK, &silent()), "missing: silence");
    }
}
