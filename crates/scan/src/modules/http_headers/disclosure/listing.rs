use model::Severity;

use super::exposed;
use crate::check::{Check, Missing, Paste, Tool, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;
use crate::modules::http_headers::evidence::Exposed;

pub(super) const CHECK: Check = Check {
    id: "disclosure.listing",
    title: "The server lists the files of its folders",
    severity: Severity::Low,
    group: Group::Disclosure,
    standard: "CWE-548",
    why: "Everybody sees files that no page links to, such as backups and drafts.",
    fix: "Switch the listing off.",
    careful: Some(
        "Folders without an index page answer 403: look first whether anybody downloads from the \
         list.",
    ),
    paste: &[
        Paste { tool: Tool::Nginx, text: "autoindex off;" },
        Paste { tool: Tool::Apache, text: "Options -Indexes" },
        Paste { tool: Tool::Caddy, text: "# without `browse`\nfile_server" },
        Paste { tool: Tool::Iis, text: "<directoryBrowse enabled=\"false\" />" },
    ],
    run,
    ..Check::BASE
};

const NO_FOLDER: &str = "the page names no folder of its own host";

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    let http = evidence.http()?;
    if let Some((page, markup)) = http.document()?
        && markup.title.to_ascii_lowercase().starts_with("index of /")
    {
        return Ok(Verdict::Fail(format!("{} is a list of its files", page.url())));
    }
    let is_folder = |have: &&Exposed| have.path.ends_with('/');
    match exposed(evidence)?.iter().find(is_folder) {
        None => Ok(Verdict::NotApplicable(NO_FOLDER)),
        Some(folder) => Ok(match folder.seen.as_ref().map_err(Clone::clone)? {
            Some(what) => Verdict::Fail(format!("{} is {what}", folder.path)),
            None => Verdict::Pass,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::http_headers::sample;

    #[test]
    fn folders_are_not_listed() {
        let judge = |seen| judged(&CHECK, &sample::exposing(&["/css/"], seen));
        assert_eq!(judge(Ok(Some("a list of its files"))), "fail: /css/ is a list of its files");
        assert_eq!(judge(Ok(None)), "pass");
        assert_eq!(judge(Err("no answer in time")), "missing: no answer in time");
        let none = sample::exposing(&["/info.php"], Ok(None));
        assert!(judged(&CHECK, &none).starts_with("not applicable"));
        assert!(judged(&CHECK, &sample::page(&[])).starts_with("missing"));
    }

    #[test]
    fn the_page_itself_may_be_a_list() {
        let page = "<title>Index of /</title>";
        assert!(judged(&CHECK, &sample::document(&[], page)).starts_with("fail"));
    }
}
