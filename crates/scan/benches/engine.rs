//! The engine without a server: many domains in flight at once, and the scoring of one report.
//!
//! Prints; `bench/README.md` says what the figures are. The domains and their servers are a lab in a
//! process of its own, which this program starts from itself (`serve`), so that the memory measured
//! is the engine's.

#![expect(clippy::print_stdout, reason = "what a benchmark is for")]
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot go on has failed")]

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures_util::StreamExt;
use lab::{Dns, Lab, Mail, Page, Site, Tls, Web};
use model::{DomainName, ModuleStatus, Report, Timestamp};
use scan::{DnssecAnchors, Engine, Order, PortTarget, Settings};

/// Domains that are scanned, all of them in flight at the same time.
const DOMAINS: usize = 1_000;
/// Domains that live at one address, as with a hosting company.
const NEIGHBOURS: usize = 4;
/// Sockets that let all of them be at work at once.
const MANY_SOCKETS: usize = 16 * DOMAINS;
/// Times one report is judged again.
const JUDGEMENTS: u32 = 200;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    // `cargo test` asks every target whether it has tests.
    if arguments.iter().any(|argument| argument == "--list") {
        return;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let wants = |what: &str| arguments.iter().any(|argument| argument == what);
        if wants("serve") {
            serve(start().await).await;
        } else if wants("serve-suites") {
            serve(many_suites().await).await;
        } else {
            let internet = Internet::start();
            let report = scan_all(&internet, wants("all-at-work")).await;
            judge_again(&report);
        }
    });
}

/// The lab's process. It ends with this one.
struct Internet {
    process: Child,
    settings: Settings,
}

impl Internet {
    fn start() -> Self {
        let program = std::env::current_exe().unwrap();
        let mut process = Command::new(program)
            .arg("serve")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut settings = Settings {
            allow_private_networks: true,
            deadline: Duration::from_secs(300),
            ..Settings::default()
        };
        for line in BufReader::new(process.stdout.take().unwrap()).lines() {
            let line = line.unwrap();
            let (what, value) = line.split_once(' ').unwrap();
            match what {
                "resolver" => settings.resolver = Some(value.parse().unwrap()),
                "anchor" => settings.dnssec_anchors = DnssecAnchors::parse(value).unwrap(),
                "root" => settings.extra_roots = vec![STANDARD.decode(value).unwrap().into()],
                "port" => settings.port_overrides.extend(PortTarget::parse(value)),
                _ => break,
            }
        }
        Self { process, settings }
    }
}

