//! The way in: what is typed stays, what is wrong is said on top, and a dead end has a way on.

use model::MINUTE_MS;
use serde_json::json;

use crate::browser::Browser;
use crate::scans::start;
use crate::support::{PASSWORD, TestApp, roomy, token};

#[tokio::test]
async fn whoever_is_signed_in_changes_the_language_of_pages_without_navigation() {
    let app = TestApp::start().await;
    let mut ann = Browser::signed_in(&app, "ann@example.com").await;
    for page in ["/verify", "/password/forgot", "/register", "/free-scan"] {
        for language in ["de", "en"] {
            let changed = ann.fill(page, "/language", &[("language", language)]).await;
            assert_eq!(changed.status, 303, "{page}: {}", changed.text());
            assert!(ann.open(page).await.text().contains(&format!("<html lang=\"{language}\"")));
        }
    }
    // Somebody else may make an account at the same browser.
    let fields = [("name", ""), ("email", "bob@example.com"), ("password", PASSWORD)];
    let fields: Vec<_> = fields.into_iter().chain([("agrees", "yes")]).collect();
    let made = ann.fill("/register", "/register", &fields).await;
    assert_eq!(made.status, 303, "{}", made.text());
    // But the token of the browser is none for what a session does.
    let form = crate::browser::hidden(ann.open("/verify").await.text());
    let foreign = [("form_token", form["form_token"].as_str())];
    assert_eq!(ann.submit("/logout", &foreign).await.status, 403);
}

#[tokio::test]
async fn too_many_attempts_are_counted_down_with_the_address_still_there() {
    let app = TestApp::start().await;
    app.user("ann@example.com").await;
    for language in ["en", "de"] {
        let mut browser = Browser::new(&app);
        browser.cookies.insert("cl_language".to_owned(), language.to_owned());
        let fields = [("email", "ann@example.com"), ("password", "wrong")];
        assert_eq!(browser.fill("/login", "/login", &fields).await.status, 422);
        let paused = browser.fill("/login", "/login", &fields).await;
        let text = paused.text();
        assert_eq!(paused.status, 429, "{text}");
        let wait = paused.header("retry-after");
        assert!(
            text.contains(&format!("<span data-wait=\"{wait}\" data-stay>{wait}</span>")),
            "{text}"
        );
        assert!(text.contains("value=\"ann@example.com\""), "{text}");
        assert!(!text.contains("/settings/api-keys"), "guests have no keys to go to");
        app.clock.advance(MINUTE_MS);
    }
}

#[tokio::test]
async fn a_refused_form_says_on_top_what_is_wrong_and_keeps_what_was_typed() {
    let app = TestApp::start().await;
    let mut browser = Browser::new(&app);
    let fields = [("name", "Ann"), ("email", "nonsense"), ("password", "short")];
    let ticked: Vec<_> = fields.into_iter().chain([("agrees", "yes")]).collect();
    let refused = browser.fill("/register", "/register", &ticked).await;
    let text = refused.text();
    assert_eq!(refused.status, 422);
    assert!(text.contains("2 things are not right yet"), "{text}");
    assert!(
        text.contains("<li><a href=\"#email\">E-mail address: must be an e-mail address"),
        "{text}"
    );
    assert!(text.contains("<li><a href=\"#password\">Password: must have at least"), "{text}");
    assert!(text.contains("value=\"Ann\"") && text.contains("value=\"nonsense\""), "{text}");
    assert!(text.contains("name=\"agrees\" value=\"yes\" required checked"), "{text}");
    assert_eq!(text.matches(" autofocus").count(), 1, "{text}");
    assert!(text.contains("tabindex=\"-1\" autofocus><h2 id=\"problems-title\">"), "{text}");

    // The tick is looked at here too, not by the browser alone.
    let good = [("name", ""), ("email", "ann@example.com"), ("password", PASSWORD)];
    let refused = browser.fill("/register", "/register", &good).await;
    assert_eq!(refused.status, 422);
    assert!(refused.text().contains("id=\"agrees-problem\""), "{}", refused.text());
    let made: Vec<_> = good.into_iter().chain([("agrees", "yes")]).collect();
    assert_eq!(browser.fill("/register", "/register", &made).await.status, 303);
}

#[tokio::test]
async fn sign_up_says_what_an_account_is_and_letters_without_a_mail_server_where_they_are() {
    let app = TestApp::start().await;
    let page = Browser::new(&app).open("/register").await;
    assert!(page.text().contains("Plan “free”: 10 scans a month."), "{}", page.text());
    assert!(page.text().contains("The account works at once."), "{}", page.text());
    let fields = [("email", "ann@example.com")];
    let asked = Browser::new(&app).fill("/password/forgot", "/password/forgot", &fields).await;
    assert!(asked.text().contains("This service has no mail server"), "{}", asked.text());
}

