use model::Severity;

use crate::check::Check;
use crate::compliance::Group;
use crate::modules::open_ports::paste::{CAREFUL, close};
use crate::modules::open_ports::{Service, none_open};

pub(super) const CHECK: Check = Check {
    id: "port.imap-in-clear",
    title: "IMAP is offered without TLS from the start",
    severity: Severity::Low,
    group: Group::Ports,
    standard: "RFC 8314, section 4.1",
    why: "Who stands in between can keep a mail program from encrypting and then reads its \
          password.",
    fix: "Offer IMAP at port 993 with TLS from the start, and close port 143.",
    careful: Some(CAREFUL),
    paste: close!(143),
    run: |evidence| none_open(evidence, Service::Imap),
    ..Check::BASE
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::open_ports::{silent, with_open};

    #[test]
    fn the_port_is_seen() {
        let seen = judged(&CHECK, &with_open(&[143]));
        assert!(seen.starts_with("fail: port 143 ("), "{seen}");
        assert_eq!(judged(&CHECK, &with_open(&[80, 443])), "pass");
        assert_eq!(judged(&CHECK, &silent()), "missing: silence");
    }
}
