//! Servers that bear only so many connections, and how many were open at once.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::Instant;

/// What a server does with connections beyond those it bears.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Beyond {
    /// Accepts them and says nothing.
    Silent,
    /// Resets them as soon as they are there.
    Resets,
    /// Does not listen until it bears more, so that the system refuses them.
    Refuses,
    /// Says this and hangs up.
    Says(&'static str),
}

/// So many connections a server bears in any such time.
#[derive(Debug, Clone)]
pub struct Crowd {
    pub(crate) beyond: Beyond,
    pub(crate) gate: Turnstile,
}

impl Crowd {
    /// Bears `most` connections in any such time.
    pub fn within(time: Duration, most: usize, beyond: Beyond) -> Self {
        Self { beyond, gate: Turnstile::new(time, most) }
    }

    /// Bears `most` connections in all.
    pub fn once(most: usize, beyond: Beyond) -> Self {
        Self::within(Duration::from_secs(60 * 60), most, beyond)
    }
}

/// Lets so many through in any such time. Clones are one.
#[derive(Debug, Clone)]
pub struct Turnstile {
    time: Duration,
    most: usize,
    passed: Arc<Mutex<VecDeque<Instant>>>,
}

impl Turnstile {
    /// Makes one that nobody went through yet.
    pub fn new(time: Duration, most: usize) -> Self {
        Self { time, most, passed: Arc::default() }
    }

    /// Lets somebody through, or says until when it is closed.
    pub fn pass(&self) -> Result<(), Instant> {
        let now = Instant::now();
        let mut passed = self.passed.lock().unwrap_or_else(|poison| poison.into_inner());
        while passed.front().is_some_and(|first| *first + self.time <= now) {
            passed.pop_front();
        }
        if passed.len() >= self.most {
            return Err(passed.front().copied().unwrap_or(now) + self.time);
        }
        passed.push_back(now);
        Ok(())
    }
}

/// Does with a connection what is done with one too many.
pub(crate) async fn turn_away(mut tcp: TcpStream, beyond: Beyond) -> anyhow::Result<()> {
    match beyond {
        Beyond::Silent => std::future::pending::<()>().await,
        Beyond::Resets | Beyond::Refuses => tcp.set_zero_linger()?,
        Beyond::Says(text) => {
            tcp.write_all(text.as_bytes()).await?;
            tcp.shutdown().await?;
            // What the client says is read, so that what was said to it arrives.
            while tcp.read(&mut [0; 512]).await? > 0 {}
        }
    }
    Ok(())
}

/// Counts the connections to some ports that clients have open, as the system sees them: one that the
/// client has closed is closed, even if the server has not noticed.
#[derive(Debug, Default)]
pub(crate) struct Watch {
    ports: Mutex<Vec<u16>>,
    most: AtomicU32,
}

impl Watch {
    pub(crate) fn add(&self, port: u16) {
        self.ports.lock().unwrap_or_else(|poison| poison.into_inner()).push(port);
    }

    /// Looks how many are open now.
    pub(crate) fn look(&self) {
        let ports = self.ports.lock().unwrap_or_else(|poison| poison.into_inner());
        let sockets = std::fs::read_to_string("/proc/self/net/tcp").unwrap_or_default();
        let open = sockets
            .lines()
            .filter(|line| established_at(line).is_some_and(|at| ports.contains(&at)));
        self.most.fetch_max(u32::try_from(open.count()).unwrap_or(u32::MAX), Ordering::Relaxed);
    }

    pub(crate) fn most(&self) -> u32 {
        self.most.load(Ordering::Relaxed)
    }
}

/// Reads one line of proc(5)'s `net/tcp`: the local port, if the connection is established.
fn established_at(line: &str) -> Option<u16> {
    let mut words = line.split_whitespace().skip(1);
    let (local, _, state) = (words.next()?, words.next()?, words.next()?);
    let port = u16::from_str_radix(local.rsplit_once(':')?.1, 16).ok()?;
    (state == "01").then_some(port)
}
