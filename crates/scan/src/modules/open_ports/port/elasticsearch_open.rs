use model::Severity;

use crate::check::Check;
use crate::compliance::Group;
use crate::modules::open_ports::paste::{CAREFUL, close};
use crate::modules::open_ports::{Service, none_open};

pub(super) const CHECK: Check = Check {
    id: "port.elasticsearch-open",
    title: "An Elasticsearch or OpenSearch server is open to the world",
    severity: Severity::Critical,
    cap: Some(54),
    group: Group::Ports,
    standard: "PCI DSS 4.0.1, requirement 1.4.4",
    why: "Open search servers are the source of many of the largest leaks: one request lists \
          everything they hold.",
    fix: "Set `network.host: 127.0.0.1`, switch the security plugin on (in Elasticsearch \
          `xpack.security.enabled: true`), and close the ports to the world.",
    careful: Some(CAREFUL),
    paste: close!(9200, 9300),
    run: |evidence| none_open(evidence, Service::Elasticsearch),
    ..Check::BASE
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::open_ports::{silent, with_open};

    #[test]
    fn each_of_its_ports_is_seen() {
        for port in [9200, 9300] {
            let seen = judged(&CHECK, &with_open(&[port]));
            assert!(seen.starts_with(&format!("fail: port {port} (")), "{seen}");
        }
        assert_eq!(judged(&CHECK, &with_open(&[80, 443])), "pass");
        assert_eq!(judged(&CHECK, &silent()), "missing: silence");
    }
}
