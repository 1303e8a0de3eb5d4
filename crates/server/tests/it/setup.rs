use serde_json::json;

use crate::browser::Browser;
use crate::support::{PASSWORD, Reply, TestApp};

fn path(app: &TestApp) -> String {
    let link = app.server.setup_link().unwrap();
    link.strip_prefix(app.server.base_url()).unwrap().to_owned()
}

async fn submit(app: &TestApp, token: &str, email: &str, password: &str) -> Reply {
    let fields = [("token", token), ("email", email), ("password", password)];
    Browser::new(app).fill("/login", "/setup", &fields).await
}

#[tokio::test]
async fn the_first_start_hands_out_one_link() {
    let app = TestApp::start().await;
    let path = path(&app);
    let token = path.split_once("token=").unwrap().1.to_owned();
    assert_eq!(token.len(), 32);
    let page = app.anonymous().get(&path).await;
    assert_eq!(page.status, 200);
    assert!(page.header("content-type").starts_with("text/html"));
    assert!(page.header("content-security-policy").contains("form-action 'self'"));
    assert_eq!(page.header("cache-control"), "no-store");
    assert!(page.text().contains("name=\"password\""));

    for wrong in ["/setup", "/setup?token=", "/setup?token=00000000000000000000000000000000"] {
        assert_eq!(app.anonymous().get(wrong).await.status, 404, "{wrong}");
    }
    assert_eq!(submit(&app, "wrong", "ann@example.com", PASSWORD).await.status, 404);

    let weak = submit(&app, &token, "<b>@example.com", "short").await;
    assert_eq!(weak.status, 422);
    assert!(weak.text().contains("at least 15 characters"), "{}", weak.text());
    assert!(weak.text().contains("&#60;b&#62;@example.com") && !weak.text().contains("<b>"));

    let done = submit(&app, &token, "ann@example.com", PASSWORD).await;
    assert_eq!(done.status, 303, "{}", done.body);
    assert!(done.header("set-cookie").starts_with("__Host-cl_session="), "signed in at once");
    let login = json!({ "email": "ann@example.com", "password": PASSWORD });
    assert_eq!(app.anonymous().post("/v1/auth/login", login).await.status, 200);

    assert_eq!(app.anonymous().get(&path).await.status, 404);
    assert_eq!(submit(&app, &token, "eve@example.com", PASSWORD).await.status, 404);
    let app = app.restart().await;
    assert_eq!(app.server.setup_link(), None);
}

#[tokio::test]
async fn the_link_outlives_a_restart() {
    let app = TestApp::start().await;
    let before = path(&app);
    let app = app.restart().await;
    assert_eq!(path(&app), before);
}

#[tokio::test]
async fn an_administrator_made_elsewhere_closes_the_page() {
    let app = TestApp::start().await;
    let path = path(&app);
    app.admin("ann@example.com").await;
    assert_eq!(app.anonymous().get(&path).await.status, 404);
}

#[tokio::test]
async fn the_page_says_how_the_instance_stands_and_keeps_what_was_typed() {
    let app = TestApp::with(&[("server.public_url", "https://cl.example.com")]).await;
    let path = path(&app);
    let mut browser = Browser::new(&app);
    let page = browser.open(&path).await;
    for part in [
        "<code>https://cl.example.com</code>",
        "Your browser reaches it as:",
        "<code>localhost</code>",
        "auth.allow_sign_up",
        "mail.smtp_url",
        app.config.data_dir.to_str().unwrap(),
    ] {
        assert!(page.text().contains(part), "{part}: {}", page.text());
    }
    let choices = [("language", "de"), ("zone", "Europe/Berlin"), ("name", "Ann")];
    let weak = [("email", "ann@example.com"), ("password", "short")];
    let all: Vec<_> = choices.into_iter().chain(weak).collect();
    let refused = browser.fill(&path, "/setup", &all).await;
    assert_eq!(refused.status, 422);
    let text = refused.text();
    assert!(text.contains("value=\"Ann\"") && text.contains("value=\"ann@example.com\""), "{text}");
    assert!(
        text.contains("lang=\"de\" selected") && text.contains("<option selected>Europe/Berlin")
    );
    let good = [("email", "ann@example.com"), ("password", PASSWORD)];
    let all: Vec<_> = choices.into_iter().chain(good).collect();
    assert_eq!(browser.fill(&path, "/setup", &all).await.status, 303);
    assert_eq!(
        (&*browser.cookies["cl_language"], &*browser.cookies["cl_zone"]),
        ("de", "Europe/Berlin")
    );
    let profile = browser.open("/settings/profile").await;
    assert!(
        profile.text().contains("value=\"Ann\"") && profile.text().contains("<html lang=\"de\"")
    );
}

#[tokio::test]
async fn whoever_was_shown_the_page_and_is_too_late_is_told_so() {
    let app = TestApp::start().await;
    let path = path(&app);
    let mut slow = Browser::new(&app);
    let form = crate::browser::hidden(slow.open(&path).await.text());
    let token = path.split_once("token=").unwrap().1.to_owned();
    let quick = [("email", "ann@example.com"), ("password", PASSWORD)];
    assert_eq!(Browser::new(&app).fill(&path, "/setup", &quick).await.status, 303);
    let late = [("email", "eve@example.com"), ("password", PASSWORD)];
    let fields: Vec<_> =
        form.iter().map(|(name, value)| (name.as_str(), value.as_str())).chain(late).collect();
    let told = slow.submit("/setup", &fields).await;
    assert_eq!(told.status, 200, "{}", told.text());
    assert!(told.text().contains("The set-up was just completed"), "{}", told.text());
    // The token alone tells nothing.
    assert_eq!(submit(&app, &token, "eve@example.com", PASSWORD).await.status, 404);
}
