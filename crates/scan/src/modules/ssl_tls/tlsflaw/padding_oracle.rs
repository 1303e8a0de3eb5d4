use model::Severity;

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::ssl_tls::intrusion;
use crate::modules::ssl_tls::intrusion::{Malformed, Padding};
use crate::modules::ssl_tls::paste;
use crate::modules::ssl_tls::wire::suites::suite_name;

pub(super) const CHECK: Check = Check {
    id: "tlsflaw.padding-oracle",
    title: "The server tells why it refuses an encrypted record (padding oracle)",
    severity: Severity::High,
    group: Group::TlsFlaw,
    standard: "CVE-2014-8730, CVE-2019-1559, CVE-2019-6593; RFC 5246, section 6.2.3.2",
    why: "Whoever can make a visitor's browser send requests, and stands on the network between, \
          decrypts cookies octet by octet from how the server answers changed records.",
    fix: "Remove all suites with CBC (the check `cipher.cbc` names them): AEAD suites have no \
          padding. Update the TLS library or the firmware as well: OpenSSL 1.0.2r, Citrix ADC and \
          F5 BIG-IP by their bulletins.",
    careful: Some(paste::CAREFUL_SUITES),
    paste: paste::SUITES,
    intrusive: true,
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let Some(padding) = intrusion(evidence)?.padding.as_ref().map_err(Clone::clone)? else {
        return Ok(Verdict::NotApplicable("no suite pads (CBC)"));
    };
    Ok(Verdict::fail_if(padding.oracle, || described(padding)))
}

/// Says which records are answered how.
fn described(padding: &Padding) -> String {
    let answers: Vec<String> = padding
        .reactions
        .iter()
        .map(|(malformed, reaction)| format!("{} by {reaction}", name(*malformed)))
        .collect();
    let names = padding.names().join(", ");
    format!("{names} with {}: {} is answered", suite_name(padding.suite), answers.join(", "))
}

fn name(malformed: Malformed) -> &'static str {
    match malformed {
        Malformed::WrongMac => "a wrong MAC",
        Malformed::WrongPadding => "a wrong padding",
        Malformed::PaddingTooLong => "a padding longer than the record",
        Malformed::NoMac => "a padding without MAC",
        Malformed::EmptyWrongMac => "a wrong MAC without data",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::ssl_tls::intrusion::{End, Reaction};
    use crate::modules::ssl_tls::{intruded, silent};

    fn padding(reactions: [(&[u8], End); 5]) -> Padding {
        let oracle = reactions != [reactions[0]; 5];
        let reaction = |(alerts, end): (&[u8], End)| Reaction { alerts: alerts.to_vec(), end };
        let reactions = Malformed::ALL.into_iter().zip(reactions.map(reaction)).collect();
        Padding { version: 0x0303, suite: 0x002f, reactions, oracle }
    }

    #[test]
    fn records_that_are_refused_differently_are_an_oracle() {
        let with = |seen| judged(&CHECK, &intruded(|it| it.padding = seen));
        let (bad, other) = ((&[20_u8][..], End::Closed), (&[21_u8][..], End::Closed));
        assert_eq!(
            with(Ok(Some(padding([bad, other, bad, bad, bad])))),
            "fail: Zombie POODLE with TLS_RSA_WITH_AES_128_CBC_SHA: a wrong MAC by alert 20, \
             a wrong padding by alert 21, a padding longer than the record by alert 20, \
             a padding without MAC by alert 20, a wrong MAC without data by alert 20 is answered"
        );
        let known_as = |name: &str, all| {
            assert!(
                with(Ok(Some(padding(all)))).starts_with(&format!("fail: {name} with TLS_RSA")),
                "{name}"
            );
        };
        known_as("POODLE", [bad, (&[], End::Data), bad, bad, bad]);
        known_as("Zombie POODLE, GOLDENDOODLE", [bad, other, other, bad, bad]);
        known_as("GOLDENDOODLE", [bad, bad, other, other, bad]);
        known_as("0-length padding oracle", [bad, bad, bad, bad, (&[], End::Silent)]);
        assert_eq!(with(Ok(Some(padding([bad; 5])))), "pass");
        assert_eq!(with(Ok(None)), "not applicable: no suite pads (CBC)");
        assert_eq!(judged(&CHECK, &intruded(|_| {})), "missing: not probed in this scan");
        assert_eq!(judged(&CHECK, &silent()), "missing: silence");
    }
}
