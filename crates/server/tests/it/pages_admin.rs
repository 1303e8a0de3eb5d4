//! The operator's pages: for others they do not exist; what they change holds at once.

use http::Method;
use model::Role;
use serde_json::json;
use server::operator::UserOrder;

use crate::browser::Browser;
use crate::support::{PASSWORD, TestApp};

const EVIL: &str = "<script>alert(1)</script>\"onmouseover='x'";

/// A browser whose user operates the instance.
async fn operator(app: &TestApp) -> Browser {
    let order = UserOrder {
        email: "root@example.com".to_owned(),
        name: None,
        plan: None,
        role: Role::Admin,
        password: Some(PASSWORD.to_owned()),
    };
    app.operator().await.create_user(order).await.unwrap();
    Browser::of(app, "root@example.com").await
}

/// The path of a user's page, from the list.
async fn path_of(browser: &mut Browser, email: &str) -> String {
    let list = browser.open(&format!("/admin/users?email={email}")).await;
    let row = list.text().split(&format!("\">{email}</a>")).next().unwrap();
    row.rsplit("href=\"").next().unwrap().to_owned()
}

#[tokio::test]
async fn the_operators_pages_exist_for_operators_alone() {
    let app = TestApp::start().await;
    let mut root = operator(&app).await;
    let mut ann = Browser::signed_in(&app, "ann@example.com").await;
    let user = path_of(&mut root, "ann@example.com").await;
    for path in
        ["/admin", "/admin/users", "/admin/plans", "/admin/plans/free", "/admin/plans/new", &user]
    {
        assert_eq!(root.open(path).await.status, 200, "{path}");
        assert_eq!(ann.open(path).await.status, 404, "{path}");
        assert_eq!(Browser::new(&app).open(path).await.status, 303, "{path}");
    }
    assert!(root.open("/overview").await.text().contains("href=\"/admin/users\""));
    assert!(!ann.open("/overview").await.text().contains("/admin"));
    for path in [user.as_str(), "/admin/plans", "/admin/plans/custom/delete"] {
        assert_eq!(ann.fill("/overview", path, &[("act", "verified")]).await.status, 404, "{path}");
    }
    assert_eq!(root.open("/admin/users/987654").await.status, 404);
    assert_eq!(root.open("/admin/plans/platinum").await.status, 404);
    // What is changed asks who sits there.
    app.clock.advance(10 * model::MINUTE_MS);
    assert_eq!(root.open("/admin/users").await.status, 200);
    assert!(root.open(&user).await.header("location").starts_with("/login?next="));
    assert_eq!(root.fill("/admin/users", &user, &[("act", "verified")]).await.status, 303);
}

#[tokio::test]
async fn an_account_is_suspended_reactivated_and_changed_on_its_page() {
    let app = TestApp::start().await;
    let mut root = operator(&app).await;
    let ann = app.user("ann@example.com").await;
    let page = path_of(&mut root, "ann@example.com").await;
    let suspend = [("act", "state"), ("state", "suspended"), ("reason", EVIL)];
    assert_eq!(root.fill(&page, &page, &suspend).await.status, 303);
    assert_eq!(ann.get("/v1/auth/me").await.body["error"], "account_suspended");
    let shown = root.open(&page).await;
    assert!(shown.text().contains("Reactivate account") && !shown.text().contains("<script>"));
    let reactivate = [("act", "state"), ("state", "active")];
    assert_eq!(root.fill(&page, &page, &reactivate).await.status, 303);
    let change = [("act", "plan"), ("plan", "starter"), ("subscription", "trialing")];
    assert_eq!(root.fill(&page, &page, &change).await.status, 303);
    let me = ann.get("/v1/auth/me").await.body;
    assert_eq!((&me["plan"], &me["subscription_status"]), (&json!("starter"), &json!("trialing")));
    let numbers = [("act", "overrides"), ("scans_per_month", "7"), ("seats", "")];
    assert_eq!(root.fill(&page, &page, &numbers).await.status, 303);
    assert_eq!(ann.get("/v1/auth/me").await.body["scan_limit"], 7);

    // What was typed stays and what is wrong is said beside it.
    let wrong = [("act", "overrides"), ("scans_per_month", "many"), ("per_hour", "-3")];
    let refused = root.fill(&page, &page, &wrong).await;
    assert_eq!(refused.status, 422);
    assert!(refused.text().contains("value=\"many\"") && refused.text().contains("whole number"));
    let refused = root.fill(&page, &page, &[("act", "overrides"), ("per_hour", "-3")]).await;
    assert!(refused.text().contains("value=\"-3\"") && refused.text().contains("negative"));
    let own = path_of(&mut root, "root@example.com").await;
    let out = root.fill(&own, &own, &[("act", "state"), ("state", "suspended")]).await;
    assert!(out.status == 422 && out.text().contains("would lock you out"), "{}", out.text());
    assert_eq!(root.fill(&page, &page, &[("act", "no-such")]).await.status, 404);
}