impl Drop for Internet {
    fn drop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

/// Serves until whoever started this hangs up.
async fn serve(lab: Lab) {
    println!("resolver {}", lab.resolver);
    if let Some(anchor) = &lab.dnssec_anchor {
        println!("anchor {anchor}");
    }
    println!("root {}", STANDARD.encode(lab.authority.root_der()));
    for (port, place) in &lab.ports {
        println!("port {port}={place}");
    }
    println!("ready now");
    let waiting = tokio::task::spawn_blocking(|| std::io::stdin().lines().count());
    waiting.await.unwrap();
}

/// Scans all domains at once and returns one of the reports.
async fn scan_all(internet: &Internet, all_at_work: bool) -> Report {
    let mut settings = internet.settings.clone();
    if all_at_work {
        settings.sockets = MANY_SOCKETS;
    }
    let engine = Engine::new(settings).unwrap();
    let alone = scan(&engine, DOMAINS).await;
    let before = memory("VmRSS:");
    let began = Instant::now();
    let scans: Vec<_> = (0..DOMAINS)
        .map(|number| {
            let engine = engine.clone();
            tokio::spawn(async move { scan(&engine, number).await })
        })
        .collect();
    let (mut complete, mut alike, mut connections) = (0, 0, 0);
    let mut reasons = BTreeMap::new();
    let mut done = futures_util::stream::iter(scans).buffer_unordered(DOMAINS);
    while let Some(report) = done.next().await {
        let report = report.unwrap();
        complete += usize::from(report.score.is_ok() && !report.coverage.is_incomplete());
        alike += usize::from(verdicts(&report) == verdicts(&alone));
        connections += report.scope.connections;
        if let Err(unscored) = &report.score {
            let reason = unscored.to_string().replace(report.domain.as_str(), "a domain");
            *reasons.entry(reason).or_insert(0) += 1;
        }
        for module in &report.modules {
            if let ModuleStatus::NotTested(reason) = &module.status {
                // What is particular to one domain is left out.
                let reason = reason.replace(report.domain.as_str(), "a domain");
                *reasons.entry(reason).or_insert(0) += 1;
            }
        }
    }
    let took = began.elapsed().as_secs_f64();
    let peak = memory("VmHWM:");
    let rate = f64::from(u32::try_from(DOMAINS).unwrap()) / took;
    let work = if all_at_work { "all at work" } else { "at work by turns" };
    println!(
        "(k) {DOMAINS} domains in flight, {work}: {took:.1} s, {rate:.0} a second (aim 20), \
         {complete} complete, {alike} as one scanned alone, {:.0} connections each (alone {}), \
         peak {} MiB (aim 300) of which {} MiB before",
        f64::from(connections) / 1_000.0,
        alone.scope.connections,
        peak >> 20,
        before >> 20,
    );
    let mut reasons: Vec<(String, u32)> = reasons.into_iter().collect();
    reasons.sort_by_key(|(_, times)| std::cmp::Reverse(*times));
    for (reason, times) in reasons.iter().take(8) {
        println!("    {times} were not tested: {reason}");
    }
    alone
}

async fn scan(engine: &Engine, number: usize) -> Report {
    let domain = DomainName::parse(&domain(number)).unwrap();
    let order = Order { domain, modules: Vec::new(), now: now(), intrusive: None };
    engine.scan(&order, &|_| {}).await
}

/// Returns what was judged, and how.
fn verdicts(report: &Report) -> Vec<Vec<&str>> {
    let mut verdicts = Vec::new();
    for module in &report.modules {
        verdicts.push(module.findings.iter().map(|finding| finding.check.as_str()).collect());
        verdicts.push(module.passed.iter().map(String::as_str).collect());
        verdicts.push(module.not_tested.iter().map(|untested| untested.check.as_str()).collect());
    }
    verdicts
}

fn judge_again(report: &Report) {
    let began = Instant::now();
    for _ in 0..JUDGEMENTS {
        scan::score::again(report).unwrap();
    }
    let each = began.elapsed() / JUDGEMENTS;
    let stored = serde_json::to_string(report).unwrap();
    println!(
        "(k) judging and scoring one stored report of {} KiB: {each:.2?} (aim 1 ms)",
        stored.len() >> 10
    );
}

/// Returns a name. The number stands in it twice, so that no two names are one slip apart, which would
/// make them look-alikes of each other.
fn domain(number: usize) -> String {
    format!("d{number}x{number}.test")
}

async fn start() -> Lab {
    let mut dns = Dns::default()
        .record("mx.provider.test", "A", "127.200.0.1")
        .record("ns1.provider.test", "A", "127.200.0.2")
        .record("ns2.provider.test", "A", "127.200.1.2")
        .record("_spf.provider.test", "TXT", "v=spf1 ip4:127.200.0.0/16 -all")
        .record("provider.test", "NS", "ns1.provider.test");
    let page = Page::new(200)
        .header("content-type", "text/html")
        .header("strict-transport-security", "max-age=31536000")
        .header("set-cookie", "session=1; Secure; HttpOnly; SameSite=Lax")
        .body("<!doctype html><title>One of many</title><script src=/a.js></script>");
    let (mut http, mut https) = (Web::default(), Web::default());
    // One more than many, to be scanned alone.
    for number in 0..=DOMAINS {
        let name = domain(number);
        let place = number / NEIGHBOURS;
        dns = dns
            .record(&name, "A", &format!("127.100.{}.{}", place / 250, place % 250 + 1))
            .record(&name, "NS", "ns1.provider.test")
            .record(&name, "NS", "ns2.provider.test")
            .record(&name, "MX", "10 mx.provider.test")
            .record(&name, "TXT", "v=spf1 include:_spf.provider.test -all")
            .record(&format!("_dmarc.{name}"), "TXT", "v=DMARC1; p=reject");
        let to = Page::redirect(301, &format!("https://{name}/"));
        http = http.and_host(&name, Site::default().anything(to));
        https = https.and_host(&name, Site::home(page.clone()));
    }
    Lab::builder()
        .dns(dns.sign(".").sign("test"))
        .name_server()
        .http(http)
        .https(Tls::modern(&["*.test"]), https)
        .smtp(Mail::StartTls(Tls::modern(&["mx.provider.test"])))
        .start()
        .await
        .unwrap()
}

/// Serves `shop.test`, which takes 30 suites of TLS 1.0 to 1.3 as servers did that were never tidied.
async fn many_suites() -> Lab {
    const OLD: [u16; 9] = [0xc014, 0xc013, 0x0039, 0x0033, 0x0035, 0x002f, 0xc012, 0x0016, 0x000a];
    const NEW: [u16; 18] = [
        0xc030, 0xc02f, 0xcca8, 0x009f, 0x009e, 0xccaa, 0xc028, 0xc027, 0x006b, 0x0067, 0x009d,
        0x009c, 0x003d, 0x003c, 0xc077, 0xc076, 0x00c4, 0x00be,
    ];
    let tls12 = [&NEW[..], &OLD].concat();
    let versions: [(u16, &[u16]); 4] =
        [(0x0301, &OLD), (0x0302, &OLD), (0x0303, &tls12), (0x0304, &[0x1301, 0x1302, 0x1303])];
    let server = lab::LegacyServer::new(&["shop.test"], &versions);
    Lab::builder()
        .dns(Dns::default().record("shop.test", "A", "127.0.0.1"))
        .https(Tls::Legacy(server), Web::default())
        .start()
        .await
        .unwrap()
}

/// Returns a figure of this process's memory, in bytes.
fn memory(field: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(field)).unwrap();
    line.trim().strip_suffix(" kB").unwrap().parse::<u64>().unwrap() * 1024
}

#[expect(clippy::disallowed_methods, reason = "the lab's certificates are valid today")]
fn now() -> Timestamp {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    Timestamp(i64::try_from(since.as_millis()).unwrap())
}
