use axum::extract::{Path, State};
use axum::response::Response;
use model::ModuleId;
use serde_json::Value;
use ui::pages::evidence::{Evidence, EvidencePart};
use ui::{Section, Words};

use super::answer::page;
use super::scans::find;
use super::visitor::Visitor;
use crate::app::App;
use crate::error::Result;
use crate::ops;

/// Characters that are shown of what one prober fetched.
const MOST: usize = 200_000;

/// What the probers of a scan fetched, as text.
pub(super) async fn show(
    State(app): State<App>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Result<Response> {
    let scan = find(&app, &visitor, &id).await?;
    let view = ops::reports::find(&app, &visitor, scan.id).await?;
    let words = visitor.words();
    let mut frame = visitor.frame(words.t1("Evidence: {}", &view.domain), Section::Scans);
    frame.lead = words.t("What the scan fetched, as it was stored.").to_owned();
    let fields = view.raw_results.as_object().into_iter().flatten();
    let parts =
        fields.filter(|(_, seen)| is_something(seen)).map(|(name, seen)| part(words, name, seen));
    Ok(page(&Evidence { frame, id: scan.id, parts: parts.collect() }))
}

fn is_something(seen: &Value) -> bool {
    !matches!(seen, Value::Null | Value::Bool(false))
}

fn part(words: Words, name: &str, seen: &Value) -> EvidencePart {
    let all = serde_json::to_string_pretty(seen).unwrap_or_default();
    let judged = scan::catalogue::MODULES.iter().filter(|module| module.probe.as_str() == name);
    let titles: Vec<_> = judged.map(|module| words.module(module.title)).collect();
    EvidencePart {
        title: if titles.is_empty() { name.to_owned() } else { titles.join(", ") },
        name: name.to_owned(),
        lines: all.lines().count(),
        is_cut: all.chars().nth(MOST).is_some(),
        text: all.chars().take(MOST).collect(),
    }
}

/// Returns what the evidence is called that a module is judged by.
pub(super) fn of_module(id: ModuleId) -> &'static str {
    scan::catalogue::find_module(id).probe.as_str()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_named_after_its_modules_and_cut_where_it_is_too_long() {
        let short = part(Words::default(), "http", &serde_json::json!({ "status": 200 }));
        assert!(short.title.contains("HTTP") && !short.is_cut, "{}", short.title);
        assert_eq!((short.lines, short.text.as_str()), (3, "{\n  \"status\": 200\n}"));
        let long = part(Words::default(), "seen_at", &Value::String("ü".repeat(MOST)));
        assert!(long.is_cut && long.text.chars().count() == MOST && long.title == "seen_at");
    }
}
