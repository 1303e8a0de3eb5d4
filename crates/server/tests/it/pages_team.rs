//! Settings → Team without script.

use model::MINUTE_MS;
use serde_json::json;

use crate::browser::Browser;
use crate::support::{Client, TestApp, token};
use crate::team::{join, team};

const TEAM: &str = "/settings/team";
const INVITE: &str = "/settings/team/invite";
const SUBJECT: &str = "You are invited to a team";

async fn world() -> (TestApp, Client, Browser) {
    let (app, ann) = team().await;
    let page = Browser::of(&app, "ann@example.com").await;
    (app, ann, page)
}

#[tokio::test]
async fn somebody_is_invited_again_and_withdrawn() {
    let (app, ann, mut page) = world().await;
    let empty = page.open(TEAM).await;
    assert!(empty.text().contains("Only you so far.") && empty.text().contains("1 of 1,000 seats"));
    for (email, role, said) in [
        ("nobody", "member", "must be an e-mail address"),
        ("bob@example.com", "king", "Choose a role."),
        ("ann@example.com", "member", "one of the team’s already"),
    ] {
        let refused = page.fill(INVITE, INVITE, &[("email", email), ("role", role)]).await;
        assert_eq!(refused.status, 422, "{email}");
        assert!(refused.text().contains(&format!("value=\"{email}\"")), "what was typed stays");
        let text = refused.text().replace("&#39;", "’");
        assert!(text.contains(said), "{text}");
    }
    let sent = page.fill(INVITE, INVITE, &[("email", "bob@example.com"), ("role", "viewer")]).await;
    assert_eq!(
        (sent.status, sent.header("location")),
        (303, "/settings/team?done=invitation-sent")
    );
    let first = token(&app.letter("bob@example.com", SUBJECT, 1).await);
    let id = ann.get("/v1/team").await.body["invitations"][0]["id"].to_string();
    assert!(page.open(TEAM).await.text().contains("bob@example.com"));
    app.clock.advance(3 * MINUTE_MS);
    let again = page.fill(TEAM, &format!("{TEAM}/invitations/{id}/resend"), &[]).await;
    assert_eq!(again.status, 303, "{}", again.text());
    let second = token(&app.letter("bob@example.com", SUBJECT, 2).await);
    let mut bob = Browser::new(&app);
    let join = async |bob: &mut Browser, token: &str| {
        bob.open(&format!("/team/join?token={token}")).await.status
    };
    assert_eq!((join(&mut bob, &first).await, join(&mut bob, &second).await), (404, 200));
    let id = ann.get("/v1/team").await.body["invitations"][0]["id"].to_string();
    let withdraw = format!("{TEAM}/invitations/{id}/withdraw");
    assert_eq!(page.fill(TEAM, &withdraw, &[]).await.status, 303);
    assert_eq!(join(&mut bob, &second).await, 404);
    assert_eq!(page.fill(TEAM, &withdraw, &[]).await.status, 404);
    let resend = format!("{TEAM}/invitations/{id}/resend");
    assert_eq!(page.fill(TEAM, &resend, &[]).await.status, 404);
}

#[tokio::test]
async fn a_role_is_changed_and_the_last_owner_stays_one() {
    let (app, ann, mut page) = world().await;
    let (bob, _) = join(&app, &ann, "bob@example.com", "viewer").await;
    let own = ann.get("/v1/auth/me").await.body["id"].to_string();
    let path = format!("{TEAM}/members/{bob}");
    assert!(page.open(TEAM).await.text().contains(&format!("href=\"{path}\"")));
    let changed = page.fill(&path, &path, &[("role", "admin")]).await;
    assert_eq!(
        (changed.status, changed.header("location")),
        (303, "/settings/team?done=role-changed")
    );
    let members = ann.get("/v1/team").await.body["members"].clone();
    assert_eq!(members[1]["role"], "admin");

    let own = format!("{TEAM}/members/{own}");
    assert!(!page.open(TEAM).await.text().contains(&own), "neither is offered to the last owner");
    let refused = page.fill(&own, &own, &[("role", "viewer")]).await;
    assert_eq!(refused.status, 422);
    assert!(refused.text().contains("Make somebody else one first."), "{}", refused.text());

    // An admin neither touches owners nor makes any.
    let mut bob_page = Browser::of(&app, "bob@example.com").await;
    assert!(!bob_page.open(TEAM).await.text().contains(&format!("href=\"{own}\"")));
    let forced = bob_page.fill(&own, &own, &[("role", "viewer")]).await;
    assert_eq!(forced.status, 422, "{}", forced.text());
    assert!(!bob_page.open(INVITE).await.text().contains("value=\"owner\""));
}

