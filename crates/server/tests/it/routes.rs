//! Rules that every route keeps, read from the description of the API: a new route is tested before
//! anyone thinks of it.

use bytes::Bytes;
use http::{Method, Request};
use http_body_util::Full;
use serde_json::{Value, json};

use crate::support::{Reply, TestApp, roomy};

/// Routes that anyone may call. Think twice before adding one.
const PUBLIC: &[&str] = &[
    "GET /.well-known/report-keys.json",
    "GET /healthz",
    "GET /readyz",
    "GET /schemas/report.json",
    "GET /v1/badge/{domain}",
    "GET /v1/checks",
    "GET /v1/compliance/frameworks",
    "GET /v1/verify/{token}",
    "POST /v1/auth/register",
    "POST /v1/auth/login",
    "POST /v1/auth/login/passkey/start",
    "POST /v1/auth/login/passkey/finish",
    "POST /v1/auth/password/forgot",
    "POST /v1/auth/password/reset",
    "POST /v1/auth/email/verify",
    "POST /v1/leaks/report",
    "POST /v1/scan/free",
    "POST /v1/team/invitations/accept",
];

/// One operation of the description.
pub(crate) struct Route {
    pub(crate) method: Method,
    pub(crate) path: String,
    has_body: bool,
    pub(crate) is_secured: bool,
    /// The scopes that a key needs; `None` where only a sign-in gets in.
    pub(crate) scopes: Option<Vec<String>>,
}

impl Route {
    pub(crate) fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    /// The path with `id` in place of every parameter.
    pub(crate) fn with(&self, id: &str) -> String {
        let parts = self.path.split('/').map(|part| if part.starts_with('{') { id } else { part });
        parts.collect::<Vec<_>>().join("/")
    }
}

pub(crate) async fn routes(app: &TestApp) -> Vec<Route> {
    let document = app.anonymous().get("/openapi.json").await.body;
    let mut routes = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            routes.push(Route {
                method: method.to_uppercase().parse().unwrap(),
                path: path.clone(),
                has_body: operation["requestBody"].is_object(),
                is_secured: operation["security"].is_array(),
                scopes: serde_json::from_value(operation["security"][0]["bearer"].clone()).unwrap(),
            });
        }
    }
    assert!(routes.len() >= 10);
    routes
}

fn assert_shape(reply: &Reply, name: &str) {
    let members = ["error", "message", "status", "detail", "code", "request_id"];
    for member in members {
        assert!(!reply.body[member].is_null(), "{name} answers {}", reply.body);
    }
}

#[tokio::test]
async fn every_route_asks_who_is_calling() {
    let app = TestApp::start().await;
    let wrong = app.bearer("cl_000000000000_0000000000000000000000000000004WU1fY");
    let constant = app.anonymous().get("/v1/auth/me").await.constant();
    for route in routes(&app).await {
        let name = route.name();
        assert_eq!(route.is_secured, !PUBLIC.contains(&name.as_str()), "{name}");
        if !route.is_secured {
            continue;
        }
        for client in [app.anonymous(), wrong.clone()] {
            // Who you are is asked before what you sent: no body, and still 401.
            let reply = client.send(route.method.clone(), &route.with("1"), None).await;
            assert_eq!((reply.status, reply.constant()), (401, constant.clone()), "{name}");
        }
    }
}

