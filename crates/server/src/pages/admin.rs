//! How the instance stands, and its users, for whoever operates it. To everybody else these pages do
//! not exist. What is changed goes through `ops::administration`, as it does for the API.

use axum::extract::{Path, Query, State};
use axum::response::Response;
use model::{AccountState, AuditAction, Granularity, PlanOverrides, Role, SubscriptionStatus};
use serde::Deserialize;
use store::{AccountChange, AccountUser, AuditFilter, UserFilter};
use ui::pages::Field;
use ui::pages::admin::{
    Instance, KeyFact, NUMBERS, NumberField, SessionFact, TrailRow, User, UserRow, Users,
};
use ui::pages::api_keys::status_name;
use ui::pages::audit_log::action_name;
use ui::pages::overview::Card;
use ui::{Section, Words};

use super::answer::{go, page, refused};
use super::done::{Done, Told};
use super::form::Form;
use super::paging::{self, PAGE};
use super::visitor::Operator;
use crate::app::App;
use crate::error::{Error, FieldProblem, Result};
use crate::ops::{self, administration};

const USERS: &str = "/admin/users";
/// Keys that a user's page shows, the newest.
const MOST_FACTS: usize = 50;
/// Entries of the audit log that it shows, the latest.
const MOST_TRAIL: i64 = 20;

/// How the instance stands.
pub(super) async fn show(State(app): State<App>, operator: Operator) -> Result<Response> {
    let (words, now) = (operator.words(), app.clock.now());
    let found = app.store.overview(Granularity::Day.start_of(now), now).await?;
    let card = |label, number: i64, path| Card {
        label,
        value: words.number(number),
        remark: String::new(),
        path,
    };
    let cards = vec![
        card(words.t("Accounts"), found.accounts, USERS),
        card(words.t("Users"), found.users, USERS),
        card(words.t("Working API Keys"), found.living_keys, ""),
        card(words.t("Scans today"), found.scans_today, ""),
        card(words.t("Jobs waiting or running"), found.queue_depth, ""),
        card(words.t("Failed attempts today"), found.failed_attempts_today, ""),
    ];
    let mut frame = operator.frame(words.t("Instance"), Section::Admin);
    frame.lead = words.t("How this instance stands. Days begin at midnight UTC.").to_owned();
    Ok(page(&Instance { frame, cards }))
}

#[derive(Deserialize)]
pub(super) struct Filter {
    #[serde(default)]
    email: String,
    #[serde(default)]
    state: String,
    #[serde(default)]
    plan: String,
    before: Option<i64>,
}

/// The users, newest first.
pub(super) async fn users(
    State(app): State<App>,
    operator: Operator,
    Query(wanted): Query<Filter>,
) -> Result<Response> {
    let words = operator.words();
    let some = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let filter = UserFilter {
        email: some(&wanted.email),
        state: AccountState::parse(&wanted.state),
        plan: some(&wanted.plan),
        before: wanted.before,
    };
    let users = app.store.list_users(&filter, PAGE).await?;
    let pairs = [("email", &*wanted.email), ("state", &*wanted.state), ("plan", &*wanted.plan)];
    let last = users.last().map(|user| user.id.to_string());
    Ok(page(&Users {
        frame: operator.frame(words.t("Users"), Section::Users),
        next: paging::next(USERS, &pairs, users.len(), ("before", last)),
        rows: users.iter().map(|user| row(&app, &operator, user)).collect(),
        states: AccountState::ALL.iter().map(|state| state.as_str()).collect(),
        plans: plans(&app).await?,
        email: wanted.email,
        state: wanted.state,
        plan: wanted.plan,
    }))
}

fn row(app: &App, operator: &Operator, user: &AccountUser) -> UserRow {
    UserRow {
        id: user.id,
        email: user.email.clone(),
        name: user.name.clone(),
        plan: user.plan_id.clone(),
        subscription: user.subscription_status,
        state: user.state,
        created: operator.words().time(user.created_at, app.clock.now()),
    }
}

async fn plans(app: &App) -> Result<Vec<String>> {
    Ok(app.store.list_plans().await?.into_iter().map(|plan| plan.id).collect())
}

