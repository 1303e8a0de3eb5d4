//! Where a command works: here, with an engine of its own, or on a server.
//!
//! A command that can do both flattens [`PlaceArgs`], one that needs a server [`RemoteArgs`].

use std::io::Read;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use crate::client::{Client, Options};
use crate::failure::{Failure, REFUSED, Result};
use crate::sources::{Found, SourceArgs, variable};

/// What the engine here takes for the internet.
#[derive(Debug, Default, clap::Args)]
pub(crate) struct NetworkArgs {
    /// TOML file with settings, instead of compliancelayer.toml here and the user's
    #[arg(long, value_name = "FILE", env = "COMPLIANCELAYER_CONFIG")]
    pub(crate) config: Option<PathBuf>,
    /// Resolver to ask instead of the system's
    #[arg(long, value_name = "ADDRESS:PORT")]
    resolver: Option<SocketAddr>,
    /// PEM file of certificates to trust besides the public roots, those of --server included
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
    fn engine(&self) -> Result<scan::Engine> {
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
        let sources = SourceArgs { config: self.config.clone(), ..SourceArgs::default() };
        let config = sources.load_found(given.collect())?.config;
        server::engine(&config).map_err(|problem| Failure::usage(problem.to_string()))
    }
}

/// The server to work on, if any.
#[derive(Debug, Default, clap::Args)]
pub(crate) struct ServerArgs {
    /// Server to ask; COMPLIANCELAYER_URL when left out
    #[arg(long, value_name = "URL")]
    server: Option<String>,
    /// File that holds the API key for the server, `-` for standard input; COMPLIANCELAYER_API_KEY
    /// when left out
    #[arg(long, value_name = "FILE")]
    api_key_file: Option<PathBuf>,
    /// Send the key unencrypted to a server on another computer
    #[arg(long)]
    insecure_http: bool,
    /// Tell more: each exchange with a server, its credential hidden, and modules that were skipped
    #[arg(long, short)]
    pub(crate) verbose: bool,
}

/// The server of a command that needs one.
#[derive(Debug, Default, clap::Args)]
pub(crate) struct RemoteArgs {
    #[command(flatten)]
    server: ServerArgs,
    /// PEM file of certificates to trust besides the public roots
    #[arg(long, value_name = "FILE")]
    trust_root: Option<PathBuf>,
}

/// Where a command works that can do so here and on a server.
#[derive(Debug, Default, clap::Args)]
pub(crate) struct PlaceArgs {
    #[command(flatten)]
    pub(crate) network: NetworkArgs,
    #[command(flatten)]
    pub(crate) server: ServerArgs,
    /// Work here, although COMPLIANCELAYER_URL names a server
    #[arg(long, conflicts_with = "server")]
    local: bool,
}

pub(crate) enum Place {
    Here(Box<scan::Engine>),
    There(Box<Client>),
}

