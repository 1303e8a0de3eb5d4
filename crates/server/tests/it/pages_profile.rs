//! Settings → Profile and → Alert Preferences without script.

use model::{MINUTE_MS, SECOND_MS};
use serde_json::json;

use crate::browser::Browser;
use crate::support::{PASSWORD, TestApp, token};
use crate::team;

const ANN: &str = "ann@example.com";
const PROFILE: &str = "/settings/profile";
const ALERTS: &str = "/settings/alerts";

#[tokio::test]
async fn a_name_is_changed_and_is_only_text() {
    let app = TestApp::start().await;
    let mut browser = Browser::signed_in(&app, ANN).await;
    let long = "x".repeat(101);
    let refused = browser.fill(PROFILE, PROFILE, &[("name", &long)]).await;
    assert_eq!(refused.status, 422);
    assert!(refused.text().contains("must be one line of at most 100 characters"));
    assert!(refused.text().contains(&format!("value=\"{long}\"")), "what was typed stays");
    let evil = "<script>alert(1)</script>";
    let saved = browser.fill(PROFILE, PROFILE, &[("name", evil)]).await;
    assert_eq!((saved.status, saved.header("location")), (303, "/settings/profile?done=saved"));
    for path in [PROFILE, "/settings/team"] {
        let page = browser.open(path).await;
        assert!(page.text().contains("alert(1)") && !page.text().contains(evil), "{path}");
    }
    let me = app.sign_in(ANN).await.get("/v1/auth/me").await;
    assert_eq!(me.body["name"], evil);
    assert_eq!(browser.fill(PROFILE, PROFILE, &[("name", " ")]).await.status, 303);
    assert_eq!(app.sign_in(ANN).await.get("/v1/auth/me").await.body["name"], json!(null));
}

#[tokio::test]
async fn language_and_theme_are_remembered_by_the_browser() {
    let app = TestApp::start().await;
    let mut browser = Browser::signed_in(&app, ANN).await;
    let to = "/settings/profile/appearance";
    let fields = [("language", "de"), ("theme", "dark"), ("zone", "UTC")];
    assert_eq!(browser.fill(PROFILE, to, &fields).await.status, 303);
    let page = browser.open("/scans").await;
    assert!(page.text().contains("<html lang=\"de\" dir=\"ltr\" data-theme=\"dark\">"));
    let prefers =
        |product| [("language", "de"), ("theme", "dark"), ("zone", "UTC"), ("product", product)];
    for (product, chosen) in [("Caddy", true), ("</select>", false), ("", false)] {
        assert_eq!(browser.fill(PROFILE, to, &prefers(product)).await.status, 303);
        let page = browser.open(PROFILE).await;
        assert_eq!(page.text().contains("<option selected>Caddy<"), chosen, "{product}");
    }
    let odd = [("language", "tlh"), ("theme", "dark"), ("zone", "UTC")];
    assert_eq!(browser.fill(PROFILE, to, &odd).await.status, 422);
    assert_eq!(browser.open("/scans").await.status, 200);
}

#[tokio::test]
async fn what_is_wrong_is_said_in_the_chosen_language() {
    let app = TestApp::start().await;
    let mut browser = Browser::signed_in(&app, ANN).await;
    let german = [("language", "de"), ("theme", "system"), ("zone", "UTC")];
    browser.fill(PROFILE, "/settings/profile/appearance", &german).await;
    let to = "/settings/security/password";
    let fields = [("current_password", PASSWORD), ("new_password", "short")];
    let short = browser.fill(to, to, &fields).await;
    assert!(short.text().contains("muss mindestens"), "{}", short.text());
    let long = "x".repeat(101);
    let name = browser.fill(PROFILE, PROFILE, &[("name", &long)]).await;
    assert!(name.text().contains("muss eine Zeile mit höchstens 100 Zeichen sein"));
}

