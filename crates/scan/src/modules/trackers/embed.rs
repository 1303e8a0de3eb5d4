use model::Severity;

use super::judge;
use super::table::Category;
use crate::check::{Check, Missing, Verdict};
use crate::compliance::Group;
use crate::evidence::Evidence;

pub(super) const CHECK: Check = Check {
    id: "tracker.embed",
    title: "Pieces of other sites load before the visitor was asked",
    severity: Severity::Info,
    group: Group::BrowserPolicy,
    standard: "Directive 2002/58/EC, Art. 5(3); GDPR, Art. 6",
    why: "A film, map or button of another company tells it who came, whether or not the visitor \
          looks at it.",
    fix: "Show a picture first and load the piece when the visitor asks for it.",
    run,
    ..Check::BASE
};

fn run(evidence: &Evidence) -> Result<Verdict, Missing> {
    judge(evidence, Category::Embed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::judged;
    use crate::modules::http_headers::sample;

    #[test]
    fn embedded_pieces_are_named() {
        let judge = |page| judged(&CHECK, &sample::document(&[], page));
        assert_eq!(
            judge("<iframe src=https://www.youtube.com/embed/x></iframe>"),
            "fail: YouTube (www.youtube.com)"
        );
        assert_eq!(judge("<a href=https://www.youtube.com/@us>films</a>"), "pass");
        assert_eq!(judge("<script>x='https://www.youtube.com/@us'</script>"), "pass");
        assert!(judged(&CHECK, &sample::blocked()).starts_with("missing"));
    }
}
