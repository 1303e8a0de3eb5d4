//! Questions to the resolver: each is asked once a scan, whoever wants to know.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use hickory_proto::op::ResponseCode;
use hickory_proto::rr::{Name, RData, Record, RecordType};
use hickory_resolver::TokioResolver;
use hickory_resolver::config::{
    ConnectionConfig, NameServerConfig, ResolveHosts, ResolverConfig, ResolverOpts,
};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::net::{DnsError, NetError as HickoryError};
use tokio::sync::OnceCell;
use tokio::time::{Instant, timeout_at};

use super::exchange::MOST_RESOLVERS;
use super::{MOST_QUERIES, Net};
use crate::check::{Missing, Seen};
use crate::settings::SettingsProblem;

/// How long one question may take, retries included.
const QUESTION_TIMEOUT: Duration = Duration::from_secs(6);

/// Addresses of one name that are kept, those that may be reached and those that may not.
const MOST_ADDRESSES: usize = 64;
/// Aliases of one answer that are followed.
const MOST_ALIASES: usize = 16;

/// What the resolver said. No answer at all is [`Missing`], never an `Answer`.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// `false` when the name does not exist (NXDOMAIN).
    pub exists: bool,
    /// The records of the type asked for; empty when there are none.
    pub records: Vec<RData>,
    /// The aliases followed to get there, in order, without the name asked for.
    pub aliases: Vec<String>,
}

impl Answer {
    /// Returns the TXT records, each with its strings joined (RFC 7208, section 3.3). Octets that
    /// are not UTF-8 become U+FFFD.
    pub fn texts(&self) -> Vec<String> {
        let text = |data: &RData| match data {
            RData::TXT(txt) => {
                let octets: Vec<u8> =
                    txt.txt_data.iter().flat_map(|part| part.iter().copied()).collect();
                Some(String::from_utf8_lossy(&octets).into_owned())
            }
            _ => None,
        };
        self.records.iter().filter_map(text).collect()
    }
}

pub(super) type Cache = Mutex<HashMap<(String, RecordType), Arc<OnceCell<Seen<Answer>>>>>;

/// Makes the resolver: the one given, or the system's.
pub(super) fn resolver(place: Option<SocketAddr>) -> Result<TokioResolver, SettingsProblem> {
    let problem = |error: HickoryError| SettingsProblem::Resolver(error.to_string());
    let mut builder = match place {
        None => TokioResolver::builder_tokio().map_err(problem)?,
        Some(place) => {
            let mut connections = vec![ConnectionConfig::udp(), ConnectionConfig::tcp()];
            for connection in &mut connections {
                connection.port = place.port();
            }
            let server = NameServerConfig::new(place.ip(), true, connections);
            let config = ResolverConfig::from_name_servers(vec![server]);
            TokioResolver::builder_with_config(config, TokioRuntimeProvider::default())
        }
    };
    let options: &mut ResolverOpts = builder.options_mut();
    // Names are absolute, `/etc/hosts` is nobody's DNS, and a scan has its own cache.
    options.ndots = 0;
    options.use_hosts_file = ResolveHosts::Never;
    options.cache_size = 0;
    options.attempts = 2;
    options.timeout = Duration::from_secs(2);
    options.edns0 = true;
    options.preserve_intermediates = true;
    options.try_tcp_on_error = true;
    builder.build().map_err(problem)
}

/// Returns the servers a resolver asks: the one given, or the first of the system's.
pub(super) fn places(place: Option<SocketAddr>) -> Result<Vec<SocketAddr>, SettingsProblem> {
    if let Some(place) = place {
        return Ok(vec![place]);
    }
    let (config, _) = hickory_resolver::system_conf::read_system_conf()
        .map_err(|error| SettingsProblem::Resolver(error.to_string()))?;
    let place = |server: &NameServerConfig| {
        let port = server.connections.first().map_or(53, |connection| connection.port);
        SocketAddr::new(server.ip, port)
    };
    Ok(config.name_servers().iter().map(place).take(MOST_RESOLVERS).collect())
}

impl Net {
    /// Asks for the records of one type at a name. The same question is asked once a scan.
    pub async fn lookup(&self, name: &str, record_type: RecordType) -> Seen<Answer> {
        let name = name.trim_end_matches('.').to_ascii_lowercase();
        let cell = {
            let mut answers = self.0.answers.lock().unwrap_or_else(|poison| poison.into_inner());
            Arc::clone(answers.entry((name.clone(), record_type)).or_default())
        };
        cell.get_or_init(|| self.ask(&name, record_type)).await.clone()
    }

