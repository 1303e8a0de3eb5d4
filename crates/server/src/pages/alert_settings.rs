//! Settings → Alert Preferences: every rule and preference in one form.
//!
//! The form is a list of names and texts, `rule.field` as in the API. [`Present`] turns settings into
//! one, and one into what is different from the settings. A new rule needs a line in [`RULES`] and
//! words in `ui`.

use std::collections::BTreeMap;

use axum::extract::{Query, State};
use axum::http::request::Parts;
use axum::response::Response;
use model::{AlertChannel, AlertType, DAY_MS, Scope};
use serde_json::{Map, Value, json};
use store::{AlertCount, AlertSettings as Settings, AlertSettingsChange};
use ui::pages::Field;
use ui::pages::alert_settings::{
    AlertSettings, PreferenceRow, RuleRow, ThresholdRow, preference_label, rule_words,
    threshold_label,
};
use ui::{Notice, Section, Tone, Words};

use super::answer::{page, refused};
use super::done::{Done, Told};
use super::entry::problem_of;
use super::form::{Form, Nothing};
use super::visitor::Visitor;
use crate::app::App;
use crate::auth::AccountWrite;
use crate::error::{Error, FieldProblem, Result};
use crate::limits::doors::{self, Door};
use crate::mail;
use crate::ops::{self, alert_letters};

const HERE: &str = "/settings/alerts";
/// The rules as they stand on the page: the most urgent first.
const RULES: [AlertType; 10] = [
    AlertType::KeyExposed,
    AlertType::RevokedKeyUsed,
    AlertType::ExpiredKeyUsed,
    AlertType::FailedAuthBurst,
    AlertType::NewNetwork,
    AlertType::RequestSpike,
    AlertType::LimitReached,
    AlertType::Quota,
    AlertType::RotationDue,
    AlertType::IdleKey,
];
/// The preference that is a switch for all letters.
const LETTERS: &str = "email";
/// The preferences about watched domains.
const DOMAINS: [&str; 4] = ["score_drop", "critical_issue", "cert_expiry", "config_change"];
/// Days of which alerts are counted; the page names them.
const RAISED_DAYS: i64 = 30;
/// What a ticked box sends.
const TICKED: &str = "yes";

/// The fields of a form by their names. A box that is not ticked has none.
type Typed = BTreeMap<String, String>;

/// An account's settings as the API shows them.
struct Present {
    rules: Value,
    preferences: Value,
}

impl Present {
    fn of(settings: &Settings) -> Result<Self> {
        let value =
            |value: serde_json::Result<Value>| value.map_err(|error| Error::Internal(error.into()));
        Ok(Self {
            rules: value(serde_json::to_value(&settings.rules))?,
            preferences: value(serde_json::to_value(settings.preferences))?,
        })
    }

    /// Returns what a rule goes by: numbers, or lists of them.
    fn thresholds(&self, rule: AlertType) -> impl Iterator<Item = (String, &Value)> {
        let fields = self.rules[rule.as_str()].as_object().into_iter().flatten();
        fields
            .filter(|(field, _)| *field != "enabled" && *field != "channels")
            .map(move |(field, value)| (format!("{rule}.{field}"), value))
    }

    /// Returns the form that would send these settings.
    fn typed(&self) -> Typed {
        let mut typed = Typed::new();
        let mut tick = |name: String| typed.insert(name, TICKED.to_owned());
        for rule in RULES.map(AlertType::as_str) {
            if self.rules[rule]["enabled"] == true {
                tick(format!("{rule}.enabled"));
            }
            for channel in self.rules[rule]["channels"].as_array().into_iter().flatten() {
                tick(format!("{rule}.{}", channel.as_str().unwrap_or_default()));
            }
        }
        for name in DOMAINS.iter().chain([&LETTERS]) {
            if self.preferences[name] == true {
                tick(format!("preferences.{name}"));
            }
        }
        for (name, value) in RULES.into_iter().flat_map(|rule| self.thresholds(rule)) {
            let text = match value {
                Value::Array(list) => {
                    list.iter().map(Value::to_string).collect::<Vec<_>>().join(", ")
                }
                number => number.to_string(),
            };
            typed.insert(name, text);
        }
        typed
    }

