use model::{DAY_MS, Severity};

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::ssl_tls::paste;
use crate::modules::ssl_tls::{at_every_address, leaf};

pub(super) const CHECK: Check = Check {
    id: "cert.few-logs",
    title: "Too few public logs hold the certificate",
    severity: Severity::Medium,
    group: Group::Certificate,
    standard: "RFC 9162, section 6.5; Chrome Certificate Transparency Policy",
    why: "Chrome and Safari demand timestamps of two logs, of three when the certificate lives for \
          more than 180 days, and refuse it otherwise.",
    fix: "Issue a new certificate from an authority that writes to enough logs.",
    paste: paste::CERTIFICATE,
    run: |evidence| at_every_address(evidence, run),
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let (leaf, chain) = leaf(evidence)?;
    if !chain.public {
        return Ok(Verdict::NotApplicable("no public root vouches for the certificate"));
    }
    if !leaf.has_sct {
        return Ok(Verdict::NotApplicable("the certificate itself holds no timestamps"));
    }
    let logs = leaf.logs.ok_or_else(|| Missing("its timestamps cannot be read".to_owned()))?;
    let wanted = if leaf.not_after.ms_since(leaf.not_before) > 180 * DAY_MS { 3 } else { 2 };
    // Others may have come beside the certificate.
    match evidence.tls()?.features.is_some_and(|features| features.timestamps) {
        true if logs < wanted => Err(Missing("more timestamps came by an extension".to_owned())),
        _ => Ok(Verdict::fail_if(logs < wanted, || format!("{logs} of {wanted} logs"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::ssl_tls::{seen, with_leaf};

    #[test]
    fn enough_logs_hold_it() {
        let held = |logs| judged(&CHECK, &with_leaf(|leaf| leaf.logs = logs));
        assert_eq!(held(Some(1)), "fail: 1 of 2 logs");
        assert_eq!(held(Some(2)), "pass");
        assert_eq!(held(None), "missing: its timestamps cannot be read");
        let long = with_leaf(|leaf| leaf.not_after = leaf.not_before.plus_ms(190 * DAY_MS));
        assert_eq!(judged(&CHECK, &long), "fail: 2 of 3 logs");
        let beside = seen(|tls| {
            tls.chain.as_mut().unwrap().certificates[0].logs = Some(1);
            tls.features.as_mut().unwrap().timestamps = true;
        });
        assert_eq!(judged(&CHECK, &beside), "missing: more timestamps came by an extension");
        let private = seen(|tls| tls.chain.as_mut().unwrap().public = false);
        assert_eq!(
            judged(&CHECK, &private),
            "not applicable: no public root vouches for the certificate"
        );
    }
}