#[tokio::test]
async fn another_address_is_asked_for_by_letter() {
    let app = TestApp::start().await;
    let mut browser = Browser::signed_in(&app, ANN).await;
    let to = "/settings/profile/email";
    let odd = browser.fill(PROFILE, to, &[("email", "<b>odd")]).await;
    assert_eq!(odd.status, 422);
    assert!(odd.text().contains("value=\"&#60;b&#62;odd\""), "what was typed stays");
    let asked = browser.fill(PROFILE, to, &[("email", "anna@example.com")]).await;
    assert_eq!(asked.header("location"), "/settings/profile?done=email-change-asked");
    let link = token(&app.letter("anna@example.com", "Confirm your new", 1).await);
    let page = format!("/email/verify?token={link}");
    let done = Browser::new(&app).fill(&page, "/email/verify", &[]).await;
    assert!(done.text().contains("You have a new address"), "{}", done.text());
    app.clock.advance(5 * MINUTE_MS);
    let late = browser.fill(PROFILE, to, &[("email", "ann@example.org")]).await;
    assert!(late.header("location").starts_with("/login"));
}

#[tokio::test]
async fn everything_is_downloaded_by_who_has_just_proved_who_they_are() {
    let app = TestApp::start().await;
    let mut browser = Browser::signed_in(&app, ANN).await;
    let to = "/settings/profile/export";
    let file = browser.fill(PROFILE, to, &[]).await;
    assert_eq!(file.header("content-type"), "application/json");
    assert_eq!(file.body["members"][0]["email"], ANN);
    app.clock.advance(5 * MINUTE_MS);
    assert!(browser.fill(PROFILE, to, &[]).await.header("location").starts_with("/login"));
}

#[tokio::test]
async fn an_account_is_deleted_by_who_types_its_address_and_the_password() {
    let app = TestApp::start().await;
    let mut browser = Browser::signed_in(&app, ANN).await;
    let path = "/settings/profile/delete";
    for (email, password, said) in [
        ("bob@example.com", PASSWORD, "This is not the address of your user."),
        (ANN, "wrong", "This is not the present password."),
    ] {
        let refused = browser.fill(path, path, &[("email", email), ("password", password)]).await;
        assert_eq!(refused.status, 422, "{said}");
        assert!(refused.text().contains(said) && refused.text().contains(email));
        // After a wrong password the next is waited for.
        app.clock.advance(2 * SECOND_MS);
    }
    let gone = browser.fill(path, path, &[("email", "Ann@example.com"), ("password", PASSWORD)]);
    let gone = gone.await;
    assert!(gone.text().contains("The account is deleted"), "{}", gone.text());
    assert!(!browser.has_session(), "the session is forgotten");
    assert_eq!(browser.open(PROFILE).await.status, 303);
}

#[tokio::test]
async fn alert_rules_are_saved_and_what_is_odd_stands_beside_its_field() {
    let app = TestApp::start().await;
    let mut browser = Browser::signed_in(&app, ANN).await;
    let user = app.sign_in(ANN).await;
    let page = browser.open(ALERTS).await.text().to_owned();
    let ticked = page
        .split("<input type=\"checkbox\" name=\"")
        .skip(1)
        .filter(|rest| rest.split_once('>').unwrap().0.ends_with(" checked"));
    let ticked: Vec<&str> = ticked.map(|rest| rest.split_once('"').unwrap().0).collect();
    assert_eq!(ticked.len(), 35, "{ticked:?}");
    let sent = async |browser: &mut Browser, without: &str, factor: &str, lines: &str| {
        let mut fields: Vec<(&str, &str)> =
            ticked.iter().filter(|name| **name != without).map(|name| (*name, "yes")).collect();
        fields.extend([("request_spike.factor", factor), ("request_spike.min_per_hour", "100")]);
        fields.extend([("failed_auth_burst.attempts", "20"), ("failed_auth_burst.minutes", "5")]);
        fields.extend([("new_network.after_hours", "24"), ("quota.percent", lines)]);
        fields.extend([("rotation_due.days", "90"), ("idle_key.days", "90")]);
        browser.fill(ALERTS, ALERTS, &fields).await
    };
    let refused = sent(&mut browser, "idle_key.enabled", "1", "many").await;
    assert_eq!(refused.status, 422);
    for said in ["Write whole numbers with commas between them.", "value=\"many\""] {
        assert!(refused.text().contains(said), "{said}: {}", refused.text());
    }
    let refused = sent(&mut browser, "idle_key.enabled", "1", "80").await;
    assert!(refused.text().contains("must be between 2 and 100"), "{}", refused.text());
    assert_eq!(user.get("/v1/settings/alert-rules").await.body["idle_key"]["enabled"], true);

    let saved = sent(&mut browser, "idle_key.enabled", "5", "80, 100").await;
    assert_eq!((saved.status, saved.header("location")), (303, "/settings/alerts?done=saved"));
    let rules = user.get("/v1/settings/alert-rules").await.body;
    assert_eq!(rules["quota"]["percent"], json!([80, 100]));
    assert_eq!(
        (&rules["request_spike"]["factor"], &rules["idle_key"]["enabled"]),
        (&json!(5), &json!(false))
    );
    let saved = sent(&mut browser, "preferences.email", "5", "80, 100").await;
    assert_eq!(saved.status, 303);
    let preferences = user.get("/v1/settings/alert-preferences").await.body;
    assert_eq!((&preferences["email"], &preferences["score_drop"]), (&json!(false), &json!(true)));
}

