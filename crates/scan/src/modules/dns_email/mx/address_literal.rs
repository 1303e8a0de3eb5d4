use std::net::Ipv4Addr;

use model::Severity;

use super::{NO_MAIL, seen};
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::dns_email::paste;

pub(super) const CHECK: Check = Check {
    id: "mx.address-literal",
    title: "An MX record holds an address instead of a name",
    severity: Severity::Medium,
    group: Group::MailTransport,
    standard: "RFC 1035, section 3.3.9",
    why: "An MX record names a host. Senders look the digits up as a name, find nothing, and do \
          not deliver there.",
    fix: "Give the mail server a name with an address record, and put the name into the MX record.",
    paste: paste::MX,
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let mx = seen(evidence)?;
    if !mx.has_mail() {
        return Ok(Verdict::NotApplicable(NO_MAIL));
    }
    // A relative name gets the domain appended by the zone file, so its beginning counts too.
    let literal = mx.hosts.iter().find(|host| {
        let labels: Vec<_> = host.name.split('.').take(4).collect();
        labels.join(".").parse::<Ipv4Addr>().is_ok()
    });
    Ok(literal.map_or(Verdict::Pass, |host| {
        Verdict::Fail(format!("an MX record points to `{}`", host.name))
    }))
}

#[cfg(test)]
mod tests {
    use super::super::{MxEvidence, host};
    use super::*;
    use crate::check::judged;
    use crate::modules::dns_email::seen;

    #[test]
    fn a_mail_server_has_a_name() {
        let judge = |mx: MxEvidence| judged(&CHECK, &seen(|dns| dns.mx = Ok(mx)));
        assert_eq!(judge(host("192.0.2.1", 0, false)), "fail: an MX record points to `192.0.2.1`");
        assert_eq!(
            judge(host("192.0.2.1.example.com", 0, false)),
            "fail: an MX record points to `192.0.2.1.example.com`"
        );
        assert_eq!(judge(host("mx1.192.example.com", 1, false)), "pass");
        assert_eq!(
            judge(MxEvidence::default()),
            "not applicable: the domain declares no mail server"
        );
    }

    #[test]
    fn what_was_not_seen_is_not_judged() {
        let unseen = crate::modules::dns_email::seen(|_| {});
        assert_eq!(judged(&CHECK, &unseen), "missing: not probed in this scan");
    }
}