    /// Returns what a form changes; `None` for nothing.
    fn change(&self, words: Words, sent: &Typed) -> Result<Option<AlertSettingsChange>> {
        let before = self.typed();
        let mut problems = Vec::new();
        let (mut rules, mut preferences) = (Map::new(), Map::new());
        for rule in RULES {
            let of = |typed: &Typed| -> Vec<_> {
                let start = format!("{rule}.");
                let fields = typed.clone().into_iter();
                fields.filter(|(name, _)| name.starts_with(&start)).collect()
            };
            if of(&before) != of(sent) {
                let change = self.change_of(rule, words, sent, &mut problems);
                rules.insert(rule.to_string(), change);
            }
        }
        for name in DOMAINS.iter().chain([&LETTERS]) {
            let is_on = sent.contains_key(&format!("preferences.{name}"));
            if self.preferences[name] != is_on {
                preferences.insert((*name).to_owned(), json!(is_on));
            }
        }
        if !problems.is_empty() {
            return Err(Error::Invalid(problems));
        }
        if rules.is_empty() && preferences.is_empty() {
            return Ok(None);
        }
        let odd = |error: serde_json::Error| Error::Internal(error.into());
        Ok(Some(AlertSettingsChange {
            rules: serde_json::from_value(rules.into()).map_err(odd)?,
            preferences: serde_json::from_value(preferences.into()).map_err(odd)?,
        }))
    }

    fn change_of(
        &self,
        rule: AlertType,
        words: Words,
        sent: &Typed,
        problems: &mut Vec<FieldProblem>,
    ) -> Value {
        let is_ticked = |field: &str| sent.contains_key(&format!("{rule}.{field}"));
        let is_on = is_ticked("enabled");
        let channels: Vec<_> =
            AlertChannel::ALL.iter().filter(|channel| is_ticked(channel.as_str())).collect();
        let mut change = Map::from_iter([("enabled".to_owned(), json!(is_on))]);
        match channels.is_empty() {
            false => drop(change.insert("channels".to_owned(), json!(channels))),
            true if is_on => {
                let problem = words.t("Choose at least one way to be told, or raise no alerts.");
                problems.push(FieldProblem::new(&format!("{rule}.channels"), problem));
            }
            // A rule that is off keeps its ways for the day it is on again.
            true => {}
        }
        for (name, value) in self.thresholds(rule) {
            let text = sent.get(&name).map(String::as_str).unwrap_or_default();
            let read = match value {
                Value::Array(_) => text.split(',').map(whole).collect::<Option<Vec<_>>>(),
                _ => whole(text).map(|number| vec![number]),
            };
            let field = name.rsplit('.').next().unwrap_or_default().to_owned();
            match (read, value) {
                (Some(list), Value::Array(_)) => drop(change.insert(field, json!(list))),
                (Some(list), _) => drop(change.insert(field, json!(list.first()))),
                (None, Value::Array(_)) => {
                    let problem = words.t("Write whole numbers with commas between them.");
                    problems.push(FieldProblem::new(&name, problem));
                }
                (None, _) => {
                    problems.push(FieldProblem::new(&name, words.t("Write a whole number.")));
                }
            }
        }
        change.into()
    }
}

fn whole(text: &str) -> Option<i64> {
    text.trim().parse().ok()
}

pub(super) async fn show(
    State(app): State<App>,
    visitor: Visitor,
    Query(told): Query<Told>,
) -> Result<Response> {
    let present = Present::of(&ops::alert_settings::find(&app, &visitor).await?)?;
    let raised = raised(&app, &visitor).await?;
    let mut shown = form(&visitor, &present, &present.typed(), &[], &raised);
    shown.frame.notices.extend(told.notice(visitor.words()));
    Ok(page(&shown))
}

/// Sends a letter to whoever asks for it, so that they see whether alerts would arrive.
pub(super) async fn send_test(
    State(app): State<App>,
    visitor: Visitor,
    parts: Parts,
    Form(Nothing {}): Form<Nothing>,
) -> Result<Response> {
    let user = visitor.principal();
    if user.user_email_verified_at.is_none() {
        return Err(Error::Conflict(
            "Alerts go to confirmed addresses alone: confirm yours first.".to_owned(),
        ));
    }
    doors::enter(&app, &parts, Door::Letter)?;
    mail::queue(&app, &user.user_email, &alert_letters::test(app.clock.now())).await?;
    Ok(Done::LetterSent.at(HERE))
}

/// Returns how often each rule raised an alert in the last days.
async fn raised(app: &App, visitor: &Visitor) -> Result<Vec<AlertCount>> {
    let since = app.clock.now().plus_ms(-RAISED_DAYS * DAY_MS);
    Ok(app.store.count_alerts_by_type(visitor.account(), since).await?)
}

