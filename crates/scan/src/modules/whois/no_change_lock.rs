use model::Severity;

use super::with_locks;
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;

pub(super) const CHECK: Check = Check {
    id: "registration.no-change-lock",
    title: "Nothing keeps the domain from being changed or deleted",
    severity: Severity::Info,
    group: Group::Registration,
    standard: "RFC 5731, section 2.3; RFC 8056, section 2",
    why: "Whoever gets into the account at the registrar can lead web and mail elsewhere with one \
          change of the name servers.",
    fix: "Where the registrar offers it, lock updates and deletion too, and protect the account \
          with a second factor.",
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let registration = with_locks(evidence)?;
    let open: Vec<_> =
        ["update", "delete"].into_iter().filter(|what| !registration.prohibits(what)).collect();
    Ok(Verdict::fail_if(!open.is_empty(), || format!("not prohibited: {}", open.join(", "))))
}

#[cfg(test)]
mod tests {
    use super::super::{unseen, with};
    use super::*;
    use crate::check::judged;

    #[test]
    fn changes_are_locked() {
        let only = |statuses: &[&str]| {
            with(|it| it.statuses = statuses.iter().map(|status| (*status).to_owned()).collect())
        };
        assert_eq!(
            judged(&CHECK, &only(&["client update prohibited"])),
            "fail: not prohibited: delete"
        );
        assert_eq!(judged(&CHECK, &only(&["active"])), "fail: not prohibited: update, delete");
        assert_eq!(judged(&CHECK, &with(|_| ())), "pass");
        assert_eq!(judged(&CHECK, &unseen()), "missing: silence");
    }
}
