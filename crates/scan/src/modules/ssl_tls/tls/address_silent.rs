use model::Severity;

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::ssl_tls::Silence;
use crate::modules::ssl_tls::paste;

pub(super) const CHECK: Check = Check {
    id: "tls.address-silent",
    title: "An address of the domain serves no TLS while another does",
    severity: Severity::Medium,
    group: Group::Tls,
    standard: "RFC 1123, section 2.3; RFC 8305, section 5",
    why: "Visitors who are sent to this address wait, or never arrive. Nobody notices, since \
          others do.",
    fix: "Serve the site at this address too, or remove the address from DNS.",
    paste: paste::EVERY_ADDRESS,
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let tls = evidence.tls()?;
    tls.reached.clone()?;
    if tls.others.is_empty() {
        return Ok(Verdict::NotApplicable("the domain has one address"));
    }
    let answers_by = |v4: bool| {
        tls.addresses().any(|(address, seen)| seen.reached.is_ok() && address.is_ipv4() == v4)
    };
    let mut unseen = None;
    for (address, seen) in tls.addresses() {
        let Err(missing) = &seen.reached else { continue };
        match seen.silence {
            // Our own network may lack the family, or swallow it.
            Some(Silence::NoAnswer) if !answers_by(address.is_ipv4()) => unseen = Some(missing),
            Some(_) => return Ok(Verdict::Fail(missing.to_string())),
            None => unseen = Some(missing),
        }
    }
    unseen.map_or(Ok(Verdict::Pass), |missing| Err(missing.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::ssl_tls::{TlsEvidence, at_two, seen};

    fn silent(address: &str, silence: Option<Silence>) -> Evidence {
        let missing = Missing(format!("port 443 of {address}: nobody there"));
        let other = TlsEvidence { silence, ..TlsEvidence::unseen(None, &missing) };
        at_two(address, |tls| *tls = TlsEvidence { address: tls.address, ..other })
    }

    #[test]
    fn every_address_serves() {
        let fails = |at: &str| format!("fail: port 443 of {at}: nobody there");
        let judge = |at: &str, silence| judged(&CHECK, &silent(at, silence));
        assert_eq!(judge("192.0.2.2", Some(Silence::NoAnswer)), fails("192.0.2.2"));
        assert_eq!(judge("192.0.2.2", Some(Silence::Refused)), fails("192.0.2.2"));
        assert_eq!(judge("2001:db8::1", Some(Silence::NoTls)), fails("2001:db8::1"));
        assert_eq!(judged(&CHECK, &at_two("192.0.2.2", |_| {})), "pass");
        assert_eq!(judged(&CHECK, &seen(|_| {})), "not applicable: the domain has one address");
    }

    #[test]
    fn a_family_we_lack_is_not_theirs_to_mend() {
        for silence in [Some(Silence::NoAnswer), None] {
            assert_eq!(
                judged(&CHECK, &silent("2001:db8::1", silence)),
                "missing: port 443 of 2001:db8::1: nobody there"
            );
        }
    }
}
