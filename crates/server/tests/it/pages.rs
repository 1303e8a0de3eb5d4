//! The pages without script: whoever is not signed in is sent to do so, forms of others are
//! refused, and what people type is only ever text.

use serde_json::json;

use crate::browser::{Browser, hidden, unmasked};
use crate::support::{PASSWORD, TestApp};

const KEYS: &str = "/settings/api-keys";

#[tokio::test]
async fn a_key_is_made_used_and_revoked_without_script() {
    let app = TestApp::start().await;
    let mut browser = Browser::signed_in(&app, "ann@example.com").await;
    let empty = browser.open(KEYS).await;
    assert!(empty.text().contains("No API Keys yet") && empty.text().contains("Create API Key"));
    let fields = [
        ("name", "Production Server"),
        ("expiry", "90"),
        ("access", "full"),
        ("ip_allowlist", ""),
        ("description", ""),
    ];
    let made = browser.fill("/settings/api-keys/new", KEYS, &fields).await;
    assert_eq!(made.status, 200, "{}", made.text());
    assert_eq!(made.header("cache-control"), "no-store");
    let secret = made.text().split("<pre id=\"key\" tabindex=\"0\">").nth(1).unwrap();
    let secret = secret.split("</pre>").next().unwrap().to_owned();
    assert_eq!(app.bearer(&secret).get("/v1/auth/me").await.status, 200);

    let list = browser.open(KEYS).await;
    assert!(list.text().contains("Production Server") && !list.text().contains(&secret));
    let path = list.text().split("/revoke\"").next().unwrap().rsplit("href=\"").next().unwrap();
    let path = format!("{path}/revoke");
    assert!(browser.open(&path).await.text().contains("Keep key"));
    assert_eq!(browser.fill(&path, &path, &[]).await.status, 303);
    assert_eq!(app.bearer(&secret).get("/v1/auth/me").await.status, 401);
    let tombstones = browser.open("/settings/api-keys?show=revoked").await;
    assert!(tombstones.text().contains("Production Server"));
}

