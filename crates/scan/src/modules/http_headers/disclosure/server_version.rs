use model::Severity;

use super::names_version;
use crate::check::{Check, Missing, Paste, Tool, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;

pub(super) const CHECK: Check = Check {
    id: "disclosure.server-version",
    title: "The Server header names the version of the software",
    severity: Severity::Low,
    group: Group::Disclosure,
    standard: "RFC 9110, section 10.2.4",
    why: "Whoever looks for servers with a known flaw finds this one by its version alone.",
    fix: "Let the header name the product without its version, and keep the software up to date.",
    paste: &[
        Paste { tool: Tool::Nginx, text: "server_tokens off;" },
        Paste { tool: Tool::Apache, text: "ServerTokens Prod" },
        Paste { tool: Tool::Caddy, text: "header -Server" },
        Paste { tool: Tool::Haproxy, text: "http-response del-header Server" },
        Paste {
            tool: Tool::Iis,
            text: "<security><requestFiltering removeServerHeader=\"true\" /></security>",
        },
    ],
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let page = evidence.http()?.page()?;
    let named = page.all("server").find(|value| names_version(value));
    Ok(match named {
        Some(value) => Verdict::Fail(format!("{} sends `Server: {value}`", page.url())),
        None => Verdict::Pass,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::http_headers::sample;

    #[test]
    fn a_version_in_the_header_is_told_from_a_name() {
        let judge = |value| judged(&CHECK, &sample::page(&[("server", value)]));
        assert_eq!(
            judge("nginx/1.22.1"),
            "fail: https://example.com/ sends `Server: nginx/1.22.1`"
        );
        assert!(judge("Apache (Debian) PHP/8.2").starts_with("fail"));
        for name in ["nginx", "cloudflare", "ECS (dcb/7F84)", "gws", "AmazonS3", "GSE"] {
            assert_eq!(judge(name), "pass", "{name}");
        }
        assert_eq!(judged(&CHECK, &sample::page(&[])), "pass");
        assert!(judged(&CHECK, &sample::blocked()).starts_with("missing"));
    }
}
