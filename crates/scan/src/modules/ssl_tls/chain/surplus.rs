use model::Severity;

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::ssl_tls::certificate::CertificateFacts;
use crate::modules::ssl_tls::trust::Trust;
use crate::modules::ssl_tls::{at_every_address, leaf};

pub(super) const CHECK: Check = Check {
    id: "chain.surplus",
    title: "The server sends certificates that nobody needs",
    severity: Severity::Info,
    group: Group::Certificate,
    standard: "RFC 8446, section 4.4.2",
    why: "Clients bring the roots themselves and skip what does not belong to the chain, so each of \
          these only makes every handshake longer.",
    fix: "Send the leaf and its intermediate certificates, without the root and without others.",
    run: |evidence| at_every_address(evidence, run),
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let (leaf, chain) = leaf(evidence)?;
    if chain.trust != Trust::Trusted {
        return Ok(Verdict::NotApplicable("the chain leads to no trusted root"));
    }
    let surplus = chain.certificates.iter().skip(1).find_map(|sent| {
        let vouches = |other: &CertificateFacts| other.issuer == sent.subject && other != sent;
        if sent.is_self_issued() && sent.is_authority {
            return Some(format!("the root `{}` is sent along", sent.subject));
        }
        if sent.fingerprint == leaf.fingerprint {
            return Some("the leaf is sent twice".to_owned());
        }
        let issued = chain.certificates.iter().any(vouches);
        (!issued).then(|| format!("`{}` issued none of the others", sent.subject))
    });
    Ok(surplus.map_or(Verdict::Pass, Verdict::Fail))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::ssl_tls::seen;

    fn sending(more: &[(&str, &str)]) -> Evidence {
        seen(|tls| {
            let chain = tls.chain.as_mut().unwrap();
            chain.certificates[0].fingerprint = "leaf".to_owned();
            chain.certificates.extend(more.iter().map(|(subject, issuer)| CertificateFacts {
                subject: format!("CN={subject}"),
                issuer: format!("CN={issuer}"),
                is_authority: true,
                fingerprint: (*subject).to_owned(),
                ..CertificateFacts::plain("ca.example")
            }));
        })
    }

    #[test]
    fn the_chain_ends_below_the_root() {
        assert_eq!(judged(&CHECK, &sending(&[("Authority", "Root")])), "pass");
        assert_eq!(
            judged(&CHECK, &sending(&[("Authority", "Root"), ("Root", "Root")])),
            "fail: the root `CN=Root` is sent along"
        );
        assert_eq!(
            judged(&CHECK, &sending(&[("Authority", "Root"), ("Stranger", "Other")])),
            "fail: `CN=Stranger` issued none of the others"
        );
        let mut twice = sending(&[]);
        let certificates = &mut twice.tls.as_mut().unwrap().chain.as_mut().unwrap().certificates;
        certificates.push(certificates[0].clone());
        assert_eq!(judged(&CHECK, &twice), "fail: the leaf is sent twice");
    }

    #[test]
    fn a_root_that_nobody_trusts_is_another_fault() {
        let mut private = sending(&[("Authority", "Authority")]);
        let chain = private.tls.as_mut().unwrap().chain.as_mut().unwrap();
        chain.trust = Trust::Untrusted("the root is not trusted".to_owned());
        assert!(judged(&CHECK, &private).starts_with("not applicable"));
    }

    #[test]
    fn what_was_not_seen_is_not_judged() {
        let unseen = crate::modules::ssl_tls::silent();
        assert_eq!(judged(&CHECK, &unseen), "missing: silence");
    }
}
