//! A resolver that knows its zones by heart, over UDP and TCP.

use std::collections::{HashMap, HashSet};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use hickory_proto::op::{Edns, Message, MessageType, ResponseCode};
use hickory_proto::rr::rdata::{CNAME, MX, NS, PTR, SOA, TXT};
use hickory_proto::rr::{Name, RData, Record, RecordType};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio_util::task::AbortOnDropHandle;

use crate::dnssec::{SignedZones, Signing};
use crate::lie;

/// Records by name, in lower case and without the trailing dot; the root is empty. What serves them
/// holds the names between as well, without records.
pub(crate) type Records = HashMap<String, Vec<RData>>;

/// How the resolver goes wrong for one name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DnsFault {
    /// Answers truncated over UDP, whole over TCP.
    TruncatesUdp,
    ServFail,
    Refused,
    Silent,
    /// The answer carries another id.
    WrongId,
    /// The answer is not a DNS message.
    Garbage,
    /// Answers after this time.
    Slow(Duration),
    /// Answers truncated, over TCP too.
    TruncatesAlways,
    /// Answers truncated over UDP, and resets the connection over TCP.
    ResetsTcp,
    /// The answer repeats a question that nobody asked.
    OtherQuestion,
    /// The records answered are those of a name that nobody asked for.
    OtherOwner,
    /// Answers with as many records of the type asked for as a message holds.
    Floods,
    /// Every name is an alias of one more below it, without end.
    EndlessAliases,
    /// Answers the first question for each type from the zone and every later one with an address
    /// of the metadata service of clouds.
    Rebinds,
}

/// What the server does that a name server should not, when it is asked as one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameServerHabit {
    /// Hands every zone to anybody.
    Transfers,
    /// Looks up names of others for anybody.
    Recurses,
    /// Knows no zone.
    Lame,
}

/// Zones. A name that has other types answers "no data", a name that is unknown NXDOMAIN.
#[derive(Debug, Clone, Default)]
pub struct Dns {
    records: Records,
    faults: HashMap<String, DnsFault>,
    habits: Vec<NameServerHabit>,
    signings: Vec<(String, Signing)>,
    signed_at: Option<i64>,
    delegations: HashMap<String, Vec<String>>,
}

impl Dns {
    /// Adds a record, written as in a zone file: `record("example.com", "MX", "10 mx.example.com")`.
    /// TXT data is the whole text, without quotes, split into strings of 255 octets.
    ///
    /// # Panics
    ///
    /// Panics when the record cannot be read: a lab is written by its programmer.
    #[must_use]
    pub fn record(mut self, name: &str, record_type: &str, data: &str) -> Self {
        let data = parse(record_type, data)
            .unwrap_or_else(|| panic!("{name} {record_type} {data} is no record"));
        self.records.entry(name.to_ascii_lowercase()).or_default().push(data);
        self
    }

    /// Makes the resolver go wrong for a name, whatever the type.
    #[must_use]
    pub fn fault(mut self, name: &str, fault: DnsFault) -> Self {
        self.faults.insert(name.to_ascii_lowercase(), fault);
        self
    }

    /// Gives the server a habit, for questions that ask for no recursion or for the world's names.
    #[must_use]
    pub fn habit(mut self, habit: NameServerHabit) -> Self {
        self.habits.push(habit);
        self
    }

    /// Sets what the zone above says about a zone when it is asked as a name server: its servers,
    /// each with an address after a space when there is glue. The zone itself is unaware.
    #[must_use]
    pub fn delegation(mut self, zone: &str, servers: &[&str]) -> Self {
        let servers = servers.iter().map(|server| (*server).to_owned()).collect();
        self.delegations.insert(zone.to_ascii_lowercase(), servers);
        self
    }

    /// Signs a zone as it should be. What lies in it are the names at and below `zone` down to the
    /// next zone that is signed or has NS records; `.` is the root.
    #[must_use]
    pub fn sign(self, zone: &str) -> Self {
        self.sign_with(zone, Signing::default())
    }

    /// Signs a zone.
    #[must_use]
    pub fn sign_with(mut self, zone: &str, signing: Signing) -> Self {
        self.signings.push((zone.trim_end_matches('.').to_ascii_lowercase(), signing));
        self
    }

    /// Sets the time, in seconds since 1970, at which good signatures are valid; now when left out.
    #[must_use]
    pub fn signed_at(mut self, time: i64) -> Self {
        self.signed_at = Some(time);
        self
    }

