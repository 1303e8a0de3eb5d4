use model::Severity;

use super::{Lists, listed};
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;

pub(super) const CHECK: Check = Check {
    id: "dnsbl.address-listed",
    title: "An address that sends the domain's mail is on a block list",
    severity: Severity::High,
    group: Group::Reputation,
    standard: "RFC 5782, section 2.1; RFC 6471, section 2",
    why: "Many receivers refuse mail from listed addresses. A listing often means that the server, \
          or a neighbour of it, sends spam or is broken into.",
    fix: "Find out from the list's own page why the address is there, stop the cause, and ask for \
          removal there. Never pay for a removal.",
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    listed(evidence, Lists::Addresses, "no public address sends mail for the domain")
}

#[cfg(test)]
mod tests {
    use super::super::{ListSeen, Listing, lists, with};
    use super::*;
    use crate::check::judged;

    #[test]
    fn no_sender_is_listed() {
        let listing = Listing { code: [127, 0, 0, 2].into(), reason: Some("spam".to_owned()) };
        assert_eq!(
            judged(&CHECK, &with(Lists::Addresses, Ok(Some(listing)))),
            "fail: 192.0.2.1 is on bl.example (127.0.0.2): spam"
        );
        assert_eq!(judged(&CHECK, &with(Lists::Addresses, Ok(None))), "pass");
        let refused = Err(Missing("refused".to_owned()));
        assert_eq!(judged(&CHECK, &with(Lists::Addresses, refused)), "missing: refused");
        assert_eq!(
            judged(&CHECK, &with(Lists::Domains, Ok(None))),
            "missing: provider not configured (`providers.block_lists`)"
        );
    }

    #[test]
    fn a_list_that_is_not_believed_is_no_pass() {
        let list =
            |entries| ListSeen { zone: "bl.example".to_owned(), lists: Lists::Addresses, entries };
        let unseen = lists(vec![list(Ok(Vec::new())), list(Err(Missing("silence".to_owned())))]);
        assert_eq!(judged(&CHECK, &unseen), "missing: silence");
        assert_eq!(
            judged(&CHECK, &lists(vec![list(Ok(Vec::new()))])),
            "not applicable: no public address sends mail for the domain"
        );
    }
}
