use serde_json::{Value, json};

use crate::support::{NOW, PASSWORD, TestApp};

#[tokio::test]
async fn a_registration_signs_in() {
    let app = TestApp::start().await;
    let wish = json!({ "email": "Ann@Example.com", "password": PASSWORD, "name": "Ann" });
    let reply = app.anonymous().post("/v1/auth/register", wish.clone()).await;
    assert_eq!(reply.status, 201, "{}", reply.body);
    assert_eq!(reply.body["user"]["email"], "ann@example.com");
    assert_eq!(reply.body["user"]["plan"], "free");
    assert!(reply.body["user"]["id"].is_i64());
    let me = app.bearer(reply.body["token"].as_str().unwrap()).get("/v1/auth/me").await;
    assert_eq!(me.body["name"], "Ann");

    let again = app.anonymous().post("/v1/auth/register", wish).await;
    assert_eq!((again.status, &again.body["error"]), (409, &json!("conflict")));
}

#[tokio::test]
async fn a_weak_registration_is_told_all_that_is_missing() {
    let app = TestApp::start().await;
    let wish = json!({ "email": "nobody", "password": "short", "name": "a\nb" });
    let reply = app.anonymous().post("/v1/auth/register", wish).await;
    assert_eq!((reply.status, &reply.body["error"]), (422, &json!("validation_failed")));
    let fields: Vec<_> =
        reply.body["errors"].as_array().unwrap().iter().map(|e| &e["field"]).collect();
    assert_eq!(fields, ["email", "name", "password"]);
    assert!(reply.body["errors"][2]["message"].as_str().unwrap().contains("15 characters"));
}

#[tokio::test]
async fn sign_up_can_be_closed() {
    let app = TestApp::with(&[("auth.allow_sign_up", "false")]).await;
    let wish = json!({ "email": "ann@example.com", "password": PASSWORD });
    let reply = app.anonymous().post("/v1/auth/register", wish).await;
    assert_eq!((reply.status, &reply.body["code"]), (403, &json!("sign_up_closed")));
}

#[tokio::test]
async fn a_new_account_gets_the_default_plan() {
    let app = TestApp::with(&[("plans.default", "custom")]).await;
    let user = app.user("ann@example.com").await;
    assert_eq!(user.get("/v1/auth/me").await.body["plan"], "custom");
}

#[tokio::test]
async fn a_login_answers_as_documented() {
    let app = TestApp::start().await;
    app.user("ann@example.com").await;
    let sent = json!({ "email": "ANN@example.com", "password": PASSWORD });
    let reply = app.anonymous().post("/v1/auth/login", sent).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    let token = reply.body["token"].as_str().unwrap();
    assert_eq!(reply.body["expires_at"], NOW.plus_ms(model::DAY_MS).to_string());
    assert_eq!(reply.body["user"]["email"], "ann@example.com");
    assert!(token.starts_with("eyJ"), "{token}");
    let members: Vec<_> = reply.body.as_object().unwrap().keys().collect();
    assert_eq!(members, ["expires_at", "token", "user"]);
    assert_eq!(app.bearer(token).get("/v1/auth/me").await.status, 200);
}

#[tokio::test]
async fn nobody_learns_whether_an_address_is_known() {
    let app = TestApp::start().await;
    app.user("ann@example.com").await;
    let try_it = |email: &str, password: &str| {
        let sent = json!({ "email": email, "password": password });
        let client = app.anonymous();
        async move { client.post("/v1/auth/login", sent).await }
    };
    let wrong = try_it("ann@example.com", "gurgling walnut ferry tux").await;
    let unknown = try_it("bob@example.com", PASSWORD).await;
    let odd = try_it("", "").await;
    assert_eq!(wrong.status, 401);
    assert_eq!(wrong.body["message"], "Invalid or missing authentication");
    for other in [unknown, odd] {
        assert_eq!(other.status, 401);
        assert_eq!(other.constant(), wrong.constant());
        assert_eq!(other.header("www-authenticate"), wrong.header("www-authenticate"));
    }
}

#[tokio::test]
async fn a_token_ends_after_a_day_to_the_second() {
    let app = TestApp::start().await;
    let user = app.user("ann@example.com").await;
    app.clock.advance(86_399_000);
    assert_eq!(user.get("/v1/auth/me").await.status, 200);
    app.clock.advance(1_000);
    assert_eq!(user.get("/v1/auth/me").await.status, 401);
}

#[tokio::test]
async fn a_logout_ends_the_token_and_no_other() {
    let app = TestApp::start().await;
    let one = app.user("ann@example.com").await;
    let sent = json!({ "email": "ann@example.com", "password": PASSWORD });
    let reply = app.anonymous().post("/v1/auth/login", sent).await;
    let two = app.bearer(reply.body["token"].as_str().unwrap());
    assert_eq!(one.post("/v1/auth/logout", json!({})).await.status, 204);
    assert_eq!(one.get("/v1/auth/me").await.status, 401);
    assert_eq!(one.post("/v1/auth/logout", json!({})).await.status, 401);
    assert_eq!(two.get("/v1/auth/me").await.status, 200);
}

#[tokio::test]
async fn tokens_outlive_a_restart() {
    let app = TestApp::start().await;
    let user = app.user("ann@example.com").await;
    let token = user.authorization.clone().unwrap();
    let app = app.restart().await;
    let user = app.bearer(token.strip_prefix("Bearer ").unwrap());
    assert_eq!(user.get("/v1/auth/me").await.status, 200);
}

#[tokio::test]
async fn a_key_cannot_sign_out() {
    let app = TestApp::start().await;
    let user = app.user("ann@example.com").await;
    let (_, key) = app.key(&user, json!({ "name": "ci" })).await;
    let reply = key.post("/v1/auth/logout", json!({})).await;
    assert_eq!((reply.status, &reply.body["code"]), (403, &json!("sign_in_required")));
    assert_eq!(key.get("/v1/auth/me").await.body["auth"]["method"], Value::from("api_key"));
}
