use model::Severity;

use crate::check::{Check, Missing, Paste, Tool, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::open_ports::judge_algorithms;

pub(super) const CHECK: Check = Check {
    id: "port.ssh-weak-mac",
    title: "An SSH server offers weak message authentication",
    severity: Severity::Low,
    group: Group::Ports,
    standard: "RFC 6151, section 2.3; RFC 4253, section 6.4",
    why: "MD5 and tags cut to 96 or 64 bits protect a session less than the cipher does.",
    fix: "Name the MACs that are allowed, with SHA-2 and encrypt-then-MAC.",
    careful: Some(super::CAREFUL_ALGORITHMS),
    paste: &[Paste {
        tool: Tool::OpenSsh,
        text: "MACs hmac-sha2-512-etm@openssh.com,hmac-sha2-256-etm@openssh.com,umac-128-etm@openssh.com",
    }],
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    judge_algorithms(evidence, |server| &server.macs, is_weak)
}

/// MD5, tags of less than 128 bits, and none at all.
fn is_weak(name: &str) -> bool {
    let short = name.contains("-96") || name.starts_with("umac-64");
    name == "none" || short || name.contains("md5") || name.contains("ripemd")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::open_ports::{silent, with_open, with_ssh};

    #[test]
    fn weak_ones_are_named() {
        let judge =
            |name: &str| judged(&CHECK, &with_ssh(|server| server.macs.push(name.to_owned())));
        for weak in ["hmac-md5", "hmac-sha1-96", "umac-64-etm@openssh.com"] {
            assert_eq!(
                judge(weak),
                format!("fail: the SSH server at port 22 of 192.0.2.1 offers {weak}")
            );
        }
        for sound in ["hmac-sha2-256", "umac-128@openssh.com"] {
            assert_eq!(judge(sound), "pass", "{sound}");
        }
        assert!(judged(&CHECK, &with_open(&[22])).starts_with("missing"));
        assert!(judged(&CHECK, &with_open(&[])).starts_with("not applicable"));
        assert_eq!(judged(&CHECK, &silent()), "missing: silence");
    }
}
