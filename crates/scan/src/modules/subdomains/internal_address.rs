use model::Severity;

use super::first;

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;

pub(super) const CHECK: Check = Check {
    id: "subdomain.internal-address",
    title: "Public DNS shows internal addresses",
    severity: Severity::Low,
    group: Group::Inventory,
    standard: "RFC 1918, section 5; RFC 4193, section 4.4",
    why: "The names and addresses of internal systems help whoever is planning a way in, and \
          pages of strangers can reach them through a visitor's browser.",
    fix: "Serve internal names from internal DNS only.",
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let found = first(evidence, |name, place| {
        Some(format!("{} is at {}", name.name, place.internal.as_ref()?))
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
    fn internal_names_stay_inside() {
        let at = |internal: Option<&str>| {
            let internal = internal.map(str::to_owned);
            with("db.example.com", Place { exists: true, internal, ..Place::default() })
        };
        assert_eq!(
            judged(&CHECK, &at(Some("10.0.0.1, a private address (RFC 1918)"))),
            "fail: db.example.com is at 10.0.0.1, a private address (RFC 1918)"
        );
        assert_eq!(judged(&CHECK, &at(None)), "pass");
        assert_eq!(judged(&CHECK, &unseen()), "missing: silence");
    }
}
