//! Settings → API Keys: the whole list, what is said about keys, one key, and how one ends.

use model::{DAY_MS, Plan, Timestamp};
use serde_json::json;
use store::{Act, NewKey};

use crate::browser::Browser;
use crate::support::{Client, NOW, TestApp, roomy};

const ANN: &str = "ann@example.com";
const KEYS: &str = "/settings/api-keys";

/// Signs in on a plan that limits nothing and unlocks addresses of keys.
async fn world() -> (TestApp, Browser, Client) {
    let app = TestApp::start().await;
    let browser = Browser::signed_in(&app, ANN).await;
    let plan = Plan { gates: vec!["restricted_keys".to_owned()], ..roomy() };
    app.put_on(ANN, &plan).await;
    let user = app.sign_in(ANN).await;
    (app, browser, user)
}

/// Writes keys straight into the database.
async fn add(app: &TestApp, keys: impl Iterator<Item = (String, Option<Timestamp>)>) {
    let store = app.store().await;
    let account = store.find_user(ANN).await.unwrap().unwrap().account_id;
    let act = Act::operator(NOW);
    for (number, (name, expires_at)) in keys.enumerate() {
        let key = NewKey { name, expires_at, ..NewKey::plain(&format!("cl_{number:0>12}")) };
        store.create_key(account, &key, None, &act).await.unwrap().now().unwrap();
    }
    store.close().await;
}

async fn text(browser: &mut Browser, path: &str) -> String {
    let page = browser.open(path).await;
    assert_eq!(page.status, 200, "{path}: {}", page.text());
    page.text().to_owned()
}

