//! What goes wrong, as a page: the right words in both languages, and a next step.

use model::{MINUTE_MS, Plan};

use crate::browser::{Browser, hidden};
use crate::support::{PASSWORD, Reply, TestApp, roomy};

/// Sends what `ask` does, once in each language, and expects the heading, a text and a link.
async fn expect(reply: &Reply, status: u16, heading: &str, link: &str) {
    let text = reply.text();
    assert_eq!(reply.status, status, "{text}");
    assert!(text.contains(&format!("<h1>{heading}</h1>")), "{heading}: {text}");
    assert!(text.contains(&format!("href=\"{link}\"")), "{link}: {text}");
    assert!(!text.contains('`'), "no text of the API stands on a page: {text}");
}

fn speak(browser: &mut Browser, language: &str) {
    browser.cookies.insert("cl_language".to_owned(), language.to_owned());
}

#[tokio::test]
async fn a_suspended_and_a_disabled_account_are_told_apart() {
    let app = TestApp::start().await;
    let mut ann = Browser::signed_in(&app, "ann@example.com").await;
    let operator = app.operator().await;
    operator.suspend("ann@example.com", None).await.unwrap();
    for (language, heading) in [("en", "Account suspended"), ("de", "Konto gesperrt")] {
        speak(&mut ann, language);
        expect(&ann.open("/overview").await, 403, heading, "/login").await;
    }
    operator.disable("ann@example.com", None).await.unwrap();
    for (language, heading) in [("en", "Account switched off"), ("de", "Konto abgeschaltet")] {
        speak(&mut ann, language);
        expect(&ann.open("/overview").await, 403, heading, "/login").await;
    }
    // At sign-in it is said only to who knows the password.
    let mut eve = Browser::new(&app);
    let wrong = [("email", "ann@example.com"), ("password", "wrong")];
    assert_eq!(eve.fill("/login", "/login", &wrong).await.status, 422);
    app.clock.advance(MINUTE_MS);
    let right = [("email", "ann@example.com"), ("password", PASSWORD)];
    expect(&eve.fill("/login", "/login", &right).await, 403, "Account switched off", "/login")
        .await;
}

#[tokio::test]
async fn a_spent_quota_and_a_plan_that_is_too_small_lead_to_the_plan() {
    let app = TestApp::start().await;
    let mut ann = Browser::signed_in(&app, "ann@example.com").await;
    let spent = Plan { id: "spent".to_owned(), scans_per_month: 0, ..roomy() };
    app.put_on("ann@example.com", &spent).await;
    for language in ["en", "de"] {
        speak(&mut ann, language);
        let fields = [("domain", "example.com"), ("profile", "safe")];
        let reply = ann.fill("/scans/new", "/scans", &fields).await;
        // The form says it, with what was typed.
        assert!(reply.status >= 400, "{}", reply.status);
        assert!(reply.text().contains("href=\"/settings/usage\""), "{}", reply.text());
        assert!(reply.text().contains("value=\"example.com\""), "{}", reply.text());
        assert!(reply.text().contains("<nav class=\"side\""), "the navigation stays");
    }
}

#[tokio::test]
async fn a_rate_limit_counts_down_and_asks_again_by_itself_where_nothing_was_sent() {
    let app = TestApp::start().await;
    let mut ann = Browser::signed_in(&app, "ann@example.com").await;
    app.limit("ann@example.com", 2).await;
    while ann.open("/overview").await.status == 200 {}
    for (language, heading) in [("en", "One moment"), ("de", "Einen Moment")] {
        speak(&mut ann, language);
        let limited = ann.open("/scans").await;
        expect(&limited, 429, heading, "/scans").await;
        let wait = limited.header("retry-after");
        assert!(
            limited.text().contains(&format!("data-wait=\"{wait}\""))
                && !limited.text().contains("data-stay")
        );
        assert!(limited.text().contains("http-equiv=\"refresh\""));
    }
    app.clock.advance(2 * MINUTE_MS);
    assert_eq!(ann.open("/scans").await.status, 200);
}

