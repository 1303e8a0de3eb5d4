//! A small internet on loopback: DNS, HTTP, TLS and SMTP servers that behave, or misbehave on
//! request. Tests of the engine stand on it, and so does the built-in demo target.
//!
//! A [`Lab`] is listening when it is made and stops when it is dropped. Every server binds port 0
//! of 127.0.0.1; [`Lab::ports`] says where well-known ports are found. Certificates are made at
//! start, so nothing in the tree expires.
//!
//! | file | what it serves |
//! | --- | --- |
//! | `dns` | zones over UDP and TCP, and the ways a resolver goes wrong |
//! | `dnssec` | signatures over zones, and the ways signing goes wrong |
//! | `lie` | answers that are none |
//! | `certificate` | a root, an intermediate, and chains with one fault each |
//! | `tls` | handshakes by rustls, and the ways a server stalls |
//! | `legacy` | hello messages of SSL 2.0 to TLS 1.3, written by hand, for what rustls refuses |
//! | `flaw` | what a server with a known flaw does after its hello |
//! | `secrets` | the keys and records such a server needs |
//! | `http` | sites with any status, header and body, and the ways a web server lies |
//! | `bomb` | small bodies that unpack to great ones |
//! | `smtp` | mail servers that are looked at |
//! | `mailbox` | a mail server that keeps letters |
//! | `crowd` | servers that bear only so many connections |
//! | `service` | servers that greet, or say nothing, at any port |
//! | `demo` | a web shop with plausible faults |
//!
//! `examples/serve.rs` serves one TLS server of choice to a program outside, such as the built one.
//!
//! Invariant: the crate knows nothing of the rest of the workspace.

mod bomb;
pub mod certificate;
pub mod crowd;
pub mod demo;
pub mod dns;
pub mod dnssec;
pub mod flaw;
pub mod http;
pub mod legacy;
mod lie;
pub mod mailbox;
mod secrets;
pub mod service;
pub mod smtp;
pub mod tls;

use std::collections::HashMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use crowd::Watch;

pub use certificate::{Authority, Chain, OcspSigner, OcspStatus};
pub use crowd::{Beyond, Crowd, Turnstile};
pub use dns::{Dns, DnsFault, NameServerHabit};
pub use dnssec::{ChildDs, Denial, Signing, SigningFault};
pub use flaw::Flaw;
pub use http::{HttpFault, Page, Site, Web};
pub use legacy::LegacyServer;
pub use mailbox::{Mailbox, Received};
pub use service::{Service, SshGreeter};
pub use smtp::Mail;
pub use tls::Tls;

/// Running servers.
pub struct Lab {
    /// Where the resolver listens.
    pub resolver: SocketAddr,
    /// The DS record of the highest signed zone, for `scan.dnssec_anchor`; none while no zone is.
    pub dnssec_anchor: Option<String>,
    /// The root that all good chains end in.
    pub authority: Authority,
    /// Well-known ports and where they are.
    pub ports: Vec<(u16, SocketAddr)>,
    connections: Arc<AtomicU32>,
    watch: Option<Arc<Watch>>,
    dns_queries: Arc<AtomicU32>,
    stop: CancellationToken,
    _tasks: Vec<AbortOnDropHandle<()>>,
}

/// What a [`Lab`] is to serve; anything left out does not listen.
#[derive(Default)]
pub struct LabBuilder {
    dns: Dns,
    name_server: bool,
    http: Option<Web>,
    https: Option<(Tls, Web)>,
    smtp: Option<Mail>,
    services: Vec<(u16, Service)>,
    crowds: HashMap<u16, Crowd>,
    watched: bool,
}

impl Lab {
    /// Begins a lab that serves nothing.
    pub fn builder() -> LabBuilder {
        LabBuilder::default()
    }

    /// Returns how many TCP connections the servers have accepted, DNS apart.
    pub fn connections(&self) -> u32 {
        self.connections.load(Ordering::Relaxed)
    }

    /// Returns how many connections were open at once in a lab that is watched, DNS apart.
    pub fn most_at_once(&self) -> u32 {
        self.watch.as_ref().map_or(0, |watch| watch.most())
    }