/// Changes what is different from before.
pub(super) async fn save(
    State(app): State<App>,
    visitor: Visitor,
    Form(sent): Form<Typed>,
) -> Result<Response> {
    visitor.require::<AccountWrite>(&app)?;
    let present = Present::of(&ops::alert_settings::find(&app, &visitor).await?)?;
    let saving = match present.change(visitor.words(), &sent) {
        Ok(None) => return Ok(Done::Saved.at(HERE)),
        Ok(Some(change)) => ops::alert_settings::change(&app, &visitor, &change).await,
        Err(error) => Err(error),
    };
    match saving {
        Ok(_) => Ok(Done::Saved.at(HERE)),
        Err(Error::Invalid(problems)) => {
            let raised = raised(&app, &visitor).await?;
            Ok(refused(&form(&visitor, &present, &sent, &problems, &raised)))
        }
        Err(error) => Err(error),
    }
}

fn form(
    visitor: &Visitor,
    present: &Present,
    typed: &Typed,
    problems: &[FieldProblem],
    raised: &[AlertCount],
) -> AlertSettings {
    let words = visitor.words();
    let mut frame = visitor.frame(words.t("Alert Preferences"), Section::AlertPreferences);
    frame.lead = words.t("What the account is told of, and how.").to_owned();
    if !problems.is_empty() {
        let text = words.t("Nothing was saved: something below is not right.").to_owned();
        frame.notices.push(Notice { tone: Tone::Problem, text, link: None });
    }
    let is_on = |name: String| typed.contains_key(&name);
    let rule = |rule: AlertType| {
        let (title, about) = rule_words(words, rule);
        let threshold = |(name, _): (String, &Value)| {
            let value = typed.get(&name).cloned().unwrap_or_default();
            let field = Field { value, problem: problem_of(words, problems, &name) };
            Some(ThresholdRow { label: threshold_label(words, &name)?, name, field })
        };
        RuleRow {
            name: rule.as_str(),
            title,
            about,
            is_on: is_on(format!("{rule}.enabled")),
            raised: raised.iter().find(|one| one.alert_type == rule).map_or(0, |one| one.alerts),
            in_list: is_on(format!("{rule}.{}", AlertChannel::Dashboard)),
            by_letter: is_on(format!("{rule}.{}", AlertChannel::Email)),
            problem: problem_of(words, problems, &format!("{rule}.channels")),
            thresholds: present.thresholds(rule).filter_map(threshold).collect(),
        }
    };
    let preference = |name: &str| PreferenceRow {
        name: name.to_owned(),
        label: preference_label(words, name).unwrap_or_default(),
        is_on: is_on(format!("preferences.{name}")),
    };
    AlertSettings {
        frame,
        email: visitor
            .principal()
            .user_email_verified_at
            .map(|_| visitor.principal().user_email.clone()),
        may_change: visitor.may(Scope::AccountWrite),
        letters: preference(LETTERS),
        rules: RULES.into_iter().map(rule).collect(),
        preferences: DOMAINS.into_iter().map(preference).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn present() -> Present {
        Present::of(&Settings::default()).unwrap()
    }

    #[test]
    fn every_rule_threshold_and_preference_stands_in_the_form_with_words() {
        let words = Words::default();
        for rule in AlertType::ALL {
            assert!(RULES.contains(rule), "{rule}");
            for (name, _) in present().thresholds(*rule) {
                assert!(threshold_label(words, &name).is_some(), "{name}");
            }
        }
        for name in present().preferences.as_object().unwrap().keys() {
            assert!(DOMAINS.contains(&name.as_str()) || name == LETTERS, "{name}");
            assert!(preference_label(words, name).is_some(), "{name}");
        }
    }

    #[test]
    fn a_form_that_is_sent_as_it_was_changes_nothing() {
        let present = present();
        assert!(present.change(Words::default(), &present.typed()).unwrap().is_none());
    }

    #[test]
    fn a_form_changes_what_is_different_and_names_what_is_odd() {
        let present = present();
        let mut sent = present.typed();
        sent.remove("idle_key.enabled");
        sent.remove("preferences.email");
        sent.insert("quota.percent".to_owned(), " 80,100 ".to_owned());
        let change = present.change(Words::default(), &sent).unwrap().unwrap();
        assert_eq!(change.rules.quota.unwrap().percent, Some(vec![80, 100]));
        assert_eq!(change.rules.idle_key.unwrap().enabled, Some(false));
        assert_eq!(change.rules.request_spike, None);
        assert_eq!(change.preferences.email, Some(false));
        assert_eq!(change.preferences.score_drop, None);

        sent.insert("quota.percent".to_owned(), "many".to_owned());
        sent.remove("request_spike.factor");
        sent.remove("limit_reached.dashboard");
        sent.remove("limit_reached.email");
        let Err(Error::Invalid(problems)) = present.change(Words::default(), &sent) else {
            panic!("it is odd");
        };
        let fields: Vec<_> = problems.iter().map(|problem| problem.field.as_str()).collect();
        assert_eq!(fields, ["request_spike.factor", "limit_reached.channels", "quota.percent"]);
    }
}
