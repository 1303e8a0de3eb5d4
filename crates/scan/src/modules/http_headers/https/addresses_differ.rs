use model::Severity;

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::http_headers::elsewhere::Glimpse;

pub(super) const CHECK: Check = Check {
    id: "https.addresses-differ",
    title: "The addresses of the domain do not serve the same site",
    severity: Severity::Low,
    group: Group::Https,
    standard: "RFC 6540, section 2; RFC 8305, section 2",
    why: "Which address a visitor gets is chance, and an attacker on the network may choose it: \
          what protects them at one protects nobody when another lacks it.",
    fix: "Give the servers behind all A and AAAA records one configuration, or take the record of \
          the forgotten one out.",
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let http = evidence.http()?;
    let here = http.address.ok_or_else(Missing::not_probed)?;
    let first = http.secure.hops.first().or(http.plain.hops.first());
    let first = first.ok_or_else(|| Missing("no address answered".to_owned()))?;
    first.judgeable()?;
    if http.elsewhere.as_ref().map_err(Clone::clone)?.is_empty() {
        return Ok(Verdict::NotApplicable("the domain has one address"));
    }
    let seen = Glimpse::of(first.status, |name| first.first(name));
    let mut unseen = None;
    let mut compared = false;
    for other in http.elsewhere.iter().flatten() {
        match &other.answer {
            Ok(glimpse) => {
                compared = true;
                if let Some(difference) = seen.difference(here, glimpse, other.address) {
                    return Ok(Verdict::Fail(difference));
                }
            }
            Err(missing) => unseen = Some(Missing(format!("{}: {missing}", other.address))),
        }
    }
    match unseen {
        Some(missing) if !compared => Err(missing),
        _ => Ok(Verdict::Pass),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::{Seen, judged};
    use crate::modules::http_headers::elsewhere::Elsewhere;
    use crate::modules::http_headers::sample;

    const HSTS: (&str, &str) = ("strict-transport-security", "max-age=31536000");

    fn judge(answer: Seen<(u16, &[(&str, &str)])>) -> String {
        let answer = answer.map(|(status, headers)| {
            Glimpse::of(status, |wanted| {
                headers.iter().find(|(name, _)| *name == wanted).map(|(_, value)| *value)
            })
        });
        let mut http = sample::site(&[HSTS]);
        http.address = Some([192, 0, 2, 1].into());
        http.elsewhere = Ok(vec![Elsewhere { address: "2001:db8::1".parse().unwrap(), answer }]);
        judged(&CHECK, &sample::evidence(http))
    }

    #[test]
    fn one_forgotten_server_is_found() {
        assert_eq!(
            judge(Ok((200, &[]))),
            "fail: 192.0.2.1 sends `strict-transport-security`, 2001:db8::1 does not"
        );
        assert_eq!(judge(Ok((404, &[HSTS]))), "fail: 192.0.2.1 answers 200, 2001:db8::1 404");
        assert_eq!(judge(Ok((200, &[HSTS]))), "pass");
    }

    #[test]
    fn what_is_out_of_reach_differs_in_nothing() {
        let silent = judge(Err(Missing("no answer in time".to_owned())));
        assert_eq!(silent, "missing: 2001:db8::1: no answer in time");
        let mut http = sample::site(&[]);
        http.address = Some([192, 0, 2, 1].into());
        http.elsewhere = Ok(Vec::new());
        let alone = judged(&CHECK, &sample::evidence(http));
        assert_eq!(alone, "not applicable: the domain has one address");
    }
}
