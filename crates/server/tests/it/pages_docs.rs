//! The reference of the API for people: what it shows can be found, and runs.

use std::collections::BTreeMap;

use http::Method;
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::support::{Reply, TestApp};

fn unescaped(text: &str) -> String {
    text.replace("&quot;", "\"").replace("&#39;", "'").replace("&lt;", "<").replace("&amp;", "&")
}

/// The requests for a shell: method, path and body.
fn requests(page: &Reply) -> Vec<(Method, String, Option<Value>)> {
    let samples = page.text().split("<pre id=\"paste-").skip(1).filter_map(|part| {
        let text = unescaped(part.split_once('>')?.1.split("</pre>").next()?);
        text.starts_with("curl ").then_some(text)
    });
    let requests = samples.map(|text| {
        let method = text.split("-X ").nth(1).map_or("GET", |rest| rest.split(' ').next().unwrap());
        let path = text.split("COMPLIANCELAYER_URL").nth(1).unwrap().split('"').next().unwrap();
        let body = text.split("-d '").nth(1).map(|body| body.strip_suffix('\'').unwrap());
        let body = body.map(|body| serde_json::from_str(body).unwrap());
        (method.parse().unwrap(), path.to_owned(), body)
    });
    requests.collect()
}

#[tokio::test]
async fn every_request_of_the_reference_is_understood_as_it_stands() {
    let app = TestApp::start().await;
    let requests = requests(&Browser::new(&app).open("/docs").await);
    assert!(requests.len() > 90, "{}", requests.len());
    let mut odd = BTreeMap::new();
    for (number, (method, path, body)) in requests.into_iter().enumerate() {
        // Each by somebody of their own: some end the sign-in or the account.
        app.clock.advance(model::HOUR_MS / 10);
        let client = app.user(&format!("user{number}@example.org")).await;
        let reply = client.send(method.clone(), &path, body.clone()).await;
        let code = reply.body["code"].as_str().unwrap_or_default().to_owned();
        if ["invalid_request", "method_not_allowed", "unsupported_media_type"].contains(&&*code) {
            odd.insert(format!("{method} {path}"), json!([body, reply.body["message"]]));
        }
    }
    assert!(odd.is_empty(), "{odd:#?}");
}

#[tokio::test]
async fn the_reference_is_searched_by_fields_objects_and_codes() {
    let app = TestApp::start().await;
    let mut browser = Browser::new(&app);
    for (query, found) in [
        ("ip_allowlist", "id=\"object-NewKeyRequest\""),
        ("HeaderFields", "id=\"object-HeaderFields\""),
        ("quota_exceeded", "id=\"error-quota_exceeded\""),
        ("revoke", "id=\"revoke_api_keys\""),
    ] {
        let page = browser.open(&format!("/docs?q={query}")).await;
        assert!(page.text().contains(found), "{query}: {found}");
        assert!(!page.text().contains("id=\"error-internal_server_error\""), "{query}");
    }
    let nothing = browser.open("/docs?q=zzzzzz").await;
    assert!(nothing.text().contains("Nothing matches."), "{}", nothing.text());
}

#[tokio::test]
async fn the_reference_shows_the_id_of_a_key_of_who_looks_and_no_backticks() {
    let app = TestApp::start().await;
    let mut ann = Browser::signed_in(&app, "ann@example.com").await;
    let client = app.sign_in("ann@example.com").await;
    let made = client.post("/v1/auth/api-keys", json!({ "name": "ci" })).await.body;
    let (id, secret) = (made["key_id"].as_str().unwrap(), made["api_key"].as_str().unwrap());
    let page = ann.open("/docs").await;
    assert!(page.text().contains(&format!("Authorization: Bearer cl_{id}_…")), "{id}");
    assert!(!page.text().contains(secret));
    // JavaScript has backticks of its own.
    let prose = page.text().split("<pre").map(|part| part.split("</pre>").nth(1).unwrap_or(""));
    for part in prose {
        assert!(!part.contains('`'), "{part}");
    }
    let mut bob = Browser::signed_in(&app, "bob@example.com").await;
    assert!(!bob.open("/docs").await.text().contains(id), "nobody else's");
}
