use model::Severity;

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::ssl_tls::leaf;

pub(super) const CHECK: Check = Check {
    id: "cert.addresses-differ",
    title: "The addresses of the domain show different certificates",
    severity: Severity::Info,
    group: Group::Certificate,
    standard: "RFC 9525, section 1.1",
    why: "Each certificate has to be renewed on its own, and the one that is forgotten fails for \
          some visitors alone. Where every server has a key of its own this is meant.",
    fix: "Make sure that the renewal of every one of them is watched.",
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let (first, _) = leaf(evidence)?;
    let tls = evidence.tls()?;
    if tls.others.is_empty() {
        return Ok(Verdict::NotApplicable("the domain has one address"));
    }
    let mut compared = false;
    for (address, other) in tls.addresses().skip(1) {
        let Some(leaf) = other.chain.as_ref().ok().and_then(|chain| chain.certificates.first())
        else {
            continue;
        };
        compared = true;
        if leaf.fingerprint != first.fingerprint {
            let known = leaf.fingerprint.get(..16).unwrap_or_default();
            return Ok(Verdict::Fail(format!(
                "{address} shows another: {known}, by {}",
                leaf.issuer
            )));
        }
    }
    match compared {
        true => Ok(Verdict::Pass),
        false => Err(Missing("one address alone showed a certificate".to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::ssl_tls::{TlsEvidence, at_two, seen};

    #[test]
    fn one_certificate_is_shown_everywhere() {
        let at = |change: fn(&mut TlsEvidence)| judged(&CHECK, &at_two("192.0.2.2", change));
        assert_eq!(at(|_| {}), "pass");
        assert_eq!(
            at(|tls| {
                tls.chain.as_mut().unwrap().certificates[0].fingerprint =
                    "0123456789abcdef00".to_owned();
            }),
            "fail: 192.0.2.2 shows another: 0123456789abcdef, by CN=Authority"
        );
        assert_eq!(
            at(|tls| tls.chain = Err(Missing::not_probed())),
            "missing: one address alone showed a certificate"
        );
        assert_eq!(judged(&CHECK, &seen(|_| {})), "not applicable: the domain has one address");
    }
}
