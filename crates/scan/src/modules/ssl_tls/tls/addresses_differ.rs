use std::net::IpAddr;

use model::Severity;

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::ssl_tls::wire::hello::{SSL3, TLS10, TLS11};
use crate::modules::ssl_tls::{TlsEvidence, reached};

pub(super) const CHECK: Check = Check {
    id: "tls.addresses-differ",
    title: "The addresses of the domain do not speak TLS alike",
    severity: Severity::Low,
    group: Group::Tls,
    standard: "RFC 9325, section 3.9; NIST SP 800-52 Rev. 2, section 3",
    why: "What protects a visitor depends on which address answers, and an attacker may choose \
          it. One server was most likely forgotten when the others were changed.",
    fix: "Give all servers of the name one configuration.",
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let tls = reached(evidence)?;
    if tls.others.is_empty() {
        return Ok(Verdict::NotApplicable("the domain has one address"));
    }
    let mut seen = tls.addresses().filter(|(_, seen)| seen.reached.is_ok());
    let Some(first) = seen.next() else { return Err(Missing::not_probed()) };
    let mut compared = false;
    for other in seen {
        compared = true;
        if let Some(difference) = difference(first, other) {
            return Ok(Verdict::Fail(difference));
        }
    }
    match compared {
        true => Ok(Verdict::Pass),
        false => Err(Missing("one address alone answered".to_owned())),
    }
}

/// Returns the first thing in which two addresses are known to differ.
fn difference(
    (here, one): (IpAddr, &TlsEvidence),
    (there, other): (IpAddr, &TlsEvidence),
) -> Option<String> {
    for (version, name) in [(SSL3, "SSL 3.0"), (TLS10, "TLS 1.0"), (TLS11, "TLS 1.1")] {
        let offers = |seen: &TlsEvidence| seen.suites(version).ok().map(|all| !all.is_empty());
        match (offers(one), offers(other)) {
            (Some(true), Some(false)) => {
                return Some(format!("{here} offers {name}, {there} does not"));
            }
            (Some(false), Some(true)) => {
                return Some(format!("{there} offers {name}, {here} does not"));
            }
            _ => {}
        }
    }
    let (one, other) = (one.handshake.as_ref().ok()?, other.handshake.as_ref().ok()?);
    (one != other).then(|| {
        let chosen = |seen: &crate::modules::ssl_tls::Handshake| {
            let parts = [Some(seen.version.as_str()), Some(&seen.suite), seen.group.as_deref()];
            let parts: Vec<&str> =
                parts.into_iter().chain([seen.alpn.as_deref()]).flatten().collect();
            parts.join(" ")
        };
        format!("{here} chooses {}, {there} {}", chosen(one), chosen(other))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::ssl_tls::{at_two, seen};

    #[test]
    fn one_configuration_serves_all() {
        let at = |change: fn(&mut TlsEvidence)| judged(&CHECK, &at_two("2001:db8::1", change));
        assert_eq!(
            at(|tls| tls.versions[1].suites = Ok(vec![0x002f])),
            "fail: 2001:db8::1 offers TLS 1.0, 192.0.2.1 does not"
        );
        assert_eq!(
            at(|tls| tls.handshake.as_mut().unwrap().alpn = None),
            "fail: 192.0.2.1 chooses TLSv1_3 TLS13_AES_128_GCM_SHA256 X25519 h2, 2001:db8::1 \
             TLSv1_3 TLS13_AES_128_GCM_SHA256 X25519"
        );
        assert_eq!(at(|_| {}), "pass");
        assert_eq!(at(|tls| tls.versions[1].suites = Err(Missing::not_probed())), "pass");
        assert_eq!(
            at(|tls| tls.reached = Err(Missing::not_probed())),
            "missing: one address alone answered"
        );
        assert_eq!(judged(&CHECK, &seen(|_| {})), "not applicable: the domain has one address");
    }
}
