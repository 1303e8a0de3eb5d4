//! Accepting the risk of a finding on the page of its report, and the list of a domain.

use axum::extract::{Path, State};
use axum::response::Response;
use model::{DAY_MS, DomainName, MOST_ACCEPTED_DAYS, Timestamp};
use serde::Deserialize;
use ui::pages::Field;
use ui::pages::accepted_risks::{AcceptForm, AcceptedRow};

use super::answer::refused;
use super::done::Done;
use super::entry::problem_of;
use super::form::{Form, Nothing};
use super::scans::{Wanted, find, report_page};
use super::titles;
use super::visitor::Visitor;
use crate::app::App;
use crate::auth::ScansWrite;
use crate::error::{Error, FieldProblem, Result};
use crate::ops;
use crate::ops::accepted_risks::Wish;

#[derive(Deserialize)]
pub(super) struct Acceptance {
    reason: String,
    days: String,
    /// Goes before the days where it is given.
    #[serde(default)]
    date: String,
}

impl Acceptance {
    fn wish(&self, domain: DomainName, check: &str, now: Timestamp) -> Result<Wish> {
        let date = self.date.trim();
        let (expires_at, expires_in_days) = match date {
            "" => (None, Some(self.days.parse().unwrap_or(0))),
            date => (Some(end_of_day(date, now)?), None),
        };
        // A browser's text area has lines; a reason is one.
        let reason: Vec<&str> = self.reason.split_whitespace().collect();
        let reason = reason.join(" ");
        Ok(Wish { domain, check: check.to_owned(), reason, expires_at, expires_in_days })
    }
}

/// Returns the last moment of a day in UTC, no later than the latest that an acceptance may end: the
/// day itself can be the last one.
fn end_of_day(date: &str, now: Timestamp) -> Result<Timestamp> {
    let is_day = date.len() == 10 && date.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    let start = Timestamp::parse(&format!("{date}T00:00:00Z")).filter(|_| is_day);
    let start =
        start.ok_or_else(|| Error::invalid("expires_at", "must be a day such as 2027-01-31"))?;
    let (end, latest) = (start.plus_ms(DAY_MS - 1), now.plus_ms(MOST_ACCEPTED_DAYS * DAY_MS));
    Ok(if (start..end).contains(&latest) { latest } else { end })
}

/// Accepts the risk of a finding of a report. Sending the form twice does it once.
pub(super) async fn accept(
    State(app): State<App>,
    visitor: Visitor,
    Path((id, check)): Path<(String, String)>,
    Form(sent): Form<Acceptance>,
) -> Result<Response> {
    visitor.require::<ScansWrite>(&app)?;
    let scan = find(&app, &visitor, &id).await?;
    let mut shown = report_page(&app, &visitor, &scan, &Wanted::default()).await?;
    if !shown.view.issues.iter().any(|issue| issue.id == check) {
        return Err(Error::NotFound);
    }
    let here = format!("/scans/{}", scan.id);
    let domain = DomainName::parse(&scan.domain).map_err(|_| Error::NotFound)?;
    let accepted = match sent.wish(domain, &check, app.clock.now()) {
        Ok(wish) => ops::accepted_risks::accept(&app, &visitor, wish, None).await.map(drop),
        Err(error) => Err(error),
    };
    match accepted {
        Ok(()) => Ok(Done::RiskAccepted.at_place(&here, &check)),
        Err(Error::Conflict(_)) if shown.view.is_accepted(&check) => {
            Ok(Done::RiskAccepted.at_place(&here, &check))
        }
        Err(Error::Invalid(problems)) => {
            shown.accept = again(&visitor, check, sent, &problems);
            Ok(refused(&shown))
        }
        Err(error) => Err(error),
    }
}

