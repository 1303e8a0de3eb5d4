//! The plans of the instance, for whoever operates it.

use axum::extract::{Path, State};
use axum::response::Response;
use model::{Plan, PlanOverrides};
use ui::Section;
use ui::pages::Field;
use ui::pages::admin::{NUMBERS, PlanForm, PlanRow, Plans};

use super::admin::{Sent, number_fields, numbers_of, place, read_numbers, said, value};
use super::answer::{go, page, refused};
use super::form::{Form, Nothing};
use super::visitor::Operator;
use crate::app::App;
use crate::error::{Error, FieldProblem, Result};
use crate::ops::administration;

const HERE: &str = "/admin/plans";

/// Every plan, the smallest first.
pub(super) async fn list(State(app): State<App>, operator: Operator) -> Result<Response> {
    Ok(page(&list_page(&app, &operator).await?))
}

async fn list_page(app: &App, operator: &Operator) -> Result<Plans> {
    let words = operator.words();
    let rows = app.store.list_plan_uses().await?.into_iter().map(|found| PlanRow {
        accounts: found.accounts,
        numbers: numbers_of(&found.plan),
        is_default: found.plan.id == app.config.plans.default,
        id: found.plan.id,
        gates: found.plan.gates,
    });
    let mut frame = operator.frame(words.t("Plans"), Section::Plans);
    frame.action = Some((words.t("New plan").to_owned(), format!("{HERE}/new")));
    let labels = NUMBERS.iter().map(|label| words.t(label)).collect();
    Ok(Plans { frame, labels, rows: rows.collect(), problem: None })
}

/// The form of a plan; of a new one under the id `new`.
pub(super) async fn show(
    State(app): State<App>,
    operator: Operator,
    Path(id): Path<String>,
) -> Result<Response> {
    operator.fresh(&app)?;
    if id == "new" {
        let none = PlanOverrides::default().named();
        return Ok(page(&form(&app, &operator, "", &none, &[], None)));
    }
    let found = app.store.list_plan_uses().await?.into_iter().find(|found| found.plan.id == id);
    let found = found.ok_or(Error::NotFound)?;
    let numbers = numbers_of(&found.plan);
    let mut named = PlanOverrides::default().named();
    for (named, number) in named.iter_mut().zip(numbers) {
        named.1 = Some(number);
    }
    Ok(page(&form(&app, &operator, &id, &named, &found.plan.gates, Some(found.accounts))))
}

fn form(
    app: &App,
    operator: &Operator,
    id: &str,
    numbers: &[(&'static str, Option<i64>)],
    gates: &[String],
    accounts: Option<i64>,
) -> PlanForm {
    let words = operator.words();
    let heading = match accounts {
        Some(_) => words.t1("Plan “{}”", id),
        None => words.t("New plan").to_owned(),
    };
    let field = |(name, number): &(&'static str, Option<i64>)| {
        (*name, Field::of(number.map(|number| number.to_string()).unwrap_or_default()))
    };
    PlanForm {
        frame: operator.frame(heading, Section::Plans),
        is_there: accounts.is_some(),
        id: Field::of(id),
        numbers: number_fields(words, numbers.iter().map(field).collect(), None),
        gates: Plan::GATES
            .iter()
            .map(|gate| (*gate, gates.iter().any(|have| have == gate)))
            .collect(),
        accounts: accounts.unwrap_or(0),
        can_go: accounts == Some(0) && id != app.config.plans.default,
        problem: None,
    }
}

/// Makes a plan or changes one.
pub(super) async fn put(
    State(app): State<App>,
    operator: Operator,
    Form(sent): Form<Sent>,
) -> Result<Response> {
    operator.fresh(&app)?;
    let id = value(&sent, "id");
    let gates = sent.iter().filter(|(name, _)| name == "gates");
    let gates: Vec<String> = gates.map(|(_, gate)| gate.clone()).collect();
    let (numbers, mut problems) = read_numbers(&sent);
    for (name, number) in numbers.named() {
        if number.is_none() && !problems.iter().any(|problem| problem.field == name) {
            problems.push(FieldProblem::new(name, "is missing"));
        }
    }
    let uses = app.store.list_plan_uses().await?;
    let accounts = uses.iter().find(|found| found.plan.id == id).map(|found| found.accounts);
    let is_new = value(&sent, "is_new") == "yes";
    if is_new && (id == "new" || accounts.is_some()) {
        problems.push(FieldProblem::new("id", "is taken"));
    }
    if problems.is_empty() {
        let plan = numbers.over(Plan {
            id: id.to_owned(),
            per_minute: 0,
            per_hour: 0,
            per_day: 0,
            concurrent_scans: 0,
            scans_per_month: 0,
            domains: 0,
            seats: 0,
            gates: gates.clone(),
        });
        match administration::put_plan(&app.store, &plan, &operator.act_as_admin(&app)).await {
            Ok(()) => return Ok(go(HERE)),
            Err(Error::Invalid(found)) => problems = found,
            Err(error) => return Err(error),
        }
    }
    let accounts = accounts.filter(|_| !is_new);
    let mut shown = form(&app, &operator, id, &numbers.named(), &gates, accounts);
    let mut rest = place(problems, &sent, &mut shown.numbers);
    let of_id = rest.iter().find(|problem| problem.field == "id");
    shown.id.problem = of_id.map(|problem| problem.message.clone());
    rest.retain(|problem| problem.field != "id");
    shown.problem = said(&rest);
    Ok(refused(&shown))
}

/// Deletes a plan that nobody is on.
pub(super) async fn delete(
    State(app): State<App>,
    operator: Operator,
    Path(id): Path<String>,
    Form(Nothing {}): Form<Nothing>,
) -> Result<Response> {
    operator.fresh(&app)?;
    let default = &app.config.plans.default;
    let act = operator.act_as_admin(&app);
    match administration::delete_plan(&app.store, &id, default, &act).await {
        Ok(()) => Ok(go(HERE)),
        Err(Error::Conflict(problem)) => {
            let mut shown = list_page(&app, &operator).await?;
            shown.problem = Some(problem);
            Ok(refused(&shown))
        }
        Err(error) => Err(error),
    }
}
