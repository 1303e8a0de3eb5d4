use model::Severity;

use crate::check::{Check, Missing, Paste, Tool, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::open_ports::judge_algorithms;

pub(super) const CHECK: Check = Check {
    id: "port.ssh-weak-host-key",
    title: "An SSH server signs with SHA-1",
    severity: Severity::Low,
    group: Group::Ports,
    standard: "RFC 8332, section 3",
    why: "Collisions of SHA-1 cost some tens of thousands of dollars, so a signature over it \
          proves less and less that this is the server. OpenSSH has not taken them by default \
          since 2021.",
    fix: "Offer Ed25519 and RSA with SHA-2, and remove DSA keys.",
    careful: Some(
        "Clients that have seen the old host key alone warn or refuse: publish the fingerprint of \
         the new one first.",
    ),
    paste: &[Paste {
        tool: Tool::OpenSsh,
        text: "HostKeyAlgorithms ssh-ed25519,rsa-sha2-512,rsa-sha2-256",
    }],
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    judge_algorithms(evidence, |server| &server.host_keys, is_weak)
}

/// DSA, and RSA with SHA-1.
fn is_weak(name: &str) -> bool {
    let name = name.split("-cert-").next().unwrap_or(name);
    matches!(name, "ssh-rsa" | "ssh-dss" | "x509v3-ssh-rsa" | "x509v3-ssh-dss" | "x509v3-sign-rsa")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::open_ports::{silent, with_open, with_ssh};

    #[test]
    fn weak_ones_are_named() {
        let judge =
            |name: &str| judged(&CHECK, &with_ssh(|server| server.host_keys.push(name.to_owned())));
        for weak in ["ssh-rsa", "ssh-dss", "ssh-rsa-cert-v01@openssh.com"] {
            assert_eq!(
                judge(weak),
                format!("fail: the SSH server at port 22 of 192.0.2.1 offers {weak}")
            );
        }
        for sound in ["ecdsa-sha2-nistp256", "rsa-sha2-512-cert-v01@openssh.com"] {
            assert_eq!(judge(sound), "pass", "{sound}");
        }
        assert!(judged(&CHECK, &with_open(&[22])).starts_with("missing"));
        assert!(judged(&CHECK, &with_open(&[])).starts_with("not applicable"));
        assert_eq!(judged(&CHECK, &silent()), "missing: silence");
    }
}
