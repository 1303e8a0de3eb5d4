//! Settings → Security without script: authenticator, recovery codes, password, what was refused.

use model::{MINUTE_MS, SECOND_MS};
use serde_json::json;

use crate::authenticator::{Authenticator, sign_in};
use crate::browser::Browser;
use crate::support::{PASSWORD, TestApp};

const ANN: &str = "ann@example.com";
const SECURITY: &str = "/settings/security";
const NEW: &str = "/settings/security/authenticator/new";
const REMOVE: &str = "/settings/security/authenticator/remove";
const CODES: &str = "/settings/security/recovery-codes";
const CHANGE: &str = "/settings/security/password";
const OTHER: &str = "orbital kettle vicar moss";

/// Returns the secret that a page shows in groups.
fn secret(page: &str) -> String {
    let text = page.split_once("<pre id=\"secret\"").unwrap().1.split_once("</pre>").unwrap().0;
    let groups = text.split("<span>").skip(1).map(|group| group.split_once('<').unwrap().0);
    groups.collect()
}

/// Returns the recovery codes that a page shows.
fn codes(page: &str) -> Vec<String> {
    let text = page.split_once("<pre id=\"codes\" tabindex=\"0\">").unwrap().1;
    text.split_once("</pre>").unwrap().0.split_whitespace().map(str::to_owned).collect()
}

#[tokio::test]
async fn an_authenticator_is_set_up_renewed_and_switched_off_on_pages() {
    let app = TestApp::start().await;
    let mut browser = Browser::signed_in(&app, ANN).await;
    let other = app.sign_in(ANN).await;
    assert!(browser.open(SECURITY).await.text().contains("Off: whoever has your password is in."));
    let form = browser.open(NEW).await;
    assert!(form.text().contains("<svg class=\"qr\"") && form.text().contains("otpauth://totp/"));
    assert_eq!(form.header("cache-control"), "no-store");
    let authenticator = Authenticator::new(&secret(form.text()));
    let token = crate::browser::hidden(form.text())["form_token"].clone();
    let wrong = authenticator.wrong(&app);
    let refused = browser.submit(NEW, &[("form_token", &token), ("code", &wrong)]).await;
    assert_eq!(refused.status, 422);
    assert_eq!(secret(refused.text()), secret(form.text()), "it is in the app already");
    assert!(refused.text().contains(&format!("value=\"{wrong}\"")));
    assert!(refused.text().contains("This is not what the app shows now."));
    let code = authenticator.code(&app);
    let done = browser.submit(NEW, &[("form_token", &token), ("code", &code)]).await;
    assert_eq!(done.status, 200, "{}", done.text());
    let first = codes(done.text());
    assert_eq!(first.len(), 10);
    assert!(done.text().contains(&format!("{}%0A", first[9])), "they can be saved as a file");
    assert_eq!(other.get("/v1/auth/me").await.status, 401, "other sign-ins have ended");
    let page = browser.open(SECURITY).await;
    assert!(page.text().contains("You have a single second factor."));
    assert!(page.text().contains("10 recovery codes left.") && !page.text().contains(&first[0]));
    // Sent twice it is another enrolment, not an error.
    let twice = browser.submit(NEW, &[("form_token", &token), ("code", &code)]).await;
    assert_eq!((twice.status, twice.header("location")), (303, NEW));

    assert!(browser.open(CODES).await.text().contains("All earlier ones are void."));
    let second = codes(browser.fill(CODES, CODES, &[]).await.text());
    let by =
        async |code: &str| sign_in(&app, ANN, PASSWORD, json!({ "recovery_code": code })).await;
    assert_eq!(by(&first[0]).await.status, 401);
    // After a wrong code the next is waited for.
    app.clock.advance(2 * SECOND_MS);
    assert_eq!(by(&second[0]).await.status, 200);
    assert!(browser.open(SECURITY).await.text().contains("9 recovery codes left."));

    assert!(browser.open(REMOVE).await.text().contains("your password alone signs you in"));
    let off = browser.fill(REMOVE, REMOVE, &[]).await;
    let told = "/settings/security?done=authenticator-removed";
    assert_eq!((off.status, off.header("location")), (303, told));
    assert!(browser.open(told).await.text().contains("The authenticator is off."));
    assert_eq!(app.sign_in(ANN).await.get("/v1/auth/me").await.body["mfa"], false);
}

#[tokio::test]
async fn factors_are_changed_by_who_has_just_proved_who_they_are() {
    let app = TestApp::start().await;
    let mut browser = Browser::signed_in(&app, ANN).await;
    let form = browser.open(NEW).await;
    let authenticator = Authenticator::new(&secret(form.text()));
    app.clock.advance(5 * MINUTE_MS);
    for path in [NEW, REMOVE, CODES] {
        let asked = browser.open(path).await;
        assert_eq!(asked.status, 303, "{path}");
        assert!(asked.header("location").starts_with("/login?next=%2Fsettings"), "{path}");
        let sent = browser.fill(SECURITY, path, &[("code", &authenticator.code(&app))]).await;
        assert!(sent.header("location").starts_with("/login"), "{path}: {}", sent.text());
    }
    assert!(browser.open(SECURITY).await.text().contains("Off: whoever has your password is in."));
}

