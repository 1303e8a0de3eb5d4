use model::Severity;

use crate::check::Check;
use crate::compliance::Group;
use crate::modules::open_ports::paste::{CAREFUL, close};
use crate::modules::open_ports::{Service, none_open};

pub(super) const CHECK: Check = Check {
    id: "port.ftp-open",
    title: "FTP is open to the world",
    severity: Severity::Medium,
    group: Group::Ports,
    standard: "CIS Controls v8.1, safeguard 4.8",
    why: "FTP sends passwords and files unencrypted unless both sides insist on TLS, and few \
          do.",
    fix: "Offer SFTP or HTTPS instead, and switch FTP off.",
    careful: Some(CAREFUL),
    paste: close!(21),
    run: |evidence| none_open(evidence, Service::Ftp),
    ..Check::BASE
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::open_ports::{silent, with_open};

    #[test]
    fn the_port_is_seen() {
        let seen = judged(&CHECK, &with_open(&[21]));
        assert!(seen.starts_with("fail: port 21 ("), "{seen}");
        assert_eq!(judged(&CHECK, &with_open(&[80, 443])), "pass");
        assert_eq!(judged(&CHECK, &silent()), "missing: silence");
    }
}
