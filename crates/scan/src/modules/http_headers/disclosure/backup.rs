use model::Severity;

use super::judge_exposed;
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::http_headers::exposure::{BACKUP_SQL, BACKUP_ZIP};
use crate::modules::http_headers::paste::hide;

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
    careful: Some(
        "Downloads that are meant to be there with these endings are refused as well: leave their \
         ending out.",
    ),
    paste: hide!(
        r"\.(sql|zip|bak|tar|gz)$",
        "backup",
        "*.sql *.zip *.bak *.tar *.gz",
        "path_end -i .sql .zip .bak .tar .gz",
        r#"<fileExtensions><add fileExtension=".sql" allowed="false" /><add fileExtension=".zip" allowed="false" /><add fileExtension=".bak" allowed="false" /><add fileExtension=".tar" allowed="false" /><add fileExtension=".gz" allowed="false" /></fileExtensions>"#,
        r#"http.request.uri.path.extension in {"sql" "zip" "bak" "tar" "gz"}"#
    ),
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
