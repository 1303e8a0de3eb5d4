use std::collections::BTreeSet;

use serde_json::Value;

use crate::comparisons::scanned;
use crate::scans::start;

fn keys(value: &Value) -> BTreeSet<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

#[tokio::test]
async fn anybody_may_read_what_a_report_looks_like() {
    let (_lab, app) = start("professional").await;
    let schema = app.anonymous().get("/schemas/report.json").await;
    assert_eq!(schema.status, 200);
    assert!(schema.header("etag").len() > 10);
    let schema = schema.body;
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    assert_eq!(schema, server::report_schema());

    let user = app.user("ann@example.com").await;
    let id = scanned(&user, &["dns_email", "http_headers"]).await;
    let report = user.get(&format!("/v1/scan/jobs/{id}/report")).await.body;
    let version = report["schema_version"].as_u64().unwrap();
    assert!(schema["$id"].as_str().unwrap().ends_with(&format!("/report-{version}.json")));
    // What nobody accepted is not counted.
    let mut described = schema["properties"].clone();
    described.as_object_mut().unwrap().remove("accepted_risks").unwrap();
    assert_eq!(keys(&report), keys(&described));
    let (issue, described) = (&report["issues"][0], &schema["$defs"]["IssueView"]);
    let mut members = described["properties"].clone();
    members.as_object_mut().unwrap().remove("accepted").unwrap();
    assert_eq!(keys(issue), keys(&members));
    let required = described["required"].as_array().unwrap().iter();
    assert!(
        required.clone().count() > 5
            && required.into_iter().all(|name| { issue.get(name.as_str().unwrap()).is_some() })
    );
}
