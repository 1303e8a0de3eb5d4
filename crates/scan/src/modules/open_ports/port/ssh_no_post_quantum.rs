use model::Severity;

use crate::check::{Check, Missing, Paste, Tool, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::open_ports::judge_ssh;

pub(super) const CHECK: Check = Check {
    id: "port.ssh-no-post-quantum",
    title: "An SSH server offers no post-quantum key exchange",
    severity: Severity::Info,
    group: Group::Ports,
    standard: "draft-ietf-sshm-mlkem-hybrid-kex",
    why: "Sessions recorded today can be read once there are large quantum computers.",
    fix: "Update to OpenSSH 9.0 or later, which prefers a hybrid key exchange.",
    paste: &[Paste {
        tool: Tool::OpenSsh,
        text: "KexAlgorithms ^sntrup761x25519-sha512@openssh.com",
    }],
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    judge_ssh(evidence, |server| {
        let is_hybrid = |name: &String| name.starts_with("mlkem") || name.starts_with("sntrup761x");
        let hybrid = server.key_exchanges.iter().any(is_hybrid);
        (!hybrid).then(|| "offers none".to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::open_ports::{silent, with_open, with_ssh};

    #[test]
    fn hybrids_are_post_quantum() {
        let judge = |name: &str| {
            judged(&CHECK, &with_ssh(|server| server.key_exchanges = vec![name.to_owned()]))
        };
        assert_eq!(
            judge("curve25519-sha256"),
            "fail: the SSH server at port 22 of 192.0.2.1 offers none"
        );
        let old = with_ssh(|server| server.protocol = "1.5".to_owned());
        assert!(judged(&CHECK, &old).starts_with("missing"));
        assert_eq!(judge("mlkem768nistp256-sha256"), "pass");
        assert_eq!(judge("sntrup761x25519-sha512@openssh.com"), "pass");
        assert!(judged(&CHECK, &with_open(&[22])).starts_with("missing"));
        assert!(judged(&CHECK, &with_open(&[])).starts_with("not applicable"));
        assert_eq!(judged(&CHECK, &silent()), "missing: silence");
    }
}
