use model::Severity;

use crate::check::Check;
use crate::compliance::Group;
use crate::modules::open_ports::paste::{CAREFUL, close};
use crate::modules::open_ports::{Service, none_open};

pub(super) const CHECK: Check = Check {
    id: "port.nfs-open",
    title: "NFS or rpcbind is open to the world",
    severity: Severity::High,
    group: Group::Ports,
    standard: "CIS Controls v8.1, safeguard 4.8",
    why: "NFS trusts addresses, so exported folders may be read by strangers, and rpcbind \
          lists what else runs.",
    fix: "Close ports 111 and 2049 to the world; export over a private network or a VPN.",
    careful: Some(CAREFUL),
    paste: close!(111, 2049),
    run: |evidence| none_open(evidence, Service::Nfs),
    ..Check::BASE
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::open_ports::{silent, with_open};

    #[test]
    fn each_of_its_ports_is_seen() {
        for port in [111, 2049] {
            let seen = judged(&CHECK, &with_open(&[port]));
            assert!(seen.starts_with(&format!("fail: port {port} (")), "{seen}");
        }
        assert_eq!(judged(&CHECK, &with_open(&[80, 443])), "pass");
        assert_eq!(judged(&CHECK, &silent()), "missing: silence");
    }
}
