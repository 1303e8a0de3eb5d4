use model::Severity;

use super::with_locks;
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;

/// What a registry forbids when its lock is on.
const LOCKS: [&str; 3] = ["transfer", "update", "delete"];

pub(super) const CHECK: Check = Check {
    id: "registration.no-registry-lock",
    title: "The registry itself does not lock the domain",
    severity: Severity::Info,
    group: Group::Registration,
    standard: "RFC 5731, section 2.3; RFC 8056, section 2",
    why: "A lock of the registry is undone by hand and by people alone, so not even a registrar that \
          was broken into can change the domain.",
    fix: "For the domains the business lives on, order the registry lock through the registrar.",
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let registration = with_locks(evidence)?;
    let is_open = |what: &&str| !registration.has(&format!("server {what} prohibited"));
    let open: Vec<_> = LOCKS.into_iter().filter(|what| is_open(what)).collect();
    Ok(Verdict::fail_if(!open.is_empty(), || {
        format!("the registry does not prohibit {}", open.join(", "))
    }))
}

#[cfg(test)]
mod tests {
    use super::super::{unseen, with};
    use super::*;
    use crate::check::judged;

    #[test]
    fn the_registry_locks() {
        let by_registrar = with(|it| it.statuses.retain(|status| status.starts_with("client")));
        assert_eq!(
            judged(&CHECK, &by_registrar),
            "fail: the registry does not prohibit transfer, update, delete"
        );
        assert_eq!(judged(&CHECK, &with(|_| ())), "pass");
        assert_eq!(judged(&CHECK, &unseen()), "missing: silence");
    }
}