/// Returns the form with what was typed and what is wrong with it.
fn again(
    visitor: &Visitor,
    check: String,
    sent: Acceptance,
    problems: &[FieldProblem],
) -> AcceptForm {
    let problem = |field| problem_of(visitor.words(), problems, field);
    let reason = Field { value: sent.reason, problem: problem("reason") };
    let days = Field { value: sent.days, problem: problem("expires_in_days") };
    let date = Field { value: sent.date, problem: problem("expires_at") };
    AcceptForm::again(check, reason, days, date)
}

/// Ends an acceptance, on the page of a report.
pub(super) async fn end_on_report(
    State(app): State<App>,
    visitor: Visitor,
    Path((id, risk)): Path<(String, String)>,
    Form(Nothing {}): Form<Nothing>,
) -> Result<Response> {
    let scan = find(&app, &visitor, &id).await?;
    let check = end(&app, &visitor, &risk, &scan.domain).await?;
    Ok(Done::AcceptanceEnded.at_place(&format!("/scans/{}", scan.id), &check))
}

/// Ends an acceptance, on the page of a domain.
pub(super) async fn end_on_domain(
    State(app): State<App>,
    visitor: Visitor,
    Path((domain, risk)): Path<(String, String)>,
    Form(Nothing {}): Form<Nothing>,
) -> Result<Response> {
    let domain = DomainName::parse(&domain).map_err(|_| Error::NotFound)?;
    end(&app, &visitor, &risk, domain.as_str()).await?;
    Ok(Done::AcceptanceEnded.at_place(&format!("/domains/{domain}"), "accepted-risks"))
}

/// Ends an acceptance of that domain. Returns what check it was of.
async fn end(app: &App, visitor: &Visitor, risk: &str, domain: &str) -> Result<String> {
    visitor.require::<ScansWrite>(app)?;
    let id: i64 = risk.parse().map_err(|_| Error::NotFound)?;
    let found = app.store.find_accepted_risk(visitor.account(), id).await?;
    found.filter(|risk| risk.domain == domain).ok_or(Error::NotFound)?;
    Ok(ops::accepted_risks::end(app, visitor, id).await?.check_id)
}

/// Returns the acceptances of a domain that are open, for its page.
pub(super) async fn rows(app: &App, visitor: &Visitor, domain: &str) -> Result<Vec<AcceptedRow>> {
    let (words, now) = (visitor.words(), app.clock.now());
    let open = app.store.list_open_risks(visitor.account(), domain, now).await?;
    let row = |risk: store::AcceptedRisk| AcceptedRow {
        id: risk.id,
        title: titles::of_check(words, &risk.check_id).to_owned(),
        reason: risk.reason,
        by: risk.email,
        since: words.time(risk.created_at, now),
        until: ui::utc_date(risk.expires_at),
    };
    Ok(open.into_iter().map(row).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_795_509_096_000);

    #[test]
    fn a_day_counts_to_its_end_and_no_further_than_a_year() {
        let end = |date| end_of_day(date, NOW).map(|end| end.to_string());
        assert_eq!(end("2027-01-31").unwrap(), "2027-01-31T23:59:59.999Z");
        assert_eq!(end("2027-11-24").unwrap(), "2027-11-24T08:31:36.000Z", "365 days");
        assert_eq!(end("2027-11-25").unwrap(), "2027-11-25T23:59:59.999Z", "refused later");
        for odd in ["2027-02-30", "2027-1-1", "31.01.2027", "2027-01-31T0", "+002027-01"] {
            assert!(end(odd).is_err(), "{odd}");
        }
    }

    #[test]
    fn lines_of_a_reason_become_one() {
        let sent = Acceptance {
            reason: " behind\r\na VPN ".to_owned(),
            days: "30".to_owned(),
            date: String::new(),
        };
        let wish = sent.wish(DomainName::parse("shop.example").unwrap(), "x.y", NOW).unwrap();
        assert_eq!((&*wish.reason, wish.expires_in_days), ("behind a VPN", Some(30)));
    }
}