/// One user and what their account may do. Asks for a fresh sign-in, as every form on it does.
pub(super) async fn user(
    State(app): State<App>,
    operator: Operator,
    Path(id): Path<String>,
    Query(told): Query<Told>,
) -> Result<Response> {
    operator.fresh(&app)?;
    let user = find(&app, &id).await?;
    let mut shown = user_page(&app, &operator, &user).await?;
    shown.frame.notices.extend(told.notice(operator.words()));
    Ok(page(&shown))
}

async fn find(app: &App, id: &str) -> Result<AccountUser> {
    administration::find_user(&app.store, id.parse().map_err(|_| Error::NotFound)?).await
}

async fn user_page(app: &App, operator: &Operator, user: &AccountUser) -> Result<User> {
    let (words, now) = (operator.words(), app.clock.now());
    let figures = administration::figures(app, user).await?;
    let sessions = app.store.list_sessions(user.id, now).await?.into_iter();
    let sessions = sessions.map(|session| SessionFact {
        program: words.program(session.agent.as_deref()),
        ip: session.ip,
        last_seen: words.time(session.last_seen_at, now),
    });
    let keys = app.store.list_living_keys(user.account_id, now).await?.into_iter();
    let key_facts = keys.take(MOST_FACTS).map(|key| KeyFact {
        state: status_name(words, key.status(now)),
        key_id: key.key_id,
        last_used: key.last_used_at.map(|at| words.time(at, now)),
    });
    let of_user =
        AuditFilter { actor: Some(format!("user:{}", user.id)), ..AuditFilter::default() };
    let trail = app.store.find_audit_entries(user.account_id, &of_user, MOST_TRAIL).await?;
    let trail = trail.into_iter().map(|entry| TrailRow {
        what: AuditAction::parse(&entry.action)
            .map_or(entry.action.clone(), |action| action_name(words, action).to_owned()),
        target: entry.target,
        ip: entry.ip,
        when: words.time(entry.at, now),
    });
    let own = user.overrides();
    let plan = PlanOverrides::default().over(figures.plan.clone());
    let number = |(name, own): (&'static str, Option<i64>)| {
        let value = own.map(|number| number.to_string()).unwrap_or_default();
        (name, Field::of(value))
    };
    Ok(User {
        frame: operator.frame(user.email.clone(), Section::Users),
        row: row(app, operator, user),
        is_operator: user.role == Role::Admin,
        is_verified: user.email_verified_at.is_some(),
        reason: user.state_reason.clone(),
        team_role: user.team_role.as_str(),
        scans: figures.scans_this_month,
        scans_a_month: own.over(figures.plan).scans_per_month,
        keys: figures.living_keys,
        sessions: sessions.collect(),
        key_facts: key_facts.collect(),
        trail: trail.collect(),
        plans: plans(app).await?,
        subscriptions: SubscriptionStatus::ALL.iter().map(|status| status.as_str()).collect(),
        note: Field::default(),
        numbers: number_fields(
            operator.words(),
            own.named().map(number).to_vec(),
            Some(numbers_of(&plan)),
        ),
        problem: None,
    })
}

/// Returns the numbers of a plan, in the order of [`PlanOverrides::named`].
pub(super) fn numbers_of(plan: &model::Plan) -> [i64; 7] {
    [
        plan.per_minute,
        plan.per_hour,
        plan.per_day,
        plan.concurrent_scans,
        plan.scans_per_month,
        plan.domains,
        plan.seats,
    ]
}

/// Returns the fields of the seven numbers, with what holds where one is left empty.
pub(super) fn number_fields(
    words: Words,
    fields: Vec<(&'static str, Field)>,
    otherwise: Option<[i64; 7]>,
) -> Vec<NumberField> {
    let fields = fields.into_iter().zip(NUMBERS).enumerate();
    fields
        .map(|(at, ((name, field), label))| NumberField {
            name,
            label: words.t(label),
            field,
            otherwise: otherwise.map(|numbers| numbers[at]),
        })
        .collect()
}

/// A form of the user's page: `act` says which.
pub(super) type Sent = Vec<(String, String)>;

/// Returns the last value of a field, without what surrounds it.
pub(super) fn value<'a>(sent: &'a Sent, name: &str) -> &'a str {
    let last = sent.iter().rev().find(|(have, _)| have == name);
    last.map_or("", |(_, value)| value.trim())
}

