use model::Severity;

use super::first;

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;

pub(super) const CHECK: Check = Check {
    id: "subdomain.test-system",
    title: "Test or administration systems have public names",
    severity: Severity::Info,
    group: Group::Inventory,
    standard: "OWASP WSTG 4.2, section 4.2.5",
    why: "Systems for tests and administration are mostly less well kept than the site itself, \
          and these names are the first that anybody tries.",
    fix: "Put them behind a VPN or a sign-in at the door, or see that they are kept as well as \
          the rest.",
    run,
    ..Check::BASE
};

/// First labels that tell what a system is for.
const TELLING: &[&str] = &[
    "admin", "dev", "test", "staging", "stage", "beta", "demo", "jenkins", "grafana", "db", "old",
];

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let found = first(evidence, |name, place| {
        let label = name.name.split('.').next()?;
        (place.exists && TELLING.contains(&label)).then(|| name.name.clone())
    })?;
    Ok(Verdict::fail_if(!found.is_empty(), || found.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::subdomains::{Place, unseen, with};
    #[test]
    fn telling_names_are_listed() {
        let exists = Place { exists: true, ..Place::default() };
        assert_eq!(
            judged(&CHECK, &with("staging.example.com", exists.clone())),
            "fail: staging.example.com"
        );
        assert_eq!(judged(&CHECK, &with("staging.example.com", Place::default())), "pass");
        assert_eq!(judged(&CHECK, &with("www.example.com", exists)), "pass");
        assert_eq!(judged(&CHECK, &unseen()), "missing: silence");
    }
}
