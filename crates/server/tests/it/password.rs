use serde_json::json;

use crate::support::{PASSWORD, TestApp};

const NEW: &str = "seven purple anvils waltz";

#[tokio::test]
async fn a_new_password_ends_every_other_session() {
    let app = TestApp::start().await;
    let one = app.user("ann@example.com").await;
    let login = |password: &'static str| {
        let client = app.anonymous();
        let sent = json!({ "email": "ann@example.com", "password": password });
        async move { client.post("/v1/auth/login", sent).await }
    };
    let two = app.bearer(login(PASSWORD).await.body["token"].as_str().unwrap());
    let (_, key) = app.key(&one, json!({ "name": "ci" })).await;

    let change = json!({ "current_password": PASSWORD, "new_password": NEW });
    assert_eq!(one.post("/v1/auth/password/change", change).await.status, 204);
    assert_eq!(one.get("/v1/auth/me").await.status, 200);
    assert_eq!(two.get("/v1/auth/me").await.status, 401);
    assert_eq!(key.get("/v1/auth/me").await.status, 200);
    assert_eq!(login(PASSWORD).await.status, 401);
    app.clock.advance(model::SECOND_MS);
    assert_eq!(login(NEW).await.status, 200);
}

#[tokio::test]
async fn a_change_needs_the_old_password_and_a_good_new_one() {
    let app = TestApp::start().await;
    let user = app.user("ann@example.com").await;
    for (current, new, field) in [
        ("wrong", NEW, "current_password"),
        (PASSWORD, "short", "new_password"),
        (PASSWORD, "ann@example.com", "new_password"),
    ] {
        let change = json!({ "current_password": current, "new_password": new });
        let reply = user.post("/v1/auth/password/change", change).await;
        app.clock.advance(model::SECOND_MS);
        assert_eq!((reply.status, &reply.body["errors"][0]["field"]), (422, &json!(field)));
    }
    // Whoever tries passwords with a stolen token is seen.
    let log = user.get("/v1/audit-log?action=sign_in.failed").await.body;
    assert_eq!(log["entries"].as_array().map(Vec::len), Some(1), "{log}");
}

#[tokio::test]
async fn only_a_key_that_may_everything_changes_it() {
    let app = TestApp::start().await;
    let user = app.user("ann@example.com").await;
    let change = json!({ "current_password": PASSWORD, "new_password": NEW });
    let (_, usual) = app.key(&user, json!({ "name": "usual" })).await;
    let reply = usual.post("/v1/auth/password/change", change.clone()).await;
    assert_eq!((reply.status, &reply.body["error"]), (403, &json!("insufficient_scope")));
    let scopes: Vec<_> = model::Scope::ALL.iter().map(|scope| scope.as_str()).collect();
    let (_, full) = app.key(&user, json!({ "name": "full", "scopes": scopes })).await;
    assert_eq!(full.post("/v1/auth/password/change", change).await.status, 204);
    assert_eq!(user.get("/v1/auth/me").await.status, 401);
}

#[tokio::test]
async fn a_stolen_password_is_refused_as_soon_as_a_list_is_imported() {
    use sha1::{Digest, Sha1};
    let app = TestApp::start().await;
    let user = app.user("ann@example.com").await;
    let change = |new: &str| {
        let change = json!({ "current_password": PASSWORD, "new_password": new });
        let user = user.clone();
        async move { user.post("/v1/auth/password/change", change).await }
    };
    let digest: String = Sha1::digest(NEW).iter().map(|byte| format!("{byte:02X}")).collect();
    let list = app.folder.path().join("list.txt");
    std::fs::write(&list, format!("{digest}:7\n")).unwrap();
    server::breached::import(&app.config.data_dir, &list).unwrap();
    let refused = change(NEW).await;
    assert_eq!(
        (refused.status, &refused.body["errors"][0]["field"]),
        (422, &json!("new_password"))
    );
    assert!(refused.body["message"].as_str().unwrap().contains("stolen"), "{}", refused.body);
    let wish = json!({ "email": "bob@example.com", "password": NEW });
    let refused = app.anonymous().post("/v1/auth/register", wish).await;
    assert_eq!((refused.status, &refused.body["errors"][0]["field"]), (422, &json!("password")));
    assert_eq!(change("eleven silver kettles hum").await.status, 204);
}
