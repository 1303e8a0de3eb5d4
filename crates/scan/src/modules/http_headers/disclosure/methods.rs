use model::Severity;

use crate::check::{Check, Missing, Paste, Tool, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;

pub(super) const CHECK: Check = Check {
    id: "disclosure.methods",
    title: "The server offers methods that change its files",
    severity: Severity::Low,
    group: Group::Disclosure,
    standard: "RFC 9110, section 10.2.1",
    why: "A page needs GET, HEAD and POST. Methods of WebDAV and proxies are there for somebody to \
          try, even where each is refused later.",
    fix: "Let the server refuse the methods the site does not use.",
    careful: Some(
        "WebDAV, REST interfaces and CalDAV need PUT, PATCH and DELETE: allow them where they are \
         served.",
    ),
    paste: &[
        Paste {
            tool: Tool::Nginx,
            text: "if ($request_method !~ ^(GET|HEAD|POST|OPTIONS)$) { return 405; }",
        },
        Paste { tool: Tool::Apache, text: "AllowMethods GET HEAD POST OPTIONS" },
        Paste {
            tool: Tool::Caddy,
            text: "@methods not method GET HEAD POST OPTIONS\n\
                   respond @methods 405",
        },
        Paste {
            tool: Tool::Haproxy,
            text: "http-request deny deny_status 405 unless { method GET HEAD POST OPTIONS }",
        },
        Paste {
            tool: Tool::Iis,
            text: "<security><requestFiltering><verbs allowUnlisted=\"false\"><add verb=\"GET\" allowed=\"true\" /><add verb=\"HEAD\" allowed=\"true\" /><add verb=\"POST\" allowed=\"true\" /><add verb=\"OPTIONS\" allowed=\"true\" /></verbs></requestFiltering></security>",
        },
        Paste {
            tool: Tool::Cloudflare,
            text: "Security > WAF > Custom rules > Expression: not http.request.method in {\"GET\" \"HEAD\" \"POST\" \"OPTIONS\"} > Action: Block",
        },
    ],
    run,
    ..Check::BASE
};

/// Methods of WebDAV (RFC 4918), of proxies, and those that replace and delete a page.
const CHANGING: &[&str] = &[
    "PUT",
    "DELETE",
    "CONNECT",
    "TRACK",
    "PROPFIND",
    "PROPPATCH",
    "MKCOL",
    "COPY",
    "MOVE",
    "LOCK",
];

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let allowed = evidence.http()?.allowed_methods.as_ref().map_err(Clone::clone)?;
    let offered: Vec<_> =
        allowed.iter().map(String::as_str).filter(|method| CHANGING.contains(method)).collect();
    Ok(Verdict::fail_if(!offered.is_empty(), || {
        format!("the answer to OPTIONS allows {}", offered.join(", "))
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::http_headers::sample;

    #[test]
    fn methods_that_change_files_are_named() {
        let judge = |methods: &[&str]| {
            let mut http = sample::site(&[]);
            http.allowed_methods = Ok(methods.iter().map(|method| (*method).to_owned()).collect());
            judged(&CHECK, &sample::evidence(http))
        };
        assert_eq!(
            judge(&["GET", "PUT", "PROPFIND"]),
            "fail: the answer to OPTIONS allows PUT, PROPFIND"
        );
        assert_eq!(judge(&["GET", "HEAD", "POST"]), "pass");
        assert_eq!(judge(&[]), "pass");
        assert!(judged(&CHECK, &sample::page(&[])).starts_with("missing"));
    }
}
