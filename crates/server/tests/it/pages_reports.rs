//! The pages about reports, without script: filters, what changed, domains, comparison, compliance.

use model::Plan;
use serde_json::json;

use crate::browser::Browser;
use crate::comparisons::scanned;
use crate::scans::{ended, start};
use crate::support::roomy;

#[tokio::test]
async fn findings_are_filtered_by_query() {
    let (_lab, app) = start("professional").await;
    let mut browser = Browser::signed_in(&app, "ann@example.com").await;
    let user = app.sign_in("ann@example.com").await;
    let id = scanned(&user, &["dns_email", "http_headers"]).await;
    let mut shown = async |query: &str| {
        let page = browser.open(&format!("/scans/{id}{query}")).await;
        assert_eq!(page.status, 200, "{}", page.text());
        (page.text().matches("<details class=\"finding\"").count(), page.text().to_owned())
    };
    let (all, text) = shown("").await;
    assert!(text.contains("id=\"dmarc.monitor-only\"") && !text.contains("What changed"));
    // What enforcing DMARC can break stands with the advice to do so.
    let advice = text.split("id=\"dmarc.monitor-only\"").nth(1).unwrap();
    let advice = advice.split("</details>").next().unwrap();
    assert!(advice.contains("Careful:") && advice.contains("read the reports"), "{advice}");
    let (dns, _) = shown("?module=dns_email").await;
    let (http, _) = shown("?module=http_headers").await;
    assert!(dns > 0 && http > 0 && dns + http == all, "{dns} {http} {all}");
    let (one, text) = shown("?q=DMARC+only+watches").await;
    assert!(one == 1 && text.contains("value=\"DMARC only watches\""), "{one}");
    let (none, text) = shown("?q=%3Cscript%3Enothing").await;
    assert!(none == 0 && text.contains("No finding matches.") && !text.contains("<script>"));
    // Configuration for several products is chosen without script.
    assert!(shown("").await.1.contains("type=\"radio\""));
}

#[tokio::test]
async fn a_domain_has_a_history_and_its_scans_are_compared() {
    let (_lab, app) = start("professional").await;
    let mut browser = Browser::signed_in(&app, "ann@example.com").await;
    let empty = browser.open("/domains").await;
    assert!(empty.text().contains("No domains yet"));
    assert!(browser.open("/compliance").await.text().contains("No reports yet"));
    assert!(browser.open("/compare").await.text().contains("No domains yet"));
    let user = app.sign_in("ann@example.com").await;
    let first = scanned(&user, &["dns_email"]).await;
    app.clock.advance(6 * model::HOUR_MS);
    let second = scanned(&user, &["dns_email"]).await;

    let list = browser.open("/domains").await;
    assert!(list.text().contains("href=\"/domains/shop.test\"") && list.text().contains("spark"));
    assert!(browser.open("/domains?q=nowhere").await.text().contains("No domain matches."));
    let one = browser.open("/domains/shop.test").await;
    assert!(one.text().contains(&format!("/scans/{second}/diff")), "{}", one.text());
    let diff = browser.open(&format!("/scans/{second}/diff")).await;
    assert!(diff.text().contains("Nothing changed.") && diff.text().contains("Unchanged ("));
    let chosen = browser.open(&format!("/scans/{second}/diff?against={first}")).await;
    assert_eq!(chosen.status, 200);
    assert_eq!(browser.open(&format!("/scans/{first}/diff")).await.status, 422);
    let report = browser.open(&format!("/scans/{second}")).await;
    assert!(report.text().contains("Found since:") && report.text().contains("6 hours ago"));

    let mut stranger = Browser::signed_in(&app, "bob@example.com").await;
    for path in [
        format!("/scans/{second}/diff"),
        "/domains/shop.test".to_owned(),
        format!("/compliance?scan={second}"),
        "/domains/%3Cscript%3E".to_owned(),
    ] {
        assert_eq!(stranger.open(&path).await.status, 404, "{path}");
    }
    assert!(stranger.open("/domains").await.text().contains("No domains yet"));
}

#[tokio::test]
async fn controls_stand_with_their_evidence_and_nothing_is_called_compliant() {
    let (_lab, app) = start("professional").await;
    let mut browser = Browser::signed_in(&app, "ann@example.com").await;
    let user = app.sign_in("ann@example.com").await;
    let id = scanned(&user, &["dns_email"]).await;
    for framework in ["soc2", "iso27001", "pci_dss", "no-such"] {
        let page = browser.open(&format!("/compliance?framework={framework}")).await;
        assert_eq!(page.status, 200, "{framework}");
        let text = page.text();
        assert!(text.contains("could be seen from outside."), "{framework}");
        assert!(!text.to_lowercase().contains("compliant"), "{framework}");
    }
    let page = browser.open("/compliance?framework=pci_dss").await;
    let link = format!("href=\"/scans/{id}#dmarc.monitor-only\"");
    assert!(page.text().contains(&link), "{}", page.text());
    let other = browser.open("/compliance?domain=never.example").await;
    assert!(other.text().contains("No scan of this domain was completed."), "{}", other.text());
}