    pub(crate) async fn serve(mut self, queries: Arc<AtomicU32>) -> anyhow::Result<Serving> {
        let zones = SignedZones::new(&self.signings, self.signed_at, &mut self.records)?;
        add_empty_names(&mut self.records);
        let anchor = zones.anchor();
        // The same port for both, so try until one is free on both.
        let (udp, tcp) = loop {
            let udp = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await?;
            if let Ok(tcp) = TcpListener::bind(udp.local_addr()?).await {
                break (Arc::new(udp), tcp);
            }
        };
        let place = udp.local_addr()?;
        let Self { records, faults, habits, delegations, .. } = self;
        let asked = Mutex::default();
        let dns = Arc::new(Resolver { records, faults, habits, delegations, zones, asked });
        let over_udp = tokio::spawn(serve_udp(Arc::clone(&dns), udp, Arc::clone(&queries)));
        let over_tcp = tokio::spawn(serve_tcp(dns, tcp, queries));
        let tasks = vec![AbortOnDropHandle::new(over_udp), AbortOnDropHandle::new(over_tcp)];
        Ok(Serving { place, anchor, tasks })
    }
}

/// A resolver that listens.
pub(crate) struct Serving {
    pub(crate) place: SocketAddr,
    /// The DS record of the highest signed zone.
    pub(crate) anchor: Option<String>,
    pub(crate) tasks: Vec<AbortOnDropHandle<()>>,
}

/// What a running resolver knows.
struct Resolver {
    records: Records,
    faults: HashMap<String, DnsFault>,
    habits: Vec<NameServerHabit>,
    delegations: HashMap<String, Vec<String>>,
    zones: SignedZones,
    /// Questions that were answered, for faults that come later.
    asked: Mutex<HashSet<(String, RecordType)>>,
}

impl Resolver {
    /// Answers a message; `None` is silence.
    async fn answer(&self, request: &[u8], over: Transport) -> Option<Vec<u8>> {
        let request = Message::from_vec(request).ok()?;
        let query = request.queries.first()?;
        let name = query.name().to_ascii().trim_end_matches('.').to_ascii_lowercase();
        let mut reply = Message::response(request.metadata.id, request.metadata.op_code);
        reply.metadata.message_type = MessageType::Response;
        reply.metadata.recursion_desired = request.metadata.recursion_desired;
        reply.metadata.recursion_available = true;
        reply.add_query(query.clone());
        let wants_signatures = request.edns.as_ref().is_some_and(|edns| edns.flags().dnssec_ok);
        if request.edns.is_some() {
            let mut edns = Edns::new();
            edns.set_max_payload(1_232);
            edns.set_dnssec_ok(wants_signatures);
            reply.set_edns(edns);
        }
        match self.faults.get(&name) {
            Some(DnsFault::Silent) => return None,
            Some(DnsFault::ResetsTcp) if over == Transport::Tcp => return Some(Vec::new()),
            Some(DnsFault::Garbage) => return Some(vec![0xff; 40]),
            Some(DnsFault::ServFail) => reply.metadata.response_code = ResponseCode::ServFail,
            Some(DnsFault::Refused) => reply.metadata.response_code = ResponseCode::Refused,
            Some(DnsFault::WrongId) => reply.metadata.id = reply.metadata.id.wrapping_add(1),
            Some(DnsFault::TruncatesUdp | DnsFault::ResetsTcp) if over == Transport::Udp => {
                reply.metadata.truncation = true;
                return reply.to_vec().ok();
            }
            Some(DnsFault::TruncatesAlways) => {
                reply.metadata.truncation = true;
                return reply.to_vec().ok();
            }
            Some(DnsFault::Slow(time)) => tokio::time::sleep(*time).await,
            Some(DnsFault::OtherQuestion) => lie::other_question(&mut reply),
            Some(DnsFault::OtherOwner) => {
                self.fill(&mut reply, &name, query.name(), query.query_type());
                lie::other_owner(&mut reply);
            }
            Some(DnsFault::Floods) => {
                reply.add_answers(lie::flood(query.name(), query.query_type()));
            }
            Some(DnsFault::Rebinds) if !self.is_first(&name, query.query_type()) => {
                reply.add_answers(lie::metadata_service(query.name(), query.query_type()));
            }
            Some(
                DnsFault::TruncatesUdp
                | DnsFault::ResetsTcp
                | DnsFault::EndlessAliases
                | DnsFault::Rebinds,
            )
            | None => {}
        }
        if self.leads_on(&name) {
            reply.add_answers(lie::one_more_alias(query.name()));
        }
        if reply.metadata.response_code == ResponseCode::NoError {
            self.act_as_name_server(&mut reply, &name);
        }
        if reply.metadata.response_code == ResponseCode::NoError
            && reply.answers.is_empty()
            && reply.authorities.is_empty()
        {
            self.fill(&mut reply, &name, query.name(), query.query_type());
        }
        if wants_signatures {
            self.zones.sign(&mut reply, &self.records, query.name(), query.query_type());
        }
        let whole = reply.to_vec().ok()?;
        if over == Transport::Udp && whole.len() > usize::from(request.max_payload().max(512)) {
            return reply.truncate().to_vec().ok();
        }
        Some(whole)
    }

