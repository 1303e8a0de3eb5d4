use model::DAY_MS;
use serde_json::{Value, json};

use crate::support::TestApp;

const KEYS: &str = "/v1/auth/api-keys";

#[tokio::test]
async fn a_key_sees_and_scans_its_domains_alone() {
    let app = TestApp::with(&[("plans.default", "professional")]).await;
    let user = app.user("ann@example.com").await;
    let (_, key) = app.key(&user, json!({ "name": "ci", "domains": ["*.example.com"] })).await;
    let scan = async |domain: &str| key.post("/v1/scan", json!({ "domain": domain })).await;
    let own = scan("https://A.Example.COM/path").await;
    assert_eq!(own.status, 200, "{}", own.body);
    for outside in ["example.com", "badexample.com", "example.org"] {
        let reply = scan(outside).await;
        assert_eq!((reply.status, &reply.body["code"]), (403, &json!("domain_not_allowed")));
        assert!(reply.body["message"].as_str().unwrap().contains(outside));
    }
    let other =
        user.post("/v1/scan", json!({ "domain": "example.org" })).await.body["job_id"].clone();
    let nobodys = key.get("/v1/scan/jobs/987654").await;
    for path in ["", "/report", "/events"] {
        let reply = key.get(&format!("/v1/scan/jobs/{other}{path}")).await;
        assert_eq!((reply.status, reply.constant()), (404, nobodys.constant()), "{path}");
    }
    let cancel = format!("/v1/scan/jobs/{other}/cancel");
    assert_eq!(key.post(&cancel, json!({})).await.status, 404);
    for list in ["/v1/scan/recent", "/v1/scan/history"] {
        let scans = key.get(list).await.body["scans"].clone();
        assert_eq!(scans.as_array().unwrap().len(), 1);
        assert_eq!(scans[0]["job_id"], own.body["job_id"]);
        assert_eq!(user.get(list).await.body["scans"].as_array().unwrap().len(), 2);
    }
}

#[tokio::test]
async fn restricted_keys_take_a_plan_that_has_them() {
    let app = TestApp::start().await;
    let user = app.user("ann@example.com").await;
    for wish in [
        json!({ "name": "x", "ip_allowlist": ["192.0.2.1"] }),
        json!({ "name": "x", "domains": ["example.com"] }),
        json!({ "name": "x", "rate_limit": { "per_minute": 5 } }),
    ] {
        let reply = user.post(KEYS, wish).await;
        assert_eq!((reply.status, &reply.body["error"]), (403, &json!("plan_upgrade_required")));
        assert!(reply.body["message"].as_str().unwrap().contains("`professional`"));
    }
    let wish = json!({ "name": "x", "scopes": ["scans:read"], "expires_in_days": 5 });
    let (id, _) = app.key(&user, wish).await;
    let path = format!("{KEYS}/{id}");
    let reply = user.patch(&path, json!({ "ip_allowlist": ["192.0.2.1"] })).await;
    assert_eq!((reply.status, &reply.body["error"]), (403, &json!("plan_upgrade_required")));
    assert_eq!(user.patch(&path, json!({ "ip_allowlist": [] })).await.status, 200);
}

#[tokio::test]
async fn a_list_can_be_narrowed() {
    let app = TestApp::start().await;
    let user = app.user("ann@example.com").await;
    app.key(&user, json!({ "name": "Build server", "environment": "ci" })).await;
    let (gone, _) = app.key(&user, json!({ "name": "old build" })).await;
    user.delete(&format!("{KEYS}/{gone}")).await;
    let names = async |query: &str| -> Vec<Value> {
        let body = user.get(&format!("{KEYS}?{query}")).await.body;
        body["api_keys"].as_array().unwrap().iter().map(|key| key["name"].clone()).collect()
    };
    assert_eq!(names("name=BUILD").await, ["old build", "Build server"]);
    assert_eq!(names("name=build&status=active").await, ["Build server"]);
    assert_eq!(names("status=revoked").await, ["old build"]);
    assert_eq!(names("environment=ci").await, ["Build server"]);
    assert!(names("name=%25").await.is_empty());
    for query in ["status=dead", "environment=moon"] {
        assert_eq!(user.get(&format!("{KEYS}?{query}")).await.status, 422);
    }
}

