//! Passkeys in the pages, by a browser whose script is the test.

use model::MINUTE_MS;
use serde_json::Value;

use crate::browser::Browser;
use crate::software_authenticator::{ORIGIN, SoftwareAuthenticator};
use crate::support::{PASSWORD, TestApp};

const SECURITY: &str = "/settings/security";
const NEW: &str = "/settings/security/passkeys/new";
const ADD: &str = "/settings/security/passkeys";

/// What the page asks the browser for.
fn options(page: &str) -> Value {
    let text = page.split_once("data-options=\"").unwrap().1.split_once('"').unwrap().0;
    let text = text.replace("&quot;", "\"").replace("&#34;", "\"").replace("&amp;", "&");
    serde_json::from_str(&text).unwrap()
}

async fn start(app: &TestApp) -> Value {
    let anybody = app.anonymous();
    let reply = anybody.send(http::Method::POST, "/v1/auth/login/passkey/start", None).await;
    reply.body["publicKey"].clone()
}

#[tokio::test]
async fn a_passkey_is_added_used_and_removed_on_pages() {
    let app = TestApp::with(&[("server.public_url", ORIGIN)]).await;
    let mut browser = Browser::signed_in(&app, "ann@example.com").await;
    let page = browser.open(SECURITY).await;
    assert!(page.text().contains("You have no passkey") && page.text().contains(NEW));
    let page = browser.open(NEW).await;
    assert!(page.text().contains("<noscript>"), "it says that it needs script");
    let mut authenticator = SoftwareAuthenticator::new();
    let mut wrong = authenticator.clone();
    wrong.flags = 0b1001;
    let credential = wrong.create(&options(page.text())).to_string();
    let fields = [("name", "Laptop"), ("credential", credential.as_str())];
    let refused = browser.fill(NEW, ADD, &fields).await;
    assert_eq!(refused.status, 422);
    assert!(refused.text().contains("without its user being verified"), "{}", refused.text());
    assert!(refused.text().contains("value=\"Laptop\""));
    let credential = authenticator.create(&options(refused.text())).to_string();
    let fields = [("name", "Laptop <1>"), ("credential", credential.as_str())];
    let added = browser.fill(NEW, ADD, &fields).await;
    assert_eq!((added.status, added.header("location")), (303, SECURITY), "{}", added.text());
    let page = browser.open(SECURITY).await;
    let text = page.text();
    assert!(text.contains("Laptop") && !text.contains("Laptop <1>") && text.contains("Never used"));

    let mut other = Browser::new(&app);
    let page = other.open("/login").await;
    assert!(page.text().contains("Sign in with a passkey"));
    let mut stranger = SoftwareAuthenticator::new();
    stranger.user_handle.clone_from(&authenticator.user_handle);
    for credential in [stranger.get(&start(&app).await).to_string(), "{".to_owned()] {
        let fields = [("credential", credential.as_str())];
        let refused = other.fill("/login", "/login/passkey", &fields).await;
        assert_eq!(refused.status, 422);
        assert!(refused.text().contains("This passkey does not sign anybody in here."));
    }
    let credential = authenticator.get(&start(&app).await).to_string();
    let fields = [("credential", credential.as_str())];
    let signed = other.fill("/login?next=%2Fscans", "/login/passkey", &fields).await;
    assert_eq!(signed.status, 303, "{}", signed.text());
    assert_eq!(signed.header("location"), "/login/check?next=%2Fscans");
    assert_eq!(other.open(SECURITY).await.status, 200);
    let replayed = Browser::new(&app).fill("/login", "/login/passkey", &fields).await;
    assert_eq!(replayed.status, 422);

    let page = other.open(SECURITY).await.text().to_owned();
    let path = page.split_once("action=\"/settings/security/passkeys/").unwrap().1;
    let path = format!("/settings/security/passkeys/{}", path.split_once('"').unwrap().0);
    app.clock.advance(5 * MINUTE_MS);
    let asked = other.fill(SECURITY, &path, &[]).await;
    let login = "/login?next=%2Fsettings%2Fsecurity";
    assert_eq!((asked.status, asked.header("location")), (303, login));
    assert_eq!(other.open(NEW).await.status, 303);
    // A passkey proves as well who is signed in.
    let credential = authenticator.get(&start(&app).await).to_string();
    let proved = other.fill(login, "/login/passkey", &[("credential", credential.as_str())]).await;
    assert_eq!(proved.status, 303, "{}", proved.text());
    let removed = other.fill(SECURITY, &path, &[]).await;
    assert_eq!((removed.status, removed.header("location")), (303, SECURITY));
    assert!(other.open(SECURITY).await.text().contains("You have no passkey"));
    app.letter("ann@example.com", "A passkey was removed", 1).await;
}

#[tokio::test]
async fn pages_offer_no_passkeys_where_browsers_refuse_them() {
    let app = TestApp::start().await;
    let mut browser = Browser::new(&app);
    assert!(!browser.open("/login").await.text().contains("passkey"));
    app.user("ann@example.com").await;
    let fields = [("email", "ann@example.com"), ("password", PASSWORD)];
    assert_eq!(browser.fill("/login", "/login", &fields).await.status, 303);
    let page = browser.open(SECURITY).await;
    assert!(page.text().contains("server.public_url") && !page.text().contains(NEW));
    assert_eq!(browser.open(NEW).await.status, 409);
}
