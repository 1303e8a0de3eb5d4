//! Answers of a resolver that lies, or that passes on what a lying name server said.

use std::net::{Ipv4Addr, Ipv6Addr};

use hickory_proto::op::{Message, Query};
use hickory_proto::rr::rdata::{CNAME, MX, NS, TXT};
use hickory_proto::rr::{Name, RData, Record, RecordType};

use crate::dns::absolute;

/// A name that nobody asks for.
const OTHER: &str = "other.invalid";
const METADATA: Ipv4Addr = Ipv4Addr::new(169, 254, 169, 254);
const METADATA_V6: Ipv6Addr = Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254);
const TTL: u32 = 60;

/// Makes an answer repeat another question.
pub(crate) fn other_question(reply: &mut Message) {
    let Some(query) = reply.queries.first().cloned() else { return };
    let other = absolute(OTHER).unwrap_or_default();
    reply.queries = vec![Query::query(other, query.query_type())];
}

/// Makes the records answered those of another name.
pub(crate) fn other_owner(reply: &mut Message) {
    let Some(other) = absolute(OTHER) else { return };
    for record in &mut reply.answers {
        record.name = other.clone();
    }
}

/// Returns as many records of a type as a message of 64 KiB holds.
pub(crate) fn flood(name: &Name, record_type: RecordType) -> Vec<Record> {
    let below = |number: u16| absolute(&format!("f{number}.invalid")).unwrap_or_default();
    let data = |number: u16| {
        Some(match record_type {
            // Public addresses, all of them different.
            RecordType::A if number < 2_000 => {
                RData::A(Ipv4Addr::from(0x0b00_0000 + u32::from(number)).into())
            }
            RecordType::AAAA => RData::AAAA(Ipv6Addr::new(0x2a00, 0, 0, 0, 0, 0, 0, number).into()),
            RecordType::MX if number < 1_200 => RData::MX(MX::new(number, below(number))),
            RecordType::NS if number < 1_200 => RData::NS(NS(below(number))),
            RecordType::TXT if number < 200 => {
                RData::TXT(TXT::new(vec![format!("v=spf1 {number} {}", "x".repeat(230))]))
            }
            _ => return None,
        })
    };
    let record = |number| Some(Record::from_rdata(name.clone(), TTL, data(number)?));
    (0..2_000).map_while(record).collect()
}

/// Returns the address that answers with secrets to whoever asks from inside a cloud.
pub(crate) fn metadata_service(name: &Name, record_type: RecordType) -> Vec<Record> {
    let data = match record_type {
        RecordType::A => RData::A(METADATA.into()),
        RecordType::AAAA => RData::AAAA(METADATA_V6.into()),
        _ => return Vec::new(),
    };
    vec![Record::from_rdata(name.clone(), TTL, data)]
}

/// Returns an alias that leads to a name below, which leads on.
pub(crate) fn one_more_alias(name: &Name) -> Vec<Record> {
    let next = Name::from_ascii("on").and_then(|on| on.append_domain(name));
    let alias = |next: Name| Record::from_rdata(name.clone(), TTL, RData::CNAME(CNAME(next)));
    next.ok().map(alias).into_iter().collect()
}
