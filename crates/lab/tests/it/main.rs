//! The lab does what it says, seen with plain sockets: what tests stand on has to be tested too.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![expect(clippy::disallowed_methods, reason = "tests are the client")]

mod crowd;
mod dns;
mod http;
mod service;
mod smtp;
mod tls;

use std::time::Duration;

use lab::Lab;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Connects to what stands for a well-known port.
async fn connect(lab: &Lab, port: u16) -> TcpStream {
    let place = lab.ports.iter().find(|(known, _)| *known == port).unwrap().1;
    TcpStream::connect(place).await.unwrap()
}

/// Sends bytes and reads until the server hangs up, has said `most` bytes, or is silent.
async fn talk(mut socket: TcpStream, request: &[u8], most: u64) -> Vec<u8> {
    socket.write_all(request).await.unwrap();
    let mut answer = Vec::new();
    let mut bounded = (&mut socket).take(most);
    let reading = bounded.read_to_end(&mut answer);
    let _silent_or_reset = tokio::time::timeout(Duration::from_millis(500), reading).await;
    answer
}