#[tokio::test]
async fn a_form_that_asks_for_a_proof_leads_back_to_its_page() {
    let app = TestApp::start().await;
    let mut browser = Browser::signed_in(&app, ANN).await;
    browser.open(NEW).await;
    app.clock.advance(5 * MINUTE_MS);
    browser.referrer = Some("http://localhost/settings/security/authenticator/new".to_owned());
    let sent = browser.fill(SECURITY, NEW, &[("code", "123456")]).await;
    let back = "/login?next=%2Fsettings%2Fsecurity%2Fauthenticator%2Fnew";
    assert_eq!((sent.status, sent.header("location")), (303, back));
}

#[tokio::test]
async fn a_password_is_changed_and_what_is_wrong_stands_beside_its_field() {
    let app = TestApp::start().await;
    let mut browser = Browser::signed_in(&app, ANN).await;
    let other = app.sign_in(ANN).await;
    for (current, new, said) in [
        ("wrong", OTHER, "This is not the present password."),
        (PASSWORD, "short", "must have at least 15 characters"),
        (PASSWORD, "aaaaaaaaaaaaaaaaaa", "is too easy to guess"),
    ] {
        let fields = [("current_password", current), ("new_password", new)];
        let refused = browser.fill(CHANGE, CHANGE, &fields).await;
        assert_eq!(refused.status, 422, "{new}");
        assert!(refused.text().contains(said), "{}", refused.text());
        assert!(!refused.text().contains(&format!("value=\"{new}\"")), "no password comes back");
        // After a wrong password the next is waited for.
        app.clock.advance(2 * SECOND_MS);
    }
    let fields = [("current_password", PASSWORD), ("new_password", OTHER)];
    let done = browser.fill(CHANGE, CHANGE, &fields).await;
    let told = "/settings/security?done=password-changed";
    assert_eq!((done.status, done.header("location")), (303, told), "{}", done.text());
    assert!(browser.open(told).await.text().contains("Every other sign-in of yours has ended."));
    assert_eq!(other.get("/v1/auth/me").await.status, 401);
    assert_eq!(app.sign_in_with(ANN, OTHER).await.get("/v1/auth/me").await.status, 200);
}

#[tokio::test]
async fn what_was_refused_is_listed_for_its_own_account() {
    let app = TestApp::start().await;
    let mut browser = Browser::signed_in(&app, ANN).await;
    let mut stranger = Browser::signed_in(&app, "bob@example.com").await;
    assert!(browser.open(SECURITY).await.text().contains("Nothing was refused in 30 days."));
    assert_eq!(sign_in(&app, ANN, "wrong", json!({})).await.status, 401);
    let began = std::time::Instant::now();
    loop {
        let page = browser.open(SECURITY).await;
        if page.text().contains("Wrong password") {
            assert!(page.text().contains("127.0.0.1"), "{}", page.text());
            assert!(page.text().contains("By address") && page.text().contains("By credential"));
            // The table of the chart.
            assert!(page.text().contains("11-24</th><td>1</td><td>0</td>"), "{}", page.text());
            break;
        }
        assert!(began.elapsed().as_secs() < 20, "it is never shown: {}", page.text());
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert!(stranger.open(SECURITY).await.text().contains("Nothing was refused in 30 days."));
}

#[tokio::test]
async fn a_key_that_is_refused_leads_to_what_ends_it() {
    let app = TestApp::start().await;
    let mut browser = Browser::signed_in(&app, ANN).await;
    let user = app.sign_in(ANN).await;
    let (id, key) = app.key(&user, json!({ "name": "leaked" })).await;
    let off = json!({ "enabled": false });
    assert_eq!(user.patch(&format!("/v1/auth/api-keys/{id}"), off).await.status, 200);
    assert_eq!(key.get("/v1/auth/me").await.status, 401);
    let began = std::time::Instant::now();
    let page = loop {
        let page = browser.open(SECURITY).await;
        if page.text().contains("Key that is switched off") {
            break page.text().to_owned();
        }
        assert!(began.elapsed().as_secs() < 20, "it is never shown: {}", page.text());
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    };
    assert!(page.contains(&format!("href=\"/settings/api-keys/{id}/revoke\"")), "{page}");
    assert!(page.contains(&format!("href=\"/settings/api-keys/{id}\">leaked</a>")));
    user.delete(&format!("/v1/auth/api-keys/{id}")).await;
    let page = browser.open(SECURITY).await;
    assert!(!page.text().contains(&format!("/settings/api-keys/{id}/revoke")));
}