#[tokio::test]
async fn every_body_is_read_strictly() {
    let app = TestApp::start().await;
    // An administrator, because to others some routes do not exist.
    let user = app.administrator("ann@example.com").await;
    for route in routes(&app).await.iter().filter(|route| route.has_body) {
        let name = route.name();
        for (kind, body, status) in [
            ("application/json", "{", 400),
            ("application/json", r#"{"x":1,"x":2}"#, 400),
            ("application/json", "[]", 400),
            ("text/plain", "{}", 415),
        ] {
            // A report of leaked keys may be an array, as secret scanners send it.
            if body == "[]" && name == "POST /v1/leaks/report" {
                continue;
            }
            let request = Request::builder()
                .method(route.method.clone())
                .uri(route.with("1"))
                .header("content-type", kind)
                .header("authorization", user.authorization.as_deref().unwrap())
                .body(Full::new(Bytes::from(body)))
                .unwrap();
            let reply = user.raw(request).await;
            assert_eq!(reply.status, status, "{name} with {body}: {}", reply.body);
            assert_shape(&reply, &name);
        }
    }
}

#[tokio::test]
async fn a_strangers_thing_and_no_thing_are_one_answer() {
    let app = TestApp::start().await;
    let owner = app.user("ann@example.com").await;
    let (id, _) = app.key(&owner, json!({ "name": "ci" })).await;
    let scan = owner.post("/v1/scan", json!({ "domain": "example.com" })).await;
    // The same small number for both, so that every route is asked for a thing that exists.
    assert_eq!(scan.body["job_id"].as_i64(), Some(id), "{}", scan.body);
    let stranger = app.user("bob@example.com").await;
    for route in routes(&app).await.iter().filter(|route| route.path.contains('{')) {
        if !route.is_secured {
            continue;
        }
        let body = || route.has_body.then(|| Value::Object(Default::default()));
        let method = || route.method.clone();
        let theirs = stranger.send(method(), &route.with(&id.to_string()), body()).await;
        let nobodys = stranger.send(method(), &route.with("987654"), body()).await;
        let name = route.name();
        assert_eq!((theirs.status, theirs.constant()), (404, nobodys.constant()), "{name}");
        assert_shape(&theirs, &name);
    }
}

#[tokio::test]
async fn every_route_is_served_with_a_slash_at_its_end() {
    let app = TestApp::start().await;
    for route in routes(&app).await {
        let path = route.with("1");
        let client = app.anonymous();
        let without = client.send(route.method.clone(), &path, None).await;
        let with = client.send(route.method.clone(), &format!("{path}/"), None).await;
        assert_eq!((with.status, with.constant()), (without.status, without.constant()), "{path}");
    }
}

/// Fields that HTTP itself and browsers define; every server may send them.
const PLAIN_FIELDS: &[&str] = &[
    "cache-control",
    "content-disposition",
    "content-length",
    "content-security-policy",
    "content-type",
    "cross-origin-opener-policy",
    "cross-origin-resource-policy",
    "date",
    "referrer-policy",
    "transfer-encoding",
    "vary",
    "x-content-type-options",
    "x-frame-options",
];

#[tokio::test]
async fn every_header_field_of_an_answer_is_described() {
    let app = TestApp::start().await;
    app.administrator("ann@example.com").await;
    app.put_on("ann@example.com", &roomy()).await;
    let document = app.anonymous().get("/openapi.json").await.body;
    for route in routes(&app).await {
        let name = route.name();
        let body = route.has_body.then(|| json!({}));
        // A sign-in each: some routes end it.
        let client = match route.is_secured {
            true => {
                app.clock.advance(2_000);
                app.sign_in("ann@example.com").await
            }
            false => app.anonymous(),
        };
        let reply = client.send(route.method.clone(), &route.with("1"), body).await;
        let operation = &document["paths"][&route.path][route.method.as_str().to_lowercase()];
        let answers = &operation["responses"];
        let answer = answers.get(reply.status.to_string()).unwrap_or(&answers["default"]);
        let described = answer["headers"].as_object().unwrap();
        for (field, reference) in described {
            if let Some(part) = reference["$ref"].as_str() {
                let part = part.trim_start_matches("#/components/headers/");
                assert!(document["components"]["headers"][part].is_object(), "{name}: {field}");
            }
        }
        let is_described =
            |field: &str| described.keys().any(|one| one.eq_ignore_ascii_case(field));
        for field in reply.headers.keys().map(|field| field.as_str()) {
            assert!(PLAIN_FIELDS.contains(&field) || is_described(field), "{name}: {field}");
        }
        let is_known = route.is_secured && reply.status != 401;
        for field in ["x-ratelimit-limit", "x-ratelimit-plan", "ratelimit", "ratelimit-policy"] {
            assert_eq!(reply.headers.contains_key(field), is_known, "{name}: {field}");
        }
    }
}
