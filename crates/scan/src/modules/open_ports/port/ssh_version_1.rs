use model::Severity;

use crate::check::{Check, Missing, Paste, Tool, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::open_ports::judge_ssh_servers;

pub(super) const CHECK: Check = Check {
    id: "port.ssh-version-1",
    title: "An SSH server takes version 1 of the protocol",
    severity: Severity::High,
    group: Group::Ports,
    standard: "RFC 4253, section 5",
    why: "SSH 1 is broken: who stands in between can insert commands into a session. Servers that still \
          speak it have had no update for many years.",
    fix: "Update the SSH server, and allow version 2 alone.",
    paste: &[Paste { tool: Tool::OpenSsh, text: "Protocol 2" }],
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    judge_ssh_servers(evidence, |server| {
        let version_1 = server.protocol.starts_with("1.");
        Ok(version_1.then(|| format!("says that it speaks SSH {}", server.protocol)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::open_ports::{silent, with_open, with_ssh};

    #[test]
    fn version_1_is_seen_beside_version_2() {
        let judge = |protocol: &str| {
            judged(&CHECK, &with_ssh(|server| server.protocol = protocol.to_owned()))
        };
        assert_eq!(
            judge("1.99"),
            "fail: the SSH server at port 22 of 192.0.2.1 says that it speaks SSH 1.99"
        );
        assert!(judge("1.5").starts_with("fail"));
        assert_eq!(judge("2.0"), "pass");
        assert!(judged(&CHECK, &with_open(&[22])).starts_with("missing"));
        assert!(judged(&CHECK, &with_open(&[])).starts_with("not applicable"));
        assert_eq!(judged(&CHECK, &silent()), "missing: silence");
    }
}
