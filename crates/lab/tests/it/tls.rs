use lab::{Lab, LegacyServer, Tls, Web};

use super::{connect, talk};

/// A ClientHello of TLS 1.2 with one suite and no extensions.
fn hello(version: [u8; 2], suite: u16) -> Vec<u8> {
    let mut body = version.to_vec();
    body.extend([1; 32]);
    body.extend([0, 0, 2]);
    body.extend(suite.to_be_bytes());
    body.extend([1, 0]);
    let mut record = vec![22, 3, 0, 0, body.len() as u8 + 4, 1, 0, 0, body.len() as u8];
    record.extend(body);
    record
}

async fn answer(tls: Tls, hello: &[u8]) -> Vec<u8> {
    let lab = Lab::builder().https(tls, Web::default()).start().await.unwrap();
    talk(connect(&lab, 443).await, hello, 60_000).await
}

fn old() -> Tls {
    let mut server = LegacyServer::new(&["a.test"], &[(0x0300, &[0x0005]), (0x0303, &[0x009c])]);
    server.ssl2 = true;
    Tls::Legacy(server)
}

#[tokio::test]
async fn old_versions_answer_by_hand() {
    let ssl3 = answer(old(), &hello([3, 0], 0x0005)).await;
    assert_eq!(ssl3[..3], [22, 3, 0]);
    // ServerHelloDone ends the flight.
    assert!(ssl3.ends_with(&[14, 0, 0, 0]));
    assert_eq!(answer(old(), &hello([3, 3], 0x009c)).await[..3], [22, 3, 3]);
    // TLS 1.0 falls back to what the server has below it, an unknown suite is refused.
    assert_eq!(answer(old(), &hello([3, 1], 0x0005)).await[..3], [22, 3, 0]);
    assert_eq!(answer(old(), &hello([3, 3], 0x002f)).await, [21, 3, 3, 0, 2, 2, 40]);
    let mut ssl2 = vec![0x80, 28, 1, 0, 2, 0, 3, 0, 0, 0, 16, 1, 0, 0x80];
    ssl2.extend([1; 16]);
    let ssl2 = answer(old(), &ssl2).await;
    assert_eq!((ssl2[0] & 0x80, ssl2[2]), (0x80, 4));
}

#[tokio::test]
async fn faults_are_those_that_were_asked_for() {
    let hello = hello([3, 3], 0xc02f);
    assert_eq!(answer(Tls::SilentAfterAccept, &hello).await, []);
    assert_eq!(answer(Tls::ResetsAtHello, &hello).await, []);
    assert_eq!(answer(Tls::Garbage, &hello).await[..4], [0x42; 4]);
    assert_eq!(answer(Tls::EndlessRecords, &hello).await.len(), 60_000);
    assert_eq!(answer(Tls::AlertsAlways, &hello).await, [21, 3, 3, 0, 2, 2, 40]);
}
