use model::Severity;

use super::{Source, first, seen};

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;

pub(super) const CHECK: Check = Check {
    id: "subdomain.stale-name",
    title: "Certificates name systems that are gone",
    severity: Severity::Info,
    group: Group::Inventory,
    standard: "RFC 9162, section 1",
    why: "Names in public certificates that no longer exist tell what the organisation used to \
          run, and certificates that nobody needs any more can still be misused by whoever \
          holds their keys.",
    fix: "Revoke certificates of systems that were given up, and keep the list of names in one \
          place.",
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let known = seen(evidence)?.transparency.as_ref().ok_or_else(Missing::not_probed)?;
    known.as_ref().map_err(Clone::clone)?;
    let stale = first(evidence, |name, place| {
        let gone = !place.exists && place.aliases.is_empty();
        (gone && name.source == Source::Transparency).then(|| name.name.clone())
    })?;
    Ok(match stale.as_slice() {
        [] => Verdict::Pass,
        [one] => Verdict::Fail(one.clone()),
        [one, rest @ ..] => Verdict::Fail(format!("{one} and {} more", rest.len())),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::{Seen, judged};
    use crate::modules::subdomains::{Place, Subdomain, SubdomainsEvidence};
    #[test]
    fn names_with_certificates_exist() {
        let judge = |transparency: Option<Seen<usize>>, exists: bool| {
            let name = Subdomain {
                name: "old.example.com".to_owned(),
                source: Source::Transparency,
                place: Ok(Place { exists, ..Place::default() }),
                unclaimed: None,
            };
            let names = vec![name];
            let subdomains = SubdomainsEvidence { names, transparency, ..Default::default() };
            judged(&CHECK, &Evidence { subdomains: Some(subdomains), ..Evidence::default() })
        };
        assert_eq!(judge(Some(Ok(1)), false), "fail: old.example.com");
        assert_eq!(judge(Some(Ok(1)), true), "pass");
        let missing = Err(Missing::not_configured("providers.certificate_transparency"));
        assert_eq!(
            judge(Some(missing), false),
            "missing: provider not configured (`providers.certificate_transparency`)"
        );
        assert_eq!(judge(None, true), "missing: not probed in this scan");
    }
}
