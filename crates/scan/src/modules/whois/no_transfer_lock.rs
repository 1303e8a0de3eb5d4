use model::Severity;

use super::with_locks;
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;

pub(super) const CHECK: Check = Check {
    id: "registration.no-transfer-lock",
    title: "Nothing keeps the domain from being moved to another registrar",
    severity: Severity::Medium,
    group: Group::Registration,
    standard: "RFC 5731, section 2.3; RFC 8056, section 2",
    why: "With the transfer code alone, which is stolen from a mailbox, anybody can take the domain \
          away. The lock costs nothing.",
    fix: "Turn the transfer lock on at the registrar; the status is then `client transfer \
          prohibited`.",
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let registration = with_locks(evidence)?;
    Ok(Verdict::fail_if(!registration.prohibits("transfer"), || {
        format!("the status is `{}`", registration.statuses.join("`, `"))
    }))
}

#[cfg(test)]
mod tests {
    use super::super::{unseen, with, with_domain};
    use super::*;
    use crate::check::judged;

    #[test]
    fn the_domain_is_locked() {
        let open = |it: &mut super::super::Registration| it.statuses = vec!["active".to_owned()];
        assert_eq!(judged(&CHECK, &with(open)), "fail: the status is `active`");
        assert_eq!(
            judged(&CHECK, &with_domain("example.de", open)),
            "missing: rdap.example tells of no locks"
        );
        for who in ["client", "server"] {
            let locked = with(|it| it.statuses = vec![format!("{who} transfer prohibited")]);
            assert_eq!(judged(&CHECK, &locked), "pass");
        }
        assert_eq!(judged(&CHECK, &unseen()), "missing: silence");
    }
}
