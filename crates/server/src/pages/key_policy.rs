//! Settings → API Keys → Key policy: what the account demands of its keys.

use axum::extract::{Query, State};
use axum::response::Response;
use model::{LeakPolicy, Scope};
use serde::Deserialize;
use store::{KeyPolicy as Policy, KeyPolicyChange};
use ui::Section;
use ui::pages::Field;
use ui::pages::key_policy::{KeyPolicy, leak_policy_meaning};

use super::answer::{page, refused};
use super::done::{Done, Told};
use super::form::Form;
use super::visitor::Visitor;
use crate::app::App;
use crate::auth::AccountWrite;
use crate::error::{Error, Result};
use crate::ops::key_policy::{self, MAX_DAYS};

const HERE: &str = "/settings/api-keys/policy";

pub(super) async fn show(
    State(app): State<App>,
    visitor: Visitor,
    Query(told): Query<Told>,
) -> Result<Response> {
    let policy = app.store.find_key_policy(visitor.account()).await?;
    let days = policy.max_lifetime_days.map_or(String::new(), |days| days.to_string());
    let mut shown = policy_page(&visitor, policy, Field::of(&days));
    shown.frame.notices.extend(told.notice(visitor.words()));
    Ok(page(&shown))
}

fn policy_page(visitor: &Visitor, policy: Policy, max_lifetime_days: Field) -> KeyPolicy {
    let words = visitor.words();
    let mut frame = visitor.frame(words.t("Key policy"), Section::ApiKeys);
    frame.lead = words.t("What the account demands of its API Keys.").to_owned();
    KeyPolicy {
        may_change: frame.may(Scope::AccountWrite),
        frame,
        leak_policies: LeakPolicy::ALL
            .iter()
            .map(|one| (one.as_str(), leak_policy_meaning(words, *one), *one == policy.leak_policy))
            .collect(),
        max_lifetime_days,
    }
}

#[derive(Deserialize)]
pub(super) struct Wanted {
    leak_policy: LeakPolicy,
    max_lifetime_days: String,
}

/// Saves the policy as it stands in the form.
pub(super) async fn save(
    State(app): State<App>,
    visitor: Visitor,
    Form(sent): Form<Wanted>,
) -> Result<Response> {
    visitor.require::<AccountWrite>(&app)?;
    let Wanted { leak_policy, max_lifetime_days: typed } = sent;
    let days = match typed.trim() {
        "" => None,
        // What is no number gets the same answer as a number out of bounds.
        text => Some(text.parse().unwrap_or(0)),
    };
    let change = KeyPolicyChange { leak_policy: Some(leak_policy), max_lifetime_days: Some(days) };
    match key_policy::change(&app, &visitor, change).await {
        Ok(_) => Ok(Done::Saved.at(HERE)),
        Err(Error::Invalid(_)) => {
            let words = visitor.words();
            let problem = words.t1("Whole days, from 1 to {}, or nothing.", MAX_DAYS);
            let policy = Policy { leak_policy, ..Policy::default() };
            Ok(refused(&policy_page(
                &visitor,
                policy,
                Field { value: typed, problem: Some(problem) },
            )))
        }
        Err(error) => Err(error),
    }
}