#[tokio::test]
async fn what_is_gone_was_never_there_and_has_a_way_on() {
    let app = TestApp::start().await;
    let mut ann = Browser::signed_in(&app, "ann@example.com").await;
    let mut guest = Browser::new(&app);
    for (language, heading) in [("en", "Nothing here"), ("de", "Hier ist nichts")] {
        speak(&mut ann, language);
        speak(&mut guest, language);
        for path in ["/scans/4711", "/no-such-page", "/settings/api-keys/99"] {
            let page = ann.open(path).await;
            expect(&page, 404, heading, "/overview").await;
            assert!(page.text().contains("<nav class=\"side\""), "{path}");
        }
        expect(&guest.open("/no-such-page").await, 404, heading, "/login").await;
        expect(&ann.open("/settings/profile/email").await, 405, heading, "/overview").await;
    }
    // Programs get what they always got.
    let reply = app.anonymous().get("/no-such-page").await;
    assert_eq!((reply.status, &reply.body["error"]), (404, &"not_found".into()));
}

#[tokio::test]
async fn a_fault_of_ours_names_the_request_and_nothing_of_its_inside() {
    let app = TestApp::start().await;
    let secret = app.config.data_dir.join("secrets/setup-token");
    std::fs::write(&secret, "too short").unwrap();
    let mut guest = Browser::new(&app);
    for (language, heading) in
        [("en", "Something broke on our side"), ("de", "Bei uns ist etwas kaputtgegangen")]
    {
        speak(&mut guest, language);
        let broken = guest.open("/setup?token=x").await;
        expect(&broken, 500, heading, "/setup?token=x").await;
        let id = broken.header("x-request-id").to_owned();
        assert!(broken.text().contains(&format!("<code>{id}</code>")), "{}", broken.text());
        assert!(!broken.text().contains("setup-token"), "{}", broken.text());
    }
}

#[tokio::test]
async fn an_address_that_is_not_confirmed_can_have_another_letter_from_where_it_is_missed() {
    let settings = [
        ("auth.require_email_verification", "true"),
        ("mail.smtp_url", "smtp://127.0.0.1:9?tls=none"),
        ("mail.from", "x@example.com"),
    ];
    let app = TestApp::with(&settings).await;
    let fields =
        [("name", ""), ("email", "ann@example.com"), ("password", PASSWORD), ("agrees", "yes")];
    let mut ann = Browser::new(&app);
    let registered = ann.fill("/register", "/register", &fields).await;
    assert!(registered.text().contains("Check your mail"), "{}", registered.text());
    let fields = [("email", "ann@example.com"), ("password", PASSWORD)];
    assert_eq!(ann.fill("/login", "/login", &fields).await.status, 303);
    let form = hidden(ann.open("/scans/new").await.text());
    let mut fields: Vec<_> =
        form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    fields.extend([("domain", "example.com"), ("profile", "safe")]);
    for (language, heading) in [
        ("en", "Confirm your e-mail address first"),
        ("de", "Bestätigen Sie zuerst Ihre E-Mail-Adresse"),
    ] {
        speak(&mut ann, language);
        let refused = ann.submit("/scans", &fields).await;
        expect(&refused, 403, heading, "/overview").await;
        assert!(refused.text().contains("action=\"/settings/profile/letter\""));
    }
    let sent = ann.fill("/overview", "/settings/profile/letter", &[]).await;
    assert_eq!(sent.header("location"), "/settings/profile?done=letter-sent");
}

#[tokio::test]
async fn a_role_that_may_not_is_said_with_the_role() {
    let app = TestApp::start().await;
    let mut ann = Browser::signed_in(&app, "ann@example.com").await;
    app.put_on("ann@example.com", &roomy()).await;
    let fields = [("email", "bob@example.com"), ("role", "viewer")];
    assert_eq!(
        ann.fill("/settings/team/invite", "/settings/team/invite", &fields).await.status,
        303
    );
    let letter = app.letter("bob@example.com", "You are invited", 1).await;
    let token = crate::support::token(&letter);
    let join = format!("/team/join?token={token}");
    let mut bob = Browser::new(&app);
    let fields = [("name", "Bob"), ("password", PASSWORD)];
    assert_eq!(bob.fill(&join, "/team/join", &fields).await.status, 200);
    let mut bob = Browser::of(&app, "bob@example.com").await;
    for (language, heading, role) in
        [("en", "Not for your role", "Viewer"), ("de", "Nicht für Ihre Rolle", "Betrachter")]
    {
        speak(&mut bob, language);
        let refused = bob.open("/settings/api-keys/new").await;
        expect(&refused, 403, heading, "/settings/team").await;
        assert!(
            refused.text().contains(&format!("“{role}”"))
                || refused.text().contains(&format!("„{role}“")),
            "{}",
            refused.text()
        );
    }
}
