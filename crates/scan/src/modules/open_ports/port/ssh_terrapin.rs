use model::Severity;

use crate::check::{Check, Missing, Paste, Tool, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::open_ports::{SshServer, judge_ssh};

const STRICT: &str = "kex-strict-s-v00@openssh.com";
const CHACHA: &str = "chacha20-poly1305@openssh.com";

pub(super) const CHECK: Check = Check {
    id: "port.ssh-terrapin",
    title: "An SSH server is open to the Terrapin attack",
    severity: Severity::Medium,
    group: Group::Ports,
    standard: "CVE-2023-48795",
    why: "Who stands in between can drop messages from the beginning of a session unnoticed, and so switch \
          off protections both sides would have agreed on.",
    fix: "Update the SSH server to one with strict key exchange (OpenSSH 9.6), or forbid ChaCha20 and CBC \
          with encrypt-then-MAC.",
    careful: Some(super::CAREFUL_ALGORITHMS),
    paste: &[Paste { tool: Tool::OpenSsh, text: "Ciphers -chacha20-poly1305@openssh.com,*-cbc" }],
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    judge_ssh(evidence, |server| {
        let (false, Some(way)) = (has(&server.key_exchanges, STRICT), vulnerable(server)) else {
            return None;
        };
        Some(format!("offers {way} without strict key exchange"))
    })
}

fn has(names: &[String], wanted: &str) -> bool {
    names.iter().any(|name| name == wanted)
}

/// Returns the modes the attack works with.
fn vulnerable(server: &SshServer) -> Option<&'static str> {
    let cbc = server.ciphers.iter().any(|name| name.ends_with("-cbc"));
    let etm = server.macs.iter().any(|name| name.contains("-etm@"));
    if has(&server.ciphers, CHACHA) {
        return Some("ChaCha20-Poly1305");
    }
    (cbc && etm).then_some("CBC with encrypt-then-MAC")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::open_ports::{silent, with_open, with_ssh};

    fn judge(strict: bool, ciphers: &[&str]) -> String {
        judged(
            &CHECK,
            &with_ssh(|server| {
                server.ciphers = ciphers.iter().map(|name| (*name).to_owned()).collect();
                if !strict {
                    server.key_exchanges.retain(|name| name != STRICT);
                }
            }),
        )
    }

    #[test]
    fn strict_key_exchange_or_other_ciphers_protect() {
        assert_eq!(
            judge(false, &[CHACHA]),
            "fail: the SSH server at port 22 of 192.0.2.1 offers ChaCha20-Poly1305 without strict key \
             exchange"
        );
        assert!(judge(false, &["aes128-cbc"]).contains("CBC with encrypt-then-MAC"));
        assert_eq!(judge(true, &[CHACHA]), "pass");
        assert_eq!(judge(false, &["aes256-gcm@openssh.com"]), "pass");
        assert!(judged(&CHECK, &with_open(&[22])).starts_with("missing"));
        assert!(judged(&CHECK, &with_open(&[])).starts_with("not applicable"));
        assert_eq!(judged(&CHECK, &silent()), "missing: silence");
    }
}
