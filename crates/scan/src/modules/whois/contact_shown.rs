use model::Severity;

use super::registration;
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;

pub(super) const CHECK: Check = Check {
    id: "registration.contact-shown",
    title: "The registration shows a person's contact data",
    severity: Severity::Low,
    group: Group::Registration,
    standard: "RFC 9537, section 1; ICANN Registration Data Policy",
    why: "Name, address and telephone number of the person behind a domain are read by everybody, \
          and are what fraud by letter and telephone begins with.",
    fix: "Ask the registrar to hide the contact, or register the domain for the organisation with a \
          role address.",
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let registration = registration(evidence)?;
    let untold = || Missing(format!("{} names no registrant", registration.server));
    let contact = registration.contact.as_ref().ok_or_else(untold)?;
    let shown: Vec<_> = contact.shown.iter().map(|field| field.name()).collect();
    Ok(Verdict::fail_if(!contact.organisation && !shown.is_empty(), || {
        format!("shown of the registrant: {}", shown.join(", "))
    }))
}

#[cfg(test)]
mod tests {
    use super::super::{Contact, ContactField, unseen, with};
    use super::*;
    use crate::check::judged;

    #[test]
    fn people_are_not_shown() {
        let judge = |organisation, shown: &[ContactField]| {
            let contact = Contact { organisation, shown: shown.to_vec() };
            judged(&CHECK, &with(|it| it.contact = Some(contact)))
        };
        assert_eq!(
            judge(false, &[ContactField::Name, ContactField::Phone]),
            "fail: shown of the registrant: name, telephone number"
        );
        assert_eq!(judge(false, &[]), "pass");
        assert_eq!(judge(true, &[ContactField::Street]), "pass");
        let untold = with(|it| it.contact = None);
        assert_eq!(judged(&CHECK, &untold), "missing: rdap.example names no registrant");
        assert_eq!(judged(&CHECK, &unseen()), "missing: silence");
    }
}
