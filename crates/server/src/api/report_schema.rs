//! What a report as JSON looks like, for programs that read or check one: JSON Schema 2020-12.
//!
//! Made of the same types that make the report, so it cannot lag behind; it stands alone, without the
//! rest of the API's description. Members are only ever added, so other members are allowed.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use axum::response::Response;
use http::HeaderMap;
use report::SCHEMA_VERSION;
use serde_json::{Value, json};

use super::conditional::{Constant, IfNoneMatch};

static SCHEMA: LazyLock<Constant> = LazyLock::new(|| Constant::new(&report_schema()));

const COMPONENTS: &str = "#/components/schemas/";
const ROOT: &str = "ReportView";

/// What a report looks like
///
/// A JSON Schema (2020-12) of the report object, as `compliancelayer schema` prints it.
#[utoipa::path(
    get, path = "/schemas/report.json", tag = "catalogue",
    params(IfNoneMatch),
    responses(
        (status = 200, body = Object, headers(("ETag" = String, description = "Names this very body."))),
        (status = 304, description = "What `If-None-Match` names still holds."),
    ),
)]
pub(super) async fn get_report_schema(headers: HeaderMap) -> Response {
    SCHEMA.answer(&headers)
}

/// Returns the schema of the report object.
pub fn report_schema() -> Value {
    let document = serde_json::to_value(super::document())
        .expect("keys are strings and no member refuses to be written");
    let all = &document["components"]["schemas"];
    let mut named = BTreeMap::new();
    collect(all, ROOT, &mut named);
    let mut root = named.remove(ROOT).unwrap_or_default();
    root["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    root["$id"] =
        json!(format!("https://compliancelayer.net/schemas/report-{SCHEMA_VERSION}.json"));
    root["title"] = json!("ComplianceLayer report");
    root["$defs"] = json!(named);
    root
}

/// Takes a schema and what it refers to, as definitions of a document of their own.
fn collect(all: &Value, name: &str, named: &mut BTreeMap<String, Value>) {
    let mut schema = all[name].clone();
    let mut wanted = Vec::new();
    point_inside(&mut schema, &mut wanted);
    named.insert(name.to_owned(), schema);
    for name in wanted {
        if !named.contains_key(&name) {
            collect(all, &name, named);
        }
    }
}

fn point_inside(value: &mut Value, wanted: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            if let Some(Value::String(target)) = members.get_mut("$ref")
                && let Some(name) = target.strip_prefix(COMPONENTS).map(str::to_owned)
            {
                *target = format!("#/$defs/{name}");
                wanted.push(name);
            }
            members.values_mut().for_each(|member| point_inside(member, wanted));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| point_inside(item, wanted)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every `$ref` below a value.
    fn references(value: &Value) -> Vec<String> {
        match value {
            Value::Object(members) => {
                let own = members.get("$ref").and_then(Value::as_str).map(str::to_owned);
                own.into_iter().chain(members.values().flat_map(references)).collect()
            }
            Value::Array(items) => items.iter().flat_map(references).collect(),
            _ => Vec::new(),
        }
    }

    #[test]
    fn the_schema_stands_alone() {
        let schema = report_schema();
        let references = references(&schema);
        assert!(references.len() > 10);
        for reference in references {
            let name = reference.strip_prefix("#/$defs/").unwrap();
            assert!(schema["$defs"][name].is_object(), "{reference} leads nowhere");
        }
        assert!(schema["$defs"]["IssueView"]["properties"]["remediation"].is_object());
        assert!(schema["required"].as_array().unwrap().contains(&json!("schema_version")));
        assert!(schema["$defs"].get("KeyView").is_none(), "only what a report is made of");
    }

    #[test]
    fn what_may_be_null_says_so() {
        let schema = report_schema();
        for member in ["score", "unscored", "job_id", "raw_results"] {
            let kinds = &schema["properties"][member]["type"];
            assert!(
                kinds.as_array().is_some_and(|kinds| kinds.contains(&json!("null"))),
                "{member}"
            );
        }
    }
}