    /// Says whether a question is asked for the first time, and remembers it.
    fn is_first(&self, name: &str, record_type: RecordType) -> bool {
        let mut asked = self.asked.lock().unwrap_or_else(|poison| poison.into_inner());
        asked.insert((name.to_owned(), record_type))
    }

    /// Says whether a name is one of those that lead on without end.
    fn leads_on(&self, name: &str) -> bool {
        let endless = |(above, fault): (&String, &DnsFault)| {
            *fault == DnsFault::EndlessAliases
                && name
                    .strip_suffix(above.as_str())
                    .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        };
        self.faults.iter().any(endless)
    }

    /// Answers what only a name server is asked, and sets what only it sets.
    fn act_as_name_server(&self, reply: &mut Message, name: &str) {
        let has = |habit| self.habits.contains(&habit);
        let Some(query) = reply.queries.first().cloned() else { return };
        if query.query_type() == RecordType::AXFR {
            match has(NameServerHabit::Transfers) {
                true => {
                    let start = RData::SOA(soa(query.name()));
                    reply.add_answer(Record::from_rdata(query.name().clone(), 60, start));
                }
                false => reply.metadata.response_code = ResponseCode::Refused,
            }
        } else if name == "a.root-servers.net" && has(NameServerHabit::Recurses) {
            let address = RData::A(Ipv4Addr::new(198, 41, 0, 4).into());
            reply.add_answer(Record::from_rdata(query.name().clone(), 60, address));
        } else if !reply.metadata.recursion_desired && has(NameServerHabit::Lame) {
            reply.metadata.response_code = ResponseCode::Refused;
        } else if !reply.metadata.recursion_desired
            && query.query_type() == RecordType::NS
            && let Some(servers) = self.delegations.get(name)
        {
            refer(reply, query.name(), servers);
        } else if !reply.metadata.recursion_desired {
            let zone = apex(&self.records, name, query.query_type());
            reply.metadata.authoritative = zone.is_some();
        }
    }

    fn fill(&self, reply: &mut Message, name: &str, asked: &Name, record_type: RecordType) {
        let mut owner = asked.clone();
        let mut key = name.to_owned();
        // A loop of aliases is answered as long as a message may be, and no longer.
        for _ in 0..9 {
            let Some(records) = self.records.get(&key) else {
                reply.metadata.response_code = ResponseCode::NXDomain;
                break;
            };
            let matching = records.iter().filter(|data| data.record_type() == record_type);
            for data in matching.clone() {
                reply.add_answer(Record::from_rdata(owner.clone(), 60, data.clone()));
            }
            let alias = records.iter().find_map(|data| match data {
                RData::CNAME(alias) if record_type != RecordType::CNAME => Some(alias.0.clone()),
                _ => None,
            });
            match alias {
                Some(target) if matching.count() == 0 => {
                    reply.add_answer(Record::from_rdata(
                        owner,
                        60,
                        RData::CNAME(CNAME(target.clone())),
                    ));
                    key = target.to_ascii().trim_end_matches('.').to_ascii_lowercase();
                    owner = target;
                }
                _ => break,
            }
        }
        if reply.answers.is_empty() {
            let apex = apex(&self.records, name, record_type).map_or_else(
                || asked.base_name(),
                |apex| absolute(&apex).unwrap_or_else(|| asked.base_name()),
            );
            reply.add_authority(Record::from_rdata(apex.clone(), 60, RData::SOA(soa(&apex))));
        }
    }
}

