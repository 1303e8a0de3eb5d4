use model::Severity;

use super::flawed::judge;
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::known_flaws::Kind;

pub(super) const CHECK: Check = Check {
    id: "port.possible-flaw",
    title: "A service may have a known flaw",
    severity: Severity::Info,
    group: Group::Vulnerability,
    standard: "NIST SP 800-53 r5, RA-5",
    why: "The version that the service names had a flaw when its makers published it. \
          Distributions mend their packages without changing that number, and some flaws need a \
          configuration, so no points are taken off.",
    fix: "Compare the package's full version with the distribution's notice on the CVE, and update it \
          when it is older.",
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    judge(evidence, Kind::Possible)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::open_ports::{silent, with_open};

    #[test]
    fn what_may_be_mended_is_only_told() {
        let judge = |product: &str| {
            let mut evidence = with_open(&[22]);
            let ports = &mut evidence.ports.as_mut().unwrap().addresses[0].open;
            ports[0].product = Some(product.to_owned());
            judged(&CHECK, &evidence)
        };
        assert_eq!(
            judge("OpenSSH_9.2p1 (Debian)"),
            "fail: OpenSSH_9.2p1 (Debian) at port 22 of 192.0.2.1 has CVE-2024-6387, on Linux with \
             glibc (https://www.qualys.com/2024/07/01/cve-2024-6387/regresshion.txt)"
        );
        assert_eq!(judge("dropbear_2015.67"), "pass");
        assert_eq!(judge("OpenSSH_10.0"), "pass");
        assert!(judged(&CHECK, &with_open(&[22])).starts_with("not applicable"));
        assert_eq!(judged(&CHECK, &silent()), "missing: silence");
    }
}
