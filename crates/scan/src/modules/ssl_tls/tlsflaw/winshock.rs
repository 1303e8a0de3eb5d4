use model::Severity;

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::ssl_tls::wire::hello::TLS12;
use crate::modules::ssl_tls::{none_unseen, reached};

pub(super) const CHECK: Check = Check {
    id: "tlsflaw.winshock",
    title: "Windows seems to lack the update against Winshock",
    severity: Severity::Medium,
    group: Group::TlsFlaw,
    standard: "CVE-2014-6321; Microsoft Security Bulletin MS14-066",
    why: "A crafted handshake runs code in Schannel before anybody signs in. The update of November \
          2014 also brought four suites; a server of that age that takes the neighbours of those \
          suites and none of them most likely never got it.",
    fix: "Install the updates of Windows, or better, move to a version that still gets them. This \
          is read off the suites that are offered, and no proof: an administrator may have removed \
          just these four.",
    run,
    ..Check::BASE
};

const UNNAMED: &str = "no server says it is an IIS of 2009 to 2014";
/// Versions of IIS on Windows Server 2008 R2 to 2012 R2.
const OF_THAT_AGE: &[&str] = &["Microsoft-IIS/7.5", "Microsoft-IIS/8.0", "Microsoft-IIS/8.5"];
/// `TLS_RSA_WITH_AES_*_GCM_*` and `TLS_DHE_RSA_WITH_AES_*_GCM_*`, which the update brought.
const BROUGHT: &[u16] = &[0x009c, 0x009d, 0x009e, 0x009f];
/// Static RSA with AES and CBC, which it stood beside from the start.
const BESIDE: &[u16] = &[0x002f, 0x0035, 0x003c, 0x003d];

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let tls = reached(evidence)?;
    // A scan of this module alone does not know what the server calls itself.
    let Some(http) = &evidence.http else { return Ok(Verdict::NotApplicable(UNNAMED)) };
    let page = http.page()?;
    let server = page.all("server").find(|value| OF_THAT_AGE.contains(value));
    let Some(server) = server else {
        return Ok(Verdict::NotApplicable(UNNAMED));
    };
    let suites = tls.suites(TLS12)?;
    if suites.iter().any(|suite| BROUGHT.contains(suite)) {
        return Ok(Verdict::Pass);
    }
    none_unseen(evidence, |suite| BROUGHT.contains(&suite))?;
    Ok(match suites.iter().any(|suite| BESIDE.contains(suite)) {
        true => Verdict::Fail(format!(
            "`Server: {server}`, and TLS 1.2 has AES with static RSA but not with GCM"
        )),
        false => Verdict::NotApplicable("the suites do not tell"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::http_headers::sample;
    use crate::modules::ssl_tls::{cut_short, seen};

    fn judge(server: &str, tls: Evidence) -> String {
        let http = sample::page(&[("server", server)]).http;
        judged(&CHECK, &Evidence { http, ..tls })
    }

    fn offering(suites: &[u16]) -> Evidence {
        seen(|tls| tls.versions[3].suites = Ok(suites.to_vec()))
    }

    #[test]
    fn the_suites_of_the_update_are_looked_for() {
        assert_eq!(
            judge("Microsoft-IIS/8.0", offering(&[0xc027, 0x002f])),
            "fail: `Server: Microsoft-IIS/8.0`, and TLS 1.2 has AES with static RSA but not with GCM"
        );
        assert_eq!(judge("Microsoft-IIS/8.5", offering(&[0x009c, 0x002f])), "pass");
        assert_eq!(
            judge("Microsoft-IIS/8.0", offering(&[0xc030])),
            "not applicable: the suites do not tell"
        );
        let newer = judge("Microsoft-IIS/10.0", offering(&[0x002f]));
        assert!(newer.starts_with("not applicable"), "{newer}");
    }

    #[test]
    fn a_list_that_was_cut_short_tells_nothing() {
        let open = judge("Microsoft-IIS/8.0", cut_short(&[0x009c]));
        assert_eq!(open, "missing: the server stopped answering");
    }
}
