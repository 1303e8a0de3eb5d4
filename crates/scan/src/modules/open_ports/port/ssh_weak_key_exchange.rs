use model::Severity;

use crate::check::{Check, Missing, Paste, Tool, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::open_ports::judge_algorithms;

pub(super) const CHECK: Check = Check {
    id: "port.ssh-weak-key-exchange",
    title: "An SSH server offers weak key exchanges",
    severity: Severity::Medium,
    group: Group::Ports,
    standard: "RFC 9142, section 4",
    why: "Key exchanges with SHA-1 or a prime of 1,024 bits can be broken by those with means, and an attacker \
          in between may be able to make client and server settle on them.",
    fix: "Name the key exchanges that are allowed, without SHA-1 and short primes.",
    careful: Some(super::CAREFUL_ALGORITHMS),
    paste: &[Paste {
        tool: Tool::OpenSsh,
        text: "KexAlgorithms sntrup761x25519-sha512@openssh.com,curve25519-sha256,curve25519-sha256@libssh.org",
    }],
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    judge_algorithms(evidence, |server| &server.key_exchanges, is_weak)
}

/// What RFC 9142 says must not or should not be used.
fn is_weak(name: &str) -> bool {
    let gss = name.starts_with("gss-") && name.contains("-sha1");
    gss || matches!(
        name,
        "diffie-hellman-group1-sha1" | "diffie-hellman-group-exchange-sha1" | "rsa1024-sha1"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::open_ports::{silent, with_open, with_ssh};

    #[test]
    fn weak_ones_are_named() {
        let judge = |name: &str| {
            judged(&CHECK, &with_ssh(|server| server.key_exchanges.push(name.to_owned())))
        };
        for weak in ["diffie-hellman-group1-sha1", "gss-gex-sha1-toWM5Slw5Ew8Mqkay+al2g=="] {
            assert_eq!(
                judge(weak),
                format!("fail: the SSH server at port 22 of 192.0.2.1 offers {weak}")
            );
        }
        for sound in ["diffie-hellman-group14-sha256", "diffie-hellman-group14-sha1"] {
            assert_eq!(judge(sound), "pass", "{sound}");
        }
        assert!(judged(&CHECK, &with_open(&[22])).starts_with("missing"));
        assert!(judged(&CHECK, &with_open(&[])).starts_with("not applicable"));
        assert_eq!(judged(&CHECK, &silent()), "missing: silence");
    }
}