/// Which server, with which key, and where both come from.
pub(crate) struct Access {
    pub(crate) server: (String, &'static str),
    pub(crate) key: (String, &'static str),
}

impl PlaceArgs {
    pub(crate) fn place(&self) -> Result<Place> {
        let client = match self.local {
            true => None,
            false => self.server.client(self.network.trust_root.as_deref())?,
        };
        Ok(match client {
            Some(client) => Place::There(Box::new(client)),
            None => Place::Here(Box::new(self.network.engine()?)),
        })
    }
}

impl RemoteArgs {
    pub(crate) fn client(&self) -> Result<Client> {
        self.server.client(self.trust_root.as_deref())?.ok_or_else(no_server)
    }

    /// Returns whether there is a server to ask.
    pub(crate) fn is_named(&self) -> bool {
        self.server.url().is_some()
    }

    /// Returns what a client would use, without making one.
    pub(crate) fn access(&self) -> Result<Access> {
        let (url, found) = self.server.url().ok_or_else(no_server)?;
        let key = self.server.api_key(found)?;
        Ok(Access { server: (url, named(found, "--server")), key })
    }
}

fn no_server() -> Failure {
    Failure::usage("no server was named").hint("say --server URL, or set COMPLIANCELAYER_URL")
}

/// Names where something was found; `None` is the flag.
fn named(found: Option<Found>, flag: &'static str) -> &'static str {
    match found {
        None => flag,
        Some(Found::Environment) => "the environment",
        Some(Found::EnvFile) => ".env in the working folder",
    }
}

impl ServerArgs {
    /// Returns the server with the key for it; `None` when none was named.
    fn client(&self, trust_root: Option<&Path>) -> Result<Option<Client>> {
        let Some((url, found)) = self.url() else {
            return match self.api_key_file {
                Some(_) => Err(no_server()),
                None => Ok(None),
            };
        };
        let options = Options {
            credential: Some(self.api_key(found)?.0),
            trust_root: trust_root.map(Path::to_owned),
            allows_plain_http: self.insecure_http,
            is_verbose: self.verbose,
        };
        Ok(Some(Client::new(&url, options)?))
    }

    fn url(&self) -> Option<(String, Option<Found>)> {
        let flag = self.server.clone().map(|url| (url, None));
        flag.or_else(|| variable("COMPLIANCELAYER_URL").map(|(url, found)| (url, Some(found))))
    }

    /// Returns the key for a server that was found there, and where the key comes from.
    fn api_key(&self, server: Option<Found>) -> Result<(String, &'static str)> {
        let (key, found) = match self.api_key_file.as_deref() {
            Some(path) => (read_key(path)?, None),
            None => {
                let found = variable("COMPLIANCELAYER_API_KEY");
                let (key, found) = found.ok_or_else(|| {
                    Failure::new(REFUSED, "there is no API key")
                        .hint("set COMPLIANCELAYER_API_KEY, or give --api-key-file FILE")
                })?;
                (key, Some(found))
            }
        };
        if !may_have(server, found) {
            return Err(Failure::usage(
                "`.env` names the server and the key is not from there: who wrote the file would get it",
            )
            .hint("name the server yourself, with --server URL or in the environment"));
        }
        Ok((key.trim().to_owned(), named(found, "--api-key-file")))
    }
}

/// Returns whether a server that was named there may have a key from here. A folder that somebody else
/// filled must not choose who gets the key of this user's environment.
fn may_have(server: Option<Found>, key: Option<Found>) -> bool {
    server != Some(Found::EnvFile) || key != Some(Found::Environment)
}

fn read_key(path: &Path) -> Result<String> {
    const LONGEST: u64 = 4_096;
    let mut key = String::new();
    let read = match path == Path::new("-") {
        true => std::io::stdin().lock().take(LONGEST).read_to_string(&mut key),
        false => {
            std::fs::File::open(path).and_then(|file| file.take(LONGEST).read_to_string(&mut key))
        }
    };
    match read {
        Ok(_) => Ok(key),
        Err(error) => Err(Failure::usage(format!("{} cannot be read: {error}", path.display()))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_cannot_send_the_key_of_the_environment_away() {
        let (environment, file) = (Some(Found::Environment), Some(Found::EnvFile));
        assert!(!may_have(file, environment));
        for (server, key) in [(None, environment), (environment, environment), (file, file)] {
            assert!(may_have(server, key), "{server:?} {key:?}");
        }
        assert!(may_have(file, None) && may_have(environment, file) && may_have(None, file));
    }

    #[test]
    fn a_key_without_a_server_is_a_mistake() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        std::fs::write(&path, "cl_x\n").unwrap();
        let args = ServerArgs { api_key_file: Some(path), ..ServerArgs::default() };
        if args.url().is_none() {
            assert_eq!(args.client(None).err().unwrap().code, 2);
        }
        let server = Some("http://127.0.0.1:1".to_owned());
        let args = ServerArgs { server, ..args };
        assert_eq!(args.api_key(None).unwrap(), ("cl_x".to_owned(), "--api-key-file"));
    }
}