#[tokio::test]
async fn sending_the_form_twice_makes_one_key() {
    let app = TestApp::start().await;
    let mut browser = Browser::signed_in(&app, "ann@example.com").await;
    let form = hidden(browser.open("/settings/api-keys/new").await.text());
    let mut fields: Vec<_> =
        form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    fields.extend([("name", "ci"), ("expiry", "never"), ("access", "read")]);
    fields.extend([("ip_allowlist", ""), ("description", "")]);
    assert!(browser.submit(KEYS, &fields).await.text().contains("Copy your key now"));
    let again = browser.submit(KEYS, &fields).await;
    assert!(!again.text().contains("Copy your key now"));
    assert!(again.text().contains("cannot be shown again"));
    let token = app.sign_in("ann@example.com").await;
    let keys = token.get("/v1/auth/api-keys").await.body;
    assert_eq!(keys["api_keys"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn whoever_is_not_signed_in_is_sent_to_and_comes_back() {
    let app = TestApp::start().await;
    app.user("ann@example.com").await;
    let mut browser = Browser::new(&app);
    let sent = browser.open("/scans?domain=example.com").await;
    assert_eq!(
        (sent.status, sent.header("location")),
        (303, "/login?next=%2Fscans%3Fdomain%3Dexample.com")
    );
    let fields = [("email", "ann@example.com"), ("password", PASSWORD)];
    let entered = browser.fill(sent.header("location"), "/login", &fields).await;
    assert_eq!(entered.status, 303, "{}", entered.text());
    let checked = browser.open(entered.header("location")).await;
    assert_eq!(checked.header("location"), "/scans?domain=example.com");
    // Signing out ends the session on the server, not only in this browser.
    let cookies = browser.cookies.clone();
    assert_eq!(browser.fill("/scans", "/logout", &[]).await.status, 303);
    assert!(!browser.has_session());
    browser.cookies = cookies;
    assert_eq!(browser.open("/scans").await.status, 303);
}

#[tokio::test]
async fn a_wrong_password_is_said_and_what_was_typed_stays() {
    let app = TestApp::start().await;
    app.user("ann@example.com").await;
    let mut browser = Browser::new(&app);
    let mut answers = Vec::new();
    for email in ["ann@example.com", "bob@example.com"] {
        let fields = [("email", email), ("password", "wrong")];
        let reply = browser.fill("/login", "/login", &fields).await;
        assert_eq!(reply.status, 422);
        assert!(reply.text().contains(&format!("value=\"{email}\"")));
        assert!(!reply.text().contains("wrong\""));
        answers.push(unmasked(reply.text()).replace(email, "-"));
    }
    assert_eq!(answers[0], answers[1], "known and unknown addresses are one answer");
}

#[tokio::test]
async fn forms_of_other_sites_change_nothing() {
    let app = TestApp::start().await;
    let mut browser = Browser::signed_in(&app, "ann@example.com").await;
    let form = hidden(browser.open("/settings/api-keys/new").await.text());
    let good = [("form_token", form["form_token"].as_str()), ("nonce", "n"), ("name", "x")];
    let rest = [("expiry", "90"), ("access", "full"), ("ip_allowlist", ""), ("description", "")];
    let all: Vec<_> = good.iter().chain(&rest).copied().collect();
    browser.site = "cross-site";
    let reply = browser.submit(KEYS, &all).await;
    assert_eq!(reply.status, 403);
    assert!(reply.text().contains("Nothing was changed"));
    browser.site = "same-origin";
    let without: Vec<_> = all.iter().skip(1).copied().collect();
    assert_eq!(browser.submit(KEYS, &without).await.status, 403, "without the token");
    let mut stranger = Browser::signed_in(&app, "bob@example.com").await;
    assert_eq!(stranger.submit(KEYS, &all).await.status, 403, "with somebody else's token");
    let token = app.sign_in("ann@example.com").await;
    let keys = token.get("/v1/auth/api-keys").await.body;
    assert_eq!(keys["api_keys"], json!([]));
}

#[tokio::test]
async fn nobody_is_signed_in_by_a_form_that_another_browser_was_shown() {
    let app = TestApp::start().await;
    app.user("eve@example.com").await;
    let mut eve = Browser::new(&app);
    let form = hidden(eve.open("/login").await.text());
    let token = form["form_token"].as_str();
    let all = [("form_token", token), ("email", "eve@example.com"), ("password", PASSWORD)];
    let mut ann = Browser::new(&app);
    assert_eq!(ann.submit("/login", &all).await.status, 403, "without a cookie");
    ann.open("/login").await;
    assert_eq!(ann.submit("/login", &all).await.status, 403, "with a cookie of her own");
    assert_eq!(ann.submit("/login", &all[1..]).await.status, 403, "without the token");
    assert_eq!(eve.submit("/login", &all).await.status, 303, "the browser that was shown it");
    assert_eq!(eve.submit("/logout", &all).await.status, 403, "it is none of the session's");
}

#[tokio::test]
async fn what_people_type_is_only_text() {
    let app = TestApp::start().await;
    let mut browser = Browser::signed_in(&app, "ann@example.com").await;
    let evil = "<script>alert(1)</script>\"onmouseover='x'";
    let fields = [("name", evil), ("expiry", "90"), ("access", "full"), ("ip_allowlist", evil)];
    let fields: Vec<_> = fields.iter().copied().chain([("description", evil)]).collect();
    let refused = browser.fill("/settings/api-keys/new", KEYS, &fields).await;
    assert_eq!(refused.status, 422);
    let mut fields = fields;
    fields[3].1 = "";
    let made = browser.fill("/settings/api-keys/new", KEYS, &fields).await;
    let id = browser.open(KEYS).await;
    let id = id
        .text()
        .split("/settings/api-keys/")
        .nth(2)
        .unwrap()
        .split('"')
        .next()
        .unwrap()
        .to_owned();
    let one = browser.open(&format!("{KEYS}/{id}")).await;
    let next = format!("/login?next={}", "%22%3E%3Cscript%3E");
    let login = Browser::new(&app).open(&next).await;
    for page in [refused, made, one, login] {
        let text = page.text();
        assert!(!text.contains("<script>") && !text.contains("\"onmouseover"), "{text}");
        assert!(!text.contains(" style="));
    }
}

#[tokio::test]
async fn a_scan_is_started_watched_and_read_on_pages() {
    let app = TestApp::start().await;
    let mut browser = Browser::signed_in(&app, "ann@example.com").await;
    let bad = browser.fill("/scans/new", "/scans", &[("domain", "192.0.2.1")]).await;
    assert_eq!(bad.status, 422);
    assert!(bad.text().contains("value=\"192.0.2.1\""));
    let form = hidden(browser.open("/scans/new").await.text());
    let mut fields: Vec<_> =
        form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    fields.push(("domain", "https://Example.COM/path"));
    let first = browser.submit("/scans", &fields).await;
    let again = browser.submit("/scans", &fields).await;
    assert_eq!(first.status, 303);
    assert_eq!(first.header("location"), again.header("location"), "one scan for one form");
    let path = first.header("location").to_owned();
    let page = browser.open(&path).await;
    assert!(page.text().contains("example.com"), "{}", page.text());
    assert!(browser.open("/scans").await.text().contains("example.com"));
    let mut stranger = Browser::signed_in(&app, "bob@example.com").await;
    for path in
        [path.clone(), format!("{path}/events"), "/scans/99999".to_owned(), "/scans/x".to_owned()]
    {
        let reply = stranger.open(&path).await;
        assert_eq!(reply.status, 404, "{path}");
        assert!(reply.text().contains("There is no such page, or you may not see it."));
    }
}

#[tokio::test]
async fn over_plain_http_from_elsewhere_sign_in_explains_itself() {
    let app = TestApp::start().await;
    let request = http::Request::post("/login")
        .header("host", "nas:8080")
        .header("origin", "http://nas:8080")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(http_body_util::Full::new(bytes::Bytes::from("email=a&password=b&next=")))
        .unwrap();
    let reply = app.anonymous().raw_as(request).await;
    assert_eq!(reply.status, 200);
    assert!(reply.text().contains("server.insecure_cookies"), "{}", reply.text());
}

#[tokio::test]
async fn pages_speak_the_language_that_was_chosen() {
    let app = TestApp::start().await;
    let mut browser = Browser::new(&app);
    assert!(browser.open("/login").await.text().contains("<html lang=\"en\""));
    assert_eq!(browser.fill("/login", "/language", &[("language", "de")]).await.status, 303);
    let page = browser.open("/login").await;
    assert!(page.text().contains("<html lang=\"de\"") && page.text().contains("Anmelden"));
}

#[tokio::test]
async fn every_page_carries_the_whole_policy() {
    let app = TestApp::start().await;
    let mut browser = Browser::signed_in(&app, "ann@example.com").await;
    for path in ["/scans", "/scans/new", KEYS, "/settings/api-keys/new", "/no-such-page"] {
        let page = browser.open(path).await;
        let policy = page.header("content-security-policy");
        for part in ["default-src 'none'", "trusted-types 'none'", "frame-ancestors 'none'"] {
            assert!(policy.contains(part), "{path}: {policy}");
        }
        assert!(!policy.contains("unsafe"), "{policy}");
        assert_eq!(page.header("referrer-policy"), "same-origin", "{path}");
        assert_eq!(page.header("cache-control"), "no-store", "{path}");
        assert_eq!(page.text().matches("<h1>").count(), 1, "{path}");
    }
    let page = browser.open("/login/check").await;
    assert_eq!(page.header("location"), "/overview");
    let style =
        browser.open("/scans").await.text().split("href=\"/assets/").nth(1).unwrap().to_owned();
    let style = format!("/assets/{}", style.split('"').next().unwrap());
    let style = browser.open(&style).await;
    assert!(style.header("cache-control").contains("immutable"));
    assert!(style.header("content-type").starts_with("text/css"));
}

#[tokio::test]
async fn a_key_is_rotated_on_a_page_and_the_old_one_lives_on_for_a_while() {
    let app = TestApp::start().await;
    let mut browser = Browser::signed_in(&app, "ann@example.com").await;
    let ann = app.sign_in("ann@example.com").await;
    let (id, old) = app.key(&ann, json!({ "name": "ci" })).await;
    let path = format!("{KEYS}/{id}/rotate");
    let made = browser.fill(&path, &path, &[("grace", "3600")]).await;
    assert!(made.text().contains("Copy your key now"), "{}", made.text());
    assert_eq!(old.get("/v1/auth/me").await.status, 200);
    app.clock.advance(model::HOUR_MS);
    assert_eq!(old.get("/v1/auth/me").await.status, 401);
}

#[tokio::test]
async fn sessions_are_listed_and_ended_on_a_page() {
    let app = TestApp::start().await;
    let mut browser = Browser::signed_in(&app, "ann@example.com").await;
    let other = app.sign_in("ann@example.com").await;
    let page = browser.open("/settings/security").await;
    assert!(page.text().contains("This session") && page.text().contains("End all others"));
    let ended = browser.fill("/settings/security", "/settings/security/sessions", &[]).await;
    assert_eq!(ended.status, 303, "{}", ended.text());
    assert_eq!(other.get("/v1/auth/me").await.status, 401);
    assert_eq!(browser.open("/settings/security").await.status, 200);
}