/// Opens a page until it shows something: usage is written a second later.
async fn until(browser: &mut Browser, path: &str, expected: &str) -> String {
    let began = std::time::Instant::now();
    loop {
        let page = text(browser, path).await;
        if page.contains(expected) {
            return page;
        }
        assert!(began.elapsed().as_secs() < 20, "{path} never shows `{expected}`: {page}");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn a_living_key_is_shown_however_many_ended_after_it() {
    let (app, mut browser, user) = world().await;
    app.key(&user, json!({ "name": "the old one" })).await;
    let ended = (0..1_001).map(|number| (format!("gone {number}"), Some(Timestamp(1))));
    add(&app, ended).await;
    let page = text(&mut browser, KEYS).await;
    assert!(page.contains("the old one"), "{page}");
    assert!(page.contains("Active (1)") && page.contains("Revoked and expired (1,001)"));
    assert!(page.contains("Revoke<span class=\"hidden\"> the old one"));
    let tombstones = text(&mut browser, "/settings/api-keys?show=revoked").await;
    assert!(tombstones.contains("gone 1000") && !tombstones.contains("gone 950<"));
    let (next, _) = tombstones.split_once("\">More keys").unwrap();
    let next = next.rsplit_once("href=\"").unwrap().1.replace("&amp;", "&");
    assert!(text(&mut browser, &next).await.contains("gone 950<"));
    let table = browser.open("/settings/api-keys.csv?show=revoked").await;
    assert_eq!(table.text().lines().count(), 1_002);
}

#[tokio::test]
async fn keys_are_searched_sorted_and_leafed_through() {
    let (app, mut browser, _) = world().await;
    add(&app, (0..53).map(|number| (format!("key {number:02}"), None))).await;
    let first = text(&mut browser, KEYS).await;
    assert!(first.contains("key 52") && first.contains("key 03") && !first.contains("key 02"));
    assert!(first.contains("aria-sort=\"descending\""));
    let second = text(&mut browser, "/settings/api-keys?page=2").await;
    assert!(
        second.contains("key 02") && !second.contains("key 03") && !second.contains("More keys")
    );
    let sorted = text(&mut browser, "/settings/api-keys?sort=name").await;
    assert!(sorted.contains("aria-sort=\"ascending\"") && !sorted.contains("key 52"));
    let found = text(&mut browser, "/settings/api-keys?q=KEY+5").await;
    assert_eq!(found.matches("<th scope=\"row\">").count(), 3);
    assert!(text(&mut browser, "/settings/api-keys?q=nothing").await.contains("Clear filters"));
    let table = browser.open("/settings/api-keys.csv?q=key+5").await;
    assert_eq!(table.header("content-disposition"), "attachment; filename=\"api-keys.csv\"");
    assert_eq!(table.text().lines().count(), 4, "{}", table.text());
}

#[tokio::test]
async fn what_is_to_be_looked_after_stands_on_top_and_narrows_the_list() {
    let (app, mut browser, user) = world().await;
    app.key(&user, json!({ "name": "short", "expires_in_days": 100 })).await;
    app.key(&user, json!({ "name": "long" })).await;
    assert!(!text(&mut browser, KEYS).await.contains("To look after"));
    app.clock.advance(91 * DAY_MS);
    let mut browser = Browser::of(&app, ANN).await;
    let page = text(&mut browser, KEYS).await;
    for said in ["1 expiring", "2 older than 90 days", "2 never used", "Expires in 9 days"] {
        assert!(page.contains(said), "{said}: {page}");
    }
    let only = text(&mut browser, "/settings/api-keys?only=expiring").await;
    assert!(only.contains(">short</a>") && !only.contains(">long</a>"));
}

#[tokio::test]
async fn the_question_before_a_key_ends_says_what_still_uses_it() {
    let (app, mut browser, user) = world().await;
    let (id, key) = app.key(&user, json!({ "name": "ci" })).await;
    let ask = format!("{KEYS}/{id}/revoke");
    let page = text(&mut browser, &ask).await;
    assert!(page.contains("Never used") && page.contains("0 requests today"));
    assert_eq!(key.get("/v1/scan/recent").await.status, 200);
    // The last use and the counts are written one after the other.
    until(&mut browser, &ask, "GET /v1/scan/recent").await;
    let page = until(&mut browser, &ask, "1 request today").await;
    assert!(page.contains("127.0.0.1"), "{page}");
    assert!(page.contains("Keep key") && page.contains("Revoke key"));
}

#[tokio::test]
async fn a_rotation_tells_whether_the_old_key_is_still_used_and_ends_it() {
    let (app, mut browser, user) = world().await;
    let (id, old) = app.key(&user, json!({ "name": "ci" })).await;
    let path = format!("{KEYS}/{id}/rotate");
    let made = browser.fill(&path, &path, &[("grace", "86400")]).await;
    assert!(made.text().contains("Copy your key now"), "{}", made.text());
    assert!(made.text().contains("Is the old key still used?") && made.text().contains(">No<"));
    app.clock.advance(1_000);
    assert_eq!(old.get("/v1/scan/recent").await.status, 200);
    let page = until(&mut browser, &format!("{KEYS}/{id}"), ">Yes<").await;
    assert!(page.contains("End the old key now") && page.contains("127.0.0.1"));
    assert!(until(&mut browser, KEYS, "Replaced, still in use").await.contains("Replaced"));
    let new = user.get("/v1/auth/api-keys").await.body["api_keys"][0]["id"].clone();
    let successor = text(&mut browser, &format!("{KEYS}/{new}")).await;
    assert!(successor.contains(&format!("{KEYS}/{id}/revoke")), "{successor}");
    let end = format!("{KEYS}/{id}/revoke");
    assert_eq!(browser.fill(&end, &end, &[]).await.status, 303);
    assert_eq!(old.get("/v1/scan/recent").await.status, 401);
    assert!(!text(&mut browser, &format!("{KEYS}/{new}")).await.contains("End the old key now"));
}

#[tokio::test]
async fn a_key_ends_on_the_day_that_was_chosen_and_a_namesake_is_pointed_out() {
    let (_app, mut browser, user) = world().await;
    let fields = |expiry, last_day| {
        [
            ("name", "ci"),
            ("expiry", expiry),
            ("last_day", last_day),
            ("access", "scan"),
            ("ip_allowlist", ""),
            ("description", ""),
        ]
    };
    let new = "/settings/api-keys/new";
    for (expiry, last_day, said) in [
        ("date", "", "Choose the last day."),
        ("date", "2020-01-01", "must lie in the future"),
        ("soon", "", "must be"),
    ] {
        let refused = browser.fill(new, KEYS, &fields(expiry, last_day)).await;
        assert_eq!(refused.status, 422, "{expiry}");
        let text = refused.text();
        assert!(
            text.contains(said) && text.contains("aria-describedby=\"expiry-problem\""),
            "{text}"
        );
        assert!(text.contains(&format!("value=\"{last_day}\"")), "what was typed stays");
    }
    let made = browser.fill(new, KEYS, &fields("date", "2026-12-24")).await;
    assert_eq!(made.status, 200, "{}", made.text());
    for part in
        ["gh secret set", "/v1/auth/me", "/v1/scan\"", "COMPLIANCELAYER_API_KEY=", "scans:write"]
    {
        assert!(made.text().contains(part), "{part}");
    }
    assert!(!made.text().contains("Another key is called"));
    let keys = user.get("/v1/auth/api-keys").await.body;
    assert_eq!(keys["api_keys"][0]["expires_at"], "2026-12-25T00:00:00.000Z");
    let twin = browser.fill(new, KEYS, &fields("90", "")).await;
    assert!(twin.text().contains("call this one “ci 2”"), "{}", twin.text());
}

#[tokio::test]
async fn a_key_shows_who_used_it_and_where_it_went() {
    let (app, mut browser, user) = world().await;
    let (id, key) = app.key(&user, json!({ "name": "ci" })).await;
    let path = format!("{KEYS}/{id}");
    let fresh = text(&mut browser, &path).await;
    assert!(fresh.contains("Not used yet") && fresh.contains(&format!("by {ANN}")), "{fresh}");
    assert_eq!(key.get("/v1/scan/recent").await.status, 200);
    assert_eq!(key.get("/v1/auth/api-keys").await.status, 403);
    until(&mut browser, &path, "<code>GET /v1/scan/recent</code>").await;
    until(&mut browser, &path, "By address and program").await;
    let page = until(&mut browser, &path, "The key may not do this").await;
    assert!(page.contains("<code>GET /v1/auth/api-keys</code>"), "{page}");
    let began = std::time::Instant::now();
    while text(&mut browser, &path).await.contains("Not used yet") {
        assert!(began.elapsed().as_secs() < 20, "the first use is never written");
    }
    for days in [1, 7, 30, 90, 4_000] {
        assert!(text(&mut browser, &format!("{path}?days={days}")).await.contains("By endpoint"));
    }
    let table = browser.open(&format!("{path}/usage.csv?days=1")).await;
    assert_eq!(table.text().lines().count(), 25);
    assert!(table.text().lines().last().unwrap().contains(",2,1,"), "{}", table.text());
    let requests = text(&mut browser, &format!("{path}/requests")).await;
    assert_eq!(requests.matches("GET /v1/").count(), 2, "{requests}");
    let earlier = format!("{path}/requests?from=0&to={}", NOW.0 - DAY_MS);
    assert!(text(&mut browser, &earlier).await.contains("None in this time."));
    let mut stranger = Browser::signed_in(&app, "bob@example.com").await;
    for place in ["", "/requests", "/usage.csv", "/revoke"] {
        assert_eq!(stranger.open(&format!("{path}{place}")).await.status, 404, "{place}");
    }
}

#[tokio::test]
async fn an_hour_that_stands_out_is_marked_and_leads_to_its_requests() {
    let (app, mut browser, user) = world().await;
    let (id, key) = app.key(&user, json!({ "name": "ci" })).await;
    let path = format!("{KEYS}/{id}");
    app.clock.advance(4 * DAY_MS);
    for _ in 0..51 {
        assert_eq!(key.get("/v1/scan/recent").await.status, 200);
    }
    let mut later = Browser::of(&app, ANN).await;
    let page = until(&mut later, &path, "51 requests within the hour, usually about 0.").await;
    assert!(page.contains("class=\"mark\""));
    let (link, _) = page.split_once("\">Show the requests").unwrap();
    let link = link.rsplit_once("href=\"").unwrap().1.replace("&#38;", "&");
    let requests = text(&mut later, &link).await;
    assert_eq!(requests.matches("GET /v1/scan/recent").count(), 50, "{requests}");
    assert!(requests.contains("Older requests"));
    assert!(browser.open(&path).await.status == 303, "the first sign-in has ended by now");
}

#[tokio::test]
async fn the_addresses_of_a_key_are_changed_on_its_page() {
    let (app, mut browser, user) = world().await;
    let (id, key) = app.key(&user, json!({ "name": "ci" })).await;
    let path = format!("{KEYS}/{id}");
    let to = format!("{path}/addresses");
    let refused = browser.fill(&path, &to, &[("ip_allowlist", "192.0.2.1, nonsense")]).await;
    assert_eq!(refused.status, 422);
    assert!(refused.text().contains("value=\"192.0.2.1, nonsense\""));
    assert_eq!(key.get("/v1/auth/me").await.status, 200);
    let saved = browser.fill(&path, &to, &[("ip_allowlist", "192.0.2.0/24 198.51.100.7")]).await;
    assert_eq!(saved.status, 303, "{}", saved.text());
    assert!(text(&mut browser, &path).await.contains("<code>192.0.2.0/24</code>"));
    assert_eq!(key.get("/v1/auth/me").await.status, 403, "from here it is refused");
    assert_eq!(browser.fill(&path, &to, &[("ip_allowlist", "")]).await.status, 303);
    assert_eq!(key.get("/v1/auth/me").await.status, 200);
}
