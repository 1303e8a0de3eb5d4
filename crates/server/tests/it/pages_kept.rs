//! What somebody typed before they had to sign in again: it comes back to them, once, and to nobody else.

use model::{DAY_MS, MINUTE_MS};

use crate::browser::{Browser, hidden};
use crate::support::{PASSWORD, Reply, TestApp};

const KEYS: &str = "/settings/api-keys";
const NEW: &str = "/settings/api-keys/new";
const TYPED: [(&str, &str); 5] = [
    ("name", "Production <Server>"),
    ("expiry", "30"),
    ("access", "scan"),
    ("ip_allowlist", "192.0.2.0/24"),
    ("description", "for the \"pipeline\""),
];

/// Opens the form of a new key, lets time pass, and sends it.
async fn send_late(app: &TestApp, browser: &mut Browser, ms: i64) -> Reply {
    let form = hidden(browser.open(NEW).await.text());
    app.clock.advance(ms);
    let mut fields: Vec<_> =
        form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    fields.extend(TYPED);
    browser.referrer = Some(format!("http://localhost{NEW}"));
    let sent = browser.submit(KEYS, &fields).await;
    browser.referrer = None;
    sent
}

async fn sign_in(browser: &mut Browser, email: &str) {
    let fields = [("email", email), ("password", PASSWORD)];
    let entered = browser.fill("/login?next=%2Fsettings%2Fapi-keys%2Fnew", "/login", &fields).await;
    assert_eq!(entered.status, 303, "{}", entered.text());
    let checked = browser.open(entered.header("location")).await;
    assert_eq!(checked.header("location"), NEW);
}

fn is_filled(page: &Reply) -> bool {
    let text = page.text();
    assert_eq!(page.status, 200, "{text}");
    let parts = [
        "value=\"Production &lt;Server&gt;\"",
        "value=\"30\" checked",
        "value=\"scan\" checked",
        "value=\"192.0.2.0/24\"",
        "value=\"for the &quot;pipeline&quot;\"",
        "What you had typed is back",
    ];
    let found = parts.iter().filter(|part| text.contains(**part)).count();
    assert!(found == 0 || found == parts.len(), "{text}");
    found > 0
}

#[tokio::test]
async fn a_form_sent_with_a_stale_proof_comes_back_filled_and_makes_a_key() {
    let app = TestApp::start().await;
    let mut ann = Browser::signed_in(&app, "ann@example.com").await;
    let sent = send_late(&app, &mut ann, 6 * MINUTE_MS).await;
    assert_eq!(
        (sent.status, sent.header("location")),
        (303, "/login?next=%2Fsettings%2Fapi-keys%2Fnew")
    );
    let kept = &ann.cookies["__Host-cl_kept"];
    assert!(!kept.contains("Production"), "what is kept is sealed: {kept}");
    sign_in(&mut ann, "ann@example.com").await;
    let page = ann.open(NEW).await;
    assert!(is_filled(&page));
    let form = hidden(page.text());
    let mut fields: Vec<_> =
        form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    // What the plan has not is left out.
    fields.extend([("name", "ci"), ("expiry", "30"), ("access", "full"), ("ip_allowlist", "")]);
    fields.push(("description", ""));
    assert!(ann.submit(KEYS, &fields).await.text().contains("Copy your key now"));
    assert!(!is_filled(&ann.open(NEW).await), "it comes back once");
}

#[tokio::test]
async fn a_form_outlives_the_session_and_its_cookie_for_the_same_person_alone() {
    let app = TestApp::start().await;
    app.user("bob@example.com").await;
    let mut ann = Browser::signed_in(&app, "ann@example.com").await;
    // After a day the browser has forgotten the cookie: the form alone tells whose it was.
    let form = hidden(ann.open(NEW).await.text());
    app.clock.advance(DAY_MS + MINUTE_MS);
    ann.cookies.remove("__Host-cl_session");
    let mut fields: Vec<_> =
        form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    fields.extend(TYPED);
    assert_eq!(ann.submit(KEYS, &fields).await.status, 303);
    sign_in(&mut ann, "bob@example.com").await;
    assert!(!is_filled(&ann.open(NEW).await), "bob sits at ann's browser");
    assert_eq!(ann.fill(NEW, "/logout", &[]).await.status, 303);
    sign_in(&mut ann, "ann@example.com").await;
    assert!(is_filled(&ann.open(NEW).await));
}

