use model::Severity;

use crate::check::{Check, Paste, Tool};
use crate::compliance::Group;
use crate::modules::open_ports::{Service, none_open};

pub(super) const CHECK: Check = Check {
    id: "port.ssh-open",
    title: "SSH is open to the world",
    severity: Severity::Medium,
    points: Some(20),
    group: Group::Ports,
    standard: "CISA BOD 23-02",
    why: "Everybody can guess passwords and try the next flaw of the server on the day it is known. SSH \
          itself is sound; that the whole internet may knock is not needed.",
    fix: "Let only your own networks or a VPN reach SSH. Until then allow keys alone, no passwords and \
          no root.",
    careful: Some(
        "You shut yourself out with a wrong network or without a key: keep a second session open, \
         and try a third before you close it.",
    ),
    paste: &[
        Paste {
            tool: Tool::OpenSsh,
            text: "PasswordAuthentication no\n\
                   KbdInteractiveAuthentication no\n\
                   PermitRootLogin no\n\
                   MaxAuthTries 3",
        },
        Paste {
            tool: Tool::Nftables,
            text: "nft insert rule inet filter input iifname != \"lo\" ip saddr != YOUR-NETWORK tcp dport 22 drop",
        },
        Paste {
            tool: Tool::Ufw,
            text: "ufw allow proto tcp from YOUR-NETWORK to any port 22\n\
                   ufw delete allow 22/tcp",
        },
        Paste {
            tool: Tool::CloudFirewall,
            text: "Security group > Inbound rules > TCP 22 from your own networks alone",
        },
    ],
    run: |evidence| none_open(evidence, Service::Ssh),
    ..Check::BASE
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::open_ports::{silent, with_open, with_ssh};

    #[test]
    fn any_ssh_server_is_seen() {
        assert_eq!(judged(&CHECK, &with_ssh(|_| ())), "fail: port 22 (SSH) of 192.0.2.1 is open");
        assert!(judged(&CHECK, &with_open(&[2222])).starts_with("fail: port 2222 ("));
        assert_eq!(judged(&CHECK, &with_open(&[80, 443])), "pass");
        assert_eq!(judged(&CHECK, &silent()), "missing: silence");
    }
}