/// Reads the seven numbers; an empty field is none.
pub(super) fn read_numbers(sent: &Sent) -> (PlanOverrides, Vec<FieldProblem>) {
    let mut problems = Vec::new();
    let mut number = |name: &str| {
        let text = value(sent, name);
        let number = text.parse::<i64>().ok();
        if number.is_none() && !text.is_empty() {
            problems.push(FieldProblem::new(name, "must be a whole number"));
        }
        number
    };
    let numbers = PlanOverrides {
        per_minute: number("per_minute"),
        per_hour: number("per_hour"),
        per_day: number("per_day"),
        concurrent_scans: number("concurrent_scans"),
        scans_per_month: number("scans_per_month"),
        domains: number("domains"),
        seats: number("seats"),
    };
    (numbers, problems)
}

/// Puts what was typed back into the fields and what is wrong beside each. Returns what belongs to
/// none of them.
pub(super) fn place(
    problems: Vec<FieldProblem>,
    sent: &Sent,
    numbers: &mut [NumberField],
) -> Vec<FieldProblem> {
    for number in numbers.iter_mut() {
        number.field.value = value(sent, number.name).to_owned();
    }
    let mut rest = Vec::new();
    for problem in problems {
        let name = problem.field.trim_start_matches("overrides.");
        match numbers.iter_mut().find(|number| number.name == name) {
            Some(number) => number.field.problem = Some(problem.message),
            None => rest.push(problem),
        }
    }
    rest
}

/// Says problems in one line.
pub(super) fn said(problems: &[FieldProblem]) -> Option<String> {
    let said: Vec<_> =
        problems.iter().map(|problem| format!("{} {}.", problem.field, problem.message)).collect();
    (!said.is_empty()).then(|| said.join(" "))
}

/// Changes a user's account.
pub(super) async fn change(
    State(app): State<App>,
    operator: Operator,
    Path(id): Path<String>,
    Form(sent): Form<Sent>,
) -> Result<Response> {
    operator.fresh(&app)?;
    let user = find(&app, &id).await?;
    let text = |name: &str| Some(value(&sent, name).to_owned()).filter(|text| !text.is_empty());
    let mut problems = Vec::new();
    if value(&sent, "act") == "reset" {
        ops::passwords::forgot(&app, &user.email).await?;
        return Ok(Done::LetterSent.at(&format!("{USERS}/{}", user.id)));
    }
    let change = match value(&sent, "act") {
        "plan" => AccountChange {
            plan: text("plan"),
            subscription: SubscriptionStatus::parse(value(&sent, "subscription")),
            ..AccountChange::default()
        },
        "state" => AccountChange {
            state: Some(AccountState::parse(value(&sent, "state")).ok_or(Error::NotFound)?),
            reason: text("reason"),
            ..AccountChange::default()
        },
        "verified" => AccountChange { confirmed: Some(user.id), ..AccountChange::default() },
        "overrides" => {
            let (numbers, wrong) = read_numbers(&sent);
            problems = wrong;
            AccountChange { overrides: Some(numbers), ..AccountChange::default() }
        }
        _ => return Err(Error::NotFound),
    };
    if problems.is_empty() {
        let act = operator.act_as_admin(&app);
        match administration::change_account(&app.store, &user, &change, &act).await {
            Ok(()) => return Ok(go(&format!("{USERS}/{}", user.id))),
            Err(Error::Invalid(found)) => problems = found,
            Err(error) => return Err(error),
        }
    }
    let mut shown = user_page(&app, &operator, &user).await?;
    if change.overrides.is_some() {
        problems = place(problems, &sent, &mut shown.numbers);
    }
    let is_note = |problem: &FieldProblem| problem.field == "reason";
    shown.note = Field {
        value: text("reason").unwrap_or_default(),
        problem: problems.iter().find(|one| is_note(one)).map(|one| one.message.clone()),
    };
    problems.retain(|problem| !is_note(problem));
    shown.problem = said(&problems);
    Ok(refused(&shown))
}
