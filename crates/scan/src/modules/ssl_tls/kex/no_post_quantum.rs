use model::Severity;

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::ssl_tls::paste;
use crate::modules::ssl_tls::wire::suites::{POST_QUANTUM, group_name};
use crate::modules::ssl_tls::{at_every_address, reached};

pub(super) const CHECK: Check = Check {
    id: "kex.no-post-quantum",
    title: "No post-quantum key exchange is offered",
    severity: Severity::Info,
    group: Group::Tls,
    standard: "RFC 10024",
    why: "What is recorded today can be decrypted once large quantum computers exist. \
          X25519MLKEM768 protects against that, and current browsers offer it.",
    fix: "Update the TLS library and offer X25519MLKEM768 first.",
    paste: paste::POST_QUANTUM,
    run: |evidence| at_every_address(evidence, run),
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let tls = reached(evidence)?;
    let groups = tls.groups.as_ref().map_err(Clone::clone)?;
    if groups.is_empty() {
        return match tls.offers_tls13()? {
            true => Err(Missing("the server did not name its groups".to_owned())),
            false => Ok(Verdict::NotApplicable("TLS 1.3 is not offered")),
        };
    }
    let none = !groups.iter().any(|group| POST_QUANTUM.contains(group));
    Ok(Verdict::fail_if(none, || {
        let names: Vec<_> = groups.iter().map(|group| group_name(*group)).collect();
        format!("only {}", names.join(", "))
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::ssl_tls::seen;

    #[test]
    fn one_hybrid_group_is_enough() {
        assert_eq!(
            judged(&CHECK, &seen(|tls| tls.groups = Ok(vec![29, 23]))),
            "fail: only x25519, secp256r1"
        );
        assert_eq!(judged(&CHECK, &seen(|_| {})), "pass");
        assert_eq!(
            judged(&CHECK, &seen(|tls| tls.groups = Ok(vec![]))),
            "missing: the server did not name its groups"
        );
        let old = seen(|tls| {
            tls.groups = Ok(vec![]);
            tls.versions[4].suites = Ok(vec![]);
            tls.handshake = Err(Missing("refused".to_owned()));
        });
        assert_eq!(judged(&CHECK, &old), "not applicable: TLS 1.3 is not offered");
    }
}
