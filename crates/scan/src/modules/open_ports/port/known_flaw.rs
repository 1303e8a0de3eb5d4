use model::Severity;

use super::flawed::judge;
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::known_flaws::Kind;

pub(super) const CHECK: Check = Check {
    id: "port.known-flaw",
    title: "A service has a known flaw that lets others in",
    severity: Severity::High,
    group: Group::Vulnerability,
    standard: "NIST SP 800-53 r5, SI-2",
    why: "The version that the service names has a flaw with which strangers run their code or get past \
          the sign-in, and how is published.",
    fix: "Update the service to the version that its makers call mended.",
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    judge(evidence, Kind::Known)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::open_ports::{silent, with_open};

    #[test]
    fn no_version_lets_others_in() {
        let judge = |product: &str| {
            let mut evidence = with_open(&[22]);
            let ports = &mut evidence.ports.as_mut().unwrap().addresses[0].open;
            ports[0].product = Some(product.to_owned());
            judged(&CHECK, &evidence)
        };
        assert_eq!(
            judge("dropbear_2015.67"),
            "fail: dropbear_2015.67 at port 22 of 192.0.2.1 has CVE-2016-7406 \
             (https://matt.ucc.asn.au/dropbear/CHANGES)"
        );
        assert_eq!(judge("Serv-U_15.4.2.126"), "pass");
        assert_eq!(judge("OpenSSH_10.0"), "pass");
        assert!(judged(&CHECK, &with_open(&[22])).starts_with("not applicable"));
        assert_eq!(judged(&CHECK, &silent()), "missing: silence");
    }
}
