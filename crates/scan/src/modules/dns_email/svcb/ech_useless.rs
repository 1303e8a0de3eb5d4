use model::Severity;

use super::ech::EchConfigs;
use super::records;
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;

pub(super) const CHECK: Check = Check {
    id: "svcb.ech-useless",
    title: "The keys for encrypting the name of the site cannot be used",
    severity: Severity::Low,
    group: Group::Dns,
    standard: "RFC 9848, section 3; RFC 9849, section 4",
    why: "Browsers ignore them, and send the name in clear although the record promises otherwise.",
    fix: "Publish the `ech` parameter that the server or the content network gives out, unchanged.",
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let records = records(evidence)?;
    let with: Vec<_> = records.iter().filter(|record| record.ech).collect();
    if with.is_empty() {
        return Ok(Verdict::NotApplicable("no HTTPS record has `ech`"));
    }
    let mut unread = false;
    for record in with {
        match &record.ech_configs {
            Some(EchConfigs::Useless(why)) => return Ok(Verdict::Fail(why.clone())),
            Some(EchConfigs::Usable(_)) => {}
            None => unread = true,
        }
    }
    if unread { Err(Missing::not_probed()) } else { Ok(Verdict::Pass) }
}

#[cfg(test)]
mod tests {
    use super::super::{service, unseen, with};
    use super::*;
    use crate::check::judged;

    #[test]
    fn keys_can_be_used() {
        let judge = |configs| {
            let record = service(|record| record.ech_configs = configs);
            judged(&CHECK, &with(vec![record]))
        };
        let useless = EchConfigs::Useless("the list is empty".to_owned());
        assert_eq!(judge(Some(useless)), "fail: the list is empty");
        assert_eq!(judge(Some(EchConfigs::Usable(Vec::new()))), "pass");
        assert_eq!(judge(None), "missing: not probed in this scan");
        let without = service(|record| record.ech = false);
        assert_eq!(
            judged(&CHECK, &with(vec![without])),
            "not applicable: no HTTPS record has `ech`"
        );
        assert_eq!(judged(&CHECK, &unseen()), "missing: silence");
    }
}
