//! Risks that people of an account accept: a finding stays, somebody answers for it until a day.
//!
//! Nothing of it goes into a stored report. [`mark`] puts the acceptances that are open now beside the
//! findings of a report when it is read, so an old report shows what holds today and nothing lingers
//! when one ends.

use model::{DAY_MS, DomainName, MAX_ACCEPTED_REASON, MOST_ACCEPTED_DAYS, Timestamp};
use report::{AcceptedView, ReportView};
use store::{AcceptedRisk, NewAcceptedRisk, Once, RiskAccepted, RiskFilter};

use super::accounts::is_line;
use crate::app::App;
use crate::auth::Identity;
use crate::error::{Error, FieldProblem, Result};

/// An acceptance as somebody wants it.
pub(crate) struct Wish {
    pub(crate) domain: DomainName,
    pub(crate) check: String,
    /// One line.
    pub(crate) reason: String,
    /// Exactly one of this and the next.
    pub(crate) expires_at: Option<Timestamp>,
    pub(crate) expires_in_days: Option<i64>,
}

impl Wish {
    /// Returns when it ends, or everything that is wrong.
    fn end(&self, now: Timestamp) -> Result<Timestamp> {
        let mut problems = Vec::new();
        if scan::catalogue::find_check(&self.check).is_none() {
            let text = match scan::nearest_check(&self.check) {
                Some(nearest) => format!("is the id of no check; did you mean `{nearest}`?"),
                None => "is the id of no check; `GET /v1/checks` lists them".to_owned(),
            };
            problems.push(FieldProblem::new("check_id", text));
        }
        if !is_line(&self.reason, MAX_ACCEPTED_REASON) {
            let text = format!("must be one line of 1 to {MAX_ACCEPTED_REASON} characters");
            problems.push(FieldProblem::new("reason", text));
        }
        let end = self.expiry(now).map_err(|problem| problems.push(problem));
        match (end, problems.is_empty()) {
            (Ok(end), true) => Ok(end),
            _ => Err(Error::Invalid(problems)),
        }
    }

    fn expiry(&self, now: Timestamp) -> std::result::Result<Timestamp, FieldProblem> {
        let latest = now.plus_ms(MOST_ACCEPTED_DAYS * DAY_MS);
        match (self.expires_at, self.expires_in_days) {
            (Some(_), Some(_)) => {
                let text = "cannot stand beside `expires_at`; send one of them";
                Err(FieldProblem::new("expires_in_days", text))
            }
            (None, None) => {
                let text = "is needed, or `expires_in_days`: no risk is accepted for ever";
                Err(FieldProblem::new("expires_at", text))
            }
            (None, Some(days)) if !(1..=MOST_ACCEPTED_DAYS).contains(&days) => {
                let text = format!("must be between 1 and {MOST_ACCEPTED_DAYS}");
                Err(FieldProblem::new("expires_in_days", text))
            }
            (None, Some(days)) => Ok(now.plus_ms(days * DAY_MS)),
            (Some(end), None) if end <= now => {
                Err(FieldProblem::new("expires_at", "must lie in the future"))
            }
            (Some(end), None) if end > latest => {
                let text = format!("must lie within {MOST_ACCEPTED_DAYS} days");
                Err(FieldProblem::new("expires_at", text))
            }
            (Some(end), None) => Ok(end),
        }
    }
}

/// Accepts a risk. The user behind the credential answers for it.
pub(crate) async fn accept(
    app: &App,
    caller: &Identity,
    wish: Wish,
    once: Option<&Once>,
) -> Result<AcceptedRisk> {
    caller.require_domain(&wish.domain)?;
    let act = caller.act(app);
    let new = NewAcceptedRisk {
        expires_at: wish.end(act.at)?,
        domain: wish.domain.as_str().to_owned(),
        check_id: wish.check,
        reason: wish.reason,
        accepted_by: caller.principal().user_id,
    };
    let account = caller.principal().user_account_id;
    match app.store.accept_risk(account, &new, once, &act).await? {
        RiskAccepted::Now(risk) | RiskAccepted::Before(risk) => Ok(risk),
        RiskAccepted::KeyReused => Err(Error::IdempotencyKeyReused),
        RiskAccepted::Already => {
            let text = "This risk is accepted already. End that acceptance first to change it.";
            Err(Error::Conflict(text.to_owned()))
        }
        RiskAccepted::TooMany => {
            let text = "The account has as many accepted risks as it may. End some first.";
            Err(Error::Conflict(text.to_owned()))
        }
    }
}