#[tokio::test]
async fn a_plan_is_made_changed_and_deleted_on_pages() {
    let app = TestApp::start().await;
    let mut root = operator(&app).await;
    let numbers = [
        ("per_minute", "1"),
        ("per_hour", "2"),
        ("per_day", "3"),
        ("concurrent_scans", "4"),
        ("scans_per_month", "5"),
        ("domains", "6"),
        ("seats", "7"),
        ("gates", "csv"),
        ("gates", "compare"),
    ];
    let with = |id: &'static str| [("id", id)].into_iter().chain(numbers).collect::<Vec<_>>();
    let form = "/admin/plans/new";
    let evil = root.fill(form, "/admin/plans", &with(EVIL)).await;
    assert!(evil.status == 422 && !evil.text().contains("<script>"), "{}", evil.text());
    assert!(evil.text().contains("value=\"csv\" checked"));
    let taken = root.fill(form, "/admin/plans", &with("free")).await;
    assert!(taken.status == 422 && taken.text().contains("is taken"), "{}", taken.text());
    let few = root.fill(form, "/admin/plans", &[("id", "gold"), ("per_hour", "x")]).await;
    assert!(few.status == 422 && few.text().contains("is missing"), "{}", few.text());
    assert_eq!(root.fill(form, "/admin/plans", &with("gold")).await.status, 303);
    let page = "/admin/plans/gold";
    assert!(root.open(page).await.text().contains("value=\"5\""));
    let change: Vec<_> = numbers.into_iter().chain([("seats", "70")]).collect();
    assert_eq!(root.fill(page, "/admin/plans", &change).await.status, 303);
    let admin = app.sign_in("root@example.com").await;
    let plans = admin.get("/v1/admin/plans").await.body;
    let gold = plans["plans"].as_array().unwrap().iter().find(|plan| plan["id"] == "gold").unwrap();
    assert_eq!((&gold["seats"], &gold["gates"]), (&json!(70), &json!(["compare", "csv"])));

    let used = root.fill("/admin/users", "/admin/plans/free/delete", &[]).await;
    assert!(used.status == 422 && used.text().contains("it stays"), "{}", used.text());
    assert_eq!(root.fill(page, "/admin/plans/gold/delete", &[]).await.status, 303);
    assert_eq!(root.open(page).await.status, 404);
    assert_eq!(admin.send(Method::GET, "/v1/admin/plans", None).await.status, 200);
}

#[tokio::test]
async fn a_user_is_looked_into_and_sent_a_link_for_another_password() {
    let app = TestApp::start().await;
    let mut root = operator(&app).await;
    let ann = app.user("ann@example.com").await;
    let (_, key) = app.key(&ann, json!({ "name": EVIL })).await;
    let page = path_of(&mut root, "ann@example.com").await;
    let shown = root.open(&page).await;
    let text = shown.text();
    let secret = key.authorization.unwrap();
    let (_, secret) = secret.rsplit_once('_').unwrap();
    assert!(text.contains("API Key created") && text.contains("127.0.0.1"), "{text}");
    assert!(text.contains("<code>cl_") && !text.contains(secret) && !text.contains("<script>"));
    let sent = root.fill(&page, &page, &[("act", "reset")]).await;
    let told = format!("{page}?done=letter-sent");
    assert_eq!((sent.status, sent.header("location")), (303, told.as_str()));
    assert!(root.open(&told).await.text().contains("A letter is on its way."));
    let letter = app.letter("ann@example.com", "Set a new password", 1).await;
    assert!(letter.contains("/password/reset"), "{letter}");
}
