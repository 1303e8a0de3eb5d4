//! Asks the web server: two walks, then a canary, a foreign origin, `OPTIONS`, `TRACE` and files that
//! should not be there.
//!
//! One address of the domain is asked, the first that answers, and others for one page alone. Requests go out one after another,
//! those for files [`LANES`] at a time, each on a connection of its own, never more than [`super::MOST_REQUESTS`]. What a later request
//! lacks (time, budget, an answer) is [`Missing`] for that part alone.

use std::net::IpAddr;

use futures_util::StreamExt;
use http::Method;
use sha2::{Digest, Sha256};

use super::door;
use super::evidence::{
    CorsAnswer, Exposed, Failure, HttpEvidence, TextFile, TraceAnswer, is_redirect,
};
use super::leak::{git_head, variable_names};
use super::location::Place;
use super::markup::Markup;
use super::preload;
use super::walk::{Client, Path, send};
use super::{elsewhere, exposure};
use crate::Target;
use crate::check::{Missing, Seen};
use crate::kev;
use crate::modules::waf::block_sign;
use crate::net::{HttpResponse, Net, NetError, Scheme};

/// Addresses of the domain that are tried until one answers.
const MOST_ADDRESSES: usize = 4;
/// Bytes kept of a text file.
const TEXT_BYTES: usize = 8 * 1024;
/// Files that are asked for side by side.
const LANES: usize = 3;
/// Codings a page may be compressed with (the IANA registry of HTTP content codings).
const CODINGS: &[&str] = &["gzip", "br", "zstd", "deflate"];

type Answer = Result<HttpResponse, NetError>;

/// Asks the web server of a domain.
pub(crate) async fn probe(net: &Net, target: &Target) -> HttpEvidence {
    let domain = target.domain.as_str();
    let mut evidence = HttpEvidence { domain: domain.to_owned(), ..HttpEvidence::default() };
    let listed = preload::look_up(net.providers().hsts_preload.as_deref(), domain);
    let (first, preloaded, exploited) =
        tokio::join!(first_answer(net, target), listed, kev::exploited(net));
    evidence.preloaded = preloaded;
    evidence.exploited = exploited;
    let Some((address, secure, plain)) = first else { return evidence };
    evidence.address = Some(address);
    let mut client = Client::new(net, domain, address);
    client.count();
    client.count();
    let secure = client.follow(Place::root(Scheme::Https, domain), secure, None).await;
    let plain = client.follow(Place::root(Scheme::Http, domain), plain, Some(&secure)).await;
    let base = base(&evidence, &secure, &plain);
    evidence.markup = match secure.walk.hops.is_empty() {
        true => plain.markup,
        false => secure.markup,
    };
    evidence.secure = secure.walk;
    evidence.plain = plain.walk;
    let is_silent = matches!(evidence.secure.failure(), Some(Failure::Refused | Failure::TimedOut));
    if is_silent && !evidence.plain.hops.is_empty() {
        evidence.https_shut = door::is_shut(net, target).await;
    }
    let Some((page, address)) = base else { return evidence };
    let silent = evidence.page().err();
    let root = match evidence.secure.hops.is_empty() {
        true => Place::root(Scheme::Http, domain),
        false => Place::root(Scheme::Https, domain),
    };
    // A site that blocks us is not asked again and again.
    match silent {
        Some(missing) => {
            evidence.canary = Err(missing.clone());
            evidence.trace = Err(missing.clone());
            evidence.cors = Err(missing.clone());
            evidence.security_txt = Err(missing.clone());
            evidence.git_head = Err(missing.clone());
            evidence.dot_env = Err(missing.clone());
            evidence.exposed = Err(missing.clone());
            evidence.allowed_methods = Err(missing.clone());
            evidence.elsewhere = Err(missing.clone());
            evidence.compression = Err(missing);
        }
        None => {
            let here = evidence.address.unwrap_or(address);
            let elsewhere = elsewhere::look(&mut client, root, here, &target.addresses);
            let more = more(&mut client, &mut evidence, &page, address);
            let (elsewhere, ()) = tokio::join!(elsewhere, more);
            evidence.elsewhere = Ok(elsewhere);
        }
    }
    evidence
}

/// Knocks at both doors of each address until one of them answers.
async fn first_answer(net: &Net, target: &Target) -> Option<(IpAddr, Answer, Answer)> {
    let domain = target.domain.as_str();
    let (secure_place, plain_place) =
        (Place::root(Scheme::Https, domain), Place::root(Scheme::Http, domain));
    let mut best = None;
    for address in target.addresses.iter().take(MOST_ADDRESSES).copied() {
        let (secure, plain) = tokio::join!(
            send(net, &secure_place, address, Method::GET, &[]),
            send(net, &plain_place, address, Method::GET, &[]),
        );
        if secure.is_ok() || plain.is_ok() {
            return Some((address, secure, plain));
        }
        best.get_or_insert((address, secure, plain));
    }
    best
}

