//! One DNS message to one server and back.
//!
//! Questions for signed answers go to the resolver with the bits DO (RFC 3225) and CD (RFC 4035,
//! section 3.2.2), so that it hands over what it would refuse as bogus. Datagrams are read from a
//! connected socket of their own, and taken only when id and question match; what was truncated is
//! asked again over TCP.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use hickory_proto::op::{Edns, Message, MessageType, Query, ResponseCode};
use hickory_proto::rr::{Name, RecordType};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};
use tokio::sync::OnceCell;
use tokio::time::{Instant, timeout};

use super::patience::TurnedAway;
use super::places::Purpose;
use super::{MOST_QUERIES, Net, NetError};
use crate::check::{Missing, Seen};

/// How long one resolver may take for a question.
const QUESTION_TIMEOUT: Duration = Duration::from_secs(6);
/// How long one datagram may take; it is sent twice.
const DATAGRAM_TIMEOUT: Duration = Duration::from_secs(2);
/// How long one exchange over TCP may take.
const TCP_TIMEOUT: Duration = Duration::from_secs(4);
/// The largest datagram we ask for (DNS Flag Day 2020), small enough never to be fragmented.
const DATAGRAM_OCTETS: u16 = 1_232;
/// Servers of the system's resolver configuration that are asked in turn.
pub(super) const MOST_RESOLVERS: usize = 2;

/// What the resolver was asked in one scan.
pub(super) type Cache = Mutex<HashMap<(Name, RecordType), Arc<OnceCell<Seen<Arc<Message>>>>>>;

/// What a server asked directly is to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recursion {
    /// Answer from its own zones.
    NotDesired,
    /// Look for the answer elsewhere.
    Desired,
}

impl Net {
    /// Asks the resolver for signed records, as it has them.
    pub(super) async fn ask_signed(&self, name: &Name, record_type: RecordType) -> Seen<Message> {
        let mut request = question(name, record_type, Recursion::Desired);
        request.metadata.checking_disabled = true;
        if let Some(edns) = &mut request.edns {
            edns.set_dnssec_ok(true);
        }
        match self.ask_resolver(&request).await {
            Ok(reply) => readable(reply, name, record_type),
            Err(failed) => Err(Missing(format!(
                "asking the resolver for {record_type} of {name} failed: {failed}"
            ))),
        }
    }

    /// Asks the resolvers in turn until one answers; one that failed itself is believed when no
    /// other does better.
    pub(super) async fn ask_resolver(&self, request: &Message) -> Result<Message, NetError> {
        let mut failed = Err(NetError::TimedOut);
        for place in &self.0.shared.resolvers {
            let socket = match self.in_time(self.0.shared.places.socket()).await {
                Ok(socket) => socket,
                Err(late) if failed.is_err() => return Err(late),
                Err(_) => return failed,
            };
            let until = Instant::now() + QUESTION_TIMEOUT;
            let asked = self.within(until, ask_one(*place, request)).await.flatten();
            drop(socket);
            match asked {
                Ok(reply) if answers(&reply) => return Ok(reply),
                Ok(reply) => failed = Ok(reply),
                Err(error) if failed.is_err() => failed = Err(error),
                Err(_) => {}
            }
        }
        failed
    }

    /// Asks one server directly, at what stands for port 53 of an address the operator allows.
    pub async fn ask_server(
        &self,
        address: IpAddr,
        name: &Name,
        record_type: RecordType,
        recursion: Recursion,
    ) -> Result<Message, NetError> {
        self.allows(address).map_err(|reason| NetError::NotAllowed(reason.to_owned()))?;
        self.count_query()?;
        let request = question(name, record_type, recursion);
        let place = self.place(address, 53).ok_or(NetError::Refused)?;
        let waiting = self.0.shared.places.socket_to(address, Purpose::Ask);
        let socket = self.in_time(waiting).await?;
        let reply = self.in_time(over_udp(place, &request)).await??;
        drop(socket);
        if !reply.metadata.truncation {
            return Ok(reply);
        }
        let octets = usize::from(u16::MAX) + 2;
        let mut tcp = self.open_for(address, 53, TCP_TIMEOUT, octets).await?;
        over_tcp(&mut tcp, &request).await
    }

