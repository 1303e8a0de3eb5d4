use model::Severity;

use super::evidence;
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;

pub(super) const CHECK: Check = Check {
    id: "svcb.ech-public-name",
    title: "The server has no certificate for the name that stands in for the site's",
    severity: Severity::Low,
    group: Group::Dns,
    standard: "RFC 9849, sections 6.1.6 and 6.1.7",
    why: "A browser with old keys is told the new ones under that name alone. Without a certificate \
          for it the browser cannot believe them, and shows an error instead of the site.",
    fix: "Give the server a certificate for the public name of its ECH configuration.",
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let outer = self::evidence(evidence)?.outer.as_ref().map_err(Clone::clone)?;
    match outer {
        None => Ok(Verdict::NotApplicable("no HTTPS record has an `ech` that can be used")),
        Some(outer) => Ok(Verdict::fail_if(!outer.name_matches, || {
            format!("a client that names {} gets a certificate for another name", outer.public_name)
        })),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{OuterName, SvcbEvidence, service, unseen};
    use super::*;
    use crate::check::{Seen, judged};

    #[test]
    fn the_server_stands_by_the_public_name() {
        let judge = |outer: Seen<Option<OuterName>>| {
            let records = vec![service(|_| ())];
            let svcb = Ok(SvcbEvidence { records, outer });
            judged(&CHECK, &super::super::super::seen(|dns| dns.svcb = svcb))
        };
        let outer = |name_matches| {
            Ok(Some(OuterName { public_name: "front.example".to_owned(), name_matches }))
        };
        assert_eq!(
            judge(outer(false)),
            "fail: a client that names front.example gets a certificate for another name"
        );
        assert_eq!(judge(outer(true)), "pass");
        assert!(judge(Ok(None)).starts_with("not applicable: no HTTPS record"));
        assert_eq!(judge(Err(Missing("silence".to_owned()))), "missing: silence");
        assert_eq!(judged(&CHECK, &unseen()), "missing: silence");
    }
}