    /// Returns the addresses of a name that may be reached, and those that may not with the reason;
    /// at most 64 of either.
    pub async fn addresses(&self, name: &str) -> Seen<(Vec<IpAddr>, Vec<(IpAddr, &'static str)>)> {
        let (v4, v6) =
            tokio::join!(self.lookup(name, RecordType::A), self.lookup(name, RecordType::AAAA));
        if let (Err(missing), Err(_)) = (&v4, &v6) {
            return Err(missing.clone());
        }
        let (mut allowed, mut refused) = (Vec::new(), Vec::new());
        for record in v4.into_iter().chain(v6).flat_map(|answer| answer.records) {
            let address = match record {
                RData::A(a) => IpAddr::V4(a.0),
                RData::AAAA(aaaa) => IpAddr::V6(aaaa.0),
                _ => continue,
            };
            match self.allows(address) {
                Ok(()) => allowed.push(address),
                Err(reason) => refused.push((address, reason)),
            }
        }
        allowed.truncate(MOST_ADDRESSES);
        refused.truncate(MOST_ADDRESSES);
        Ok((allowed, refused))
    }

    async fn ask(&self, name: &str, record_type: RecordType) -> Seen<Answer> {
        if self.0.queries.fetch_add(1, Ordering::Relaxed) >= MOST_QUERIES {
            self.0.queries.fetch_sub(1, Ordering::Relaxed);
            return Err(Missing(format!("the scan has used up its {MOST_QUERIES} DNS questions")));
        }
        let mut absolute =
            Name::from_ascii(name).map_err(|_| Missing(format!("`{name}` is not a DNS name")))?;
        absolute.set_fqdn(true);
        let until = self.deadline().min(Instant::now() + QUESTION_TIMEOUT);
        let asked = timeout_at(until, self.0.shared.resolver.lookup(absolute.clone(), record_type));
        match asked.await {
            Err(_) => {
                Err(Missing(format!("the resolver did not answer for {record_type} of {name}")))
            }
            Ok(Ok(lookup)) => {
                let chain = chain(&absolute, lookup.answers());
                let wanted = lookup.answers().iter().filter(|record| {
                    record.record_type() == record_type && chain.contains(&&record.name)
                });
                let records = wanted.map(|record| record.data.clone()).collect();
                let aliases = match record_type {
                    RecordType::CNAME => Vec::new(),
                    _ => chain.into_iter().skip(1).map(plain).collect(),
                };
                Ok(Answer { exists: true, records, aliases })
            }
            Ok(Err(HickoryError::Dns(DnsError::NoRecordsFound(none)))) => {
                match none.response_code {
                    ResponseCode::NXDomain => {
                        Ok(Answer { exists: false, records: Vec::new(), aliases: Vec::new() })
                    }
                    ResponseCode::NoError => {
                        Ok(Answer { exists: true, records: Vec::new(), aliases: Vec::new() })
                    }
                    code => Err(Missing(format!(
                        "the resolver answered {code} for {record_type} of {name}"
                    ))),
                }
            }
            Ok(Err(HickoryError::Dns(DnsError::ResponseCode(code)))) => {
                Err(Missing(format!("the resolver answered {code} for {record_type} of {name}")))
            }
            Ok(Err(HickoryError::Timeout)) => {
                Err(Missing(format!("the resolver did not answer for {record_type} of {name}")))
            }
            Ok(Err(error)) => {
                Err(Missing(format!("looking up {record_type} of {name} failed: {error}")))
            }
        }
    }
}

/// Returns a name and the aliases that lead on from it in an answer, in order. Records of any other
/// name are not part of the answer, whoever put them there.
pub fn chain<'a>(name: &'a Name, answers: &'a [Record]) -> Vec<&'a Name> {
    let mut chain = vec![name];
    while chain.len() <= MOST_ALIASES {
        let last = chain[chain.len() - 1];
        let next = answers.iter().find_map(|record| match &record.data {
            RData::CNAME(alias) if record.name == *last => Some(&alias.0),
            _ => None,
        });
        match next {
            Some(next) if !chain.contains(&next) => chain.push(next),
            _ => break,
        }
    }
    chain
}

/// Returns a name in lower case without the trailing dot.
fn plain(name: &Name) -> String {
    name.to_ascii().trim_end_matches('.').to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use hickory_proto::rr::rdata::CNAME;

    use super::*;

    fn name(text: &str) -> Name {
        Name::from_ascii(text).unwrap()
    }

    fn alias(owner: &str, target: &str) -> Record {
        Record::from_rdata(name(owner), 60, RData::CNAME(CNAME(name(target))))
    }

    #[test]
    fn aliases_are_followed_in_order_and_strangers_left_out() {
        let answers = [
            Record::from_rdata(name("stranger.test."), 60, RData::A(Ipv4Addr::LOCALHOST.into())),
            alias("b.test.", "c.test."),
            alias("A.test.", "b.test."),
            alias("stranger.test.", "d.test."),
        ];
        let asked = name("a.test.");
        let chain: Vec<_> = chain(&asked, &answers).into_iter().map(plain).collect();
        assert_eq!(chain, ["a.test", "b.test", "c.test"]);
    }

    #[test]
    fn a_circle_of_aliases_ends() {
        let answers = [alias("a.test.", "b.test."), alias("b.test.", "a.test.")];
        assert_eq!(chain(&name("a.test."), &answers).len(), 2);
        let asked = name("n0.test.");
        let next = |number| alias(&format!("n{number}.test."), &format!("n{}.test.", number + 1));
        let answers: Vec<_> = (0..100).map(next).collect();
        assert_eq!(chain(&asked, &answers).len(), MOST_ALIASES + 1);
    }
}
