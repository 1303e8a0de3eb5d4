//! A resolver that knows its zones by heart, over UDP and TCP.

use std::collections::HashMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use hickory_proto::op::{Edns, Message, MessageType, ResponseCode};
use hickory_proto::rr::rdata::{CNAME, MX, NS, PTR, SOA, TXT};
use hickory_proto::rr::{Name, RData, Record, RecordType};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio_util::task::AbortOnDropHandle;

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
}

/// Zones. A name that has other types answers "no data", a name that is unknown NXDOMAIN.
#[derive(Debug, Clone, Default)]
pub struct Dns {
    records: HashMap<String, Vec<RData>>,
    faults: HashMap<String, DnsFault>,
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

    pub(crate) async fn serve(
        self,
        queries: Arc<AtomicU32>,
    ) -> anyhow::Result<(SocketAddr, Vec<AbortOnDropHandle<()>>)> {
        // The same port for both, so try until one is free on both.
        let (udp, tcp) = loop {
            let udp = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await?;
            if let Ok(tcp) = TcpListener::bind(udp.local_addr()?).await {
                break (Arc::new(udp), tcp);
            }
        };
        let place = udp.local_addr()?;
        let dns = Arc::new(self);
        let over_udp = tokio::spawn(serve_udp(Arc::clone(&dns), udp, Arc::clone(&queries)));
        let over_tcp = tokio::spawn(serve_tcp(dns, tcp, queries));
        Ok((place, vec![AbortOnDropHandle::new(over_udp), AbortOnDropHandle::new(over_tcp)]))
    }

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
        if request.edns.is_some() {
            let mut edns = Edns::new();
            edns.set_max_payload(1_232);
            reply.set_edns(edns);
        }
        match self.faults.get(&name) {
            Some(DnsFault::Silent) => return None,
            Some(DnsFault::Garbage) => return Some(vec![0xff; 40]),
            Some(DnsFault::ServFail) => reply.metadata.response_code = ResponseCode::ServFail,
            Some(DnsFault::Refused) => reply.metadata.response_code = ResponseCode::Refused,
            Some(DnsFault::WrongId) => reply.metadata.id = reply.metadata.id.wrapping_add(1),
            Some(DnsFault::TruncatesUdp) if over == Transport::Udp => {
                reply.metadata.truncation = true;
                return reply.to_vec().ok();
            }
            Some(DnsFault::Slow(time)) => tokio::time::sleep(*time).await,
            Some(DnsFault::TruncatesUdp) | None => {}
        }
        if reply.metadata.response_code == ResponseCode::NoError {
            self.fill(&mut reply, &name, query.name(), query.query_type());
        }
        let whole = reply.to_vec().ok()?;
        if over == Transport::Udp && whole.len() > usize::from(request.max_payload().max(512)) {
            return reply.truncate().to_vec().ok();
        }
        Some(whole)
    }

    fn fill(&self, reply: &mut Message, name: &str, asked: &Name, record_type: RecordType) {
        let mut owner = asked.clone();
        let mut key = name.to_owned();
        // A loop of aliases is answered as long as a message may be, and no longer.
        for _ in 0..9 {
            let Some(records) = self.records.get(&key) else {
                let below = format!(".{key}");
                if !self.records.keys().any(|known| known.ends_with(&below)) {
                    reply.metadata.response_code = ResponseCode::NXDomain;
                }
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
            let soa = SOA::new(asked.base_name(), asked.base_name(), 1, 3_600, 600, 86_400, 60);
            reply.add_authority(Record::from_rdata(asked.base_name(), 60, RData::SOA(soa)));
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Transport {
    Udp,
    Tcp,
}

async fn serve_udp(dns: Arc<Dns>, udp: Arc<UdpSocket>, queries: Arc<AtomicU32>) {
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

async fn serve_tcp(dns: Arc<Dns>, tcp: TcpListener, queries: Arc<AtomicU32>) {
    loop {
        let Ok((client, _)) = tcp.accept().await else { continue };
        drop(tokio::spawn(serve_tcp_client(Arc::clone(&dns), client, Arc::clone(&queries))));
    }
}

async fn serve_tcp_client(
    dns: Arc<Dns>,
    mut client: TcpStream,
    queries: Arc<AtomicU32>,
) -> std::io::Result<()> {
    loop {
        let length = client.read_u16().await?;
        let mut request = vec![0; usize::from(length)];
        client.read_exact(&mut request).await?;
        queries.fetch_add(1, Ordering::Relaxed);
        let Some(reply) = dns.answer(&request, Transport::Tcp).await else { return Ok(()) };
        let length = u16::try_from(reply.len()).unwrap_or(u16::MAX);
        client.write_u16(length).await?;
        client.write_all(&reply[..usize::from(length)]).await?;
    }
}

fn parse(record_type: &str, data: &str) -> Option<RData> {
    let name = |text: &str| {
        let mut name = Name::from_ascii(text).ok()?;
        name.set_fqdn(true);
        Some(name)
    };
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