    /// Returns how many questions the resolver was asked.
    pub fn dns_queries(&self) -> u32 {
        self.dns_queries.load(Ordering::Relaxed)
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl LabBuilder {
    /// Sets the zones.
    #[must_use]
    pub fn dns(mut self, dns: Dns) -> Self {
        self.dns = dns;
        self
    }

    /// Lets the resolver stand for the domains' name servers too, at what stands for port 53.
    #[must_use]
    pub fn name_server(mut self) -> Self {
        self.name_server = true;
        self
    }

    /// Serves plain HTTP at what stands for port 80.
    #[must_use]
    pub fn http(mut self, web: Web) -> Self {
        self.http = Some(web);
        self
    }

    /// Serves HTTPS at what stands for port 443.
    #[must_use]
    pub fn https(mut self, tls: Tls, web: Web) -> Self {
        self.https = Some((tls, web));
        self
    }

    /// Serves mail at what stands for port 25.
    #[must_use]
    pub fn smtp(mut self, mail: Mail) -> Self {
        self.smtp = Some(mail);
        self
    }

    /// Serves something else at what stands for a port.
    #[must_use]
    pub fn service(mut self, port: u16, service: Service) -> Self {
        self.services.push((port, service));
        self
    }

    /// Bears only so many connections at what stands for a port.
    #[must_use]
    pub fn crowd(mut self, port: u16, crowd: Crowd) -> Self {
        self.crowds.insert(port, crowd);
        self
    }

    /// Watches how many connections are open at once, which costs time with each of them.
    #[must_use]
    pub fn watched(mut self) -> Self {
        self.watched = true;
        self
    }

    /// Starts everything; all of it listens when this returns.
    pub async fn start(self) -> anyhow::Result<Lab> {
        let authority = Authority::generate()?;
        let stop = CancellationToken::new();
        let connections = Arc::new(AtomicU32::new(0));
        let dns_queries = Arc::new(AtomicU32::new(0));
        let watch = self.watched.then(Arc::<Watch>::default);
        let doors = Doors {
            connections: Arc::clone(&connections),
            watch: watch.clone(),
            stop: stop.clone(),
            crowds: self.crowds,
        };
        let mut tasks = Vec::new();
        let mut ports = Vec::new();
        let mut dns = self.dns.serve(Arc::clone(&dns_queries)).await?;
        tasks.append(&mut dns.tasks);
        if self.name_server {
            ports.push((53, dns.place));
        }
        if let Some(web) = self.http {
            let web = Arc::new(web);
            let (place, task) = doors
                .accept(80, move |tcp| {
                    let web = Arc::clone(&web);
                    async move { http::serve_tcp(tcp, &web).await }
                })
                .await?;
            ports.push((80, place));
            tasks.push(task);
        }
        if let Some((tls, web)) = self.https {
            let (acceptor, web) = (Arc::new(tls.prepare(&authority)?), Arc::new(web));
            let (place, task) = doors
                .accept(443, move |tcp| {
                    let (acceptor, web) = (Arc::clone(&acceptor), Arc::clone(&web));
                    async move { tls::serve(tcp, &acceptor, &web).await }
                })
                .await?;
            ports.push((443, place));
            tasks.push(task);
        }
        if let Some(mail) = self.smtp {
            let served = Arc::new((mail.prepare(&authority)?, mail));
            let (place, task) = doors
                .accept(25, move |tcp| {
                    let served = Arc::clone(&served);
                    async move { smtp::serve(tcp, &served.1, served.0.as_ref()).await }
                })
                .await?;
            ports.push((25, place));
            tasks.push(task);
        }
        for (port, service) in self.services {
            let service = Arc::new(service);
            let (place, task) = doors
                .accept(port, move |tcp| {
                    let service = Arc::clone(&service);
                    async move { service::serve(tcp, &service).await }
                })
                .await?;
            ports.push((port, place));
            tasks.push(task);
        }
        Ok(Lab {
            resolver: dns.place,
            dnssec_anchor: dns.anchor,
            authority,
            ports,
            connections,
            watch,
            dns_queries,
            stop,
            _tasks: tasks,
        })
    }
}

/// What all servers have in common.
struct Doors {
    connections: Arc<AtomicU32>,
    watch: Option<Arc<Watch>>,
    stop: CancellationToken,
    crowds: HashMap<u16, Crowd>,
}

impl Doors {
    /// Listens on a free port, which stands for a well-known one, and serves every connection in a
    /// task of its own.
    async fn accept<F, S>(
        &self,
        port: u16,
        serve: F,
    ) -> anyhow::Result<(SocketAddr, AbortOnDropHandle<()>)>
    where
        F: Fn(TcpStream) -> S + Send + 'static,
        S: Future<Output = anyhow::Result<()>> + Send + 'static,
    {
        let mut listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let place = listener.local_addr()?;
        let (connections, watch) = (Arc::clone(&self.connections), self.watch.clone());
        let (stop, crowd) = (self.stop.clone(), self.crowds.get(&port).cloned());
        if let Some(watch) = &watch {
            watch.add(place.port());
        }
        let task = tokio::spawn(async move {
            loop {
                let Ok((tcp, _)) = listener.accept().await else { continue };
                connections.fetch_add(1, Ordering::Relaxed);
                if let Some(watch) = &watch {
                    watch.look();
                }
                match crowd.as_ref().map(|crowd| (&crowd.beyond, crowd.gate.pass())) {
                    Some((Beyond::Refuses, Err(until))) => {
                        let _reset = tcp.set_zero_linger();
                        drop((tcp, listener));
                        tokio::time::sleep_until(until).await;
                        listener = listen_again(place).await;
                    }
                    Some((beyond, Err(_))) => {
                        let turning_away = crowd::turn_away(tcp, beyond.clone());
                        drop(tokio::spawn(stop.clone().run_until_cancelled_owned(turning_away)));
                    }
                    // A client that hangs up, or a fault that ends badly on purpose, is no news.
                    Some((_, Ok(()))) | None => {
                        drop(tokio::spawn(stop.clone().run_until_cancelled_owned(serve(tcp))));
                    }
                }
            }
        });
        Ok((place, AbortOnDropHandle::new(task)))
    }
}

/// Listens where somebody listened before; a client may have got the port meanwhile, for a moment.
async fn listen_again(place: SocketAddr) -> TcpListener {
    loop {
        match TcpListener::bind(place).await {
            Ok(listener) => return listener,
            Err(_) => tokio::task::yield_now().await,
        }
    }
}
