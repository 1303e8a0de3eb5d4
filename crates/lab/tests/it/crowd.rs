use std::time::Duration;

use lab::{Beyond, Crowd, Lab, Service};
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;

use super::{connect, talk};

async fn lab(beyond: Beyond) -> Lab {
    let crowd = Crowd::within(Duration::from_millis(400), 2, beyond);
    let greeter = Service::greets("220 hello\r\n");
    Lab::builder().service(21, greeter).crowd(21, crowd).watched().start().await.unwrap()
}

#[tokio::test]
async fn a_crowded_server_turns_away_who_comes_too_soon() {
    for (beyond, said) in [
        (Beyond::Silent, &b""[..]),
        (Beyond::Resets, b""),
        (Beyond::Says("421 later\r\n"), b"421 later\r\n"),
    ] {
        let lab = lab(beyond).await;
        for _ in 0..2 {
            let mut greeting = [0; 11];
            connect(&lab, 21).await.read_exact(&mut greeting).await.unwrap();
        }
        assert_eq!(talk(connect(&lab, 21).await, b"", 100).await, said);
    }
}

#[tokio::test]
async fn a_crowded_server_may_not_even_listen_for_a_while() {
    let lab = lab(Beyond::Refuses).await;
    let (_one, _two, _three) =
        (connect(&lab, 21).await, connect(&lab, 21).await, connect(&lab, 21).await);
    let place = lab.ports[0].1;
    while TcpStream::connect(place).await.is_ok() {}
    let socket = loop {
        if let Ok(socket) = TcpStream::connect(place).await {
            break socket;
        }
        tokio::task::yield_now().await;
    };
    assert_eq!(talk(socket, b"", 11).await, b"220 hello\r\n");
}

#[tokio::test]
async fn what_clients_have_open_is_counted_at_its_most() {
    let lab = lab(Beyond::Silent).await;
    let open = [connect(&lab, 21).await, connect(&lab, 21).await, connect(&lab, 21).await];
    while lab.connections() < 3 {
        tokio::task::yield_now().await;
    }
    drop(open);
    let _fourth = talk(connect(&lab, 21).await, b"", 100).await;
    assert_eq!((lab.connections(), lab.most_at_once()), (4, 3));
}
