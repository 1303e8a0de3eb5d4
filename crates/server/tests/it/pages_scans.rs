//! Scans on pages, without script: the form and its refusals, the way to the report, the report, the
//! list.

use std::time::{Duration, Instant};

use lab::{Dns, DnsFault, Lab};
use model::Plan;
use serde_json::json;

use crate::browser::Browser;
use crate::comparisons::scanned;
use crate::scans::{ended, start};
use crate::support::{TestApp, roomy};

/// Asserts that a page shows all of these.
fn shows(page: &str, texts: &[&str]) {
    for text in texts {
        assert!(page.contains(text), "`{text}` is not on the page: {page}");
    }
}

async fn until(holds: impl AsyncFn() -> bool) {
    let began = Instant::now();
    while !holds().await {
        assert!(began.elapsed() < Duration::from_secs(10));
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn a_report_says_what_to_do_first_and_what_was_looked_at() {
    let (_lab, app) = start("professional").await;
    let mut browser = Browser::signed_in(&app, "ann@example.com").await;
    let user = app.sign_in("ann@example.com").await;
    let id = scanned(&user, &["dns_email", "http_headers"]).await;
    let report = user.get(&format!("/v1/scan/jobs/{id}/report")).await.body;
    let page = browser.open(&format!("/scans/{id}")).await;
    let text = page.text();
    let next = &report["next_grade"];
    let way = format!("Fastest way to {}:", next["grade"].as_str().unwrap());
    let fixes = next["fixes"].as_array().unwrap();
    assert!(!fixes.is_empty() && next["gain"].as_u64().unwrap() > 0, "{next}");
    let first = format!("<li><a href=\"#{}\">", fixes[0].as_str().unwrap());
    let passed = report["passed_checks"].as_array().unwrap();
    let passed = format!("Passed ({})", passed.len());
    shows(
        text,
        &[&way, &first, &passed, "Looked for, and not found:", "Took ", "engine ", "catalogue "],
    );
    shows(
        text,
        &[
            "Only a part was asked for: ",
            "17 %",
            "your provider&#39;s default",
            "Then test and reload:",
        ],
    );
    assert!(!text.contains("Up ") && !text.contains("See what changed"), "there is none before");

    let evidence = browser.open(&format!("/scans/{id}/evidence")).await;
    shows(evidence.text(), &["<pre id=\"dns_email\"", "v=DMARC1; p=none", "<pre id=\"http\""]);
    assert!(text.contains(&format!("href=\"/scans/{id}/evidence#dns_email\"")), "{text}");

    app.clock.advance(6 * model::HOUR_MS);
    let later = scanned(&user, &["dns_email", "http_headers"]).await;
    let page = browser.open(&format!("/scans/{later}")).await;
    shows(page.text(), &["The same score as on 2026-11-24.", "See what changed"]);

    let mut stranger = Browser::signed_in(&app, "bob@example.com").await;
    assert_eq!(stranger.open(&format!("/scans/{id}/evidence")).await.status, 404);
}

#[tokio::test]
async fn findings_are_filtered_by_the_framework_that_they_are_evidence_for() {
    let (_lab, app) = start("professional").await;
    let mut browser = Browser::signed_in(&app, "ann@example.com").await;
    let user = app.sign_in("ann@example.com").await;
    let id = scanned(&user, &["dns_email", "http_headers"]).await;
    let report = user.get(&format!("/v1/scan/jobs/{id}/report")).await.body;
    let issues = report["issues"].as_array().unwrap();
    let of = |framework: &str| {
        let has = |issue: &&serde_json::Value| {
            let mut controls = issue["controls"].as_array().unwrap().iter();
            controls.any(|control| control["framework"] == framework)
        };
        issues.iter().filter(has).count()
    };
    let some = report["compliance"].as_object().unwrap().keys().find(|id| of(id) < issues.len());
    let framework = some.expect("a framework without something for every finding");
    let page = browser.open(&format!("/scans/{id}?framework={framework}")).await;
    let shown = page.text().matches("<details class=\"finding\"").count();
    assert_eq!(shown, of(framework));
    // It stays when a severity is chosen.
    assert!(page.text().contains(&format!("framework={framework}#findings")), "{}", page.text());
    let none = browser.open(&format!("/scans/{id}?framework=%3Cb%3E")).await;
    assert_eq!(none.text().matches("<details class=\"finding\"").count(), issues.len());
}

#[tokio::test]
async fn one_finding_is_checked_again_by_its_module_alone() {
    let (_lab, app) = start("professional").await;
    let mut browser = Browser::signed_in(&app, "ann@example.com").await;
    let user = app.sign_in("ann@example.com").await;
    let id = scanned(&user, &["dns_email", "http_headers"]).await;
    let page = browser.open(&format!("/scans/{id}")).await;
    shows(
        page.text(),
        &["<button form=\"again\" name=\"modules\" value=\"dns_email\">", "Starts a scan of “"],
    );
    let again = browser.fill(&format!("/scans/{id}"), "/scans", &[("modules", "dns_email")]).await;
    assert_eq!(again.status, 303, "{}", again.text());
    let new: i64 = again.header("location").rsplit('/').next().unwrap().parse().unwrap();
    assert_eq!(ended(&user, new).await["requested_modules"], json!(["dns_email"]));
}

#[tokio::test]
async fn what_is_no_domain_is_said_in_plain_words_of_the_readers_language() {
    let app = TestApp::start().await;
    let mut browser = Browser::signed_in(&app, "ann@example.com").await;
    for (typed, said) in [
        ("192.0.2.1", "That is an IP address."),
        ("intranet", "That has no dot."),
        ("nas.local", "Names that end in .local are reserved"),
        ("shop.test", "Names that end in .test are kept for tests"),
        ("ann:secret@example.com", "That holds a user name or password."),
        ("a b.example.com", "That is no domain."),
        (" ", "Type a domain, such as example.com."),
    ] {
        let page = browser.fill("/scans/new", "/scans", &[("domain", typed)]).await;
        assert_eq!(page.status, 422, "{typed}");
        shows(page.text(), &[said, &format!("value=\"{typed}\"")]);
        assert!(!page.text().contains('`'), "{typed}");
    }
    browser
        .fill(
            "/scans/new",
            "/settings/profile/appearance",
            &[("language", "de"), ("theme", "system"), ("zone", "UTC")],
        )
        .await;
    let page = browser.fill("/scans/new", "/scans", &[("domain", "intranet")]).await;
    shows(page.text(), &["Darin ist kein Punkt."]);
}

#[tokio::test]
async fn a_form_that_is_refused_for_what_the_plan_allows_keeps_the_domain_and_leads_on() {
    let (_lab, app) = start("professional").await;
    let mut browser = Browser::signed_in(&app, "ann@example.com").await;
    app.put_on("ann@example.com", &Plan { id: "one".to_owned(), scans_per_month: 1, ..roomy() })
        .await;
    let user = app.sign_in("ann@example.com").await;
    scanned(&user, &["dns_email"]).await;
    let page =
        browser.fill("/scans/new", "/scans", &[("domain", "shop.test"), ("modules", "waf")]).await;
    assert_eq!(page.status, 403);
    shows(
        page.text(),
        &["All 1 scans of this month are used. New ones begin on 2026-12-01.", "/settings/usage"],
    );
    shows(page.text(), &["value=\"shop.test\"", "value=\"waf\" checked", "<details open>"]);
}

#[tokio::test]
async fn a_scan_that_is_under_way_says_where_it_stands_and_is_led_to() {
    let dns = Dns::default()
        .record("slow.test", "A", "127.0.0.1")
        .fault("slow.test", DnsFault::Slow(Duration::from_secs(30)));
    let lab = Lab::builder().dns(dns).start().await.unwrap();
    let resolver = lab.resolver.to_string();
    let app = TestApp::with(&[
        ("scan.resolver", resolver.as_str()),
        ("scan.allow_private_networks", "true"),
        ("scan.concurrency", "1"),
    ])
    .await;
    let mut browser = Browser::signed_in(&app, "ann@example.com").await;
    app.put_on("ann@example.com", &Plan { id: "three".to_owned(), concurrent_scans: 3, ..roomy() })
        .await;
    let mut ask =
        async |domain: &str| browser.fill("/scans/new", "/scans", &[("domain", domain)]).await;
    let first = ask("https://Slow.TEST/x").await.header("location").to_owned();
    assert!(first.ends_with("?note=cut"), "{first}");
    let user = app.sign_in("ann@example.com").await;
    let id = first.trim_end_matches("?note=cut").rsplit('/').next().unwrap().to_owned();
    until(async || user.get(&format!("/v1/scan/jobs/{id}")).await.body["status"] == "running")
        .await;
    let same = ask("slow.test").await;
    assert_eq!(same.status, 409);
    let path = format!("/scans/{id}");
    shows(same.text(), &["slow.test is being scanned already", &path, "value=\"slow.test\""]);
    let second = ask("xn--bcher-kva.test").await.header("location").to_owned();
    let third = ask("third.test").await.header("location").to_owned();
    let full = ask("fourth.test").await;
    assert_eq!(full.status, 429);
    shows(full.text(), &["3 scans at a time are what the plan allows.", &second, "fourth.test"]);

    let running = browser.open(&first).await;
    let cut = "Only the domain of what was typed is scanned: slow.test";
    shows(running.text(), &[cut, "<span class=\"state\">running</span>"]);
    assert!(!running.text().contains("free worker"), "{}", running.text());
    let queued = browser.open(&second).await;
    shows(queued.text(), &["bücher.test", "next in line", "<span class=\"state\">waiting</span>"]);
    shows(browser.open(&third).await.text(), &["1 before you"]);
    shows(
        browser.open("/scans").await.text(),
        &["running <span class=\"muted\">0/16</span>", "1 before it"],
    );
    app.clock.advance(21_000);
    shows(browser.open(&third).await.text(), &["That takes longer than usual"]);
    // A report that is not there yet is waited for.
    let early = browser.open(&format!("{third}/report?format=pdf")).await;
    assert_eq!((early.status, early.header("location")), (303, third.as_str()));
    assert_eq!(browser.fill(&third, &format!("{third}/cancel"), &[]).await.status, 303);
    let again = "href=\"/scans/new?domain=third.test\"";
    shows(browser.open(&third).await.text(), &["The scan was canceled", again]);
}

#[tokio::test]
async fn a_scan_that_failed_says_what_was_asked_and_answered() {
    let (_lab, app) = start("professional").await;
    let mut browser = Browser::signed_in(&app, "ann@example.com").await;
    let user = app.sign_in("ann@example.com").await;
    let job = user.post("/v1/scan", json!({ "domain": "absent.test", "modules": ["waf"] })).await;
    let id = job.body["job_id"].as_i64().unwrap();
    assert_eq!(ended(&user, id).await["status"], "failed");
    let page = browser.open(&format!("/scans/{id}")).await;
    shows(page.text(), &["The scan failed", "answered that there is no such name (NXDOMAIN)"]);
    shows(page.text(), &["href=\"/scans/new?domain=absent.test&#38;modules=waf\""]);
    let form = browser.open("/scans/new?domain=absent.test&modules=waf").await;
    shows(form.text(), &["value=\"absent.test\"", "value=\"waf\" checked"]);
}

#[tokio::test]
async fn the_events_of_a_page_carry_its_words() {
    let (_lab, app) = start("professional").await;
    let mut browser = Browser::signed_in(&app, "ann@example.com").await;
    let user = app.sign_in("ann@example.com").await;
    let id = scanned(&user, &["dns_email"]).await;
    let events = browser.open(&format!("/scans/{id}/events")).await;
    let module = events.text().lines().find(|line| line.contains("\"module\":")).unwrap();
    let told: serde_json::Value =
        serde_json::from_str(module.strip_prefix("data: ").unwrap()).unwrap();
    assert_eq!((&told["module"], &told["state"]), (&json!("dns_email"), &json!("done")));
    let said = format!("{} findings, ", told["findings"]);
    assert!(told["said"].as_str().unwrap().starts_with(&said), "{told}");
}

#[tokio::test]
async fn the_list_is_filtered_and_taken_away_as_a_table() {
    let (_lab, app) = start("professional").await;
    let mut browser = Browser::signed_in(&app, "ann@example.com").await;
    shows(browser.open("/scans").await.text(), &["No scans yet", "name=\"domain\" type=\"text\""]);
    let user = app.sign_in("ann@example.com").await;
    let first = scanned(&user, &["dns_email"]).await;
    app.clock.advance(2 * model::DAY_MS);
    // Nobody stays signed in for that long.
    let user = app.sign_in("ann@example.com").await;
    let mut browser = Browser::of(&app, "ann@example.com").await;
    let second = scanned(&user, &["dns_email"]).await;
    let mut listed = async |query: &str| {
        let page = browser.open(&format!("/scans{query}")).await;
        assert_eq!(page.status, 200, "{query}");
        let has =
            |id: i64| page.text().contains(&format!("<th scope=\"row\"><a href=\"/scans/{id}\">"));
        (has(first), has(second), page.text().to_owned())
    };
    let (old, new, text) = listed("").await;
    assert!(old && new);
    shows(
        &text,
        &["aria-sort=\"descending\"", "href=\"/scans.csv\"", &format!("/scans/{second}/diff")],
    );
    assert!(!text.contains(&format!("/scans/{first}/diff")), "the first has none before it");
    for (query, expected) in [
        ("?domain=HOP.t", (true, true)),
        ("?domain=nowhere", (false, false)),
        ("?status=completed&source=api", (true, true)),
        ("?source=dashboard", (false, false)),
        ("?status=failed", (false, false)),
        ("?from=2026-11-25", (false, true)),
        ("?to=2026-11-24", (true, false)),
    ] {
        let (old, new, _) = listed(query).await;
        assert_eq!((old, new), expected, "{query}");
    }
    let (old, new, text) = listed(&format!("?before={second}&domain=shop")).await;
    assert!(old && !new);
    shows(&text, &["rel=\"first\" href=\"/scans?domain=shop\""]);
    let order = |text: &str| {
        let place = |id: i64| text.find(&format!("<th scope=\"row\"><a href=\"/scans/{id}\">"));
        place(first) < place(second)
    };
    let (_, _, text) = listed("?sort=started&domain=shop").await;
    assert!(order(&text), "the oldest comes first");
    shows(
        &text,
        &[
            "aria-sort=\"ascending\"",
            "/scans?domain=shop&amp;sort=-started",
            "name=\"sort\" value=\"started\"",
        ],
    );
    let (_, new, text) = listed(&format!("?sort=started&before={first}")).await;
    assert!(new && !text.contains(&format!("<a href=\"/scans/{first}\">")), "{text}");
    let (_, _, text) = listed("?sort=-score").await;
    assert!(!order(&text), "equal scores: the newest first");
    shows(&text, &["Scans without a score are left out in this order."]);
    let table = browser.open("/scans.csv?to=2026-11-24").await;
    let rows: Vec<_> = table.text().lines().collect();
    assert!(rows[0].starts_with("scan_id,domain,status,grade,score,critical,"), "{rows:?}");
    assert_eq!(rows.len(), 2);
    assert!(rows[1].starts_with(&format!("{first},shop.test,completed,")), "{rows:?}");
}
