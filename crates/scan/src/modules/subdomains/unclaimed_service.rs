use model::Severity;

use super::first;

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;

pub(super) const CHECK: Check = Check {
    id: "takeover.unclaimed-service",
    title: "A name leads to a hosting service where anybody can claim it",
    severity: Severity::Critical,
    // Whoever claims it serves pages and gets cookies and certificates in the name of the domain.
    cap: Some(54),
    group: Group::Inventory,
    standard: "OWASP WSTG 4.2, section 4.2.10",
    why: "The service itself says that nobody owns the name there. Whoever claims it serves pages \
          under your name, gets certificates for it and receives cookies that are set for the \
          whole domain.",
    fix: "Remove the CNAME record today, or claim the name at the service again.",
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let found = first(evidence, |name, place| {
        let service = name.unclaimed.as_ref()?;
        Some(format!(
            "{} leads to {}, where {service} knows no owner",
            name.name,
            place.aliases.join(" and ")
        ))
    })?;
    Ok(found.into_iter().next().map_or(Verdict::Pass, Verdict::Fail))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::subdomains::{Place, Source, Subdomain, one, unseen};
    #[test]
    fn every_hosted_name_has_an_owner() {
        let hosted = |unclaimed: Option<&str>| {
            one(Subdomain {
                name: "blog.example.com".to_owned(),
                source: Source::Common,
                place: Ok(Place {
                    exists: true,
                    aliases: vec!["shop.github.io".to_owned()],
                    ..Place::default()
                }),
                unclaimed: unclaimed.map(str::to_owned),
            })
        };
        assert_eq!(
            judged(&CHECK, &hosted(Some("GitHub Pages"))),
            "fail: blog.example.com leads to shop.github.io, where GitHub Pages knows no owner"
        );
        assert_eq!(judged(&CHECK, &hosted(None)), "pass");
        assert_eq!(judged(&CHECK, &unseen()), "missing: silence");
    }
}
