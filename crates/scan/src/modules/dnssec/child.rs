use hickory_proto::dnssec::rdata::{DNSSECRData, DS};
use hickory_proto::dnssec::{Algorithm, PublicKey};
use hickory_proto::rr::{Name, RData, RecordType};
use serde::{Deserialize, Serialize};

use super::signature::Key;
use crate::check::Seen;
use crate::net::Net;

/// Records of each type that are read.
const MOST_RECORDS: usize = 12;

/// What a zone asks its parent for: CDS and CDNSKEY records (RFC 7344).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChildRecords {
    /// How many CDS and CDNSKEY records there are; at most 12 of each are counted.
    pub count: usize,
    /// Whether the parent is asked to remove the DS records (RFC 8078, section 4).
    pub removal: bool,
    /// Key tags of CDS records that fit no key of the zone.
    pub stray_cds: Vec<u16>,
    /// How many CDNSKEY records are no key of the zone.
    pub stray_cdnskey: usize,
    /// Whether both types are there and name different keys.
    pub disagree: bool,
}

/// Asks for both types and compares them with each other and with the zone's keys.
pub(super) async fn child_records(net: &Net, apex: &Name, keys: &[Key]) -> Seen<ChildRecords> {
    let (cds, cdnskey) =
        tokio::join!(net.signed(apex, RecordType::CDS), net.signed(apex, RecordType::CDNSKEY));
    let (cds, cdnskey) = (cds?, cdnskey?);
    let mut seen = ChildRecords::default();
    // The keys each type names, by their place among the zone's.
    let (mut by_cds, mut by_cdnskey) = (Vec::new(), Vec::new());
    let datas = |records: &[hickory_proto::rr::Record]| -> Vec<DNSSECRData> {
        let own = records.iter().filter(|record| record.name == *apex);
        let dnssec = own.filter_map(|record| match &record.data {
            RData::DNSSEC(data @ (DNSSECRData::CDS(_) | DNSSECRData::CDNSKEY(_))) => {
                Some(data.clone())
            }
            _ => None,
        });
        dnssec.take(MOST_RECORDS).collect()
    };
    let (cds, cdnskey) = (datas(&cds.answers), datas(&cdnskey.answers));
    for data in cds.iter().chain(&cdnskey) {
        seen.count += 1;
        match data {
            DNSSECRData::CDS(cds) if cds.is_delete() => seen.removal = true,
            DNSSECRData::CDNSKEY(cdnskey) if cdnskey.is_delete() => seen.removal = true,
            DNSSECRData::CDS(cds) => {
                let algorithm = cds.algorithm().unwrap_or(Algorithm::Unknown(0));
                let digest = cds.digest().to_vec();
                let ds = DS::new(cds.key_tag(), algorithm, cds.digest_type(), digest);
                match keys.iter().position(|key| key.is_named_by(&ds, apex)) {
                    Some(place) => by_cds.push(place),
                    // A digest nobody here can compute says nothing about the key.
                    None if cds.digest_type().is_supported() => seen.stray_cds.push(cds.key_tag()),
                    None => {}
                }
            }
            DNSSECRData::CDNSKEY(cdnskey) => {
                let same = |key: &Key| {
                    let own = key.dnskey.public_key();
                    cdnskey.public_key().is_some_and(|asked| {
                        asked.public_bytes() == own.public_bytes()
                            && asked.algorithm() == own.algorithm()
                    })
                };
                match keys.iter().position(same) {
                    Some(place) => by_cdnskey.push(place),
                    None => seen.stray_cdnskey += 1,
                }
            }
            _ => {}
        }
    }
    for places in [&mut by_cds, &mut by_cdnskey] {
        places.sort_unstable();
        places.dedup();
    }
    seen.disagree = !cds.is_empty() && !cdnskey.is_empty() && by_cds != by_cdnskey;
    Ok(seen)
}
