//! `shop.test` with one TLS server of choice, for the built program: prints the settings that lead
//! there, an empty line, and serves until its input ends.
//!
//! `serve FOLDER SERVER [PROOF]`: the folder takes the root to trust, `PROOF` is the TXT record that
//! proves ownership.

#![expect(clippy::print_stdout, reason = "whoever starts this reads where to go")]

use std::path::Path;

use anyhow::{Context, Result, bail};
use lab::{Dns, Flaw, Lab, LegacyServer, Page, Site, Tls, Web};

const DOMAIN: &str = "shop.test";

#[tokio::main]
async fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [folder, server, proof @ ..] = &arguments[..] else {
        bail!("usage: serve FOLDER SERVER [PROOF]");
    };
    let mut dns = Dns::default().record(DOMAIN, "A", "127.0.0.1");
    for text in proof {
        dns = dns.record("_compliancelayer.shop.test", "TXT", text);
    }
    let web = Web::host(DOMAIN, Site::home(Page::new(200)));
    let lab = Lab::builder().dns(dns).https(tls(server)?, web).start().await?;
    let root = Path::new(folder).join("root.pem");
    std::fs::write(&root, lab.authority.root_pem()).context("the folder takes no file")?;
    let ports: Vec<_> = lab.ports.iter().map(|(port, place)| format!("{port}={place}")).collect();
    println!("COMPLIANCELAYER_SCAN__RESOLVER={}", lab.resolver);
    println!("COMPLIANCELAYER_SCAN__TRUST_ROOTS={}", root.display());
    println!("COMPLIANCELAYER_SCAN__PORT_OVERRIDES={}", ports.join(","));
    println!("COMPLIANCELAYER_SCAN__ALLOW_PRIVATE_NETWORKS=true\n");
    tokio::task::spawn_blocking(|| std::io::stdin().lines().count()).await?;
    Ok(())
}

fn tls(server: &str) -> Result<Tls> {
    let names = vec![DOMAIN.to_owned()];
    let flaw = match server {
        "modern" => return Ok(Tls::modern(&[DOMAIN])),
        "early-data" => return Ok(Tls::EarlyData { names }),
        "old" => return Ok(Tls::Legacy(old())),
        "heartbleed" => Flaw::Heartbleed,
        "ccs-injection" => Flaw::EarlyCcs,
        "robot" => Flaw::RobotStrong,
        "ticketbleed" => Flaw::Ticketbleed,
        "client-renegotiation" => Flaw::Renegotiates,
        "padding-oracle" => Flaw::AnyPadding,
        "sound" => Flaw::Sound,
        _ => bail!("there is no server `{server}`; crates/lab/examples/serve.rs lists them"),
    };
    Ok(Tls::Legacy(LegacyServer::flawed(&[DOMAIN], flaw)))
}

/// Returns a server of SSL 2.0 to TLS 1.2 that was never tidied.
fn old() -> LegacyServer {
    let versions: [(u16, &[u16]); 4] = [
        (0x0300, &[0x0005, 0x000a]),
        (0x0301, &[0x002f, 0x0033]),
        (0x0302, &[0x002f]),
        (0x0303, &[0x0034, 0x0008, 0x0002, 0xc027, 0x002f]),
    ];
    LegacyServer {
        ssl2: true,
        server_order: false,
        dh_bits: 1_024,
        compression: true,
        secure_renegotiation: false,
        extended_master_secret: false,
        heartbeat: true,
        fallback_scsv: false,
        sha1_signatures: true,
        ..LegacyServer::new(&[DOMAIN], &versions)
    }
}
