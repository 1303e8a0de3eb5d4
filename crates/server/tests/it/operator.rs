use model::{Role, Scope};
use serde_json::json;
use server::operator::{OperatorError, UserOrder};

use crate::support::{PASSWORD, TestApp};

fn order(email: &str) -> UserOrder {
    UserOrder {
        email: email.to_owned(),
        name: Some("Ann".to_owned()),
        plan: Some("professional".to_owned()),
        role: Role::User,
        password: None,
    }
}

fn refusal<T: std::fmt::Debug>(outcome: Result<T, OperatorError>) -> String {
    match outcome.unwrap_err() {
        OperatorError::Refused(text) => text,
        failed @ OperatorError::Failed(_) => panic!("{failed}"),
    }
}

#[tokio::test]
async fn what_the_operator_does_holds_in_the_running_server() {
    let app = TestApp::start().await;
    let operator = app.operator().await;
    let user = operator.create_user(order("Ann@example.com")).await.unwrap();
    let shown = serde_json::to_value(&user).unwrap();
    let password = shown["password"].as_str().unwrap();
    assert_eq!(
        shown,
        json!({ "id": user.id, "email": "ann@example.com", "plan": "professional", "password": password })
    );
    let login = json!({ "email": "ann@example.com", "password": password });
    assert_eq!(
        app.anonymous().post("/v1/auth/login", login).await.body["user"]["plan"],
        "professional"
    );

    let key = operator.create_key("ann@example.com", "ci", None).await.unwrap();
    let client = app.bearer(&key.api_key);
    let me = client.get("/v1/auth/me").await.body;
    assert_eq!(me["auth"]["key_id"], key.key_id.as_str());
    assert_eq!(me["auth"]["scopes"].as_array().unwrap().len(), Scope::defaults().len());
    assert_eq!(client.get("/v1/auth/me").await.status, 200);
    operator.revoke_key(&key.key_id).await.unwrap();
    assert_eq!(client.get("/v1/auth/me").await.status, 401);

    let narrow = operator.create_key("ann@example.com", "x", Some(vec![Scope::ScansRead])).await;
    let me = app.bearer(&narrow.unwrap().api_key).get("/v1/auth/me").await.body;
    assert_eq!(me["auth"]["scopes"], json!(["scans:read"]));
}

#[tokio::test]
async fn impossible_orders_are_explained() {
    let app = TestApp::start().await;
    let operator = app.operator().await;
    operator.create_user(order("ann@example.com")).await.unwrap();
    assert!(refusal(operator.create_user(order("ANN@example.com")).await).contains("already"));
    let plan = UserOrder { plan: Some("gold".to_owned()), ..order("bob@example.com") };
    assert!(refusal(operator.create_user(plan).await).contains("no plan `gold`"));
    let weak = UserOrder { password: Some("short".to_owned()), ..order("bob@example.com") };
    assert!(refusal(operator.create_user(weak).await).contains("15 characters"));
    let own = UserOrder { password: Some(PASSWORD.to_owned()), ..order("bob@example.com") };
    assert_eq!(operator.create_user(own).await.unwrap().password, None);
    assert!(refusal(operator.create_user(order("nobody")).await).contains("e-mail"));
    assert!(refusal(operator.create_key("eve@example.com", "x", None).await).contains("no user"));
    assert!(refusal(operator.create_key("ann@example.com", "", None).await).contains("name"));
    assert!(refusal(operator.set_plan("ann@example.com", "gold").await).contains("no plan"));
    assert!(refusal(operator.suspend("eve@example.com", None).await).contains("no user"));
    assert!(refusal(operator.revoke_key("cl_nope").await).contains("public half"));
    assert!(refusal(operator.revoke_key("cl_000000000000").await).contains("no living key"));
}
