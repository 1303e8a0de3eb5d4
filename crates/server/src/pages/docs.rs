//! The reference of the API for people, read from the same description that machines get.
//!
//! The description is data: [`operations`] and [`objects`] turn it into rows, whatever routes there
//! are. Objects stand once, at the end, and everything that brings one leads there. Requests to copy
//! are made in [`super::docs_samples`]; the codes of errors come from where the server has them.

use std::sync::LazyLock;

use axum::extract::{Query, State};
use axum::response::Response;
use serde::Deserialize;
use serde_json::Value;
use ui::Section;
use ui::pages::docs::{Access, Docs, ErrorRow, FieldRow, Object, Operation};

use super::answer::page;
use super::docs_samples::{Sample, samples};
use super::visitor::{Guest, Visitor};
use crate::api;
use crate::app::App;
use crate::error::{CODES, Result};

static DOCUMENT: LazyLock<Value> =
    LazyLock::new(|| serde_json::to_value(api::document()).unwrap_or_default());
/// Operations with their subjects.
static OPERATIONS: LazyLock<Vec<(String, Operation)>> = LazyLock::new(|| operations(&DOCUMENT));
static OBJECTS: LazyLock<Vec<Object>> = LazyLock::new(|| objects(&DOCUMENT));

const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

#[derive(Deserialize)]
pub(super) struct Search {
    #[serde(default)]
    q: String,
}

pub(super) async fn show(
    State(app): State<App>,
    visitor: Result<Visitor>,
    guest: Guest,
    Query(search): Query<Search>,
) -> Result<Response> {
    let words = guest.words;
    let title = words.t("API docs");
    let (frame, key_id) = match visitor {
        Ok(visitor) => (visitor.frame(title, Section::Docs), newest_key(&app, &visitor).await?),
        Err(_) => (guest.frame(title), None),
    };
    let query: String = search.q.trim().chars().take(100).collect();
    let wanted = query.to_lowercase();
    let mut groups: Vec<(&str, Vec<&Operation>)> = Vec::new();
    for (tag, operation) in OPERATIONS.iter() {
        if !matches(operation, tag, &wanted) {
            continue;
        }
        match groups.iter_mut().find(|(known, _)| known == tag) {
            Some((_, operations)) => operations.push(operation),
            None => groups.push((tag, vec![operation])),
        }
    }
    let objects = OBJECTS.iter().filter(|object| {
        let texts = [&object.name, &object.about];
        texts.into_iter().chain(&object.words).any(|text| holds(text, &wanted))
            || has_field(&object.fields, &wanted)
    });
    let objects = objects.collect();
    let errors = CODES.iter().filter(|row| {
        let texts = [row.code, row.family, row.meaning, row.advice];
        texts.iter().any(|text| holds(text, &wanted)) || row.status.to_string() == wanted
    });
    let errors = errors.map(|row| ErrorRow {
        status: row.status,
        family: row.family,
        code: row.code,
        meaning: row.meaning,
        advice: row.advice,
    });
    let errors = errors.collect();
    Ok(page(&Docs {
        frame,
        query,
        key_id,
        base_url: app.base_url.clone(),
        groups,
        objects,
        errors,
    }))
}

/// Returns the public half of the newest key that works and that who looks has made.
async fn newest_key(app: &App, visitor: &Visitor) -> Result<Option<String>> {
    let keys = app.store.list_living_keys(visitor.account(), app.clock.now()).await?;
    let own = |key: &&store::ApiKey| key.created_by == Some(visitor.principal().user_id);
    Ok(keys.iter().find(own).map(|key| key.key_id.clone()))
}

fn holds(text: &str, wanted: &str) -> bool {
    wanted.is_empty() || text.to_lowercase().contains(wanted)
}

fn has_field(fields: &[FieldRow], wanted: &str) -> bool {
    fields.iter().any(|field| holds(&field.name, wanted) || holds(&field.about, wanted))
}

fn matches(operation: &Operation, tag: &str, wanted: &str) -> bool {
    let texts = [tag, &operation.path, &operation.method, &operation.summary];
    let mut texts = texts.into_iter().chain(operation.paragraphs.iter().map(String::as_str));
    texts.any(|text| holds(text, wanted))
        || has_field(&operation.parameters, wanted)
        || has_field(&operation.body, wanted)
}

pub(super) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().replace('\n', " ")
}

fn operations(document: &Value) -> Vec<(String, Operation)> {
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().into_iter().flatten() {
        for method in METHODS {
            if let Some(operation) = item.get(method) {
                let tag = text(&operation["tags"][0]);
                found.push((tag, operation_of(document, path, method, operation)));
            }
        }
    }
    found
}

fn operation_of(document: &Value, path: &str, method: &str, operation: &Value) -> Operation {
    let security = &operation["security"][0];
    let access = match security.get("bearer").and_then(Value::as_array) {
        Some(scopes) => Access::Key(scopes.iter().map(text).collect()),
        None if security.get("session").is_some() => Access::SignedIn,
        None => Access::Anybody,
    };
    let parameters = operation["parameters"].as_array().into_iter().flatten();
    let parameters = parameters.map(|parameter| FieldRow {
        is_required: parameter["required"] == true,
        about: text(&parameter["description"]),
        ..kind(text(&parameter["name"]), &parameter["schema"])
    });
    let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
    let answers = operation["responses"].as_object().into_iter().flatten();
    let answers = answers.filter(|(status, _)| *status != "default").map(|(status, answer)| {
        let content = answer["content"]["application/json"].get("schema");
        let object = content.and_then(|schema| kind(String::new(), schema).object);
        (status.clone(), text(&answer["description"]), object)
    });
    let method = method.to_uppercase();
    let samples = samples(
        document,
        &Sample {
            method: &method,
            path,
            parameters: &operation["parameters"],
            needs_key: access != Access::Anybody,
            body: schema,
        },
    );
    let about = operation["description"].as_str().unwrap_or_default();
    Operation {
        id: text(&operation["operationId"]),
        path: path.to_owned(),
        summary: text(&operation["summary"]),
        paragraphs: about.split("\n\n").map(|part| part.replace('\n', " ")).collect(),
        access,
        parameters: parameters.collect(),
        body: fields(document, schema),
        answers: answers.collect(),
        samples,
        method,
    }
}

