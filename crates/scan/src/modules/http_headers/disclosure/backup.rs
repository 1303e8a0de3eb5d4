use model::Severity;

use super::judge_exposed;
use crate::check::{Check, Missing, Paste, Tool, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::http_headers::exposure::{BACKUP_SQL, BACKUP_ZIP};

pub(super) const CHECK: Check = Check {
    id: "disclosure.backup",
    title: "A backup of the site can be downloaded",
    severity: Severity::Critical,
    group: Group::Disclosure,
    standard: "CWE-530",
    why: "It holds the source code or the database with its customers, and robots ask every site \
          for it under such names.",
    fix: "Delete the file from the web root at once, and take it for read by others: replace every \
          secret in it and see whether people must be told.",
    paste: &[
        Paste { tool: Tool::Nginx, text: "location ~ \\.(sql|zip|bak|tar|gz)$ { return 404; }" },
        Paste { tool: Tool::Apache, text: "RedirectMatch 404 \\.(sql|zip|bak|tar|gz)$" },
        Paste { tool: Tool::Caddy, text: "respond *.sql 404" },
        Paste { tool: Tool::Haproxy, text: "http-request return status 404 if { path_sub .sql }" },
    ],
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    judge_exposed(evidence, &[BACKUP_SQL, BACKUP_ZIP])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::http_headers::sample;

    #[test]
    fn the_file_must_not_be_served() {
        let judge = |seen| judged(&CHECK, &sample::exposing(&[BACKUP_SQL, BACKUP_ZIP], seen));
        assert_eq!(judge(Ok(Some("a file"))), format!("fail: {} is a file", BACKUP_SQL));
        assert_eq!(judge(Ok(None)), "pass");
        assert_eq!(judge(Err("no answer in time")), "missing: no answer in time");
        assert!(judged(&CHECK, &sample::page(&[])).starts_with("missing"));
    }
}
