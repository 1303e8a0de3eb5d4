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