    /// Asks one server for a whole zone (RFC 5936) and reads the first message of its answer; the
    /// rest is not wanted.
    pub async fn begin_transfer(&self, address: IpAddr, zone: &Name) -> Result<Message, NetError> {
        self.count_query()?;
        let mut request = question(zone, RecordType::AXFR, Recursion::NotDesired);
        request.edns = None;
        let octets = usize::from(u16::MAX) + 2;
        let asking = || async {
            let mut tcp = self.open_for(address, 53, TCP_TIMEOUT, octets).await?;
            over_tcp(&mut tcp, &request).await
        };
        self.patiently(address, asking, TurnedAway::read).await
    }

    pub(super) fn count_query(&self) -> Result<(), NetError> {
        if self.0.queries.fetch_add(1, Ordering::Relaxed) >= MOST_QUERIES {
            self.0.queries.fetch_sub(1, Ordering::Relaxed);
            return Err(NetError::Budget("DNS questions"));
        }
        Ok(())
    }
}

pub(super) fn question(name: &Name, record_type: RecordType, recursion: Recursion) -> Message {
    let mut request = Message::query();
    request.metadata.recursion_desired = recursion == Recursion::Desired;
    request.add_query(Query::query(name.clone(), record_type));
    let mut edns = Edns::new();
    edns.set_max_payload(DATAGRAM_OCTETS);
    request.set_edns(edns);
    request
}

fn answers(reply: &Message) -> bool {
    matches!(reply.metadata.response_code, ResponseCode::NoError | ResponseCode::NXDomain)
}

fn readable(reply: Message, name: &Name, record_type: RecordType) -> Seen<Message> {
    match answers(&reply) {
        true => Ok(reply),
        false => {
            let code = reply.metadata.response_code;
            Err(Missing(format!("the resolver answered {code} for {record_type} of {name}")))
        }
    }
}

/// Asks one resolver by datagram, and by connection when the answer does not fit or none came.
async fn ask_one(place: SocketAddr, request: &Message) -> Result<Message, NetError> {
    match over_udp(place, request).await {
        Ok(reply) if !reply.metadata.truncation => Ok(reply),
        Err(NetError::Refused) => Err(NetError::Refused),
        _ => to_resolver(place, request).await,
    }
}

async fn over_udp(place: SocketAddr, request: &Message) -> Result<Message, NetError> {
    let any = match place {
        SocketAddr::V4(_) => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
        SocketAddr::V6(_) => IpAddr::V6(Ipv6Addr::UNSPECIFIED),
    };
    let socket = UdpSocket::bind((any, 0)).await?;
    // From now on only this server is heard.
    socket.connect(place).await?;
    let octets = encoded(request)?;
    let mut buffer = vec![0; 4_096];
    for _ in 0..2 {
        socket.send(&octets).await?;
        let heard = timeout(DATAGRAM_TIMEOUT, async {
            loop {
                let length = socket.recv(&mut buffer).await?;
                if let Some(reply) = reply_to(request, &buffer[..length]) {
                    return Ok::<_, NetError>(reply);
                }
            }
        });
        if let Ok(heard) = heard.await {
            return heard;
        }
    }
    Err(NetError::TimedOut)
}

#[expect(clippy::disallowed_methods, reason = "the resolver is the operator's, not a target")]
async fn to_resolver(place: SocketAddr, request: &Message) -> Result<Message, NetError> {
    let mut tcp = TcpStream::connect(place).await?;
    over_tcp(&mut tcp, request).await
}

async fn over_tcp(
    tcp: &mut (impl AsyncRead + AsyncWrite + Unpin),
    request: &Message,
) -> Result<Message, NetError> {
    let octets = encoded(request)?;
    let length = u16::try_from(octets.len()).map_err(|_| NetError::TooMuch)?;
    tcp.write_all(&[&length.to_be_bytes()[..], &octets].concat()).await?;
    let mut reply = vec![0; usize::from(tcp.read_u16().await?)];
    tcp.read_exact(&mut reply).await?;
    let reply = reply_to(request, &reply);
    match reply.ok_or_else(|| NetError::Protocol("not an answer".to_owned()))? {
        // There is room for all of it here, so what is missing is withheld.
        cut if cut.metadata.truncation => Err(NetError::Protocol("half an answer".to_owned())),
        whole => Ok(whole),
    }
}

fn encoded(request: &Message) -> Result<Vec<u8>, NetError> {
    request.to_vec().map_err(|error| NetError::Protocol(error.to_string()))
}

/// Reads an answer; nothing when it is not one to this question.
fn reply_to(request: &Message, octets: &[u8]) -> Option<Message> {
    let reply = Message::from_vec(octets).ok()?;
    let ours = reply.metadata.id == request.metadata.id
        && reply.metadata.message_type == MessageType::Response
        && reply.queries == request.queries;
    ours.then_some(reply)
}
