use model::Severity;

use super::{NO_RECORD, records};
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::email_auth::NO_MAIL;
use crate::modules::email_auth::tags::{tags, value};

pub(super) const CHECK: Check = Check {
    id: "bimi.invalid",
    title: "The BIMI record cannot be used",
    severity: Severity::Low,
    group: Group::MailAuthentication,
    standard: "draft-brand-indicators-for-message-identification, section 4.3",
    why: "Mail programs ignore a record without a logo they can fetch over HTTPS.",
    fix: "Name an SVG file with `https:` in `l`, and the evidence, if any, with `https:` in \
          `a`.",
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let Some(records) = records(evidence)? else { return Ok(Verdict::NotApplicable(NO_MAIL)) };
    let problem = match records {
        [] => return Ok(Verdict::NotApplicable(NO_RECORD)),
        [record] => problem(record),
        more => Some(format!("there are {} BIMI records", more.len())),
    };
    Ok(problem.map_or(Verdict::Pass, Verdict::Fail))
}

/// Returns what is wrong with one record. An empty `l` declines to show a logo.
fn problem(record: &str) -> Option<String> {
    let tags = match tags(record) {
        Ok(tags) => tags,
        Err(part) => return Some(format!("`{part}` is no pair of name and value")),
    };
    let Some(logo) = value(&tags, "l") else { return Some("there is no `l`".to_owned()) };
    let path = logo.split(['?', '#']).next().unwrap_or_default().to_ascii_lowercase();
    let is_svg = path.starts_with("https://") && path.ends_with(".svg");
    if !(logo.is_empty() || is_svg) {
        return Some("`l` is no SVG file that is fetched over HTTPS".to_owned());
    }
    let proof = value(&tags, "a").unwrap_or_default();
    let fetched = proof.is_empty() || proof.starts_with("https://");
    (!fetched).then(|| "`a` is not fetched over HTTPS".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::email_auth::sample::{no_mail, seen};

    #[test]
    fn a_logo_is_an_svg_file_over_https() {
        let judge =
            |text: &str| judged(&CHECK, &seen(|mail| mail.bimi = Ok(vec![text.to_owned()])));
        assert_eq!(judge("v=BIMI1"), "fail: there is no `l`");
        assert_eq!(
            judge("v=BIMI1; l=http://example.com/l.svg"),
            "fail: `l` is no SVG file that is fetched over HTTPS"
        );
        assert_eq!(
            judge("v=BIMI1; l=https://example.com/l.png"),
            "fail: `l` is no SVG file that is fetched over HTTPS"
        );
        assert_eq!(
            judge("v=BIMI1; l=https://example.com/l.svg; a=self"),
            "fail: `a` is not fetched over HTTPS"
        );
        assert_eq!(judge("v=BIMI1; l=; a="), "pass");
        assert_eq!(judge("v=BIMI1; l=https://example.com/l.SVG?x=1; a="), "pass");
        let two = seen(|mail| mail.bimi = Ok(vec![String::new(); 2]));
        assert_eq!(judged(&CHECK, &two), "fail: there are 2 BIMI records");
        assert!(judged(&CHECK, &no_mail()).starts_with("not applicable"));
        assert_eq!(
            judged(&CHECK, &seen(|mail| mail.bimi = Err(Missing("silence".to_owned())))),
            "missing: silence"
        );
    }
}
