use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use http::header::AUTHORIZATION;
use http::{HeaderValue, Method, Request};
use http_body_util::Full;
use serde_json::json;

use crate::support::{Reply, TestApp};

fn assert_shape(reply: &Reply, status: u16, error: &str) {
    assert_eq!(reply.status, status, "{}", reply.body);
    assert_eq!(reply.header("content-type"), "application/json");
    let body = &reply.body;
    assert_eq!(body["error"], error, "{body}");
    assert_eq!(body["status"], status);
    assert_eq!(body["message"], body["detail"]);
    assert!(!body["message"].as_str().unwrap().is_empty());
    assert!(body["code"].is_string());
    assert_eq!(body["request_id"], reply.header("x-request-id"));
}

fn login(kind: Option<&str>, body: impl Into<Bytes>) -> Request<Full<Bytes>> {
    let mut request = Request::post("/v1/auth/login");
    if let Some(kind) = kind {
        request = request.header("content-type", kind);
    }
    request.body(Full::new(body.into())).unwrap()
}

#[tokio::test]
async fn whatever_refuses_refuses_in_one_shape() {
    let app = TestApp::start().await;
    let client = app.anonymous();
    assert_shape(&client.get("/v1/nothing").await, 404, "not_found");
    assert_shape(&client.get("/v1/auth/../../etc/passwd").await, 404, "not_found");
    assert_shape(&client.get("/%ff%fe").await, 404, "not_found");

    let wrong_method = client.delete("/v1/auth/login").await;
    assert_shape(&wrong_method, 405, "method_not_allowed");
    assert_eq!(wrong_method.header("allow"), "POST");
    let wrong_method = client.send(Method::PUT, "/v1/auth/api-keys", None).await;
    assert_shape(&wrong_method, 405, "method_not_allowed");
    assert!(wrong_method.header("allow").contains("GET"));

    let good = r#"{"email":"a@b","password":"x"}"#;
    for kind in [None, Some("text/plain"), Some("application/x-www-form-urlencoded"), Some("")] {
        assert_shape(&client.raw(login(kind, good)).await, 415, "unsupported_media_type");
    }
    let json = Some("application/json");
    let large = format!(r#"{{"email":"{}"}}"#, "x".repeat(64 * 1024));
    assert_shape(&client.raw(login(json, large)).await, 413, "payload_too_large");
    for broken in [
        &b""[..],
        b"{",
        b"nonsense",
        b"[]",
        b"null",
        b"{} {}",
        b"\xff\xfe",
        b"{\"email\":\"\xc3\x28\",\"password\":\"x\"}",
        br#"{"email":"a@b"}"#,
        br#"{"email":1,"password":"x"}"#,
        br#"{"email":"a@b","email":"c@d","password":"x"}"#,
        br#"{"email":"a@b","password":"x","more":{"a":1,"a":2}}"#,
        br#"{"email":"a\u0000@b","password":"x"}"#,
    ] {
        assert_shape(&client.raw(login(json, broken)).await, 400, "invalid_request");
    }
    let deep = format!(r#"{{"more":{}1{}}}"#, "[".repeat(5000), "]".repeat(5000));
    assert_shape(&client.raw(login(json, deep)).await, 400, "invalid_request");
}

#[tokio::test]
async fn a_refused_body_says_which_member() {
    let app = TestApp::start().await;
    let reply = app.anonymous().post("/v1/auth/login", json!({ "email": "a@b" })).await;
    assert!(reply.body["message"].as_str().unwrap().contains("`password`"), "{}", reply.body);
    let user = app.user("ann@example.com").await;
    let wish = json!({ "name": "x", "rate_limit": { "per_minute": "many" } });
    let reply = user.post("/v1/auth/api-keys", wish).await;
    assert_shape(&reply, 400, "invalid_request");
    assert!(reply.body["message"].as_str().unwrap().contains("`rate_limit.per_minute`"));
}

#[tokio::test]
async fn unknown_members_and_parameters_are_ignored() {
    let app = TestApp::start().await;
    let user = app.user("ann@example.com").await;
    let (id, _) = app.key(&user, json!({ "name": "x", "from_the_future": { "a": [1] } })).await;
    let reply = user.get(&format!("/v1/auth/api-keys/{id}/?utm_source=mail")).await;
    assert_eq!(reply.status, 200);
}

#[tokio::test]
async fn a_path_or_query_that_cannot_be_is_refused() {
    let app = TestApp::start().await;
    let user = app.user("ann@example.com").await;
    for id in ["abc", "-1", "0", "99999999999999999999", "1.5", "%00", "1%2f2"] {
        assert_shape(&user.get(&format!("/v1/auth/api-keys/{id}")).await, 404, "not_found");
    }
    for query in ["limit=0", "limit=101", "cursor=nonsense"] {
        let reply = user.get(&format!("/v1/auth/api-keys?{query}")).await;
        assert_shape(&reply, 422, "validation_failed");
        assert!(reply.body["errors"][0]["field"].is_string());
    }
    for query in ["limit=many", "limit=1&limit=2"] {
        let reply = user.get(&format!("/v1/auth/api-keys?{query}")).await;
        assert_shape(&reply, 400, "invalid_request");
    }
}

/// Headers that are no credential: odd schemes and spacing, broken keys and tokens, and noise.
fn malformed(number: u32) -> HeaderValue {
    // Noise that is the same on every run.
    let mut state = u64::from(number).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut noise = |most: u64| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state % most
    };
    let length = 1 + noise(80);
    let text: Vec<u8> = (0..length)
        .map(|_| match noise(20) {
            0 => 0x80 + noise(0x80) as u8,
            1 => b'.',
            2 => b'\t',
            _ => 0x20 + noise(0x5f) as u8,
        })
        .collect();
    let base62: String = text.iter().map(|byte| char::from(b'a' + byte % 26)).collect();
    let before: &[u8] = match number % 11 {
        0 => b"",
        1 => b"Bearer ",
        2 => b"Bearer  ",
        3 => b"Bearer cl_",
        4 => b"Bearer eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.",
        5 => b"Basic ",
        6 => b"Bearer\t",
        7 => b"bearer cl_000000000000_",
        8 => b"Bearer eyJhbGciOiJub25lIn0.",
        9 => b"Token ",
        _ => b"Bearer null,",
    };
    let after = if number.is_multiple_of(2) { text } else { base62.into_bytes() };
    HeaderValue::from_bytes(&[before, &after].concat())
        .unwrap_or_else(|_| HeaderValue::from_static("Bearer"))
}

#[tokio::test]
async fn ten_thousand_malformed_headers_get_one_answer() {
    let app = TestApp::start().await;
    let client = app.anonymous();
    let mut connection = client.connection().await;
    let mut constant = None;
    for number in 0..10_000 {
        let header = malformed(number);
        let request = Request::get("/v1/auth/me")
            .header(AUTHORIZATION, header.clone())
            .body(Full::new(Bytes::new()))
            .unwrap();
        let reply = client.raw_on(&mut connection, request).await;
        assert_eq!(reply.status, 401, "{header:?}: {}", reply.body);
        let answer = (reply.constant(), reply.header("www-authenticate").to_owned());
        assert_eq!(*constant.get_or_insert_with(|| answer.clone()), answer, "{header:?}");
    }
}

#[tokio::test]
async fn a_token_that_was_tampered_with_is_refused() {
    let app = TestApp::start().await;
    let ann = app.user("ann@example.com").await;
    let token = ann.authorization.as_deref().unwrap().strip_prefix("Bearer ").unwrap();
    let [header, payload, signature]: [&str; 3] =
        token.split('.').collect::<Vec<_>>().try_into().unwrap();
    let constant = app.anonymous().get("/v1/auth/me").await.constant();
    let other_header =
        |text: &str| format!("{}.{payload}.{signature}", URL_SAFE_NO_PAD.encode(text));
    let claims = URL_SAFE_NO_PAD.decode(payload).unwrap();
    let claims = String::from_utf8(claims).unwrap();
    let other_claims =
        |text: String| format!("{header}.{}.{signature}", URL_SAFE_NO_PAD.encode(text));
    for forged in [
        other_header(r#"{"alg":"none","typ":"JWT"}"#),
        other_header(r#"{"alg":"RS256","typ":"JWT"}"#),
        other_header(r#"{"alg":"HS512","typ":"JWT"}"#),
        other_header(r#"{"alg":"HS256","typ":"JWT","kid":"../../dev/null"}"#),
        other_header(r#"{"alg":"HS256","typ":"JWT","jku":"https://evil.example/k"}"#),
        other_header(r#"{"alg":"HS256","typ":"JWT","jwk":{"kty":"oct","k":"AA"}}"#),
        other_header(r#"{"alg":"HS256","alg":"none","typ":"JWT"}"#),
        format!("{}.{payload}.", URL_SAFE_NO_PAD.encode(r#"{"alg":"none"}"#)),
        other_claims(claims.replacen('{', r#"{"sub":"1","#, 1)),
        other_claims(claims.replace(r#""ver":1"#, r#""ver":2"#)),
        format!("{header}.{payload}."),
        format!("{header}.{payload}"),
        format!("{token}."),
        format!("{token}.{signature}"),
        format!("{token}="),
        format!("{header}=.{payload}.{signature}"),
        format!("{header}..{signature}"),
    ] {
        assert_ne!(forged, token);
        let reply = app.bearer(&forged).get("/v1/auth/me").await;
        assert_eq!((reply.status, reply.constant()), (401, constant.clone()), "{forged}");
    }
    assert_eq!(ann.get("/v1/auth/me").await.status, 200);
}