fn objects(document: &Value) -> Vec<Object> {
    let schemas = document["components"]["schemas"].as_object().into_iter().flatten();
    let object = |(name, schema): (&String, &Value)| Object {
        name: name.clone(),
        about: text(&schema["description"]),
        fields: fields(document, schema),
        words: schema["enum"].as_array().into_iter().flatten().map(text).collect(),
    };
    schemas.map(object).chain([header_fields(document)]).collect()
}

/// Returns the header fields of answers, as if they were an object of their own.
fn header_fields(document: &Value) -> Object {
    let fields = document["components"]["headers"].as_object().into_iter().flatten();
    let fields = fields.map(|(name, field)| FieldRow {
        about: text(&field["description"]),
        ..kind(name.clone(), &field["schema"])
    });
    Object {
        name: "HeaderFields".to_owned(),
        about: "What answers say besides their bodies".to_owned(),
        fields: fields.collect(),
        words: Vec::new(),
    }
}

/// Returns the fields of an object, those of the objects that it is made of first.
fn fields(document: &Value, schema: &Value) -> Vec<FieldRow> {
    let mut rows = Vec::new();
    if let Some(name) = reference(schema) {
        return fields(document, &document["components"]["schemas"][name]);
    }
    for part in schema["allOf"].as_array().into_iter().flatten() {
        rows.extend(fields(document, part));
    }
    let is_required = |name: &str| {
        let required = schema["required"].as_array();
        required.is_some_and(|names| names.iter().any(|one| one == name))
    };
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        rows.push(FieldRow {
            is_required: is_required(name),
            about: text(&property["description"]),
            ..kind(name.clone(), property)
        });
    }
    rows
}

pub(super) fn reference(schema: &Value) -> Option<&str> {
    schema["$ref"].as_str()?.rsplit('/').next()
}

/// Returns a field with what may stand in it.
fn kind(name: String, schema: &Value) -> FieldRow {
    let (kind, object) = said(schema);
    FieldRow { name, kind, object, is_required: false, about: String::new() }
}

fn said(schema: &Value) -> (String, Option<String>) {
    if let Some(name) = reference(schema) {
        return (name.to_owned(), Some(name.to_owned()));
    }
    let choices = schema["oneOf"].as_array().or_else(|| schema["anyOf"].as_array());
    if let Some(choices) = choices {
        let said: Vec<_> = choices.iter().map(said).collect();
        let texts: Vec<_> = said.iter().map(|(text, _)| text.as_str()).collect();
        return (texts.join(" or "), said.iter().find_map(|(_, object)| object.clone()));
    }
    let names: Vec<String> = match &schema["type"] {
        Value::Array(names) => names.iter().map(text).collect(),
        name => vec![text(name)],
    };
    let mut object = None;
    let name = |name: &String| match name.as_str() {
        "array" => {
            let (item, inner) = said(&schema["items"]);
            object = inner;
            format!("list of {item}")
        }
        "" => "anything".to_owned(),
        other => other.to_owned(),
    };
    let texts: Vec<String> = names.iter().map(name).collect();
    (texts.join(" or "), object)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_route_and_every_object_is_there_with_its_words() {
        let operations = operations(&DOCUMENT);
        let key = operations.iter().find(|(_, one)| one.id == "create_api_key").unwrap();
        assert_eq!((key.0.as_str(), key.1.method.as_str()), ("api keys", "POST"));
        assert_eq!(key.1.access, Access::Key(vec!["keys:write".to_owned()]));
        let name = key.1.body.iter().find(|field| field.name == "name").unwrap();
        assert!(name.is_required && name.kind == "string" && !name.about.is_empty());
        assert_eq!(key.1.answers[0].2.as_deref(), Some("NewKeyView"));
        for (_, operation) in &operations {
            let curl = &operation.samples[0].text;
            let path =
                curl.split("\"$COMPLIANCELAYER_URL").nth(1).unwrap().split('"').next().unwrap();
            assert!(!path.contains(['{', '}']) && !curl.contains('…'), "{curl}");
            assert!(!operation.summary.is_empty(), "{} {}", operation.method, operation.path);
        }
        let objects = objects(&DOCUMENT);
        for (_, operation) in &operations {
            for (_, _, object) in &operation.answers {
                let is_known = |name: &String| objects.iter().any(|one| one.name == *name);
                assert!(object.as_ref().is_none_or(is_known), "{object:?}");
            }
        }
        // An object that is made of another has the other's fields too.
        let made = objects.iter().find(|object| object.name == "NewKeyView").unwrap();
        assert!(made.fields.iter().any(|field| field.name == "key_id"));
        let headers = objects.last().unwrap();
        assert!(
            headers
                .fields
                .iter()
                .any(|field| field.name == "Retry-After" && field.kind == "integer")
        );
    }
}