#[tokio::test]
async fn a_spent_link_leads_to_a_new_one() {
    let app = TestApp::start().await;
    let mut browser = Browser::new(&app);
    for (page, way_on) in [
        ("/password/reset?token=x", "href=\"/password/forgot\""),
        ("/team/join?token=x", "Ask who invited you for another invitation."),
    ] {
        let spent = browser.open(page).await;
        assert_eq!(spent.status, 404, "{page}");
        assert!(spent.text().contains(way_on), "{page}: {}", spent.text());
    }
    let spent = browser.fill("/email/verify?token=x", "/email/verify", &[]).await;
    assert!(spent.text().contains("href=\"/settings/profile\""), "{}", spent.text());
}

#[tokio::test]
async fn a_reset_names_the_keys_that_were_made_lately_and_keeps_its_tick() {
    let app = TestApp::start().await;
    let ann = app.user("ann@example.com").await;
    app.key(&ann, json!({ "name": "an old one" })).await;
    app.clock.advance(31 * model::DAY_MS);
    let ann = app.sign_in("ann@example.com").await;
    app.key(&ann, json!({ "name": "made <lately>" })).await;
    let mut browser = Browser::new(&app);
    let fields = [("email", "ann@example.com")];
    browser.fill("/password/forgot", "/password/forgot", &fields).await;
    let letter = app.letter("ann@example.com", "Set a new password", 1).await;
    let page = format!("/password/reset?token={}", token(&letter));
    let shown = browser.open(&page).await;
    assert!(shown.text().contains("made &#60;lately&#62;"), "{}", shown.text());
    assert!(!shown.text().contains("an old one"), "{}", shown.text());
    let weak = [("password", "short"), ("revoke_api_keys", "yes")];
    let refused = browser.fill(&page, "/password/reset", &weak).await;
    assert_eq!(refused.status, 422);
    assert!(refused.text().contains("value=\"yes\" checked"), "{}", refused.text());
}

#[tokio::test]
async fn an_invitation_says_until_when_and_offers_to_change_accounts() {
    let app = TestApp::start().await;
    let mut ann = Browser::signed_in(&app, "ann@example.com").await;
    app.put_on("ann@example.com", &roomy()).await;
    let fields = [("email", "bob@example.com"), ("role", "member")];
    assert_eq!(
        ann.fill("/settings/team/invite", "/settings/team/invite", &fields).await.status,
        303
    );
    let letter = app.letter("bob@example.com", "You are invited", 1).await;
    let here = format!("/team/join?token={}", token(&letter));
    let page = ann.open(&here).await;
    let text = page.text();
    assert!(text.contains("You are signed in with another address:"), "{text}");
    assert!(text.contains("The invitation ends:") && text.contains("datetime="), "{text}");
    assert!(!text.contains("The team of:"), "ann's address is not confirmed: {text}");
    let left = ann.fill(&here, "/logout", &[]).await;
    assert_eq!((left.status, left.header("location")), (303, &*here));
    let page = ann.open(&here).await;
    assert!(!page.text().contains("You are signed in with another address:"));
}

#[tokio::test]
async fn anybody_scans_on_a_page_and_is_told_when_the_hour_is_used_up() {
    let (_lab, app) = start("free").await;
    let mut browser = Browser::new(&app);
    assert!(browser.open("/login").await.text().contains("href=\"/free-scan\""));
    let scan = [("domain", "https://shop.test/")];
    let shown = browser.fill("/free-scan", "/free-scan", &scan).await;
    let text = shown.text();
    assert_eq!(shown.status, 200, "{text}");
    assert!(text.contains("<h1>Free scan of shop.test</h1>"), "{text}");
    assert_eq!(text.matches("<details class=\"finding\">").count(), 3, "{text}");
    assert!(text.contains("more findings are in the whole report"), "{text}");
    // A typing error is said in words and costs nothing.
    for language in ["en", "de"] {
        browser.cookies.insert("cl_language".to_owned(), language.to_owned());
        for _ in 0..3 {
            let refused =
                browser.fill("/free-scan", "/free-scan", &[("domain", "localhost")]).await;
            assert_eq!(refused.status, 422, "{}", refused.text());
            assert!(refused.text().contains("value=\"localhost\""));
            assert!(!refused.text().contains('`'), "{}", refused.text());
        }
    }
}

#[tokio::test]
async fn an_instance_without_free_scans_has_no_page_for_them() {
    let app = TestApp::with(&[("scan.allow_free_scans", "false")]).await;
    let mut browser = Browser::new(&app);
    assert_eq!(browser.open("/free-scan").await.status, 404);
    assert!(!browser.open("/login").await.text().contains("/free-scan"));
}
