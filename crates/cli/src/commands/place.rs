//! Where a command works: here, with an engine of its own, or on a server.

use std::net::SocketAddr;
use std::path::PathBuf;

use crate::client::Client;
use crate::failure::{Failure, REFUSED, Result};
use crate::sources::{SourceArgs, variable};

/// What the engine here takes for the internet.
#[derive(Debug, Default, clap::Args)]
pub(crate) struct NetworkArgs {
    /// Resolver to ask instead of the system's
    #[arg(long, value_name = "ADDRESS:PORT")]
    resolver: Option<SocketAddr>,
    /// PEM file of certificates to trust besides the public roots
    #[arg(long, value_name = "FILE")]
    trust_root: Option<PathBuf>,
    /// File of DS or DNSKEY lines to trust instead of the root zone's
    #[arg(long, value_name = "FILE")]
    dnssec_anchor: Option<PathBuf>,
    /// Scan private, loopback and other internal addresses too
    #[arg(long)]
    allow_private: bool,
    /// Where a well-known port really is, as in 443=127.0.0.1:8443; may be given again
    #[arg(long, value_name = "PORT=PLACE")]
    port_override: Vec<String>,
}

impl NetworkArgs {
    /// Makes the engine.
    pub(crate) fn engine(&self) -> Result<scan::Engine> {
        let path = |path: &PathBuf| path.display().to_string();
        let places = &self.port_override;
        let flags = [
            ("scan.resolver", self.resolver.map(|place| place.to_string())),
            ("scan.trust_roots", self.trust_root.as_ref().map(path)),
            ("scan.dnssec_anchor", self.dnssec_anchor.as_ref().map(path)),
            ("scan.allow_private_networks", self.allow_private.then(|| "true".to_owned())),
            ("scan.port_overrides", (!places.is_empty()).then(|| places.join(","))),
        ];
        let given = flags.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?)));
        let config = SourceArgs::default().load(given.collect())?.config;
        server::engine(&config).map_err(|problem| Failure::usage(problem.to_string()))
    }
}

/// The server to work on, if any.
#[derive(Debug, Default, clap::Args)]
pub(crate) struct ServerArgs {
    /// Ask this server instead of working here
    #[arg(long, value_name = "URL")]
    server: Option<String>,
    /// File that holds the API key for --server
    #[arg(long, value_name = "FILE", requires = "server")]
    api_key_file: Option<PathBuf>,
}

impl ServerArgs {
    /// Returns the server with the key for it; `None` to work here.
    pub(crate) fn client(&self) -> Result<Option<Client>> {
        match &self.server {
            Some(url) => Ok(Some(Client::new(url, Some(self.api_key()?))?)),
            None => Ok(None),
        }
    }

    fn api_key(&self) -> Result<String> {
        let key = match &self.api_key_file {
            Some(path) => Some(std::fs::read_to_string(path).map_err(|error| {
                Failure::usage(format!("{} cannot be read: {error}", path.display()))
            })?),
            None => variable("COMPLIANCELAYER_API_KEY"),
        };
        key.map(|key| key.trim().to_owned()).ok_or_else(|| {
            Failure::new(REFUSED, "there is no API key")
                .hint("set COMPLIANCELAYER_API_KEY, or give --api-key-file FILE")
        })
    }
}
