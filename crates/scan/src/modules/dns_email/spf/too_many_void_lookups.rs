use model::Severity;

use super::walk::MOST_VOIDS;
use super::{NO_RECORD, single};
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::dns_email::listed;
use crate::modules::dns_email::paste;

pub(super) const CHECK: Check = Check {
    id: "spf.too-many-void-lookups",
    title: "SPF has more than two lookups that find nothing",
    severity: Severity::Medium,
    group: Group::MailAuthentication,
    standard: "RFC 7208, section 4.6.4",
    why: "Receivers should stop with `permerror` at the third lookup that finds nothing, and then \
          treat the domain as if it had no valid SPF record.",
    fix: "Remove the terms that find nothing; the ledger in the evidence marks them.",
    careful: Some(paste::CAREFUL_SPF),
    paste: paste::SPF_ADDRESSES,
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let Some((spf, _)) = single(evidence)? else {
        return Ok(Verdict::NotApplicable(NO_RECORD));
    };
    let voids = spf.ledger.voids()?;
    Ok(Verdict::fail_if(voids > MOST_VOIDS, || {
        let void = spf.ledger.entries.iter().filter(|entry| entry.void);
        let terms: Vec<_> = void.map(|entry| format!("`{}`", entry.term)).collect();
        format!("{voids} lookups find nothing: {}", listed(&terms))
    }))
}

#[cfg(test)]
mod tests {
    use super::super::{row, with_ledger};
    use super::*;
    use crate::check::judged;

    #[test]
    fn counts_to_two() {
        let judge = |voids, perhaps_void, unfinished: Option<&str>| {
            let evidence = with_ledger("v=spf1 -all", |ledger| {
                for _ in 0..voids {
                    ledger.entries.push(row("a:gone.example", None));
                }
                ledger.entries.iter_mut().for_each(|entry| entry.void = true);
                ledger.voids = voids;
                ledger.perhaps_void = perhaps_void;
                ledger.unfinished = unfinished.map(str::to_owned);
            });
            judged(&CHECK, &evidence)
        };
        assert_eq!(
            judge(3, 0, Some("silence")),
            "fail: 3 lookups find nothing: `a:gone.example`, `a:gone.example`, `a:gone.example`"
        );
        assert_eq!(judge(2, 0, None), "pass");
        assert_eq!(judge(1, 1, None), "pass");
        assert_eq!(judge(1, 2, None), "missing: too many terms depend on the message");
        assert_eq!(judge(2, 0, Some("silence")), "missing: silence");
    }
}
