use model::Severity;

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::ssl_tls::paste;
use crate::modules::ssl_tls::wire::suites::{Trait, WEAK, has};
use crate::modules::ssl_tls::{
    VersionEvidence, at_every_address, none_unseen, old_suites, old_versions, reached,
};

pub(super) const CHECK: Check = Check {
    id: "cipher.client-order",
    title: "The client chooses among good and weak suites",
    severity: Severity::Info,
    group: Group::Tls,
    standard: "RFC 9325, section 4.2.1",
    why: "With weak suites on offer the server should insist on its own order, or an old \
          client takes the weak one. With good suites alone the order does not matter.",
    fix: "Remove the weak suites, or let the server's order decide.",
    paste: paste::ORDER,
    run: |evidence| at_every_address(evidence, run),
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let suites = old_suites(evidence)?;
    let is_weak = |suite: u16| WEAK.iter().chain(&[Trait::Cbc]).any(|weak| has(suite, *weak));
    if !suites.iter().any(|suite| is_weak(*suite)) {
        none_unseen(evidence, is_weak)?;
        return Ok(Verdict::NotApplicable("only good suites are offered"));
    }
    let tls = reached(evidence)?;
    let to_choose = |seen: &VersionEvidence| seen.suites.as_ref().is_ok_and(|all| all.len() > 1);
    match tls.server_order {
        None if old_versions(tls).any(to_choose) => {
            Err(Missing("the server did not show its order".to_owned()))
        }
        None => Ok(Verdict::NotApplicable("there is nothing to choose from")),
        Some(server) => Ok(Verdict::fail_if(!server, || "the client's order decides".to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::ssl_tls::seen;

    #[test]
    fn order_matters_with_weak_suites_only() {
        let change = |order, suites: &[u16]| {
            seen(|tls| {
                tls.server_order = Some(order);
                tls.versions[3].suites = Ok(suites.to_vec());
            })
        };
        assert_eq!(
            judged(&CHECK, &change(false, &[0xc02f, 0x000a])),
            "fail: the client's order decides"
        );
        assert_eq!(judged(&CHECK, &change(true, &[0xc02f, 0x000a])), "pass");
        assert_eq!(
            judged(&CHECK, &change(false, &[0xc02f, 0xc030])),
            "not applicable: only good suites are offered"
        );
        let change = |suites: &[u16]| {
            seen(|tls| {
                tls.server_order = None;
                tls.versions[3].suites = Ok(suites.to_vec());
            })
        };
        assert_eq!(
            judged(&CHECK, &change(&[0xc02f, 0x000a])),
            "missing: the server did not show its order"
        );
        assert_eq!(
            judged(&CHECK, &change(&[0x000a])),
            "not applicable: there is nothing to choose from"
        );
    }
}