/// Returns the page of the site that further questions are about.
fn base(evidence: &HttpEvidence, secure: &Path, plain: &Path) -> Option<(Place, IpAddr)> {
    let own = |path: &Path| path.last.clone().filter(|(place, _)| evidence.is_own(&place.host));
    let root = |path: &Path, scheme| {
        let address = evidence.address?;
        path.last.as_ref().map(|_| (Place::root(scheme, &evidence.domain), address))
    };
    own(secure)
        .or_else(|| root(secure, Scheme::Https))
        .or_else(|| own(plain))
        .or_else(|| root(plain, Scheme::Http))
}

async fn more(client: &mut Client<'_>, evidence: &mut HttpEvidence, page: &Place, address: IpAddr) {
    let random = random_word(&evidence.domain);
    let canary = client.ask(&page.at(&format!("/{random}")), address, Method::GET, &[]).await;
    let origin = format!("https://{random}.invalid");
    let headers = [("origin", origin.as_str()), ("accept-encoding", "gzip, br, zstd")];
    let cors = seen(client.ask(page, address, Method::GET, &headers).await);
    evidence.compression = cors.as_ref().map_err(Clone::clone).map(|answer| {
        let coding = answer.header("content-encoding")?.trim().to_ascii_lowercase();
        CODINGS.iter().find(|known| **known == coding).map(|known| (*known).to_owned())
    });
    evidence.cors = cors.map(|answer| CorsAnswer {
        status: answer.status,
        allow_origin: short(&answer, "access-control-allow-origin"),
        allow_credentials: short(&answer, "access-control-allow-credentials"),
        origin,
    });
    evidence.security_txt = security_txt(client, &Place::root(page.scheme, &evidence.domain)).await;
    let git = client.ask(&page.at("/.git/HEAD"), address, Method::GET, &[]).await;
    evidence.git_head = seen(git).map(|answer| {
        let served = answer.status == 200 && !is_same(&answer, &canary);
        served.then(|| git_head(&answer.body)).flatten()
    });
    let dot_env = client.ask(&page.at("/.env"), address, Method::GET, &[]).await;
    evidence.dot_env = seen(dot_env).map(|answer| match answer.status {
        200 if !is_same(&answer, &canary) => variable_names(&answer.body),
        _ => Vec::new(),
    });
    let folder = evidence.markup.as_ref().ok().and_then(|markup| own_folder(page, markup));
    evidence.exposed = Ok(exposed(client, page, address, folder, &canary).await);
    let options = client.ask(page, address, Method::OPTIONS, &[]).await;
    evidence.allowed_methods = seen(options).map(|answer| methods(&answer));
    // Firewalls dislike `TRACE`, so it comes last.
    let trace = client.ask(&page.at(&format!("/{random}")), address, Method::TRACE, &[]).await;
    let line = format!("TRACE /{random}");
    evidence.trace = trace.map_err(Missing::from).map(|answer| TraceAnswer {
        status: answer.status,
        echoed: answer.body.trim_ascii_start().starts_with(line.as_bytes()),
    });
    evidence.canary = seen(canary).map(|answer| answer.status);
}

/// Asks for files no site means to serve, and for a folder. None is believed when a path that
/// nobody has is answered with the same.
async fn exposed(
    client: &mut Client<'_>,
    page: &Place,
    address: IpAddr,
    folder: Option<String>,
    canary: &Answer,
) -> Vec<Exposed> {
    type Recognise = fn(&[u8]) -> Option<&'static str>;
    let files = exposure::FILES.iter().map(|file| (file.path.to_owned(), file.recognise));
    let folder = folder.map(|path| (path, exposure::listing as Recognise));
    let mut asks = Vec::new();
    for (path, recognise) in files.chain(folder) {
        let (reserved, place) = (client.reserve(), page.at(&path));
        let is_echo = canary.as_ref().is_ok_and(|canary| recognise(&canary.body).is_some());
        asks.push(async move {
            let answer = match reserved {
                Ok(net) => {
                    let part = [("range", "bytes=0-2047")];
                    send(net, &place, address, Method::GET, &part).await
                }
                Err(error) => Err(error),
            };
            let seen = seen(answer).map(|answer| {
                let is_served = matches!(answer.status, 200 | 206) && !is_echo;
                is_served.then(|| recognise(&answer.body)).flatten().map(str::to_owned)
            });
            Exposed { path, seen }
        });
    }
    futures_util::stream::iter(asks).buffered(LANES).collect().await
}

