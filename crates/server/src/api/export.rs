//! Everything an account has, as one JSON document, for people who leave or keep copies.
//!
//! Written part by part and page by page while it is read, so an account of any size takes the memory
//! of a page. The views are those of the API: what it never shows (hashes, tokens, the `sid` of a
//! sign-in) is not here either. To add a part: a name in [`PARTS`], an arm in [`Export::rows`].

use axum::extract::State;
use axum::response::Response;
use model::{Granularity, TeamRole, Timestamp};
use serde::Serialize;
use serde_json::{Value, json};
use store::{
    AlertFilter, AttemptFilter, AuditFilter, KeyFilter, RequestFilter, RiskFilter, ScanFilter,
    UsageFilter,
};

use super::accepted_risks::AcceptedRiskView;
use super::alerts::AlertView;
use super::api_keys::KeyView;
use super::failed_auth::AttemptsView;
use super::request_log::RequestView;
use super::scans::JobView;
use super::shares::ShareView;
use super::stream;
use crate::app::App;
use crate::auth::{FreshSignIn, Identity, SignedIn};
use crate::error::{Error, Result};
use crate::ops::audit_export::AuditEntryView;

/// What the document holds after `account`, in this order; each is a list.
const PARTS: [&str; 11] = [
    "members",
    "sessions",
    "passkeys",
    "api_keys",
    "scans",
    "accepted_risks",
    "usage",
    "requests",
    "failed_attempts",
    "alerts",
    "audit_log",
];
/// Scans that are read at once, each with its report.
const SCANS: i64 = 20;

const FROM: Timestamp = Timestamp(i64::MIN);
const TO: Timestamp = Timestamp(i64::MAX);

/// Take all data along
///
/// The account, its people, sign-ins, keys without their secrets, scans with their reports and links, accepted
/// risks, usage by the day, requests, failed attempts, alerts and the audit log. For owners and admins of the team.
#[utoipa::path(
    get, path = "/v1/auth/export", tag = "account",
    responses((status = 200, body = Object, content_type = "application/json")),
    security(("session" = [])),
)]
pub(super) async fn export_account(
    State(app): State<App>,
    caller: FreshSignIn<SignedIn>,
) -> Result<Response> {
    export(app, &caller).await
}

/// Answers with everything that the caller's account has, as a file.
pub(crate) async fn export(app: App, caller: &Identity) -> Result<Response> {
    caller.require_role(TeamRole::Admin)?;
    let user = caller.principal();
    let account = user.user_account_id;
    app.store.record_export(account, &caller.act(&app)).await?;
    let policy = app.store.find_key_policy(account).await?;
    let head = json!({
        "exported_at": app.clock.now(),
        "account": {
            "id": account,
            "subscription_status": user.account_subscription,
            "state": user.account_state,
            "plan": user.plan(),
            "leak_policy": policy.leak_policy,
            "max_key_lifetime_days": policy.max_lifetime_days,
        },
    });
    // The parts follow as further members, so the object stays open.
    let head = head.to_string();
    let head = head.strip_suffix('}').unwrap_or(&head).to_owned();
    let start = Export { app, account, part: 0, page: Page::First };
    let parts = futures_util::stream::try_unfold(start, |export| async move {
        let next = export.next().await;
        next.inspect_err(|error| tracing::error!(?error, "an export broke off"))
    });
    Ok(stream::file("application/json", head, parts))
}

/// Where an export stands.
struct Export {
    app: App,
    account: i64,
    part: usize,
    page: Page,
}

#[derive(Clone, Copy)]
enum Page {
    First,
    /// Below the row with this number.
    Below(i64),
}

impl Export {
    /// Returns the next piece of the document and where it goes on.
    async fn next(mut self) -> Result<Option<(String, Self)>> {
        let Some(name) = PARTS.get(self.part) else {
            // One past the parts is the end of the document, and then of the stream.
            return match self.part == PARTS.len() {
                true => {
                    self.part += 1;
                    Ok(Some(("}\n".to_owned(), self)))
                }
                false => Ok(None),
            };
        };
        let (rows, last) = self.rows(name).await?;
        let mut text = match self.page {
            Page::First => format!(",\"{name}\":["),
            Page::Below(_) if rows.is_empty() => String::new(),
            Page::Below(_) => ",".to_owned(),
        };
        let rows: Vec<_> = rows.iter().map(Value::to_string).collect();
        text.push_str(&rows.join(","));
        match last {
            Some(last) => self.page = Page::Below(last),
            None => {
                text.push(']');
                (self.part, self.page) = (self.part + 1, Page::First);
            }
        }
        Ok(Some((text, self)))
    }

