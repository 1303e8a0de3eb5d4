use model::Severity;

use crate::check::{Check, Missing, Paste, Tool, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::ssl_tls::intrusion;

pub(super) const CHECK: Check = Check {
    id: "tlsflaw.ticketbleed",
    title: "A session id brings back octets of memory (Ticketbleed)",
    severity: Severity::High,
    group: Group::TlsFlaw,
    standard: "CVE-2016-9244; RFC 5077, section 3.4",
    why: "Anybody reads up to 31 octets of the balancer's memory at a time, which may be session ids \
          and secrets of others. The scan asked for a single octet and kept none.",
    fix: "Update F5 BIG-IP to 11.6.1 HF2, 12.1.2 HF1, 13.0.0 or later (K05121675). Until then switch \
          session tickets off in the client SSL profile.",
    paste: &[Paste {
        tool: Tool::Shell,
        text: "# F5 BIG-IP\n\
                   tmsh modify ltm profile client-ssl YOUR-PROFILE session-ticket disabled\n\
                   tmsh save sys config",
    }],
    intrusive: true,
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    match intrusion(evidence)?.ticketbleed.clone()? {
        Some(leaks) => Ok(Verdict::fail_if(leaks, || {
            "a session id of 31 octets beside a ticket comes back with one more".to_owned()
        })),
        None => Ok(Verdict::NotApplicable("the server gives no session tickets")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::ssl_tls::{intruded, silent};

    #[test]
    fn a_session_id_that_grows_is_the_flaw() {
        let with = |seen| judged(&CHECK, &intruded(|it| it.ticketbleed = seen));
        assert_eq!(
            with(Ok(Some(true))),
            "fail: a session id of 31 octets beside a ticket comes back with one more"
        );
        assert_eq!(with(Ok(Some(false))), "pass");
        assert_eq!(with(Ok(None)), "not applicable: the server gives no session tickets");
        assert_eq!(judged(&CHECK, &intruded(|_| {})), "missing: not probed in this scan");
        assert_eq!(judged(&CHECK, &silent()), "missing: silence");
    }
}
