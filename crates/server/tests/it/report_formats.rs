use bytes::Bytes;
use http::Request;
use http_body_util::Full;
use serde_json::json;

use crate::browser::Browser;
use crate::scans::{ended, start};
use crate::support::{Client, Reply, TestApp};

/// Asks as a client that accepts that.
async fn accepting(client: &Client, path: &str, accept: &str) -> Reply {
    let request = Request::get(path)
        .header("authorization", client.authorization.as_deref().unwrap())
        .header("accept", accept)
        .body(Full::new(Bytes::new()))
        .unwrap();
    client.raw(request).await
}

async fn report_of(client: &Client) -> String {
    let job = client.post("/v1/scan", json!({ "domain": "shop.test" })).await;
    let id = job.body["job_id"].as_i64().unwrap();
    assert_eq!(ended(client, id).await["status"], "completed");
    format!("/v1/scan/jobs/{id}/report")
}

#[tokio::test]
async fn a_report_comes_in_the_format_that_is_asked_for() {
    let (_lab, app) = start("professional").await;
    let user = app.user("ann@example.com").await;
    let report = report_of(&user).await;
    let by_query = async |format: &str| user.get(&format!("{report}?format={format}")).await;

    let plain = user.get(&report).await;
    assert_eq!(
        (plain.header("content-type"), plain.header("vary")),
        ("application/json", "accept")
    );
    assert_eq!(plain.header("content-disposition"), "");
    for reply in [by_query("json").await, accepting(&user, &report, "*/*").await] {
        assert_eq!((reply.status, &reply.body), (200, &plain.body));
    }
    let browsers = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
    for (format, accept, kind) in [
        ("html", browsers, "text/html; charset=utf-8"),
        ("csv", "text/csv", "text/csv; charset=utf-8"),
        ("sarif", "application/sarif+json", "application/sarif+json"),
        ("junit", "application/xml", "application/xml"),
        ("markdown", "text/markdown", "text/markdown; charset=utf-8"),
        ("pdf", "application/pdf", "application/pdf"),
    ] {
        let named = by_query(format).await;
        assert_eq!((named.status, named.header("content-type")), (200, kind), "{format}");
        let name = named.header("content-disposition");
        assert!(name.starts_with("attachment; filename=\"shop.test-"), "{name}");
        let extension = match format {
            "junit" => "junit.xml",
            "markdown" => "md",
            other => other,
        };
        assert!(name.ends_with(&format!(".{extension}\"")), "{name}");
        assert!(named.body.to_string().contains("shop.test"), "{format}");
        let accepted = accepting(&user, &report, accept).await;
        assert_eq!((accepted.status, accepted.body), (200, named.body), "{format}");
    }
    assert_eq!(by_query("sarif").await.body["version"], "2.1.0");
    assert!(by_query("html").await.text().starts_with("<!doctype html>"));
    assert!(by_query("csv").await.text().starts_with("domain,scanned_at,"));
    // The query goes before the header.
    let both = accepting(&user, &format!("{report}?format=csv"), "text/html").await;
    assert_eq!(both.header("content-type"), "text/csv; charset=utf-8");
    assert_eq!(by_query("xls").await.status, 422);
    assert_eq!(accepting(&user, &report, "application/vnd.ms-excel").await.status, 406);
}

#[tokio::test]
async fn a_format_that_the_plan_lacks_names_the_plan_that_has_it() {
    let (_lab, app) = start("free").await;
    let user = app.user("ann@example.com").await;
    let (_, key) = app.key(&user, json!({ "name": "ci" })).await;
    let report = report_of(&user).await;
    let operator = app.operator().await;
    let ask = async |format: &str| {
        let reply = key.get(&format!("{report}?format={format}")).await;
        let message = reply.body["message"].as_str().unwrap_or_default().to_owned();
        (reply.status, message)
    };
    let refused = |plan: &str| (403, format!("This needs the plan `{plan}` or a larger one."));
    assert_eq!(ask("json").await.0, 200);
    assert_eq!(ask("csv").await, refused("starter"));
    assert_eq!(ask("html").await, refused("professional"));
    assert_eq!(accepting(&key, &report, "application/sarif+json").await.status, 403);
    operator.set_plan("ann@example.com", "starter").await.unwrap();
    assert_eq!(ask("csv").await.0, 200);
    assert_eq!(ask("sarif").await, refused("professional"));
    operator.set_plan("ann@example.com", "professional").await.unwrap();
    assert_eq!((ask("html").await.0, ask("sarif").await.0), (200, 200));
    // Whose report it is is asked all the same.
    let stranger = app.user("bob@example.com").await;
    assert_eq!(stranger.get(&report).await.status, 404);
}

#[tokio::test]
async fn the_pages_hand_out_what_the_plan_has_and_say_which_has_the_rest() {
    let (_lab, app) = start("starter").await;
    let mut browser = Browser::signed_in(&app, "ann@example.com").await;
    let report = report_of(&app.sign_in("ann@example.com").await).await;
    let page = report.replace("/v1/scan/jobs/", "/scans/");
    let csv = browser.open(&format!("{page}?format=csv")).await;
    assert_eq!(csv.header("content-type"), "text/csv; charset=utf-8");
    let html = browser.open(&format!("{page}?format=html")).await;
    assert_eq!(html.status, 403);
    assert!(html.text().contains("“professional”"), "{}", html.text());
    assert_eq!(browser.open(&format!("{page}?format=pdf")).await.status, 403);
    assert_eq!(browser.open(&format!("{page}?format=xls")).await.status, 404);
    for odd in ["kind=x", "framework=x"] {
        assert_eq!(browser.open(&format!("{page}?format=csv&{odd}")).await.status, 404, "{odd}");
    }
}

