//! TCP connections: guarded, counted, and ended by themselves at a deadline or a number of bytes.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep, sleep_until};

use super::patience::TurnedAway;
use super::places::{Place, Purpose};
use super::{
    CONNECT_TIMEOUT, CONNECTION_BYTES, CONNECTION_TIMEOUT, MOST_CONNECTIONS, Net, NetError,
};

/// How long a connection may live that began as a knock.
const KNOCK_TIMEOUT: Duration = Duration::from_secs(6);
/// Bytes read from a connection that began as a knock.
const KNOCK_BYTES: usize = 64 * 1024;

/// A TCP connection that ends by itself: at its deadline every read and write fails with
/// [`NetError::TimedOut`], or [`NetError::Deadline`] when it is that of the scan; past its bytes every
/// read fails with [`NetError::TooMuch`]. A reset before the first byte is [`NetError::TurnedAway`]
/// where the port had answered before.
pub struct Connection {
    tcp: TcpStream,
    port: u16,
    began: Instant,
    deadline: Pin<Box<Sleep>>,
    /// What is said then.
    late: NetError,
    bytes_left: usize,
    /// Whether the server has said anything.
    is_heard: bool,
    // Given back after the connection is closed.
    place: Place,
}

impl Net {
    /// Connects to a port of an address the operator allows. At most 8 connections to an address are
    /// open at a time, whichever scans have them; the connection's time begins when it has a place. A
    /// port that refuses though it has answered before is [`NetError::TurnedAway`].
    pub async fn open(&self, address: IpAddr, port: u16) -> Result<Connection, NetError> {
        self.open_for(address, port, CONNECTION_TIMEOUT, CONNECTION_BYTES).await
    }

    /// Connects as [`Net::open`], with a lifetime and a number of bytes of the probe's own.
    pub async fn open_for(
        &self,
        address: IpAddr,
        port: u16,
        lifetime: Duration,
        bytes: usize,
    ) -> Result<Connection, NetError> {
        let limits = Limits { patience: CONNECT_TIMEOUT, lifetime, bytes };
        Box::pin(self.open_within(address, port, Purpose::Talk, limits)).await
    }

    /// Connects to see whether a port is open at all, waiting `patience` for the answer. Those who
    /// have something to say at [`Net::open`] go first, and a quarter of the places is kept for them:
    /// a port that never answers would hold all of them.
    pub async fn knock(
        &self,
        address: IpAddr,
        port: u16,
        patience: Duration,
    ) -> Result<Connection, NetError> {
        let limits = Limits { patience, lifetime: KNOCK_TIMEOUT, bytes: KNOCK_BYTES };
        let knocking = || self.open_within(address, port, Purpose::Knock, limits);
        self.patiently(address, knocking, TurnedAway::read).await
    }

    async fn open_within(
        &self,
        address: IpAddr,
        port: u16,
        purpose: Purpose,
        limits: Limits,
    ) -> Result<Connection, NetError> {
        self.allows(address).map_err(|reason| NetError::NotAllowed(reason.to_owned()))?;
        let target = self.place(address, port).ok_or(NetError::Refused)?;
        let place = self.in_time(self.0.shared.places.socket_to(address, purpose)).await?;
        if self.0.connections.fetch_add(1, Ordering::Relaxed) >= MOST_CONNECTIONS {
            self.0.connections.fetch_sub(1, Ordering::Relaxed);
            return Err(NetError::Budget("connections"));
        }
        let began = Instant::now();
        let deadline = self.deadline().min(began + limits.lifetime);
        let patience = began + limits.patience.min(limits.lifetime);
        let connected = self.within(patience, connect(target)).await?.map_err(NetError::from);
        let tcp = connected.map_err(|error| match error {
            NetError::Refused if place.is_talkative(port) => NetError::TurnedAway,
            error => error,
        })?;
        tcp.set_nodelay(true)?;
        Ok(Connection {
            tcp,
            port,
            began,
            deadline: Box::pin(sleep_until(deadline)),
            late: self.late(deadline),
            bytes_left: limits.bytes,
            is_heard: false,
            place,
        })
    }
}

/// What one connection may cost.
#[derive(Clone, Copy)]
struct Limits {
    /// How long it may take to open.
    patience: Duration,
    lifetime: Duration,
    bytes: usize,
}

#[expect(clippy::disallowed_methods, reason = "this is the door")]
async fn connect(place: SocketAddr) -> io::Result<TcpStream> {
    TcpStream::connect(place).await
}

impl Connection {
    /// Returns when it began to be opened.
    pub(super) fn began(&self) -> Instant {
        self.began
    }

    /// Sends everything.
    pub async fn send(&mut self, bytes: &[u8]) -> Result<(), NetError> {
        Ok(self.write_all(bytes).await?)
    }

    /// Reads exactly as many bytes as `buffer` has; a server that hangs up first is `Closed`.
    pub async fn fill(&mut self, buffer: &mut [u8]) -> Result<(), NetError> {
        self.read_exact(buffer).await?;
        Ok(())
    }

    /// Reads one line of at most `most` bytes, without its line end.
    pub async fn line(&mut self, most: usize) -> Result<String, NetError> {
        let mut line = Vec::new();
        loop {
            let mut byte = [0];
            self.fill(&mut byte).await?;
            match byte[0] {
                b'\n' => break,
                _ if line.len() >= most => return Err(NetError::TooMuch),
                byte => line.push(byte),
            }
        }
        if line.last() == Some(&b'\r') {
            line.pop();
        }
        Ok(String::from_utf8_lossy(&line).into_owned())
    }

    /// Tells a reset by a server that will not talk to us any more from one that answers something.
    fn failed(&self, error: io::Error) -> io::Error {
        let is_reset = matches!(
            error.kind(),
            io::ErrorKind::ConnectionReset
                | io::ErrorKind::ConnectionAborted
                | io::ErrorKind::BrokenPipe
        );
        match is_reset && !self.is_heard && self.place.is_talkative(self.port) {
            true => io::Error::new(error.kind(), NetError::TurnedAway),
            false => error,
        }
    }

    fn poll_deadline(&mut self, cx: &mut Context<'_>) -> Poll<io::Error> {
        ready!(self.deadline.as_mut().poll(cx));
        Poll::Ready(io::Error::new(io::ErrorKind::TimedOut, self.late.clone()))
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if let Poll::Ready(late) = this.poll_deadline(cx) {
            return Poll::Ready(Err(late));
        }
        if this.bytes_left == 0 {
            return Poll::Ready(Err(io::Error::other(NetError::TooMuch)));
        }
        let most = buf.remaining().min(this.bytes_left);
        let mut part = ReadBuf::new(buf.initialize_unfilled_to(most));
        let read = ready!(Pin::new(&mut this.tcp).poll_read(cx, &mut part));
        read.map_err(|error| this.failed(error))?;
        let read = part.filled().len();
        buf.advance(read);
        this.bytes_left -= read;
        if read > 0 && !this.is_heard {
            this.is_heard = true;
            this.place.heard_from(this.port);
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        if let Poll::Ready(late) = this.poll_deadline(cx) {
            return Poll::Ready(Err(late));
        }
        let written = ready!(Pin::new(&mut this.tcp).poll_write(cx, bytes));
        Poll::Ready(written.map_err(|error| this.failed(error)))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().tcp).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().tcp).poll_shutdown(cx)
    }
}
