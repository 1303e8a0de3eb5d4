use model::Severity;

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::open_ports::{Service, listed, open};

/// What mail programs use, the same with TLS from the start, and where that is.
const PAIRS: [(Service, Service, &str); 3] = [
    (Service::Imap, Service::Imaps, "IMAP at port 993"),
    (Service::Pop3, Service::Pop3s, "POP3 at port 995"),
    (Service::Submission, Service::Submissions, "submission at port 465"),
];

pub(super) const CHECK: Check = Check {
    id: "port.no-implicit-tls",
    title: "Mail programs are not offered TLS from the start",
    severity: Severity::Info,
    group: Group::MailTransport,
    standard: "RFC 8314, section 3",
    why: "With STARTTLS a mail program has to insist on encryption; with TLS from the start there is \
          nothing an attacker in between could take away.",
    fix: "Offer submission at port 465, IMAP at 993 and POP3 at 995.",
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let mut applies = false;
    let mut lacking = Vec::new();
    for (clear, implicit, name) in PAIRS {
        let (clear, implicit) = (open(evidence, &[clear])?, open(evidence, &[implicit])?);
        applies |= !clear.is_empty() || !implicit.is_empty();
        if !clear.is_empty() && implicit.is_empty() {
            lacking.push(format!("{name} is not open"));
        }
    }
    if !applies {
        return Ok(Verdict::NotApplicable("no port for mail programs is open"));
    }
    Ok(Verdict::fail_if(!lacking.is_empty(), || listed(lacking.into_iter())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::open_ports::{silent, with_open};

    #[test]
    fn each_protocol_has_a_port_with_tls() {
        assert_eq!(
            judged(&CHECK, &with_open(&[110, 143, 587, 993])),
            "fail: POP3 at port 995 is not open, submission at port 465 is not open"
        );
        assert_eq!(judged(&CHECK, &with_open(&[143, 465, 587, 993])), "pass");
        assert!(judged(&CHECK, &with_open(&[80])).starts_with("not applicable"));
        assert_eq!(judged(&CHECK, &silent()), "missing: silence");
    }
}
