//! The modules that judge what the web server answers, together.

use lab::{Dns, Lab, Page, Site, Tls, Web};
use model::ModuleId::{Cookies, Javascript, TechStack, Trackers, Waf};
use model::{ModuleStatus, Report};

use super::{failed, finding, module, scan};

const DOMAIN: &str = "web.test";

async fn report(site: Site) -> Report {
    let dns = Dns::default().record(DOMAIN, "A", "127.0.0.1");
    let lab = Lab::builder().dns(dns).https(Tls::modern(&[DOMAIN]), Web::host(DOMAIN, site));
    let lab = lab.start().await.unwrap();
    scan(&lab, DOMAIN, &[Cookies, Javascript, TechStack, Trackers, Waf]).await
}

#[tokio::test]
async fn a_shield_is_named_and_nothing_behind_it_is_judged() {
    let challenge = Page::new(403)
        .header("server", "cloudflare")
        .header("cf-mitigated", "challenge")
        .header("set-cookie", "session=1")
        .body("<script src=https://static.hotjar.com/x.js></script>");
    let report = report(Site::default().anything(challenge)).await;
    assert_eq!(failed(&report, Waf), ["waf.block-page", "waf.detected"]);
    assert_eq!(
        finding(&report, "waf.block-page").seen,
        "https://web.test/ answered 403 (a Cloudflare challenge)"
    );
    for id in [Cookies, Javascript, TechStack, Trackers] {
        let status = &module(&report, id).status;
        assert!(matches!(status, ModuleStatus::NotTested(_)), "{id:?}: {status:?}");
    }
}

#[tokio::test]
async fn a_hostile_page_leaves_little_behind_and_never_passes() {
    let page: String = (0..4_000)
        .map(|index| {
            let long = "a".repeat(index % 3_000);
            format!(
                "<script src=/{index}{long}.js integrity={long}></script><img src=//{index}.test/>"
            )
        })
        .collect();
    let report = report(Site::home(Page::new(200).body(&page))).await;
    let size = report.evidence.to_string().len();
    assert!(size < 256 * 1024, "{size} bytes");
    for id in [Javascript, Trackers] {
        assert_eq!(module(&report, id).passed, [""; 0], "{id:?}");
    }
}

#[tokio::test]
async fn what_is_no_page_has_no_scripts() {
    let json = Page::new(200).header("content-type", "application/json").body("{}");
    let report = report(Site::home(json)).await;
    for id in [Javascript, Trackers] {
        let status = &module(&report, id).status;
        assert!(matches!(status, ModuleStatus::NotApplicable(_)), "{id:?}: {status:?}");
    }
    assert_eq!(failed(&report, TechStack), [""; 0]);
}
