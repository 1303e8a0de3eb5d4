use model::Severity;

use crate::check::Check;
use crate::compliance::Group;
use crate::modules::open_ports::paste::{CAREFUL, close};
use crate::modules::open_ports::{Service, none_open};

pub(super) const CHECK: Check = Check {
    id: "port.message-broker-open",
    title: "A message broker is open to the world",
    severity: Severity::High,
    group: Group::Ports,
    standard: "CIS Controls v8.1, safeguard 4.8",
    why: "Messages travel unencrypted at these ports, and brokers often let everybody read \
          and write them.",
    fix: "Close the port to the world, or offer the broker with TLS and client certificates \
          at its encrypted port.",
    careful: Some(CAREFUL),
    paste: close!(1883, 4369, 5672, 9092, 61616),
    run: |evidence| none_open(evidence, Service::MessageBroker),
    ..Check::BASE
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::open_ports::{silent, with_open};

    #[test]
    fn each_of_its_ports_is_seen() {
        for port in [1883, 4369, 5672, 9092, 61_616] {
            let seen = judged(&CHECK, &with_open(&[port]));
            assert!(seen.starts_with(&format!("fail: port {port} (")), "{seen}");
        }
        assert_eq!(judged(&CHECK, &with_open(&[80, 443])), "pass");
        assert_eq!(judged(&CHECK, &silent()), "missing: silence");
    }
}