/// Returns acceptances of the caller's account, the newest first, of domains that they may see. Also
/// returns the id to go on below.
pub(crate) async fn list(
    app: &App,
    caller: &Identity,
    filter: &RiskFilter,
    limit: i64,
) -> Result<(Vec<AcceptedRisk>, Option<i64>)> {
    let account = caller.principal().user_account_id;
    let mut risks = app.store.list_accepted_risks(account, filter, limit).await?;
    let is_full = i64::try_from(risks.len()) == Ok(limit);
    let last = risks.last().map(|risk| risk.id).filter(|_| is_full);
    risks.retain(|risk| caller.may_see(&risk.domain));
    Ok((risks, last))
}

/// Ends an acceptance before its day. One that is over, somebody else's and none at all are one answer.
pub(crate) async fn end(app: &App, caller: &Identity, id: i64) -> Result<AcceptedRisk> {
    let account = caller.principal().user_account_id;
    let risk = app.store.find_accepted_risk(account, id).await?;
    let risk = risk.filter(|risk| caller.may_see(&risk.domain)).ok_or(Error::NotFound)?;
    match app.store.end_accepted_risk(account, id, &caller.act(app)).await? {
        true => Ok(risk),
        false => Err(Error::NotFound),
    }
}

/// Marks the findings of a report whose risk the account accepts at present.
pub(crate) async fn mark(app: &App, account: i64, view: &mut ReportView) -> Result<()> {
    let open = app.store.list_open_risks(account, &view.domain, app.clock.now()).await?;
    let accepted = open.into_iter().map(|risk| {
        let accepted = AcceptedView {
            id: Some(risk.id),
            reason: risk.reason,
            until: risk.expires_at,
            by: risk.email,
        };
        (risk.check_id, accepted)
    });
    view.accept(&accepted.collect());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_795_509_096_000);

    fn wish() -> Wish {
        Wish {
            domain: DomainName::parse("shop.example").unwrap(),
            check: "hsts.missing".to_owned(),
            reason: "behind a VPN".to_owned(),
            expires_at: None,
            expires_in_days: Some(90),
        }
    }

    fn problem(wish: Wish) -> (String, String) {
        match wish.end(NOW) {
            Err(Error::Invalid(problems)) => {
                assert_eq!(problems.len(), 1);
                (problems[0].field.clone(), problems[0].message.clone())
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn an_acceptance_ends_within_a_year() {
        assert_eq!(wish().end(NOW).unwrap(), NOW.plus_ms(90 * DAY_MS));
        let at = |end| Wish { expires_at: Some(end), expires_in_days: None, ..wish() };
        let latest = NOW.plus_ms(MOST_ACCEPTED_DAYS * DAY_MS);
        assert_eq!(at(latest).end(NOW).unwrap(), latest);
        assert_eq!(problem(at(latest.plus_ms(1))).1, "must lie within 365 days");
        assert_eq!(problem(at(NOW)).1, "must lie in the future");
        for days in [0, 366, i64::MAX, i64::MIN] {
            let odd = Wish { expires_in_days: Some(days), ..wish() };
            assert_eq!(problem(odd).0, "expires_in_days", "{days}");
        }
        assert_eq!(problem(Wish { expires_in_days: None, ..wish() }).0, "expires_at");
        let both = Wish { expires_at: Some(latest), ..wish() };
        assert_eq!(problem(both).0, "expires_in_days");
    }

    #[test]
    fn a_reason_is_one_line_and_a_check_exists() {
        for reason in ["", "two\nlines", &"x".repeat(501)] {
            assert_eq!(problem(Wish { reason: reason.to_owned(), ..wish() }).0, "reason");
        }
        let misspelt = Wish { check: "hsts.mising".to_owned(), ..wish() };
        assert!(problem(misspelt).1.ends_with("did you mean `hsts.missing`?"));
        let (field, text) = problem(Wish { check: String::new(), ..wish() });
        assert!(field == "check_id" && text.contains("/v1/checks"), "{text}");
    }
}