#[tokio::test]
async fn hygiene_names_what_to_do() {
    let app = TestApp::start().await;
    let user = app.user("ann@example.com").await;
    app.limit("ann@example.com", i64::MAX).await;
    assert_eq!(user.get(&format!("{KEYS}/hygiene")).await.body["findings"], json!([]));
    let (unused, _) = app.key(&user, json!({ "name": "unused" })).await;
    let (soon, _) = app.key(&user, json!({ "name": "soon", "expires_in_days": 120 })).await;
    let scopes: Vec<_> = model::Scope::ALL.iter().map(|scope| scope.as_str()).collect();
    let (mighty, key) = app.key(&user, json!({ "name": "mighty", "scopes": scopes })).await;
    assert_eq!(key.get("/v1/auth/me").await.status, 200);
    // The first use is written at once, not with the next batch.
    while user.get(&format!("{KEYS}/{mighty}")).await.body["last_used_at"].is_null() {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    let (off, _) = app.key(&user, json!({ "name": "off" })).await;
    user.patch(&format!("{KEYS}/{off}"), json!({ "enabled": false })).await;
    app.clock.advance(91 * DAY_MS);
    let user = app.sign_in("ann@example.com").await;
    let body = user.get(&format!("{KEYS}/hygiene")).await.body;
    assert_eq!(body["living_keys"], 4);
    let about = |name: &str| -> Vec<i64> {
        let findings = body["findings"].as_array().unwrap();
        let Some(finding) = findings.iter().find(|one| one["finding"] == name) else {
            return Vec::new();
        };
        assert!(finding["message"].as_str().unwrap().ends_with('.'));
        assert!(finding["next_step"].as_str().unwrap().ends_with('.'));
        let keys = finding["api_keys"].as_array().unwrap();
        keys.iter().map(|key| key["id"].as_i64().unwrap()).collect()
    };
    assert_eq!(about("rotation_due"), [mighty, soon, unused]);
    assert_eq!(about("ends_soon"), [soon]);
    assert_eq!(about("never_used"), [soon, unused]);
    assert_eq!(about("no_end"), [mighty, unused]);
    assert_eq!(about("all_scopes"), [mighty]);
    assert_eq!(about("disabled"), [off]);
}

/// Returns every file below a folder.
fn files(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => found.extend(files(&path)),
            false => found.push(path),
        }
    }
    found
}

#[tokio::test]
async fn no_secret_of_a_key_is_anywhere_afterwards() {
    let app = TestApp::start().await;
    let user = app.user("ann@example.com").await;
    let mut secrets = Vec::new();
    let mut bodies = Vec::new();
    let made = user.post(KEYS, json!({ "name": "ci" })).await.body;
    secrets.push(made["api_key"].as_str().unwrap().to_owned());
    let rotated = user.post(&format!("{KEYS}/{}/rotate", made["id"]), json!({})).await.body;
    secrets.push(rotated["api_key"].as_str().unwrap().to_owned());
    let reply = user.send(http::Method::POST, "/v1/auth/api-key/regenerate", None).await.body;
    secrets.push(reply["api_key"].as_str().unwrap().to_owned());
    for secret in &secrets {
        let key = app.bearer(secret);
        for path in ["/v1/auth/me", "/v1/auth/api-keys", "/v1/nothing"] {
            bodies.push(key.get(path).await.body.to_string());
        }
        bodies.push(key.post("/v1/scan", json!({ "domain": secret })).await.body.to_string());
        app.anonymous().post("/v1/leaks/report", json!([{ "token": secret }])).await;
    }
    bodies.push(user.get(KEYS).await.body.to_string());
    bodies.push(user.get(&format!("{KEYS}/hygiene")).await.body.to_string());
    // The letters about the leaks have been written.
    loop {
        let mails = app.config.data_dir.join("mail");
        let mails = files(&mails);
        let leaks = mails.iter().filter(|path| {
            std::fs::read_to_string(path).is_ok_and(|mail| mail.contains("Leaked API key"))
        });
        // The second was replaced at once and was dead by then.
        if leaks.count() == 2 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    let TestApp { server, folder, .. } = app;
    server.shut_down().await;
    let written = files(folder.path());
    assert!(written.len() > 5, "{written:?}");
    for secret in secrets.iter().map(|token| &token[16..46]) {
        assert!(bodies.iter().all(|body| !body.contains(secret)), "an answer repeats the key");
        for file in &written {
            let bytes = std::fs::read(file).unwrap();
            let found = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
            assert!(!found, "{} holds the key", file.display());
        }
    }
}
