//! Requests to copy, made of the description of the API: everything in them is filled in, so that they
//! run as they stand once the address of the service and a key are in the environment.

use report::PasteView;
use serde_json::{Map, Value, json};

use super::docs::{reference, text};

/// How deep objects in objects are filled.
const DEEPEST: usize = 4;

/// One request.
pub(super) struct Sample<'a> {
    pub(super) method: &'a str,
    /// With the names of what stands in it.
    pub(super) path: &'a str,
    pub(super) parameters: &'a Value,
    pub(super) needs_key: bool,
    /// What the body is; no object for requests without one.
    pub(super) body: &'a Value,
}

/// Returns the request for a shell, for Python and for JavaScript.
pub(super) fn samples(document: &Value, sample: &Sample) -> Vec<PasteView> {
    let path = filled(sample);
    let body = sample.body.is_object().then(|| example(document, "", sample.body, 0).to_string());
    let paste = |tool: &str, text: String| PasteView { tool: tool.to_owned(), text };
    vec![
        paste("curl", curl(sample, &path, body.as_deref())),
        paste("Python", python(sample, &path, body.as_deref())),
        paste("JavaScript", javascript(sample, &path, body.as_deref())),
    ]
}

/// Returns the path with what has to stand in it.
fn filled(sample: &Sample) -> String {
    let mut path = sample.path.to_owned();
    let mut query = Vec::new();
    for parameter in sample.parameters.as_array().into_iter().flatten() {
        let name = text(&parameter["name"]);
        let value = match &scalar(&name, &parameter["schema"]) {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        if parameter["in"] == "path" {
            path = path.replace(&format!("{{{name}}}"), &value);
        } else if parameter["in"] == "query" && parameter["required"] == true {
            query.push(format!("{name}={value}"));
        }
    }
    match query.is_empty() {
        true => path,
        false => format!("{path}?{}", query.join("&")),
    }
}

/// Returns something that a schema takes: an object with the fields that it must have, or, where it
/// need not have any, with one.
fn example(document: &Value, name: &str, schema: &Value, depth: usize) -> Value {
    if let Some(known) = known(name) {
        return known;
    }
    if let Some(reference) = reference(schema) {
        return example(document, name, &document["components"]["schemas"][reference], depth);
    }
    let choices = schema["oneOf"].as_array().or_else(|| schema["anyOf"].as_array());
    if let Some(choices) = choices {
        let choice = choices.iter().find(|choice| choice["type"] != "null");
        return choice.map_or(Value::Null, |choice| example(document, name, choice, depth));
    }
    if let Some(properties) = schema["properties"].as_object().filter(|_| depth < DEEPEST) {
        let required: Vec<_> = schema["required"].as_array().into_iter().flatten().collect();
        let must = |name: &str| required.iter().any(|one| *one == name);
        let lone = ["name", "role"].into_iter().find(|name| properties.contains_key(*name));
        let lone = lone.or_else(|| properties.keys().next().map(String::as_str));
        let fields = properties.iter().filter(|(name, _)| match required.is_empty() {
            true => Some(name.as_str()) == lone,
            false => must(name),
        });
        let filled =
            fields.map(|(name, schema)| (name.clone(), example(document, name, schema, depth + 1)));
        return Value::Object(filled.collect::<Map<_, _>>());
    }
    if kind(schema) == "array" {
        let item = example(document, "", &schema["items"], depth + 1);
        return json!([item]);
    }
    scalar(name, schema)
}

fn scalar(name: &str, schema: &Value) -> Value {
    if let Some(known) = known(name) {
        return known;
    }
    if let Some(one) = schema["enum"].as_array().and_then(|words| words.first()) {
        return one.clone();
    }
    for named in ["example", "default"] {
        if !schema[named].is_null() {
            return schema[named].clone();
        }
    }
    match kind(schema) {
        "integer" | "number" => json!(schema["minimum"].as_i64().unwrap_or(1)),
        "boolean" => json!(true),
        "object" => json!({}),
        _ => json!("TEXT"),
    }
}

fn kind(schema: &Value) -> &str {
    match &schema["type"] {
        Value::Array(kinds) => {
            kinds.iter().filter_map(Value::as_str).find(|kind| *kind != "null").unwrap_or_default()
        }
        kind => kind.as_str().unwrap_or_default(),
    }
}

/// What stands for a name wherever it is asked for.
fn known(name: &str) -> Option<Value> {
    Some(match name {
        "domain" => json!("example.com"),
        "domains" => json!(["example.com", "example.org"]),
        "email" | "new_email" => json!("ann@example.com"),
        "name" => json!("Production Server"),
        "password" | "current_password" | "new_password" => json!("a few unrelated words"),
        "expires_in_days" => json!(90),
        "key_id" => json!("YOUR_KEY_ID"),
        _ => return None,
    })
}

fn curl(sample: &Sample, path: &str, body: Option<&str>) -> String {
    let mut line = "curl ".to_owned();
    if sample.method != "GET" {
        line.push_str(&format!("-X {} ", sample.method));
    }
    line.push_str(&format!("\"$COMPLIANCELAYER_URL{path}\""));
    if sample.needs_key {
        line.push_str(" \\\n  -H \"Authorization: Bearer $COMPLIANCELAYER_API_KEY\"");
    }
    if let Some(body) = body {
        line.push_str(&format!(" \\\n  -H \"Content-Type: application/json\" \\\n  -d '{body}'"));
    }
    line
}

fn python(sample: &Sample, path: &str, body: Option<&str>) -> String {
    let mut headers = Vec::new();
    if sample.needs_key {
        headers.push("\"Authorization\": \"Bearer \" + os.environ[\"COMPLIANCELAYER_API_KEY\"]");
    }
    if body.is_some() {
        headers.push("\"Content-Type\": \"application/json\"");
    }
    let body = body.map(|body| format!("    data=b'{body}',\n")).unwrap_or_default();
    format!(
        "import os, urllib.request\n\n\
         request = urllib.request.Request(\n    os.environ[\"COMPLIANCELAYER_URL\"] + \"{path}\",\n    \
         method=\"{}\",\n    headers={{{}}},\n{body})\n\
         with urllib.request.urlopen(request) as answer:\n    print(answer.read().decode())",
        sample.method,
        headers.join(", ")
    )
}

fn javascript(sample: &Sample, path: &str, body: Option<&str>) -> String {
    let mut headers = Vec::new();
    if sample.needs_key {
        headers.push("Authorization: `Bearer ${process.env.COMPLIANCELAYER_API_KEY}`");
    }
    if body.is_some() {
        headers.push("\"Content-Type\": \"application/json\"");
    }
    let body = body.map(|body| format!("  body: JSON.stringify({body}),\n")).unwrap_or_default();
    format!(
        "const answer = await fetch(`${{process.env.COMPLIANCELAYER_URL}}{path}`, {{\n  \
         method: \"{}\",\n  headers: {{ {} }},\n{body}}});\nconsole.log(await answer.text());",
        sample.method,
        headers.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_whole_and_holds_what_must_be_there() {
        let document = json!({ "components": { "schemas": {
            "Wish": { "properties": {
                "name": { "type": "string" },
                "note": { "type": ["string", "null"] },
                "rights": { "type": "array", "items": { "$ref": "#/components/schemas/Right" } },
            }, "required": ["name", "rights"] },
            "Right": { "type": "string", "enum": ["read", "write"] },
        } } });
        let sample = Sample {
            method: "POST",
            path: "/v1/x/{id}",
            parameters: &json!([
                { "name": "id", "in": "path", "schema": { "type": "integer" } },
                { "name": "since", "in": "query", "schema": { "type": "integer" } },
            ]),
            needs_key: true,
            body: &json!({ "$ref": "#/components/schemas/Wish" }),
        };
        let [curl, python, javascript] = &samples(&document, &sample)[..] else { panic!() };
        assert_eq!(
            curl.text,
            "curl -X POST \"$COMPLIANCELAYER_URL/v1/x/1\" \\\n  \
             -H \"Authorization: Bearer $COMPLIANCELAYER_API_KEY\" \\\n  \
             -H \"Content-Type: application/json\" \\\n  \
             -d '{\"name\":\"Production Server\",\"rights\":[\"read\"]}'"
        );
        assert!(python.text.contains("+ \"/v1/x/1\",\n    method=\"POST\","), "{}", python.text);
        assert!(javascript.text.contains("COMPLIANCELAYER_URL}/v1/x/1`, {"), "{}", javascript.text);
    }
}