#[tokio::test]
async fn an_ended_session_keeps_the_form_and_ten_minutes_later_it_is_gone() {
    let app = TestApp::start().await;
    let mut ann = Browser::signed_in(&app, "ann@example.com").await;
    for (waited, is_kept) in [(10 * MINUTE_MS - 1, true), (10 * MINUTE_MS, false)] {
        let form = hidden(ann.open(NEW).await.text());
        let mut other = Browser::of(&app, "ann@example.com").await;
        let ended = other.fill("/settings/security", "/settings/security/sessions", &[]).await;
        assert_eq!(ended.status, 303);
        let mut fields: Vec<_> =
            form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        fields.extend(TYPED);
        assert_eq!(ann.submit(KEYS, &fields).await.status, 303);
        app.clock.advance(waited);
        sign_in(&mut ann, "ann@example.com").await;
        assert_eq!(is_filled(&ann.open(NEW).await), is_kept, "{waited} ms");
    }
}

#[tokio::test]
async fn another_server_of_the_instance_brings_the_form_back() {
    let app = TestApp::start().await;
    let mut ann = Browser::signed_in(&app, "ann@example.com").await;
    send_late(&app, &mut ann, 6 * MINUTE_MS).await;
    let app = app.restart().await;
    let mut ann = ann.at(&app);
    sign_in(&mut ann, "ann@example.com").await;
    assert!(is_filled(&ann.open(NEW).await));
}

#[tokio::test]
async fn passwords_are_not_kept_and_strangers_make_nobody_keep_anything() {
    let app = TestApp::start().await;
    let mut ann = Browser::signed_in(&app, "ann@example.com").await;
    let page = "/settings/security/password";
    let form = hidden(ann.open(page).await.text());
    app.clock.advance(DAY_MS + MINUTE_MS);
    let token = form["form_token"].clone();
    let secret = [("current_password", PASSWORD), ("new_password", "another walnut ferry tax")];
    let all: Vec<_> = [("form_token", &*token)].into_iter().chain(secret).collect();
    assert_eq!(ann.submit(page, &all).await.status, 303);
    assert!(!ann.cookies.contains_key("__Host-cl_kept"), "there was nothing but secrets");
    // Without a token of ours, and with one that says to be of somebody else.
    for token in ["", "1.AAAA~1", &token.replace('~', "~9")] {
        let fields: Vec<_> = [("form_token", token)].into_iter().chain(TYPED).collect();
        assert_eq!(ann.submit(KEYS, &fields).await.status, 303);
        assert!(!ann.cookies.contains_key("__Host-cl_kept"), "{token}");
    }
}

#[tokio::test]
async fn a_form_refused_for_haste_waits_too() {
    let app = TestApp::start().await;
    let mut ann = Browser::signed_in(&app, "ann@example.com").await;
    let form = hidden(ann.open("/scans/new").await.text());
    app.limit("ann@example.com", 3).await;
    let mut fields: Vec<_> =
        form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    fields.extend([("domain", "shop.example.com"), ("profile", "safe")]);
    while ann.open("/overview").await.status == 200 {}
    ann.referrer = Some("http://localhost/scans/new".to_owned());
    let refused = ann.submit("/scans", &fields).await;
    assert_eq!(refused.status, 429, "{}", refused.text());
    let text = refused.text();
    assert!(text.contains("data-stay") && text.contains("href=\"/scans/new\""), "{text}");
    assert!(!text.contains("http-equiv=\"refresh\""), "a form is not sent again by itself");
    app.clock.advance(2 * MINUTE_MS);
    let again = ann.open("/scans/new").await;
    assert!(again.text().contains("value=\"shop.example.com\""), "{}", again.text());
}