#[tokio::test]
async fn who_may_only_look_sees_the_settings_and_changes_none() {
    let (app, ann) = team::team().await;
    team::join(&app, &ann, "eve@example.com", "viewer").await;
    let mut eve = Browser::of(&app, "eve@example.com").await;
    let page = eve.open(ALERTS).await;
    assert!(page.text().contains("<fieldset disabled>") && !page.text().contains(">Save<"));
    assert_eq!(eve.fill(ALERTS, ALERTS, &[]).await.status, 403);
    let page = eve.open(PROFILE).await;
    assert!(
        !page.text().contains("Download everything") && !page.text().contains("Delete the account")
    );
    assert_eq!(eve.fill(PROFILE, "/settings/profile/export", &[]).await.status, 403);
    assert_eq!(eve.open("/settings/profile/delete").await.status, 403);
}

#[tokio::test]
async fn moments_are_told_in_the_zone_that_was_chosen() {
    let app = TestApp::start().await;
    let mut browser = Browser::signed_in(&app, ANN).await;
    let to = "/settings/profile/appearance";
    let choice = |zone| [("language", "en"), ("theme", "system"), ("zone", zone)];
    assert!(browser.open("/settings/security").await.text().contains(" UTC\""));
    assert_eq!(browser.fill(PROFILE, to, &choice("Asia/Kolkata")).await.status, 303);
    let page = browser.open("/settings/security").await;
    assert!(page.text().contains(" IST\"") && !page.text().contains(" UTC\""), "{}", page.text());
    assert!(browser.open(PROFILE).await.text().contains("<option selected>Asia/Kolkata<"));
    assert_eq!(browser.fill(PROFILE, to, &choice("Asia/Nowhere")).await.status, 422);
}

#[tokio::test]
async fn the_key_policy_is_set_by_those_who_may_and_what_is_odd_stands_beside_its_field() {
    const POLICY: &str = "/settings/api-keys/policy";
    let (app, ann) = team::team().await;
    let mut browser = Browser::of(&app, ANN).await;
    let wish = |days| [("leak_policy", "notify"), ("max_lifetime_days", days)];
    for odd in ["0", "-1", "3651", "a year", "<b>"] {
        let refused = browser.fill(POLICY, POLICY, &wish(odd)).await;
        assert_eq!(refused.status, 422, "{odd}");
        assert!(refused.text().contains("Whole days, from 1 to 3650, or nothing."), "{odd}");
        assert!(!refused.text().contains("<b>"));
    }
    assert_eq!(browser.fill(POLICY, POLICY, &wish("30")).await.status, 303);
    let policy = json!({ "leak_policy": "notify", "max_lifetime_days": 30 });
    assert_eq!(ann.get("/v1/settings/key-policy").await.body, policy);
    assert_eq!(browser.fill(POLICY, POLICY, &wish("")).await.status, 303);
    let policy = json!({ "leak_policy": "notify", "max_lifetime_days": null });
    assert_eq!(ann.get("/v1/settings/key-policy").await.body, policy);

    team::join(&app, &ann, "eve@example.com", "viewer").await;
    let mut eve = Browser::of(&app, "eve@example.com").await;
    let page = eve.open(POLICY).await;
    assert!(page.text().contains("<fieldset disabled>") && !page.text().contains(">Save<"));
    assert_eq!(eve.fill(POLICY, POLICY, &wish("1")).await.status, 403);
}