/// Returns a folder below the root that the page takes a file of its own host from.
fn own_folder(page: &Place, markup: &Markup) -> Option<String> {
    markup.resources.iter().filter(|resource| resource.host == page.host).find_map(|resource| {
        let (folder, file) = resource.path.rsplit_once('/')?;
        (!folder.is_empty() && !file.is_empty() && folder.len() < 200).then(|| format!("{folder}/"))
    })
}

/// Reads the methods of an `Allow` header. What other origins may send (CORS) is not what the
/// server takes.
fn methods(answer: &HttpResponse) -> Vec<String> {
    let header = answer.header("allow").unwrap_or_default();
    let names = header.split(',').map(|name| name.trim().to_ascii_uppercase());
    let is_name = |name: &String| {
        (1..=16).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_uppercase())
    };
    names.filter(is_name).take(16).collect()
}

/// Returns an answer that is not a block page. A refusal (403) of one path is an answer.
fn seen(answer: Answer) -> Seen<HttpResponse> {
    let answer = answer?;
    match block_sign(&answer) {
        Some(sign) if answer.status != 403 => Err(Missing(format!(
            "the server answered with a block page (status {}, {sign})",
            answer.status
        ))),
        _ => Ok(answer),
    }
}

/// Says whether a path got what a path that nobody has got.
fn is_same(answer: &HttpResponse, canary: &Answer) -> bool {
    canary.as_ref().is_ok_and(|canary| canary.status == answer.status && canary.body == answer.body)
}

fn short(answer: &HttpResponse, name: &str) -> Option<String> {
    answer.header(name).map(|value| value.chars().take(256).collect())
}

/// Fetches security.txt, over at most two redirects (RFC 9116, section 3).
async fn security_txt(client: &mut Client<'_>, root: &Place) -> Seen<TextFile> {
    let mut place = root.at("/.well-known/security.txt");
    for _ in 0..3 {
        let address = client.address_of(&place.host).await?;
        let answer = seen(client.ask(&place, address, Method::GET, &[]).await)?;
        if let (true, Some(location)) = (is_redirect(answer.status), answer.header("location")) {
            place = place.resolve(location).map_err(Missing)?;
            continue;
        }
        let body = &answer.body[..answer.body.len().min(TEXT_BYTES)];
        let text = if answer.status == 200 { body } else { &[] };
        return Ok(TextFile {
            url: format!("{}://{}{}", place.scheme.as_str(), place.host, place.path_only()),
            status: answer.status,
            content_type: short(&answer, "content-type"),
            text: String::from_utf8_lossy(text).into_owned(),
        });
    }
    Err(Missing("it redirects more than twice".to_owned()))
}