#[tokio::test]
async fn a_pdf_is_the_same_each_time_and_about_what_was_asked_for() {
    let (_lab, app) = start("professional").await;
    let user = app.user("ann@example.com").await;
    let report = report_of(&user).await;
    let id = report.split('/').nth(4).unwrap();
    let path = format!("/v1/compliance/reports/{id}/pdf");
    let ask = async |query: &str| user.get(&format!("{path}{query}")).await;
    let whole = ask("").await;
    assert_eq!((whole.status, whole.header("content-type")), (200, "application/pdf"));
    assert!(whole.text().starts_with("%PDF-1."));
    assert_eq!(ask("").await.body, whole.body);
    assert_eq!(user.get(&format!("{report}?format=pdf")).await.body, whole.body);
    for (query, name) in
        [("?framework=pci_dss", "-pci_dss.pdf"), ("?kind=insurance", "-insurance.pdf")]
    {
        let other = ask(query).await;
        assert!(other.status == 200 && other.body != whole.body, "{query}");
        assert!(other.header("content-disposition").contains(name), "{query}");
    }
    app.operator().await.set_plan("ann@example.com", "starter").await.unwrap();
    assert_eq!(ask("").await.body["error"], "plan_upgrade_required");
    for odd in ["?framework=x", "?kind=x", "?kind=insurance&framework=pci_dss"] {
        assert_eq!(ask(odd).await.status, 422, "{odd}");
    }
}

async fn exported(app: &TestApp, client: &Client) -> (String, Vec<serde_json::Value>) {
    app.put_on("ann@example.com", &crate::support::roomy()).await;
    app.operator().await.set_plan("ann@example.com", "enterprise").await.unwrap();
    let csv = accepting(client, "/v1/audit-log", "text/csv").await;
    assert_eq!((csv.status, csv.header("content-disposition")), (200, "attachment"));
    let json = client.get("/v1/audit-log?format=json&limit=1").await;
    assert_eq!((json.status, json.header("content-disposition")), (200, "attachment"));
    (csv.text().to_owned(), json.body["entries"].as_array().unwrap().clone())
}

#[tokio::test]
async fn the_audit_log_is_exported_whole_on_plans_that_have_it() {
    let app = TestApp::start().await;
    let user = app.user("ann@example.com").await;
    for number in 0..3 {
        app.key(&user, json!({ "name": format!("={number}") })).await;
    }
    assert_eq!(accepting(&user, "/v1/audit-log", "text/csv").await.status, 403);
    assert_eq!(user.get("/v1/audit-log?format=json").await.status, 403);
    assert_eq!(user.get("/v1/audit-log").await.status, 200);
    assert_eq!(user.get("/v1/audit-log?format=xml").await.status, 422);

    let (csv, entries) = exported(&app, &user).await;
    let listed = user.get("/v1/audit-log?limit=100").await.body;
    assert_eq!(&entries, listed["entries"].as_array().unwrap());
    assert_eq!(csv.lines().count(), 1 + entries.len());
    assert!(csv.starts_with("number,at,actor,action,target,ip,detail,seal\r\n"));
    let made = user.get("/v1/audit-log?format=csv&action=api_key.created").await;
    assert_eq!(made.text().lines().count(), 1 + 3);

    let mut printed = Vec::new();
    let format = server::operator::AuditFormat::Csv;
    let operator = app.operator().await;
    operator.export_audit_log(Some("Ann@example.com"), format, &mut printed).await.unwrap();
    assert_eq!(String::from_utf8(printed).unwrap(), csv);
    let mut nothing = Vec::new();
    assert!(
        operator.export_audit_log(Some("eve@example.com"), format, &mut nothing).await.is_err()
    );
    assert!(nothing.is_empty());
}

/// Asks as a client that has the answer named by `tag`.
async fn knowing(client: &Client, path: &str, tag: &str) -> Reply {
    let mut request = Request::get(path).header("if-none-match", tag);
    if let Some(authorization) = &client.authorization {
        request = request.header("authorization", authorization);
    }
    client.raw(request.body(Full::new(Bytes::new())).unwrap()).await
}

#[tokio::test]
async fn what_a_client_has_already_is_not_sent_again() {
    let (_lab, app) = start("professional").await;
    let user = app.user("ann@example.com").await;
    let report = report_of(&user).await;
    for (client, path) in [
        (&user, report.clone()),
        (&user, format!("{report}?format=csv")),
        (&app.anonymous(), "/v1/checks".to_owned()),
        (&app.anonymous(), "/v1/compliance/frameworks".to_owned()),
        (&app.anonymous(), "/openapi.json".to_owned()),
    ] {
        let whole = client.get(&path).await;
        let tag = whole.header("etag").to_owned();
        assert!(tag.len() > 10 && tag.starts_with('"'), "{path}: {tag}");
        let again = knowing(client, &path, &tag).await;
        assert_eq!((again.status, again.text(), again.header("etag")), (304, "", &*tag), "{path}");
        for field in ["cache-control", "vary"] {
            assert_eq!(again.header(field), whole.header(field), "{path}");
        }
        let other = knowing(client, &path, "\"another\"").await;
        assert_eq!((other.status, other.body), (200, whole.body), "{path}");
    }
    // Whoever may not read it does not learn that it is still the same.
    let tag = user.get(&report).await.header("etag").to_owned();
    assert_eq!(knowing(&app.user("bob@example.com").await, &report, &tag).await.status, 404);
    assert_eq!(knowing(&app.anonymous(), &report, &tag).await.status, 401);
}
