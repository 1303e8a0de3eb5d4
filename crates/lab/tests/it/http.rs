use lab::{HttpFault, Lab, Page, Site, Web};

use super::{connect, talk};

async fn answer(web: Web, request: &str, most: u64) -> String {
    let lab = Lab::builder().http(web).start().await.unwrap();
    let bytes = talk(connect(&lab, 80).await, request.as_bytes(), most).await;
    assert_eq!(lab.connections(), 1);
    String::from_utf8_lossy(&bytes).into_owned()
}

fn get(path: &str, host: &str) -> String {
    format!(
        "GET {path} HTTP/1.1\r\nhost: {host}\r\norigin: https://evil.test\r\nconnection: close\r\n\r\n"
    )
}

#[tokio::test]
async fn sites_serve_their_pages_by_host_and_path() {
    let page = Page::new(200).header("set-cookie", "a=1").header("set-cookie", "b=2").body("hello");
    let web = || Web::host("a.test", Site::home(page.clone()).reflects_origin().allows_trace());
    let home = answer(web(), &get("/", "a.test"), 10_000).await;
    assert!(home.starts_with("HTTP/1.1 200") && home.ends_with("hello"), "{home}");
    assert_eq!(home.matches("set-cookie").count(), 2);
    assert!(home.contains("access-control-allow-origin: https://evil.test"));
    assert!(answer(web(), &get("/x", "a.test"), 10_000).await.starts_with("HTTP/1.1 404"));
    assert!(answer(web(), &get("/", "b.test"), 10_000).await.starts_with("HTTP/1.1 404"));
    let trace = get("/", "a.test").replace("GET", "TRACE");
    assert!(answer(web(), &trace, 10_000).await.contains("TRACE / HTTP/1.1"));
}

#[tokio::test]
async fn faults_are_those_that_were_asked_for() {
    let said =
        |fault, most| async move { answer(Web::fault(fault), &get("/p", "a.test"), most).await };
    assert!(said(HttpFault::RedirectLoop, 10_000).await.contains("location: /p\r\n"));
    assert!(!said(HttpFault::EndlessHeaders, 200_000).await.contains("\r\n\r\n"));
    assert!(!said(HttpFault::HugeHeader, 500_000).await.contains("\r\n\r\n"));
    assert_eq!(said(HttpFault::EndlessBody, 200_000).await.len(), 200_000);
    assert!(said(HttpFault::GzipBomb, 10_000).await.contains("content-encoding: gzip"));
    assert_eq!(said(HttpFault::Silent, 10_000).await, "");
    assert!(said(HttpFault::ResetsMidHeader, 10_000).await.ends_with("server: ngi"));
    assert!(said(HttpFault::NotHttp, 10_000).await.starts_with("220 "));
    assert!(said(HttpFault::SlowBody, 10_000).await.ends_with("\r\n\r\na"));
}
