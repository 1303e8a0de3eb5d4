use model::Severity;

use super::first;

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;

pub(super) const CHECK: Check = Check {
    id: "takeover.dangling-alias",
    title: "A name leads to another that does not exist",
    severity: Severity::High,
    // Nobody has seen that the name can be had.
    cap: Some(74),
    group: Group::Inventory,
    standard: "OWASP WSTG 4.2, section 4.2.10; RFC 1912, section 2.4",
    why: "Whoever can register or claim the other name serves pages under yours, gets certificates \
          for it and receives cookies that are set for the whole domain.",
    fix: "Remove the CNAME record, or bring back what it leads to. Remove the record first \
          whenever a service is given up.",
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let found = first(evidence, |name, place| {
        let last = place.aliases.last().filter(|_| !place.exists)?;
        Some(format!("{} leads to {last}, which does not exist", name.name))
    })?;
    Ok(match found.len() {
        0 => Verdict::Pass,
        1 => Verdict::Fail(found[0].clone()),
        more => Verdict::Fail(format!("{}; and {} more", found[0], more - 1)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::subdomains::{Place, unseen, with};
    #[test]
    fn an_alias_leads_somewhere() {
        let alias = |exists: bool| {
            let aliases = vec!["gone.example.net".to_owned()];
            with("old.example.com", Place { exists, aliases, ..Place::default() })
        };
        assert_eq!(
            judged(&CHECK, &alias(false)),
            "fail: old.example.com leads to gone.example.net, which does not exist"
        );
        assert_eq!(judged(&CHECK, &alias(true)), "pass");
        assert_eq!(judged(&CHECK, &with("no.example.com", Place::default())), "pass");
        assert_eq!(judged(&CHECK, &unseen()), "missing: silence");
    }
}
