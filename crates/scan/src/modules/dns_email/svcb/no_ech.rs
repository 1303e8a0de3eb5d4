use model::Severity;

use super::{NO_RECORD, records};
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;

pub(super) const CHECK: Check = Check {
    id: "svcb.no-ech",
    title: "The name of the site travels in clear when TLS begins",
    severity: Severity::Info,
    group: Group::Dns,
    standard: "RFC 9848, section 3; RFC 9849, section 4",
    why: "With Encrypted Client Hello nobody on the way sees which site of a shared server is asked \
          for. Few servers can do it so far.",
    fix: "Turn Encrypted Client Hello on where the server or the content network offers it; it \
          publishes the `ech` parameter.",
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let services: Vec<_> = records(evidence)?.iter().filter(|record| !record.is_alias()).collect();
    if services.is_empty() {
        return Ok(Verdict::NotApplicable(NO_RECORD));
    }
    let ech = services.iter().any(|record| record.ech);
    Ok(Verdict::fail_if(!ech, || "no HTTPS record has `ech`".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::super::{service, unseen, with};
    use super::*;
    use crate::check::judged;

    #[test]
    fn the_name_can_be_encrypted() {
        let judge = |ech| judged(&CHECK, &with(vec![service(|record| record.ech = ech)]));
        assert_eq!(judge(false), "fail: no HTTPS record has `ech`");
        assert_eq!(judge(true), "pass");
        assert!(judged(&CHECK, &with(Vec::new())).starts_with("not applicable"));
        assert_eq!(judged(&CHECK, &unseen()), "missing: silence");
    }
}
