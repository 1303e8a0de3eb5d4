//! Several domains side by side, by their newest reports.

use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use model::ModuleId;
use store::DomainFilter;
use ui::pages::comparison::{Column, Comparison, DomainChoice, ModuleLine};
use ui::{Section, Words};

use super::answer::{page, refused};
use super::refusal::query;
use super::titles;
use super::visitor::Visitor;
use crate::api::csv;
use crate::app::App;
use crate::error::{Error, Result};
use crate::ops::comparison::{Compared, MAX_COMPARED, compare};

/// Domains that can be ticked; more are typed.
const CHOICES: i64 = 50;

/// Returns the domains of a query, without empty fields.
fn chosen(sent: Vec<(String, String)>) -> Vec<String> {
    let named = sent.into_iter().filter(|(name, _)| name == "domain");
    let domains = named.map(|(_, domain)| domain.trim().to_owned());
    domains.filter(|domain| !domain.is_empty()).collect()
}

/// The choice, and what was chosen side by side.
pub(super) async fn show(
    State(app): State<App>,
    visitor: Visitor,
    Query(sent): Query<Vec<(String, String)>>,
) -> Result<Response> {
    let words = visitor.words();
    let sort = sent.iter().find(|(name, _)| name == "sort");
    let sort = sort.and_then(|(_, word)| ModuleId::parse(word));
    let chosen = chosen(sent);
    let every = DomainFilter::default();
    let known = app.store.list_scanned_domains(visitor.account(), &every, CHOICES, 1).await?;
    let mut domains: Vec<String> = known.into_iter().map(|scan| scan.domain).collect();
    // What was typed stays, as one more to tick.
    for domain in chosen.iter().take(MAX_COMPARED) {
        if !domains.contains(domain) {
            domains.push(domain.clone());
        }
    }
    let choices = domains
        .into_iter()
        .map(|domain| DomainChoice { is_chosen: chosen.contains(&domain), domain });
    let mut shown = Comparison {
        frame: visitor.frame(words.t("Compare"), Section::Compare),
        choices: choices.collect(),
        problem: None,
        columns: Vec::new(),
        lines: Vec::new(),
        verdict: String::new(),
        sort: String::new(),
        is_sorted: sort.is_none(),
        csv: String::new(),
    };
    if chosen.is_empty() {
        return Ok(page(&shown));
    }
    let mut compared = match compare(&app, &visitor, &chosen).await {
        Ok(compared) => compared,
        Err(Error::Invalid(_)) => {
            shown.problem = Some(words.t("Choose 2 to 10 different domains.").to_owned());
            return Ok(refused(&shown));
        }
        Err(Error::InvalidDomain(problem)) => {
            shown.problem = Some(words.problem(&problem));
            return Ok(refused(&shown));
        }
        Err(error) => return Err(error),
    };
    shown.verdict = verdict(words, &compared);
    if let Some(module) = sort {
        // Stable, so that equals stay in the order of their scores.
        compared.sort_by_key(|one| std::cmp::Reverse(one.module_score(module)));
    }
    let domains: Vec<_> = compared.iter().map(|one| ("domain", one.domain.as_str())).collect();
    shown.csv = format!("/compare.csv?{}", query(&domains));
    shown.sort = format!("/compare?{}", query(&domains));
    shown.lines = lines(visitor.words(), &compared, &shown.sort, sort);
    shown.columns = compared
        .into_iter()
        .map(|one| Column {
            scan: one.newest.as_ref().map(|newest| newest.scan),
            grade: one.grade(),
            score: one.score(),
            when: one.newest.map(|newest| words.time(newest.scanned_at, app.clock.now())),
            domain: one.domain,
        })
        .collect();
    Ok(page(&shown))
}

/// The same as a table: a row a module, a column a domain.
pub(super) async fn table(
    State(app): State<App>,
    visitor: Visitor,
    Query(sent): Query<Vec<(String, String)>>,
) -> Result<Response> {
    let compared = compare(&app, &visitor, &chosen(sent)).await?;
    let mut out = String::new();
    let mut row = |title: &str, cell: &dyn Fn(&Compared) -> Option<String>| {
        let cells = compared.iter().map(|one| cell(one).unwrap_or_default());
        let cells: Vec<String> = [title.to_owned()].into_iter().chain(cells).collect();
        csv::push_row(&mut out, cells.iter().map(String::as_str));
    };
    row("module", &|one| Some(one.domain.clone()));
    row("grade", &|one| Some(one.grade()?.to_string()));
    row("score", &|one| Some(one.score()?.to_string()));
    row("scanned_at", &|one| Some(one.newest.as_ref()?.scanned_at.to_string()));
    for id in ModuleId::ALL {
        row(id.as_str(), &|one| Some(one.module_score(*id)?.to_string()));
    }
    let head = [
        (CONTENT_TYPE, "text/csv; charset=utf-8; header=present"),
        (CONTENT_DISPOSITION, "attachment; filename=\"comparison.csv\""),
    ];
    Ok((head, out).into_response())
}

/// Returns who is on top and by how much.
fn verdict(words: Words, compared: &[Compared]) -> String {
    let scored = compared.iter().filter_map(|one| Some((&one.domain, one.score()?)));
    let scored: Vec<_> = scored.collect();
    match scored.as_slice() {
        [(best, first), .., (_, last)] if first > last => {
            let gap = words.points(i64::from(first - last) * 1_000);
            words.t2("{} is on top, {} points before the last.", best, gap.trim_start_matches('+'))
        }
        [_, _, ..] => words.t("All have the same score.").to_owned(),
        _ => words.t("Too few have a completed scan to compare.").to_owned(),
    }
}

/// Returns the scores of the modules that were judged for at least one domain.
fn lines(
    words: Words,
    compared: &[Compared],
    path: &str,
    sort: Option<ModuleId>,
) -> Vec<ModuleLine> {
    let line = |id: &ModuleId| {
        let cells = compared.iter().map(|one| {
            let path = one.newest.as_ref().map(|newest| {
                format!("/scans/{}?{}#findings", newest.scan, query(&[("module", id.as_str())]))
            });
            let score = one.module_score(*id);
            (path.filter(|_| score.is_some()), score)
        });
        ModuleLine {
            title: titles::of_module(words, *id),
            sort: format!("{path}&sort={id}"),
            is_sorted: sort == Some(*id),
            cells: cells.collect(),
        }
    };
    let lines = ModuleId::ALL.iter().map(line);
    lines.filter(|line| line.cells.iter().any(|(_, score)| score.is_some())).collect()
}