/// Answers as the zone above does: with the name servers and no answer of its own.
fn refer(reply: &mut Message, zone: &Name, servers: &[String]) {
    for server in servers {
        let (name, glue) = server.split_once(' ').unwrap_or((server, ""));
        let Some(name) = absolute(name) else { continue };
        reply.add_authority(Record::from_rdata(zone.clone(), 60, RData::NS(NS(name.clone()))));
        if let Ok(address) = glue.parse::<Ipv4Addr>() {
            reply.add_additional(Record::from_rdata(name, 60, RData::A(address.into())));
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Transport {
    Udp,
    Tcp,
}

async fn serve_udp(dns: Arc<Resolver>, udp: Arc<UdpSocket>, queries: Arc<AtomicU32>) {
    let mut buffer = vec![0; 4_096];
    loop {
        let Ok((length, client)) = udp.recv_from(&mut buffer).await else { continue };
        queries.fetch_add(1, Ordering::Relaxed);
        let (dns, udp, request) = (Arc::clone(&dns), Arc::clone(&udp), buffer[..length].to_vec());
        drop(tokio::spawn(async move {
            if let Some(reply) = dns.answer(&request, Transport::Udp).await {
                let _gone = udp.send_to(&reply, client).await;
            }
        }));
    }
}

async fn serve_tcp(dns: Arc<Resolver>, tcp: TcpListener, queries: Arc<AtomicU32>) {
    loop {
        let Ok((client, _)) = tcp.accept().await else { continue };
        drop(tokio::spawn(serve_tcp_client(Arc::clone(&dns), client, Arc::clone(&queries))));
    }
}

async fn serve_tcp_client(
    dns: Arc<Resolver>,
    mut client: TcpStream,
    queries: Arc<AtomicU32>,
) -> std::io::Result<()> {
    loop {
        let length = client.read_u16().await?;
        let mut request = vec![0; usize::from(length)];
        client.read_exact(&mut request).await?;
        queries.fetch_add(1, Ordering::Relaxed);
        let Some(reply) = dns.answer(&request, Transport::Tcp).await else { return Ok(()) };
        if reply.is_empty() {
            return client.set_zero_linger();
        }
        let length = u16::try_from(reply.len()).unwrap_or(u16::MAX);
        client.write_u16(length).await?;
        client.write_all(&reply[..usize::from(length)]).await?;
    }
}

/// Returns the zone a name is in: the nearest name at or above it with NS or SOA records; of a DS
/// record it is the parent's.
pub(crate) fn apex(records: &Records, name: &str, record_type: RecordType) -> Option<String> {
    let is_apex = |name: &&str| {
        let has = |data: &RData| matches!(data, RData::NS(_) | RData::SOA(_));
        records.get(*name).is_some_and(|records| records.iter().any(has))
    };
    let above = std::iter::successors(Some(name), |name| {
        (!name.is_empty()).then(|| name.split_once('.').map_or("", |(_, parent)| parent))
    });
    let skipped = usize::from(record_type == RecordType::DS && !name.is_empty());
    above.skip(skipped).find(is_apex).map(str::to_owned)
}

/// Adds the names above others: they exist, even without records (RFC 8020).
fn add_empty_names(records: &mut Records) {
    let names: Vec<String> = records.keys().cloned().collect();
    for name in names {
        let mut below = name.as_str();
        while let Some((_, parent)) = below.split_once('.') {
            records.entry(parent.to_owned()).or_default();
            below = parent;
        }
        records.entry(String::new()).or_default();
    }
}

pub(crate) fn soa(apex: &Name) -> SOA {
    SOA::new(apex.clone(), apex.clone(), 1, 3_600, 600, 1_209_600, 60)
}

/// Reads a name as one from the root.
pub(crate) fn absolute(text: &str) -> Option<Name> {
    let mut name = Name::from_ascii(text).ok()?;
    name.set_fqdn(true);
    Some(name)
}

fn parse(record_type: &str, data: &str) -> Option<RData> {
    let name = absolute;
    Some(match record_type {
        "A" => RData::A(data.parse().ok()?),
        "AAAA" => RData::AAAA(data.parse().ok()?),
        "CNAME" => RData::CNAME(CNAME(name(data)?)),
        "NS" => RData::NS(NS(name(data)?)),
        "PTR" => RData::PTR(PTR(name(data)?)),
        "MX" => {
            let (preference, exchange) = data.split_once(' ')?;
            RData::MX(MX::new(preference.parse().ok()?, name(exchange)?))
        }
        "TXT" => RData::TXT(TXT::from_bytes(data.as_bytes().chunks(255).collect())),
        _ => {
            let record_type = record_type.parse().ok()?;
            RData::try_from_str(record_type, data).ok()?
        }
    })
}