    /// Returns a page of a part and the number to go on below; `None` when that was all.
    async fn rows(&self, part: &str) -> Result<(Vec<Value>, Option<i64>)> {
        let (store, account) = (&self.app.store, self.account);
        let before = match self.page {
            Page::First => None,
            Page::Below(last) => Some(last),
        };
        match part {
            "members" => {
                let people = store.list_people(account).await?.into_iter().map(|person| {
                    json!({
                        "id": person.id, "email": person.email, "name": person.name,
                        "team_role": person.team_role, "role": person.role,
                        "created_at": person.created_at,
                        "email_verified_at": person.email_verified_at,
                    })
                });
                Ok((people.collect(), None))
            }
            "sessions" => {
                let mut rows = Vec::new();
                for person in store.list_people(account).await? {
                    let sessions = store.list_sessions(person.id, self.app.clock.now()).await?;
                    rows.extend(sessions.into_iter().map(|session| {
                        json!({
                            "id": session.id, "user_id": person.id,
                            "created_at": session.created_at, "expires_at": session.expires_at,
                            "last_seen_at": session.last_seen_at, "ip": session.ip,
                            "agent": session.agent,
                        })
                    }));
                }
                Ok((rows, None))
            }
            "passkeys" => {
                let mut rows = Vec::new();
                for person in store.list_people(account).await? {
                    rows.extend(store.list_passkeys(person.id).await?.into_iter().map(|passkey| {
                        json!({
                            "id": passkey.id, "user_id": person.id, "name": passkey.name,
                            "created_at": passkey.created_at,
                            "last_used_at": passkey.last_used_at,
                        })
                    }));
                }
                Ok((rows, None))
            }
            "api_keys" => {
                let filter = KeyFilter { before, ..KeyFilter::default() };
                let now = self.app.clock.now();
                let keys = store.list_keys(account, &filter, stream::PAGE, now).await?;
                let last = keys.last().map(|key| key.id);
                page(keys.into_iter().map(|key| KeyView::of(key, now)), last)
            }
            "scans" => {
                let filter = ScanFilter { before, ..ScanFilter::default() };
                let mut rows = Vec::new();
                let scans = store.list_scans(account, &filter, SCANS).await?;
                let last = scans.last().map(|scan| scan.id);
                for scan in scans {
                    let report = store.find_report(account, scan.id).await?;
                    let (shares, now) =
                        (store.list_shares(account, scan.id).await?, self.app.clock.now());
                    let shares = shares.into_iter().map(|share| ShareView::of(share, now));
                    let shares: Vec<_> = shares.collect();
                    let mut row = value(JobView::of(&self.app, scan))?;
                    row["report"] = value(report)?;
                    row["shares"] = value(shares)?;
                    rows.push(row);
                }
                Ok((rows, last))
            }
            "accepted_risks" => {
                let filter = RiskFilter { before, ..RiskFilter::default() };
                let risks = store.list_accepted_risks(account, &filter, stream::PAGE).await?;
                let (last, now) = (risks.last().map(|risk| risk.id), self.app.clock.now());
                page(risks.into_iter().map(|risk| AcceptedRiskView::of(risk, now)), last)
            }
            "usage" => {
                let filter = UsageFilter {
                    granularity: Granularity::Day,
                    from: FROM,
                    to: TO,
                    key_id: None,
                    endpoint: None,
                    outcome: None,
                };
                let days = store.usage_series(account, &filter).await?.into_iter().map(|point| {
                    json!({
                        "day": point.starts_at, "outcome": point.outcome,
                        "requests": point.requests,
                    })
                });
                Ok((days.collect(), None))
            }
            "requests" => {
                let filter = RequestFilter {
                    from: FROM,
                    to: TO,
                    key_id: None,
                    status: None,
                    outcome: None,
                    path: None,
                    ip: None,
                    request_id: None,
                    before,
                };
                let requests = store.list_requests(account, &filter, stream::PAGE).await?;
                let last = requests.last().map(|request| request.id);
                page(requests.into_iter().map(RequestView::of), last)
            }
            "failed_attempts" => {
                let filter = AttemptFilter {
                    from: FROM,
                    to: TO,
                    key_id: None,
                    reason: None,
                    ip: None,
                    before,
                };
                let attempts = store.list_failed_attempts(account, &filter, stream::PAGE).await?;
                let last = attempts.last().map(|row| row.id);
                page(attempts.into_iter().map(AttemptsView::of), last)
            }
            "alerts" => {
                let filter = AlertFilter { after: before, ..AlertFilter::default() };
                let alerts = store.list_alerts(account, &filter, stream::PAGE).await?;
                let last = alerts.last().map(|alert| alert.id);
                page(alerts.into_iter().map(AlertView::from), last)
            }
            _ => {
                let filter = AuditFilter { before, ..AuditFilter::default() };
                let entries = store.find_audit_entries(account, &filter, stream::PAGE).await?;
                let last = entries.last().map(|entry| entry.number);
                page(entries.into_iter().map(AuditEntryView::from), last)
            }
        }
    }
}

fn page<T: Serialize>(
    rows: impl Iterator<Item = T>,
    last: Option<i64>,
) -> Result<(Vec<Value>, Option<i64>)> {
    Ok((rows.map(value).collect::<Result<_>>()?, last))
}

fn value(row: impl Serialize) -> Result<Value> {
    serde_json::to_value(row).map_err(|error| Error::Internal(error.into()))
}
