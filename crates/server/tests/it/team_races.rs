//! Changes of a team while everybody is at it: what was taken away is not used once the answer is
//! there, and of many who want the last place one gets it.

use http::Method;
use model::Plan;
use serde_json::json;

use crate::races::{Asked, hammer_with};
use crate::support::{TestApp, roomy, token};
use crate::team::{accept, invite, join, team};

/// Something that a member may ask and a viewer may not, and that changes nothing.
fn a_members() -> Asked {
    let body = json!({ "ids": [987_654] });
    Asked { method: Method::POST, path: "/v1/auth/api-keys/revoke", body: Some(body) }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_request_sent_after_a_demotion_does_more_than_the_new_role() {
    let (app, ann) = team().await;
    let (id, bob) = join(&app, &ann, "bob@example.com", "member").await;
    let wish = json!({ "name": "ci", "scopes": ["keys:write", "scans:read"] });
    let (_, key) = app.key(&bob, wish).await;
    let demote = async {
        let sent = json!({ "role": "viewer" });
        assert_eq!(ann.patch(&format!("/v1/team/members/{id}"), sent).await.status, 200);
    };
    assert_eq!(hammer_with(&[bob.clone(), key.clone()], a_members(), demote).await, 0);
    for still_in in [bob, key] {
        assert_eq!(still_in.get("/v1/auth/me").await.status, 200);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_request_sent_after_a_removal_passes() {
    let (app, ann) = team().await;
    let (id, bob) = join(&app, &ann, "bob@example.com", "member").await;
    let (_, key) = app.key(&bob, json!({ "name": "ci" })).await;
    let remove = async {
        let path = format!("/v1/team/members/{id}?keys=revoke");
        assert_eq!(ann.delete(&path).await.status, 200);
    };
    let me = Asked { method: Method::GET, path: "/v1/auth/me", body: None };
    assert_eq!(hammer_with(&[bob, key], me, remove).await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_request_sent_after_a_suspension_passes_for_anybody_of_the_team() {
    let (app, ann) = team().await;
    let (_, bob) = join(&app, &ann, "bob@example.com", "member").await;
    let (_, key) = app.key(&bob, json!({ "name": "ci" })).await;
    let operator = app.operator().await;
    let suspend = async {
        operator.suspend("bob@example.com", None).await.unwrap();
    };
    let me = Asked { method: Method::GET, path: "/v1/auth/me", body: None };
    assert_eq!(hammer_with(&[ann, bob, key], me, suspend).await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_owners_who_demote_each_other_at_once_leave_one() {
    let (app, ann) = team().await;
    let (bob_id, bob) = join(&app, &ann, "bob@example.com", "owner").await;
    let ann_id = ann.get("/v1/auth/me").await.body["id"].as_i64().unwrap();
    for _ in 0..5 {
        let demote = |by: &crate::support::Client, id: i64| {
            let by = by.clone();
            tokio::spawn(async move {
                by.patch(&format!("/v1/team/members/{id}"), json!({ "role": "member" }))
                    .await
                    .status
            })
        };
        let (one, two) = (demote(&ann, bob_id), demote(&bob, ann_id));
        let mut answers = [one.await.unwrap(), two.await.unwrap()];
        answers.sort_unstable();
        assert!(answers == [200, 403] || answers == [200, 409], "{answers:?}");
        let team = ann.get("/v1/team").await.body;
        let owners: Vec<_> = team["members"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|member| member["role"] == "owner")
            .collect();
        assert_eq!(owners.len(), 1, "{team}");
        let (owner, other) = match owners[0]["id"] == json!(ann_id) {
            true => (&ann, bob_id),
            false => (&bob, ann_id),
        };
        let back =
            owner.patch(&format!("/v1/team/members/{other}"), json!({ "role": "owner" })).await;
        assert_eq!(back.status, 200, "{}", back.body);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_twenty_who_want_the_last_seat_one_gets_it() {
    let app = TestApp::start().await;
    let ann = app.user("ann@example.com").await;
    app.put_on("ann@example.com", &Plan { id: "two".to_owned(), seats: 2, ..roomy() }).await;
    let mut tokens = Vec::new();
    for number in 0..20 {
        let email = format!("p{number}@example.com");
        assert_eq!(invite(&ann, &email, "member").await.status, 201);
        tokens.push(token(&app.letter(&email, "You are invited to a team", 1).await));
    }
    let answers = tokens.iter().map(|token| accept(&app, token));
    let answers = futures_util::future::join_all(answers).await;
    let won = answers.iter().filter(|answer| answer.status == 201).count();
    let full = answers.iter().filter(|answer| answer.body["code"] == "seat_limit_reached").count();
    let busy = answers.iter().filter(|answer| answer.status == 503).count();
    assert_eq!((won, won + full + busy), (1, 20), "{answers:?}");
    assert_eq!(ann.get("/v1/team").await.body["seats_used"], 2);
}