#[tokio::test]
async fn a_member_with_keys_is_removed_and_their_keys_are_handed_over_or_end() {
    for (choice, status) in [("transfer", 200), ("revoke", 401)] {
        let (app, ann, mut page) = world().await;
        let (id, bob) = join(&app, &ann, "bob@example.com", "member").await;
        let (_, key) = app.key(&bob, json!({ "name": "<b>nightly" })).await;
        let path = format!("{TEAM}/members/{id}/remove");
        let form = page.open(&path).await;
        assert!(form.text().contains("nightly") && !form.text().contains("<b>nightly"));
        let unsaid = page.fill(&path, &path, &[]).await;
        assert_eq!(unsaid.status, 422, "nothing happens to keys that nobody spoke of");
        assert_eq!(bob.get("/v1/auth/me").await.status, 200);
        let removed = page.fill(&path, &path, &[("keys", choice)]).await;
        assert_eq!(removed.header("location"), "/settings/team?done=member-removed");
        assert_eq!(bob.get("/v1/auth/me").await.status, 401);
        assert_eq!(key.get("/v1/auth/me").await.status, status, "{choice}");
        assert_eq!(page.open(&path).await.status, 404);
    }
}

#[tokio::test]
async fn who_may_only_look_leaves_and_does_nothing_else() {
    let (app, ann, _) = world().await;
    let (id, _) = join(&app, &ann, "eve@example.com", "viewer").await;
    let (other, _) = join(&app, &ann, "bob@example.com", "member").await;
    let mut eve = Browser::of(&app, "eve@example.com").await;
    let page = eve.open(TEAM).await;
    assert!(page.text().contains("Leave the team") && !page.text().contains("Change role"));
    assert!(!page.text().contains(INVITE));
    for path in [
        INVITE.to_owned(),
        format!("{TEAM}/members/{other}"),
        format!("{TEAM}/members/{other}/remove"),
    ] {
        assert_eq!(eve.open(&path).await.status, 403, "{path}");
        let fields = [("email", "x@example.com"), ("role", "owner"), ("keys", "revoke")];
        assert_eq!(eve.fill(TEAM, &path, &fields).await.status, 403, "{path}");
    }
    let path = format!("{TEAM}/members/{id}/remove");
    let left = eve.fill(&path, &path, &[]).await;
    assert!(left.text().contains("You have left the team"), "{}", left.text());
    assert!(!eve.has_session());
}

#[tokio::test]
async fn strangers_and_absent_ids_are_one_page() {
    let (app, ann, _) = world().await;
    let (id, _) = join(&app, &ann, "bob@example.com", "member").await;
    let mut stranger = Browser::signed_in(&app, "zoe@example.com").await;
    for id in [id.to_string(), "987654".to_owned(), "x".to_owned()] {
        for path in [format!("{TEAM}/members/{id}"), format!("{TEAM}/members/{id}/remove")] {
            assert_eq!(stranger.open(&path).await.status, 404, "{path}");
            assert_eq!(
                stranger.fill(TEAM, &path, &[("role", "viewer")]).await.status,
                404,
                "{path}"
            );
        }
    }
}

#[tokio::test]
async fn pages_offer_what_the_role_may_do() {
    let (app, ann, mut owner) = world().await;
    let (_, bob) = join(&app, &ann, "bob@example.com", "member").await;
    join(&app, &ann, "eve@example.com", "viewer").await;
    let (theirs, _) = app.key(&ann, json!({ "name": "anns" })).await;
    let (own, _) = app.key(&bob, json!({ "name": "bobs" })).await;
    let mut member = Browser::of(&app, "bob@example.com").await;
    let mut viewer = Browser::of(&app, "eve@example.com").await;
    let keys = "/settings/api-keys";
    let rotates = async |who: &mut Browser| {
        let page = who.open(keys).await;
        let has = |id: i64| page.text().contains(&format!("{keys}/{id}/rotate"));
        (has(theirs), has(own), page.text().contains("/settings/api-keys/new"))
    };
    assert_eq!(rotates(&mut owner).await, (true, true, true));
    assert_eq!(rotates(&mut member).await, (false, true, true));
    assert_eq!(rotates(&mut viewer).await, (false, false, false));
    for path in ["/overview", "/scans", "/alerts", keys] {
        assert!(member.open(path).await.text().contains("/scans/new"), "{path}");
        assert!(!viewer.open(path).await.text().contains("/scans/new"), "{path}");
    }
}