#[tokio::test]
async fn domains_are_put_side_by_side_where_the_plan_has_it() {
    let (_lab, app) = start("professional").await;
    let mut browser = Browser::signed_in(&app, "ann@example.com").await;
    let user = app.sign_in("ann@example.com").await;
    let id = scanned(&user, &[]).await;
    let page = browser.open("/compare?domain=shop.test&domain=never.example&domain=").await;
    assert_eq!(page.status, 200, "{}", page.text());
    assert!(page.text().contains(&format!("/scans/{id}?module=dns_email#findings")));
    assert!(page.text().contains("No completed scan"));
    let table = browser.open("/compare.csv?domain=shop.test&domain=never.example").await;
    let table = table.text();
    let rows: Vec<_> = table.lines().collect();
    assert_eq!(rows[0], "module,shop.test,never.example");
    assert!(rows[2].starts_with("score,") && rows[2].ends_with(','), "{table}");
    assert!(rows.iter().any(|row| row.starts_with("dns_email,") && !row.contains(",,")), "{table}");
    let few = browser.open("/compare?domain=shop.test").await;
    assert_eq!(few.status, 422);
    assert!(few.text().contains("Choose 2 to 10 different domains."));
    let evil = browser.open("/compare?domain=shop.test&domain=%3Cscript%3E").await;
    assert!(evil.status == 422 && !evil.text().contains("<script>"), "{}", evil.text());
    assert_eq!(evil.text().matches(" checked").count(), 2, "what was typed stays");
    app.put_on("ann@example.com", &Plan { id: "bare".to_owned(), ..roomy() }).await;
    let bare = browser.open("/compare?domain=shop.test&domain=never.example").await;
    assert_eq!(bare.status, 403);
    assert!(bare.text().contains("“starter”"), "{}", bare.text());
}

#[tokio::test]
async fn domains_are_sorted_and_taken_along_as_a_table() {
    let (_lab, app) = start("professional").await;
    let mut browser = Browser::signed_in(&app, "ann@example.com").await;
    let user = app.sign_in("ann@example.com").await;
    let scan = async |domain: &str| {
        let wish = json!({ "domain": domain, "modules": ["dns_email"] });
        let job = user.post("/v1/scan", wish).await.body["job_id"].as_i64().unwrap();
        assert_eq!(ended(&user, job).await["status"], "completed", "{domain}");
        job
    };
    let (shop, www) = (scan("shop.test").await, scan("www.shop.test").await);
    let mut first = async |query: &str| {
        let page = browser.open(&format!("/domains{query}")).await;
        let place = |domain: &str| page.text().find(&format!("<a href=\"/domains/{domain}\">"));
        let names = ["shop.test", "www.shop.test"];
        let first = if place(names[0]) < place(names[1]) { names[0] } else { names[1] };
        (first, page.text().to_owned())
    };
    let (by_name, page) = first("").await;
    assert_eq!(by_name, "shop.test");
    let head = "aria-sort=\"ascending\"><a href=\"/domains?sort=-name\">Domain</a>";
    assert!(page.contains(head), "{page}");
    for (query, expected) in [
        ("?sort=-name", "www.shop.test"),
        ("?sort=when&q=SHOP", "shop.test"),
        ("?sort=-when", "www.shop.test"),
    ] {
        assert_eq!(first(query).await.0, expected, "{query}");
    }
    let (_, page) = first("?sort=score&q=shop").await;
    assert!(page.contains("href=\"/domains.csv?q=shop&#38;sort=score\""), "{page}");
    let table = browser.open("/domains.csv?sort=-when").await;
    let rows: Vec<_> = table.text().lines().collect();
    assert_eq!(rows[0], "domain,scan_id,grade,score,score_before,critical,high,completed_at");
    assert!(rows[1].starts_with(&format!("www.shop.test,{www},")), "{rows:?}");
    assert!(rows[2].starts_with(&format!("shop.test,{shop},")) && rows.len() == 3, "{rows:?}");
}

#[tokio::test]
async fn a_report_is_in_the_language_of_the_page_but_for_what_was_seen() {
    let (_lab, app) = start("professional").await;
    let mut browser = Browser::signed_in(&app, "ann@example.com").await;
    let user = app.sign_in("ann@example.com").await;
    let id = scanned(&user, &["dns_email"]).await;
    let path = format!("/scans/{id}");
    assert!(!browser.open(&path).await.text().contains("lang=\"en\">the policy"));
    assert_eq!(
        browser.fill("/settings/profile", "/language", &[("language", "de")]).await.status,
        303
    );
    let page = browser.open(&path).await;
    for text in [
        "<strong>DMARC beobachtet nur</strong>",
        "DNS- und E-Mail-Einträge",
        "<pre tabindex=\"0\" lang=\"en\">the policy that applies is `none`",
    ] {
        assert!(page.text().contains(text), "{text}: {}", page.text());
    }
    let english = page.text().find("DMARC only watches").map(|at| &page.text()[at - 200..at + 60]);
    assert_eq!(english, None);
    let found = browser.open(&format!("{path}?q=beobachtet")).await;
    assert!(found.text().contains("DMARC beobachtet nur"), "what is read is searched");
    for path in ["/overview", "/compliance?framework=pci_dss"] {
        let page = browser.open(path).await;
        assert!(!page.text().contains("DMARC only watches"), "{path}");
    }
    let report = user.get(&format!("/v1/scan/jobs/{id}/report")).await.body.to_string();
    assert!(report.contains("DMARC only watches"), "the API has one language");
}
