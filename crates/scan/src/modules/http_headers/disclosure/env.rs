use model::Severity;

use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::http_headers::paste::hide;

pub(super) const CHECK: Check = Check {
    id: "disclosure.env",
    title: "The site's .env file with its secrets can be downloaded",
    severity: Severity::Critical,
    cap: Some(54),
    group: Group::Disclosure,
    standard: "CWE-538",
    why: "Such files hold database passwords and keys of other services, and robots ask every site \
          for them all day.",
    fix: "Move the file out of the web root at once and replace every secret in it.",
    paste: hide!(
        r"/\.env",
        "env",
        "*/.env*",
        "path_sub -i /.env",
        r#"<hiddenSegments><add segment=".env" /></hiddenSegments>"#,
        r#"http.request.uri.path contains "/.env""#
    ),
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let names = evidence.http()?.dot_env.as_ref().map_err(Clone::clone)?;
    Ok(Verdict::fail_if(!names.is_empty(), || {
        format!("/.env sets {} (values are not kept)", names.join(", "))
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::http_headers::sample;

    #[test]
    fn the_file_must_not_be_served() {
        let judge = |names: &[&str]| {
            let mut http = sample::site(&[]);
            http.dot_env = Ok(names.iter().map(|name| (*name).to_owned()).collect());
            judged(&CHECK, &sample::evidence(http))
        };
        assert_eq!(judge(&["DB_PASSWORD"]), "fail: /.env sets DB_PASSWORD (values are not kept)");
        assert_eq!(judge(&[]), "pass");
        assert!(judged(&CHECK, &sample::page(&[])).starts_with("missing"));
    }
}
