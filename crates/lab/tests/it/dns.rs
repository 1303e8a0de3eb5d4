use hickory_proto::op::{Edns, Message, OpCode, Query, ResponseCode};
use hickory_proto::rr::{Name, RecordType};
use lab::{Dns, DnsFault, Lab};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};

fn question(name: &str, record_type: RecordType) -> Message {
    let mut message = Message::new(7, hickory_proto::op::MessageType::Query, OpCode::Query);
    message.add_query(Query::query(Name::from_ascii(name).unwrap(), record_type));
    message
}

async fn udp(lab: &Lab, name: &str, record_type: RecordType) -> Option<Message> {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    socket.send_to(&question(name, record_type).to_vec().unwrap(), lab.resolver).await.unwrap();
    let mut buffer = [0; 4_096];
    let receiving = socket.recv(&mut buffer);
    let length =
        tokio::time::timeout(std::time::Duration::from_millis(500), receiving).await.ok()?.unwrap();
    Message::from_vec(&buffer[..length]).ok()
}

async fn tcp(lab: &Lab, name: &str, record_type: RecordType) -> Message {
    let mut socket = TcpStream::connect(lab.resolver).await.unwrap();
    let question = question(name, record_type).to_vec().unwrap();
    socket.write_u16(u16::try_from(question.len()).unwrap()).await.unwrap();
    socket.write_all(&question).await.unwrap();
    let mut answer = vec![0; usize::from(socket.read_u16().await.unwrap())];
    socket.read_exact(&mut answer).await.unwrap();
    Message::from_vec(&answer).unwrap()
}

#[tokio::test]
async fn zones_answer_as_zones_do() {
    let dns = Dns::default()
        .record("a.test", "A", "192.0.2.1")
        .record("www.a.test", "CNAME", "a.test")
        .record("a.test", "TXT", &"x".repeat(2_000))
        .record("a.test", "CAA", "0 issue \"ca.test\"");
    let lab = Lab::builder().dns(dns).start().await.unwrap();
    let answer = udp(&lab, "WWW.a.test.", RecordType::A).await.unwrap();
    assert_eq!((answer.answers.len(), answer.metadata.response_code), (2, ResponseCode::NoError));
    let none = udp(&lab, "a.test.", RecordType::MX).await.unwrap();
    assert_eq!((none.answers.len(), none.metadata.response_code), (0, ResponseCode::NoError));
    assert_eq!(none.authorities.len(), 1);
    let above = udp(&lab, "test.", RecordType::A).await.unwrap();
    assert_eq!(above.metadata.response_code, ResponseCode::NoError);
    let absent = udp(&lab, "b.test.", RecordType::A).await.unwrap();
    assert_eq!(absent.metadata.response_code, ResponseCode::NXDomain);
    assert!(udp(&lab, "a.test.", RecordType::TXT).await.unwrap().metadata.truncation);
    assert_eq!(tcp(&lab, "a.test.", RecordType::TXT).await.answers.len(), 1);
    assert_eq!(tcp(&lab, "a.test.", RecordType::CAA).await.answers.len(), 1);
    assert_eq!(lab.dns_queries(), 7);
}

#[tokio::test]
async fn faults_are_those_that_were_asked_for() {
    let faults = [
        ("silent.test", DnsFault::Silent),
        ("garbage.test", DnsFault::Garbage),
        ("fail.test", DnsFault::ServFail),
        ("refused.test", DnsFault::Refused),
        ("id.test", DnsFault::WrongId),
        ("short.test", DnsFault::TruncatesUdp),
    ];
    let dns = faults.iter().fold(Dns::default(), |dns, (name, fault)| {
        dns.record(name, "A", "192.0.2.1").fault(name, *fault)
    });
    let lab = Lab::builder().dns(dns).start().await.unwrap();
    assert!(udp(&lab, "silent.test.", RecordType::A).await.is_none());
    assert!(udp(&lab, "garbage.test.", RecordType::A).await.is_none());
    let code = |answer: Option<Message>| answer.unwrap().metadata.response_code;
    assert_eq!(code(udp(&lab, "fail.test.", RecordType::A).await), ResponseCode::ServFail);
    assert_eq!(code(udp(&lab, "refused.test.", RecordType::A).await), ResponseCode::Refused);
    assert_ne!(udp(&lab, "id.test.", RecordType::A).await.unwrap().metadata.id, 7);
    assert!(udp(&lab, "short.test.", RecordType::A).await.unwrap().metadata.truncation);
    assert_eq!(tcp(&lab, "short.test.", RecordType::A).await.answers.len(), 1);
}

#[tokio::test]
async fn a_signed_zone_shows_signatures_to_those_who_ask() {
    let lab = Lab::builder()
        .dns(Dns::default().record("a.test", "A", "192.0.2.1").sign("test"))
        .start()
        .await
        .unwrap();
    assert!(lab.dnssec_anchor.as_ref().is_some_and(|line| line.starts_with("test. IN DS ")));
    assert_eq!(udp(&lab, "a.test.", RecordType::A).await.unwrap().answers.len(), 1);
    let mut question = question("a.test.", RecordType::A);
    let mut edns = Edns::new();
    edns.set_dnssec_ok(true);
    question.set_edns(edns);
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    socket.send_to(&question.to_vec().unwrap(), lab.resolver).await.unwrap();
    let mut buffer = [0; 4_096];
    let length = socket.recv(&mut buffer).await.unwrap();
    let types: Vec<_> = Message::from_vec(&buffer[..length])
        .unwrap()
        .answers
        .iter()
        .map(hickory_proto::rr::Record::record_type)
        .collect();
    assert_eq!(types, [RecordType::A, RecordType::RRSIG]);
}
