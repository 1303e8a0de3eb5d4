use model::Severity;

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::ssl_tls::clients::{Outcome, simulate};
use crate::modules::ssl_tls::paste;
use crate::modules::ssl_tls::reached;

/// Clients that a sentence names.
const MOST_NAMED: usize = 3;

pub(super) const CHECK: Check = Check {
    id: "tls.client-excluded",
    title: "A current client cannot connect",
    severity: Severity::Low,
    group: Group::Tls,
    standard: "RFC 9325, sections 3.1 and 4.2",
    why: "What the server offers and what the client offers do not meet, so people who use it see \
          an error. This is computed from both; nobody has connected for it.",
    fix: "Offer TLS 1.2 and 1.3 with the suites that RFC 9325 recommends, the groups x25519 and \
          P-256, and a certificate with an ECDSA P-256 key or an RSA key of 2,048 bits.",
    careful: Some(
        "Remove nothing for it: what is missing is to be offered besides what the server has.",
    ),
    paste: paste::SUITES,
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let outcomes = simulate(reached(evidence)?);
    let current: Vec<_> = outcomes.iter().filter(|one| one.current).collect();
    let failing = current.iter().filter_map(|one| match &one.outcome {
        Outcome::Fails(why) => Some((one.client.as_str(), why)),
        _ => None,
    });
    let failing: Vec<_> = failing.collect();
    if let Some((first, why)) = failing.first() {
        let others: Vec<_> = failing[1..].iter().map(|(name, _)| *name).take(MOST_NAMED).collect();
        let left = failing.len() - 1 - others.len();
        let also = match (others.is_empty(), left) {
            (true, _) => String::new(),
            (false, 0) => format!("; nor can {}", others.join(", ")),
            (false, left) => format!("; nor can {} and {left} more", others.join(", ")),
        };
        return Ok(Verdict::Fail(format!("{first}: {why}{also}")));
    }
    let undecided = current.iter().find_map(|one| match &one.outcome {
        Outcome::Undecided(why) => Some(why.clone()),
        _ => None,
    });
    match undecided {
        Some(why) => Err(Missing(why)),
        None => Ok(Verdict::Pass),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::ssl_tls::seen;

    #[test]
    fn current_clients_can_connect() {
        let well = seen(|tls| tls.groups = Ok(vec![0x11ec, 29, 23]));
        assert_eq!(judged(&CHECK, &well), "pass");
        assert_eq!(
            judged(&CHECK, &seen(|tls| tls.groups = Ok(vec![30]))),
            "fail: Chrome 142: it shares no group with the server in TLS 1.3; nor can Edge 142, \
             Firefox 145, Safari 26, iOS 26 and 5 more"
        );
        assert_eq!(
            judged(&CHECK, &seen(|tls| tls.groups = Ok(vec![0x11ec, 0x11eb]))),
            "fail: Safari 17, iOS 17: it shares no group with the server in TLS 1.3; nor can Apple \
             App Transport Security, Android 14, Googlebot and 4 more"
        );
        let silent = seen(|tls| tls.versions[4].suites = Err(Missing("silence".to_owned())));
        assert_eq!(judged(&CHECK, &silent), "missing: silence");
        assert_eq!(judged(&CHECK, &crate::modules::ssl_tls::silent()), "missing: silence");
    }
}