/// Returns a word nobody uses as a path or host: the same for one domain and one process, so that
/// a scan can be told from an attack in the server's log.
fn random_word(domain: &str) -> String {
    use std::hash::{BuildHasher, RandomState};
    let mut hash = Sha256::new();
    hash.update(domain);
    hash.update(RandomState::new().hash_one(domain).to_le_bytes());
    let digest = hash.finalize();
    let hex: String = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    format!("compliance-layer-{hex}")
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, SocketAddr};
    use std::time::Duration;

    use lab::{Dns, HttpFault, Lab, LabBuilder, Page, Site, Tls, Web};
    use model::{DomainName, ModuleId, Report, Timestamp};

    use super::*;
    use crate::evidence::Evidence;
    use crate::modules::http_headers::evidence::End;
    use crate::{Engine, Order, PortTarget, Settings};

    const HOST: &str = "shop.test";

    fn dns() -> Dns {
        Dns::default().record(HOST, "A", "127.0.0.1").record("www.shop.test", "A", "127.0.0.1")
    }

    fn doors(plain: Web, secure: Web) -> LabBuilder {
        Lab::builder().dns(dns()).http(plain).https(Tls::modern(&[HOST, "www.shop.test"]), secure)
    }

    fn to_https() -> Web {
        Web::host(HOST, Site::default().anything(Page::redirect(301, "https://shop.test/")))
    }

    async fn scan(lab: &Lab) -> (HttpEvidence, Report) {
        // Nothing listens at port 1, so a door the lab does not have is closed.
        let closed = PortTarget::Address(SocketAddr::from((Ipv4Addr::LOCALHOST, 1)));
        let mut settings = Settings {
            resolver: Some(lab.resolver),
            allow_private_networks: true,
            deadline: Duration::from_secs(5),
            ..Settings::default()
        };
        settings.port_overrides.extend([(80, closed), (443, closed)]);
        let open = lab.ports.iter().map(|(port, place)| (*port, PortTarget::Address(*place)));
        settings.port_overrides.extend(open);
        let order = Order {
            domain: DomainName::parse(HOST).unwrap(),
            modules: vec![ModuleId::HttpHeaders, ModuleId::Cookies],
            now: Timestamp::parse("2026-11-24T00:00:00Z").unwrap(),
            intrusive: None,
        };
        let report = Engine::new(settings).unwrap().scan(&order, &|_| {}).await;
        let evidence: Evidence = serde_json::from_value(report.evidence.clone()).unwrap();
        (evidence.http.unwrap(), report)
    }

    fn findings(report: &Report) -> Vec<&str> {
        report.findings().map(|(_, finding)| finding.check.as_str()).collect()
    }

    fn kept() -> Page {
        Page::new(200)
            .header("x-content-type-options", "nosniff")
            .header("referrer-policy", "no-referrer")
            .header("permissions-policy", "camera=()")
            .header("cross-origin-opener-policy", "same-origin")
            .header("cross-origin-embedder-policy", "require-corp")
            .header("cross-origin-resource-policy", "same-origin")
            .body("<h1>hello</h1>")
    }

    const SECURITY_TXT: &str =
        "Contact: mailto:security@shop.test\nExpires: 2027-01-01T00:00:00Z\n";

    fn with_contact(site: Site) -> Site {
        let file = Page::new(200).header("content-type", "text/plain").body(SECURITY_TXT);
        site.page("/.well-known/security.txt", file)
    }

    #[tokio::test]
    async fn without_hsts_csp_and_framing_protection_a_kept_site_has_55() {
        let site = with_contact(Site::home(kept()));
        let lab = doors(to_https(), Web::host(HOST, site)).start().await.unwrap();
        let (http, report) = scan(&lab).await;
        assert_eq!(findings(&report), ["hsts.missing", "csp.missing", "framing.missing"]);
        assert_eq!(report.modules[0].score, Some(55));
        let unseen: Vec<_> =
            report.modules[0].not_tested.iter().map(|missing| missing.check.as_str()).collect();
        assert_eq!(unseen, ["hsts.not-preloaded"], "no list is configured");
        assert_eq!(http.plain.end, End::Answered);
        assert!(lab.connections() <= super::super::MOST_REQUESTS, "{}", lab.connections());
    }

    #[tokio::test]
    async fn finds_what_should_not_be_served() {
        let home = Page::new(200).header("set-cookie", "sid=s3cr3t; Path=/").body("hello");
        let site = Site::home(home)
            .page("/.git/HEAD", Page::new(200).body("ref: refs/heads/main\n"))
            .page("/.env", Page::new(200).body("DB_PASSWORD=s3cr3t\n"))
            .reflects_origin()
            .allows_trace();
        let lab = doors(to_https(), Web::host(HOST, site)).start().await.unwrap();
        let (http, report) = scan(&lab).await;
        let found = findings(&report);
        for check in [
            "disclosure.git",
            "disclosure.env",
            "disclosure.trace",
            "cors.reflects-origin",
            "securitytxt.missing",
            "cookie.session-not-secure",
        ] {
            assert!(found.contains(&check), "{check} in {found:?}");
        }
        assert_eq!(http.dot_env, Ok(vec!["DB_PASSWORD".to_owned()]));
        assert!(!report.evidence.to_string().contains("s3cr3t"), "secrets are never kept");
    }

    #[tokio::test]
    async fn files_folders_methods_and_compression_are_asked_for() {
        let home = Page::new(200)
            .header("content-type", "text/html")
            .body("<script src=/assets/app.js></script><form action=/in><input type=password>");
        let dump = "-- MySQL dump 10.13\nINSERT INTO users VALUES ('s3cr3t');";
        let site = Site::home(home)
            .page("/backup.sql", Page::new(200).body(dump))
            .page("/info.php", Page::new(200).body("<title>PHP 8.2.7 - phpinfo()</title>"))
            .page("/assets/", Page::new(200).body("<title>Index of /assets/</title>"))
            .page(
                "/actuator/env",
                Page::new(200).body(r#"{"activeProfiles":[],"propertySources":[]}"#),
            )
            .page("/phpmyadmin/index.php", Page::new(200).body("phpMyAdmin pma_username"))
            .allows_methods("GET, HEAD, PUT")
            .compresses();
        let lab = doors(to_https(), Web::host(HOST, site)).start().await.unwrap();
        let (_, report) = scan(&lab).await;
        let found = findings(&report);
        for check in [
            "disclosure.backup",
            "disclosure.phpinfo",
            "disclosure.listing",
            "disclosure.actuator",
            "disclosure.phpmyadmin",
            "disclosure.methods",
            "https.compressed",
        ] {
            assert!(found.contains(&check), "{check} in {found:?}");
        }
        assert!(!found.contains(&"disclosure.subversion"), "{found:?}");
        assert!(!found.contains(&"disclosure.server-info"), "{found:?}");
        assert!(!report.evidence.to_string().contains("s3cr3t"), "contents are never kept");
        assert!(lab.connections() <= super::super::MOST_REQUESTS, "{}", lab.connections());
    }

    #[tokio::test]
    async fn a_server_that_answers_everything_exposes_nothing() {
        let site = Site::default().anything(Page::new(200).body("ref: refs/heads/main\n"));
        let lab = doors(to_https(), Web::host(HOST, site)).start().await.unwrap();
        let (http, _) = scan(&lab).await;
        assert_eq!(http.canary, Ok(200));
        assert_eq!(http.git_head, Ok(None));
    }

    #[tokio::test]
    async fn a_block_page_is_not_judged_and_not_asked_again() {
        let site = Site::default().anything(Page::new(403).body("go away"));
        let lab = doors(to_https(), Web::host(HOST, site)).start().await.unwrap();
        let (http, report) = scan(&lab).await;
        let why = "the server answered with a block page (status 403, forbidden)";
        assert_eq!(http.page().unwrap_err().to_string(), why);
        assert!(findings(&report).is_empty(), "{:?}", findings(&report));
        assert_eq!(report.modules[1].status.reason(), Some(why), "cookies");
        assert!(lab.connections() <= 3, "{}", lab.connections());
    }

    #[tokio::test]
    async fn follows_redirects_to_another_name_and_no_further_than_it_may() {
        let www = Web::host(
            HOST,
            Site::home(Page::redirect(302, "https://www.shop.test/a?token=s3cr3t")),
        )
        .and_host("www.shop.test", Site::default().page("/a", kept()));
        let lab = doors(to_https(), www).start().await.unwrap();
        let (http, _) = scan(&lab).await;
        assert_eq!(http.page().unwrap().url(), "https://www.shop.test/a");
        assert!(!serde_json::to_string(&http).unwrap().contains("s3cr3t"));

        let away =
            Web::host(HOST, Site::home(Page::redirect(302, "http://169.254.169.254/latest")));
        let lab = doors(to_https(), away).start().await.unwrap();
        let (http, _) = scan(&lab).await;
        assert!(matches!(&http.secure.end, End::NotFollowed(why) if why.contains("169.254")));
    }

    #[tokio::test]
    async fn a_closed_port_443_is_missing_https() {
        let lab = Lab::builder().dns(dns()).http(Web::host(HOST, Site::home(kept())));
        let lab = lab.start().await.unwrap();
        let (http, report) = scan(&lab).await;
        assert_eq!(http.secure.failure(), Some(&Failure::Refused));
        assert_eq!(http.https_shut, Ok(true));
        assert!(findings(&report).contains(&"https.missing"), "{:?}", findings(&report));
        assert_eq!(report.cap.map(|cap| cap.at), Some(54));
    }

    #[tokio::test]
    async fn redirects_that_never_end_are_followed_no_longer_than_allowed() {
        let fault = Web::fault(HttpFault::RedirectLoop);
        let lab = doors(fault.clone(), fault).start().await.unwrap();
        let (http, report) = scan(&lab).await;
        assert_eq!(http.secure.end, End::Loop);
        assert!(findings(&report).contains(&"https.redirect-loop"));
    }

    #[tokio::test]
    async fn a_hostile_server_costs_a_fixed_amount_and_is_not_judged() {
        for fault in [
            HttpFault::EndlessHeaders,
            HttpFault::HugeHeader,
            HttpFault::ResetsMidHeader,
            HttpFault::NotHttp,
            HttpFault::Silent,
        ] {
            let lab = doors(to_https(), Web::fault(fault)).start().await.unwrap();
            let (http, report) = scan(&lab).await;
            assert!(http.secure.failure().is_some(), "{fault:?}");
            let found = findings(&report);
            let judged = found.iter().any(|check| !check.starts_with("https."));
            assert!(!judged, "{fault:?}: {found:?}");
        }
        let lab = doors(to_https(), Web::fault(HttpFault::EndlessBody)).start().await.unwrap();
        let (http, _) = scan(&lab).await;
        assert_eq!(http.page().map(|page| page.status), Ok(200));
    }
}
