//! Web servers and TLS servers.

use lab::{Beyond, Chain, Crowd, Dns, HttpFault, Lab, LabBuilder, Page, Site, Tls, Web};
use model::ModuleId::{Cookies, Javascript, SslTls, TechStack, Trackers, Waf};

use super::{DOMAIN, Target, endure_all};

/// What is judged by the home page.
const BY_PAGE: &[&str] =
    &["csp.", "framing.", "header.", "cookie.", "script.", "sri.", "tracker.", "cors.", "hsts."];
/// What is judged by what stands in the page.
const BY_MARKUP: &[&str] = &["script.", "sri.", "tracker."];

fn dns() -> Dns {
    Dns::default().record(DOMAIN, "A", "127.0.0.1").record("www.hostile.test", "A", "127.0.0.1")
}

fn faulty(fault: HttpFault) -> LabBuilder {
    let secure = Tls::modern(&[DOMAIN]);
    Lab::builder().dns(dns()).http(Web::fault(fault)).https(secure, Web::fault(fault))
}

fn shaking(tls: Tls) -> LabBuilder {
    let web = Web::host(DOMAIN, Site::home(Page::new(200)));
    Lab::builder().dns(dns()).https(tls, web)
}

#[tokio::test]
async fn a_web_server_that_never_answers_a_request_is_not_judged_by_it() {
    let faults = [
        HttpFault::Silent,
        HttpFault::DripsHead,
        HttpFault::ResetsAtRequest,
        HttpFault::ResetsMidHeader,
        HttpFault::EndlessHeaders,
        HttpFault::EndlessContinue,
        HttpFault::HugeHeader,
        HttpFault::NotHttp,
    ];
    let target = |fault| {
        Target::new(fault, faulty(fault))
            .untested(&[Cookies, Javascript, TechStack, Trackers, Waf])
            .unseen(BY_PAGE)
            .unseen(&["disclosure.", "https.", "securitytxt."])
    };
    endure_all(faults.into_iter().map(target).collect()).await;
}

#[tokio::test]
async fn a_port_80_that_resets_whoever_comes_is_not_judged_by_it() {
    let secure = Tls::modern(&[DOMAIN]);
    let web = Web::host(DOMAIN, Site::home(Page::new(200).body("hi")));
    let lab = Lab::builder().dns(dns()).http(web.clone()).https(secure, web);
    let lab = lab.crowd(80, Crowd::once(0, Beyond::Resets));
    let target = Target::new("resets at port 80", lab).unseen(&["https.no-redirect"]);
    endure_all(vec![target]).await;
}

#[tokio::test]
async fn a_page_that_was_not_read_to_its_end_is_not_free_of_anything() {
    let faults = [
        HttpFault::EndlessBody,
        HttpFault::EndlessChunkExtensions,
        HttpFault::SlowBody,
        HttpFault::ResetsMidBody,
        HttpFault::GzipBomb,
        HttpFault::BrotliBomb,
    ];
    let target = |fault| Target::new(fault, faulty(fault)).unseen(BY_MARKUP);
    endure_all(faults.into_iter().map(target).collect()).await;
}

#[tokio::test]
async fn redirects_end_and_what_lies_behind_them_is_not_judged() {
    let faults = [HttpFault::RedirectLoop, HttpFault::RedirectsUpAndDown];
    let target = |fault| Target::new(fault, faulty(fault)).unseen(&["csp.", "script.", "tracker."]);
    let [circle, up_and_down] = faults.map(target);
    let targets =
        [circle.failed(&["https.redirect-loop"]), up_and_down.failed(&["https.downgrade"])];
    endure_all(targets.into()).await;
}

#[tokio::test]
async fn a_tls_server_that_says_nothing_of_use_is_not_judged() {
    let faults = [
        Tls::SilentAfterAccept,
        Tls::ResetsAfterAccept,
        Tls::ResetsAtHello,
        Tls::ResetsMidHello,
        Tls::DripsHello,
        Tls::Garbage,
        Tls::EndlessRecords,
        Tls::AlertsAlways,
    ];
    let target =
        |fault: Tls| Target::new(fault.clone(), shaking(fault)).untested(&[SslTls]).unseen(BY_PAGE);
    endure_all(faults.into_iter().map(target).collect()).await;
}

#[tokio::test]
async fn a_monstrous_certificate_is_judged_like_any_other() {
    let chains = [Chain::ManyNames, Chain::Deep];
    let target = |chain| {
        let tls = Tls::with_chain(&[DOMAIN], chain);
        Target::new(chain, shaking(tls)).failed(&["kex.no-post-quantum"])
    };
    for report in endure_all(chains.into_iter().map(target).collect()).await {
        let seen: scan::evidence::Evidence = serde_json::from_value(report.evidence).unwrap();
        let chain = seen.tls.unwrap().chain.unwrap();
        assert!(chain.certificates.len() <= 10 && chain.certificates[0].names.len() <= 100);
        assert!(chain.name_matches);
    }
}
