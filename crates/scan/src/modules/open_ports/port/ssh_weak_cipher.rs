use model::Severity;

use crate::check::{Check, Missing, Paste, Tool, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::open_ports::judge_algorithms;

pub(super) const CHECK: Check = Check {
    id: "port.ssh-weak-cipher",
    title: "An SSH server offers weak ciphers",
    severity: Severity::Medium,
    group: Group::Ports,
    standard: "RFC 8758; NIST SP 800-131A, section 2",
    why: "RC4 and ciphers with small blocks leak what is sent often; CBC modes in SSH let an attacker in \
          between learn parts of a session.",
    fix: "Name the ciphers that are allowed: AES in GCM or CTR mode, ChaCha20.",
    careful: Some(super::CAREFUL_ALGORITHMS),
    paste: &[Paste {
        tool: Tool::OpenSsh,
        text: "Ciphers chacha20-poly1305@openssh.com,aes256-gcm@openssh.com,aes128-gcm@openssh.com,aes256-ctr",
    }],
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    judge_algorithms(evidence, |server| &server.ciphers, is_weak)
}

/// RC4, CBC modes, small blocks, and none at all.
fn is_weak(name: &str) -> bool {
    let name = name.strip_suffix("@lysator.liu.se").unwrap_or(name);
    let small = ["arcfour", "3des", "des-", "blowfish", "cast128", "idea"];
    name == "none" || name.ends_with("-cbc") || small.iter().any(|cipher| name.starts_with(cipher))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::open_ports::{silent, with_open, with_ssh};

    #[test]
    fn weak_ones_are_named() {
        let judge =
            |name: &str| judged(&CHECK, &with_ssh(|server| server.ciphers.push(name.to_owned())));
        for weak in ["3des-cbc", "aes128-cbc", "arcfour256", "none"] {
            assert_eq!(
                judge(weak),
                format!("fail: the SSH server at port 22 of 192.0.2.1 offers {weak}")
            );
        }
        for sound in ["aes128-ctr", "aes256-gcm@openssh.com"] {
            assert_eq!(judge(sound), "pass", "{sound}");
        }
        assert!(judged(&CHECK, &with_open(&[22])).starts_with("missing"));
        assert!(judged(&CHECK, &with_open(&[])).starts_with("not applicable"));
        assert_eq!(judged(&CHECK, &silent()), "missing: silence");
    }
}
