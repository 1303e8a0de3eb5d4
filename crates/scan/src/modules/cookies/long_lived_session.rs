use model::Severity;

use super::{NO_COOKIES, NO_SESSION, settings};
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;

/// How long a session may outlive the browser: 30 days, in seconds.
const LONGEST: i64 = 30 * 24 * 60 * 60;

pub(super) const CHECK: Check = Check {
    id: "cookie.long-lived-session",
    title: "A session cookie lives for months",
    severity: Severity::Low,
    group: Group::Cookie,
    standard: "NIST SP 800-63B revision 3, section 7.2",
    why: "A session that is stolen, or left behind on a shared computer, stays usable for as long.",
    fix: "Let session cookies end with the browser, or within 30 days, and end the session on the \
          server too.",
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let settings = settings(evidence)?;
    if settings.is_empty() {
        return Ok(Verdict::NotApplicable(NO_COOKIES));
    }
    let mut sessions = settings.iter().filter(|setting| setting.cookie.is_session()).peekable();
    if sessions.peek().is_none() {
        return Ok(Verdict::NotApplicable(NO_SESSION));
    }
    let now = evidence.seen_at()?.unix_seconds();
    let long = sessions.find_map(|setting| {
        let lifetime = setting.cookie.lifetime(now).filter(|seconds| *seconds > LONGEST)?;
        Some(format!("`{}` lives {} days", setting.cookie.name, lifetime / 86_400))
    });
    Ok(match long {
        Some(seen) => Verdict::Fail(seen),
        None => Verdict::Pass,
    })
}

#[cfg(test)]
mod tests {
    use super::super::page;
    use super::*;
    use crate::check::judged;
    use crate::modules::http_headers::sample;

    #[test]
    fn a_session_ends_within_a_month() {
        let judge = |cookie| judged(&CHECK, &page(&[cookie]));
        assert_eq!(judge("sid=1; Max-Age=31536000"), "fail: `sid` lives 365 days");
        let expires = "sid=1; Expires=Sun, 24 Jan 2027 00:00:00 GMT";
        assert_eq!(judge(expires), "fail: `sid` lives 61 days");
        assert_eq!(judge("sid=1; Max-Age=3600; Expires=Sun, 24 Jan 2027 00:00:00 GMT"), "pass");
        assert_eq!(judge("sid=1"), "pass");
        assert!(judge("lang=en; Max-Age=31536000").starts_with("not applicable"));
        assert!(judged(&CHECK, &sample::blocked()).starts_with("missing"));
    }
}
