//! The form for a new scan. What is refused stays in it, with what was typed and what to do.

use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use model::{DomainName, DomainProblem, ModuleId, ScanProfile, ScanSource, ScanStatus};
use store::{Scan, ScanFilter};
use ui::pages::Field;
use ui::pages::ownership::Claim;
use ui::pages::scans::{NewScan, OpenScan};
use ui::{Notice, Section, Tone, Words};

use super::answer::{go, page, refused};
use super::domains;
use super::form::{Form, nonce, once};
use super::refusal::query;
use super::visitor::Visitor;
use crate::app::App;
use crate::auth::ScansWrite;
use crate::error::{Error, Result};
use crate::limits::CONCURRENT_SCANS;
use crate::ops;
use crate::ops::scans::Wish;

/// Scans under way that are named.
const MOST_OPEN: i64 = 20;

/// The form as it is shown first, or again with what is wrong.
#[derive(Default)]
struct Draft {
    domain: Field,
    modules: Vec<String>,
    profile: ScanProfile,
    claim: Option<Claim>,
    /// What stands in the way, which is not the field's fault.
    notice: Option<Notice>,
    open: Vec<OpenScan>,
}

impl Draft {
    fn of(sent: &[(String, String)]) -> Self {
        let of = |name: &'static str| sent.iter().filter(move |(have, _)| have == name);
        let last = |name| of(name).next_back().map(|(_, value)| value.as_str()).unwrap_or_default();
        Self {
            domain: Field::of(last("domain")),
            modules: of("modules").map(|(_, value)| value.clone()).collect(),
            profile: ScanProfile::parse(last("profile")).unwrap_or_default(),
            ..Self::default()
        }
    }
}

/// Returns the path of the form, filled in for a scan like that one.
pub(super) fn like(domain: &str, modules: &[ModuleId]) -> String {
    let modules = modules.iter().map(|id| ("modules", id.as_str()));
    let pairs: Vec<_> = [("domain", domain)].into_iter().chain(modules).collect();
    format!("/scans/new?{}", query(&pairs))
}

/// The form, with what a link suggests.
pub(super) async fn show_form(
    visitor: Visitor,
    Query(suggested): Query<Vec<(String, String)>>,
) -> Result<Response> {
    Ok(page(&form(&visitor, Draft::of(&suggested))?))
}

fn form(visitor: &Visitor, draft: Draft) -> Result<NewScan> {
    let modules = scan::catalogue::MODULES.iter();
    let is_chosen = |id: ModuleId| draft.modules.iter().any(|word| word == id.as_str());
    let mut frame = visitor.frame(visitor.words().t("New scan"), Section::Scans);
    frame.notices.extend(draft.notice);
    Ok(NewScan {
        frame,
        nonce: nonce()?,
        modules: modules
            .map(|module| (module.id, visitor.words().module(module.title), is_chosen(module.id)))
            .collect(),
        domain: draft.domain,
        is_intrusive: draft.profile == ScanProfile::Intrusive,
        claim: draft.claim,
        open: draft.open,
    })
}

/// Starts a scan and leads to it. Sending the form twice starts one.
pub(super) async fn start(
    State(app): State<App>,
    visitor: Visitor,
    Form(sent): Form<Vec<(String, String)>>,
) -> Result<Response> {
    visitor.require::<ScansWrite>(&app)?;
    let words = visitor.words();
    let mut draft = Draft::of(&sent);
    let nonce = sent.iter().rfind(|(name, _)| name == "nonce");
    let once = once(nonce.map(|(_, nonce)| nonce.as_str()).unwrap_or_default());
    let typed = draft.domain.value.trim().to_owned();
    let domain = match DomainName::parse(&typed) {
        Ok(domain) => domain,
        Err(problem) => {
            draft.domain.problem = Some(said(words, &problem));
            return Ok(refused(&form(&visitor, draft)?));
        }
    };
    if app.store.find_made(visitor.account(), &once).await?.is_none()
        && let Some(scan) = under_way(&app, &visitor, &domain, &draft.modules).await?
    {
        let text = words.t1("{} is being scanned already, in the same way.", &domain);
        draft.notice = Some(Notice {
            tone: Tone::Problem,
            text,
            link: Some((words.t("See that scan").to_owned(), format!("/scans/{}", scan.id))),
        });
        return Ok((StatusCode::CONFLICT, page(&form(&visitor, draft)?)).into_response());
    }
    let modules = draft.modules.clone();
    let wish = Wish {
        domain: &typed,
        modules: &modules,
        profile: draft.profile,
        source: ScanSource::Dashboard,
        once: Some(&once),
    };
    match ops::scans::request(&app, &visitor, &wish).await {
        Ok(scan) if is_cut(&typed, &scan.domain) => Ok(go(&format!("/scans/{}?note=cut", scan.id))),
        Ok(scan) => Ok(go(&format!("/scans/{}", scan.id))),
        Err(error) => again(&app, &visitor, draft, &domain, error).await,
    }
}

