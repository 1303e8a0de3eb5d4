use model::Severity;

use crate::check::{Check, Missing, Paste, Tool, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;

pub(super) const CHECK: Check = Check {
    id: "disclosure.trace",
    title: "The server answers TRACE requests",
    severity: Severity::Low,
    group: Group::Disclosure,
    standard: "RFC 9110, section 9.3.8",
    why: "The answer repeats the request with everything proxies added to it, such as internal \
          addresses and credentials.",
    fix: "Switch TRACE off.",
    paste: &[
        Paste { tool: Tool::Apache, text: "TraceEnable off" },
        Paste { tool: Tool::Haproxy, text: "http-request deny if { method TRACE }" },
        Paste {
            tool: Tool::Iis,
            text: "<requestFiltering><verbs><add verb=\"TRACE\" allowed=\"false\" /></verbs></requestFiltering>",
        },
    ],
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let answer = evidence.http()?.trace.as_ref().map_err(Clone::clone)?;
    // A page for everything is no answer to TRACE, an echo is.
    Ok(Verdict::fail_if(answer.status == 200 && answer.echoed, || {
        "the request came back with status 200".to_owned()
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::http_headers::evidence::TraceAnswer;
    use crate::modules::http_headers::sample;

    #[test]
    fn only_an_echo_is_a_trace() {
        let judge = |status, echoed| {
            let mut http = sample::site(&[]);
            http.trace = Ok(TraceAnswer { status, echoed });
            judged(&CHECK, &sample::evidence(http))
        };
        assert_eq!(judge(200, true), "fail: the request came back with status 200");
        assert_eq!(judge(200, false), "pass");
        assert_eq!(judge(405, false), "pass");
        assert!(judged(&CHECK, &sample::page(&[])).starts_with("missing"));
    }
}