/// Returns the form again with why there is no scan; what no form can help with stays an error.
async fn again(
    app: &App,
    visitor: &Visitor,
    mut draft: Draft,
    domain: &DomainName,
    error: Error,
) -> Result<Response> {
    let words = visitor.words();
    match &error {
        // What is no domain was said before, so this one is a laboratory's.
        Error::InvalidDomain(_) => {
            let label = domain.laboratory_label().unwrap_or_default();
            draft.domain.problem = Some(words.t1(
                "Names that end in .{} are kept for tests and never on the public internet.",
                label,
            ));
        }
        Error::OwnershipNotProven { domain: name, seen, .. } => {
            let problem = words.t1("Nothing shows yet that {} is yours:", name);
            draft.domain.problem = Some(format!("{problem} {seen}"));
            let found = ops::ownership::claim(app, visitor, name)?;
            draft.claim = Some(domains::claim(&found, None));
        }
        Error::QuotaExceeded { limit } => {
            let now = app.clock.now();
            let used = words.t1("All {} scans of this month are used.", words.number(*limit));
            let anew = words.t1("New ones begin on {}.", words.date(ops::usage::next_month(now)));
            let plan = (words.t("Usage & Plan").to_owned(), "/settings/usage".to_owned());
            let text = format!("{used} {anew}");
            draft.notice = Some(Notice { tone: Tone::Problem, text, link: Some(plan) });
        }
        Error::RateLimited { limit, window: CONCURRENT_SCANS, .. } => {
            let text = words.tn(
                *limit,
                "One scan at a time is what the plan allows. Start this one when it has ended:",
                "{} scans at a time are what the plan allows. Start this one when one of them has ended:",
            );
            draft.notice = Some(Notice { tone: Tone::Problem, text, link: None });
            draft.open = open(app, visitor).await?;
        }
        _ => return Err(error),
    }
    let status = StatusCode::from_u16(error.code().status);
    let status = status.unwrap_or(StatusCode::UNPROCESSABLE_ENTITY);
    // A field that is wrong is 422 on every form.
    let status =
        if draft.domain.problem.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { status };
    Ok((status, page(&form(visitor, draft)?)).into_response())
}

/// Returns the account's scans that are under way, the newest first.
async fn open(app: &App, visitor: &Visitor) -> Result<Vec<OpenScan>> {
    let mut open = Vec::new();
    for status in [ScanStatus::Running, ScanStatus::Queued] {
        let filter = ScanFilter { status: Some(status), ..ScanFilter::default() };
        let scans = app.store.list_scans(visitor.account(), &filter, MOST_OPEN).await?;
        let row = |scan: Scan| OpenScan { id: scan.id, domain: scan.domain, status };
        open.extend(scans.into_iter().map(row));
    }
    Ok(open)
}

/// Returns a scan of that domain that looks at the same modules and has not ended.
async fn under_way(
    app: &App,
    visitor: &Visitor,
    domain: &DomainName,
    modules: &[String],
) -> Result<Option<Scan>> {
    let mut wanted: Vec<_> = modules.iter().filter_map(|word| ModuleId::parse(word)).collect();
    wanted.sort_unstable();
    for status in [ScanStatus::Running, ScanStatus::Queued] {
        let filter = ScanFilter {
            domain: Some(domain.as_str().to_owned()),
            status: Some(status),
            ..ScanFilter::default()
        };
        for scan in app.store.list_scans(visitor.account(), &filter, MOST_OPEN).await? {
            let mut asked = scan.requested_modules.clone();
            asked.sort_unstable();
            if asked == wanted {
                return Ok(Some(scan));
            }
        }
    }
    Ok(None)
}

/// Returns whether more was typed than the name that is scanned: a scheme, a port, a path.
fn is_cut(typed: &str, domain: &str) -> bool {
    let bare = DomainName::parse(typed.trim_end_matches(['.', '。']));
    typed.contains(['/', ':', '?', '#', '\\']) && bare.is_ok_and(|name| name.as_str() == domain)
}

/// Says in plain words why a text is no domain.
fn said(words: Words, problem: &DomainProblem) -> String {
    match problem {
        DomainProblem::Empty => words.t("Type a domain, such as example.com.").to_owned(),
        DomainProblem::TooLong => words
            .t("That is too long: a domain has at most 253 characters, and 63 between two dots.")
            .to_owned(),
        DomainProblem::IpAddress => {
            words.t("That is an IP address. Type the domain that points to it.").to_owned()
        }
        DomainProblem::SingleLabel => {
            words.t("That has no dot. Type the full domain, such as example.com.").to_owned()
        }
        DomainProblem::Credentials => {
            words.t("That holds a user name or password. Type the domain alone.").to_owned()
        }
        DomainProblem::Reserved(label) => {
            words.t1("Names that end in .{} are reserved and never on the public internet.", label)
        }
        DomainProblem::Syntax => words
            .t("That is no domain. Use letters, digits, hyphens and dots, such as example.com.")
            .to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_filled_in_from_a_link_and_a_link_from_a_scan() {
        let path = like("a.example", &[ModuleId::Dnssec, ModuleId::Waf]);
        assert_eq!(path, "/scans/new?domain=a.example&modules=dnssec&modules=waf");
        let pairs: Vec<(String, String)> =
            serde_urlencoded::from_str(path.split_once('?').unwrap().1).unwrap();
        let draft = Draft::of(&pairs);
        assert_eq!((draft.domain.value.as_str(), draft.modules.len()), ("a.example", 2));
    }

    #[test]
    fn what_was_cut_is_told_from_what_was_only_spelled_otherwise() {
        assert!(is_cut("https://Example.com/path", "example.com"));
        assert!(is_cut("example.com:8443", "example.com"));
        assert!(!is_cut("Example.COM.", "example.com") && !is_cut("bücher.de", "xn--bcher-kva.de"));
    }
}
