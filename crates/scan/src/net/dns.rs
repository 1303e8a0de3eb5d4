//! Questions to the resolver: each is asked once a scan, whoever wants to know.
//!
//! The target's own names, those at or below its registrable domain, are asked anew in every scan, so
//! that what was mended is seen at once. Answers about all other names (mail and name servers of
//! providers, what SPF includes, top-level domains and their keys) are taken over from other scans
//! for as long as their time to live lets them, at most [`LONGEST`]. Failures never are.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use hickory_proto::op::{Message, ResponseCode};
use hickory_proto::rr::rdata::PTR;
use hickory_proto::rr::{Name, RData, Record, RecordType};
use tokio::sync::OnceCell;

use super::exchange::{MOST_RESOLVERS, Recursion, question};
use super::takeover::{Looked, Takeover};
use super::{EXCLUDED, Net, NetError};
use crate::check::{Missing, Seen};
use crate::settings::SettingsProblem;

/// Where the system keeps its resolvers.
const SYSTEM_RESOLVERS: &str = "/etc/resolv.conf";
/// How long an answer is taken over, whatever its time to live.
const LONGEST: Duration = Duration::from_secs(15 * 60);
/// The same of an answer that there is nothing.
const LONGEST_NOTHING: Duration = Duration::from_secs(60);
/// Answers of one kind that are kept for other scans.
const MOST_ANSWERS: usize = 4_096;
/// Addresses of one name that are kept, those that may be reached and those that may not.
const MOST_ADDRESSES: usize = 64;
/// Aliases of one answer that are followed.
const MOST_ALIASES: usize = 16;
/// Times that an answer which is only an alias is asked for further.
const MOST_FURTHER: usize = 8;

/// What the resolver said. No answer at all is [`Missing`], never an `Answer`.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// `false` when the name does not exist (NXDOMAIN).
    pub exists: bool,
    /// The records of the type asked for; empty when there are none.
    pub records: Vec<RData>,
    /// The aliases followed to get there, in order, without the name asked for.
    pub aliases: Vec<String>,
}

impl Answer {
    /// Returns the TXT records, each with its strings joined (RFC 7208, section 3.3). Octets that
    /// are not UTF-8 become U+FFFD.
    pub fn texts(&self) -> Vec<String> {
        let text = |data: &RData| match data {
            RData::TXT(txt) => {
                let octets: Vec<u8> =
                    txt.txt_data.iter().flat_map(|part| part.iter().copied()).collect();
                Some(String::from_utf8_lossy(&octets).into_owned())
            }
            _ => None,
        };
        self.records.iter().filter_map(text).collect()
    }
}

pub(super) type Cache = Mutex<HashMap<(String, RecordType), Arc<OnceCell<Seen<Answer>>>>>;

/// Answers that scans take over from one another.
pub(super) struct KnownAnswers {
    plain: Takeover<(String, RecordType), Seen<Answer>>,
    signed: Takeover<(Name, RecordType), Seen<Arc<Message>>>,
}

impl Default for KnownAnswers {
    fn default() -> Self {
        Self { plain: Takeover::new(MOST_ANSWERS), signed: Takeover::new(MOST_ANSWERS) }
    }
}

/// Returns the resolvers: the one given, or the first of the system's.
pub(super) fn resolvers(place: Option<SocketAddr>) -> Result<Vec<SocketAddr>, SettingsProblem> {
    if let Some(place) = place {
        return Ok(vec![place]);
    }
    let problem = |why: String| SettingsProblem::Resolver(format!("{SYSTEM_RESOLVERS}: {why}"));
    let text =
        std::fs::read_to_string(SYSTEM_RESOLVERS).map_err(|error| problem(error.to_string()))?;
    let named = named_resolvers(&text);
    match named.is_empty() {
        true => Err(problem("it names no server".to_owned())),
        false => Ok(named),
    }
}

/// Reads the servers of a file as resolv.conf(5) describes it.
fn named_resolvers(text: &str) -> Vec<SocketAddr> {
    let named = text.lines().filter_map(|line| {
        let mut words = line.split_whitespace();
        let address = words.next().filter(|word| *word == "nameserver").and(words.next())?;
        Some(SocketAddr::new(address.parse().ok()?, 53))
    });
    named.take(MOST_RESOLVERS).collect()
}

impl Net {
    /// Asks for the records of one type at a name. The same question is asked once a scan.
    pub async fn lookup(&self, name: &str, record_type: RecordType) -> Seen<Answer> {
        let name = name.trim_end_matches('.').to_ascii_lowercase();
        let cell = {
            let mut answers = self.0.answers.lock().unwrap_or_else(|poison| poison.into_inner());
            Arc::clone(answers.entry((name.clone(), record_type)).or_default())
        };
        // On the heap: whoever asks holds a question in each of its branches.
        let learning = cell.get_or_init(|| Box::pin(self.learn(&name, record_type)));
        let answer = self.in_time(learning).await?.clone();
        if let Ok(answer) = &answer
            && answer.aliases.iter().chain([&name]).any(|one| self.excludes(one))
        {
            self.exclude(answer.records.iter().filter_map(RData::ip_addr));
        }
        answer
    }

    /// Asks for records with their signatures, or with the proof that there are none. The same
    /// question is asked once a scan. A name that does not exist is an answer.
    pub async fn signed(&self, name: &Name, record_type: RecordType) -> Seen<Arc<Message>> {
        let mut name = name.to_lowercase();
        name.set_fqdn(true);
        let cell = {
            let mut signed = self.0.signed.lock().unwrap_or_else(|poison| poison.into_inner());
            Arc::clone(signed.entry((name.clone(), record_type)).or_default())
        };
        let learning = cell.get_or_init(|| Box::pin(self.learn_signed(name, record_type)));
        self.in_time(learning).await?.clone()
    }

    /// Returns the addresses of a name that may be reached, and those that may not with the reason;
    /// at most 64 of either.
    pub async fn addresses(&self, name: &str) -> Seen<(Vec<IpAddr>, Vec<(IpAddr, &'static str)>)> {
        let (v4, v6) =
            tokio::join!(self.lookup(name, RecordType::A), self.lookup(name, RecordType::AAAA));
        if let (Err(missing), Err(_)) = (&v4, &v6) {
            return Err(missing.clone());
        }
        let is_excluded = |answer: &Answer| answer.aliases.iter().any(|one| self.excludes(one));
        let excluded = self.excludes(name) || [&v4, &v6].into_iter().flatten().any(is_excluded);
        let (mut allowed, mut refused) = (Vec::new(), Vec::new());
        for record in v4.into_iter().chain(v6).flat_map(|answer| answer.records) {
            let address = match record {
                RData::A(a) => IpAddr::V4(a.0),
                RData::AAAA(aaaa) => IpAddr::V6(aaaa.0),
                _ => continue,
            };
            match self.allows(address) {
                // Where others live too it is still the name that counts.
                Ok(()) if excluded => refused.push((address, EXCLUDED)),
                Ok(()) => allowed.push(address),
                Err(reason) => refused.push((address, reason)),
            }
        }
        allowed.truncate(MOST_ADDRESSES);
        refused.truncate(MOST_ADDRESSES);
        Ok((allowed, refused))
    }

    async fn learn(&self, name: &str, record_type: RecordType) -> Seen<Answer> {
        // A question counts whoever has asked it before, so that a scan has the same budget alone
        // and among many.
        self.count_query().map_err(Missing::from)?;
        if let Some(answer) = special(name, record_type) {
            return Ok(answer);
        }
        let asking = || async {
            match self.ask(name, record_type).await {
                Ok((answer, time)) => Looked::Whole(Ok(answer), time),
                Err(missing) => Looked::Partly(Err(missing)),
            }
        };
        match self.is_own(name) {
            true => self.ask(name, record_type).await.map(|(answer, _)| answer),
            false => self.0.shared.known.plain.get((name.to_owned(), record_type), asking).await,
        }
    }

    async fn learn_signed(&self, name: Name, record_type: RecordType) -> Seen<Arc<Message>> {
        self.count_query().map_err(Missing::from)?;
        if self.is_own(&plain(&name)) {
            return self.ask_signed(&name, record_type).await.map(Arc::new);
        }
        let asking = || async {
            match self.ask_signed(&name, record_type).await {
                Ok(reply) => {
                    let time = time_to_live(&reply);
                    Looked::Whole(Ok(Arc::new(reply)), time)
                }
                Err(missing) => Looked::Partly(Err(missing)),
            }
        };
        self.0.shared.known.signed.get((name.clone(), record_type), asking).await
    }

    /// Asks until the aliases have led to an end.
    async fn ask(&self, name: &str, record_type: RecordType) -> Seen<(Answer, Duration)> {
        let mut asked =
            Name::from_ascii(name).map_err(|_| Missing(format!("`{name}` is not a DNS name")))?;
        asked.set_fqdn(true);
        let mut time = LONGEST;
        let mut aliases: Vec<String> = Vec::new();
        for _ in 0..MOST_FURTHER {
            let request = question(&asked, record_type, Recursion::Desired);
            let reply = self.ask_resolver(&request).await.map_err(|error| match error {
                NetError::TimedOut => {
                    Missing(format!("the resolver did not answer for {record_type} of {name}"))
                }
                error => Missing(format!("looking up {record_type} of {name} failed: {error}")),
            })?;
            time = time.min(time_to_live(&reply));
            let code = reply.metadata.response_code;
            match code {
                ResponseCode::NoError => {}
                ResponseCode::NXDomain => return Ok((Answer::none(false), time)),
                code => {
                    return Err(Missing(format!(
                        "the resolver answered {code} for {record_type} of {name}"
                    )));
                }
            }
            let chain = chain(&asked, &reply.answers);
            let wanted = reply.answers.iter().filter(|record| {
                record.record_type() == record_type && chain.contains(&&record.name)
            });
            let records: Vec<RData> = wanted.map(|record| record.data.clone()).collect();
            if record_type != RecordType::CNAME {
                aliases.extend(chain.iter().skip(1).map(|alias| plain(alias)));
            }
            if !records.is_empty() {
                return Ok((Answer { exists: true, records, aliases }, time));
            }
            let ended = reply.authorities.iter().any(|it| it.record_type() == RecordType::SOA);
            match chain.last().map(|last| (*last).clone()) {
                // The resolver left it to us to go on.
                Some(last) if chain.len() > 1 && !ended => asked = last,
                _ => return Ok((Answer::none(true), time)),
            }
            self.count_query().map_err(Missing::from)?;
        }
        Err(Missing(format!("{name} leads from alias to alias without end")))
    }

    /// Says whether a name is the target's own: at or below its registrable domain.
    pub(crate) fn is_own(&self, name: &str) -> bool {
        let own = self.0.own.as_str();
        own.is_empty()
            || name.strip_suffix(own).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    }
}

impl Answer {
    fn none(exists: bool) -> Self {
        Self { exists, records: Vec::new(), aliases: Vec::new() }
    }
}

/// Answers for this host's own name and addresses, which are no question for others (RFC 6761,
/// section 6.3; RFC 6303, section 4.2).
fn special(name: &str, record_type: RecordType) -> Option<Answer> {
    let records = if name == "localhost" || name.ends_with(".localhost") {
        match record_type {
            RecordType::A => vec![RData::A(Ipv4Addr::LOCALHOST.into())],
            RecordType::AAAA => vec![RData::AAAA(Ipv6Addr::LOCALHOST.into())],
            _ => Vec::new(),
        }
    } else if name.ends_with(".127.in-addr.arpa") && record_type == RecordType::PTR {
        vec![RData::PTR(PTR(Name::from_ascii("localhost.").ok()?))]
    } else {
        return None;
    };
    Some(Answer { exists: true, records, aliases: Vec::new() })
}

/// Returns how long an answer may be taken over: as long as the first of its records lives, and of
/// one without any as its zone's start says (RFC 2308, section 5).
fn time_to_live(reply: &Message) -> Duration {
    let seconds = |ttl: u32| Duration::from_secs(ttl.into());
    let start = reply.authorities.iter().find_map(|record| match &record.data {
        RData::SOA(soa) => Some(seconds(record.ttl.min(soa.minimum))),
        _ => None,
    });
    let exists = reply.metadata.response_code == ResponseCode::NoError;
    match reply.answers.iter().map(|record| record.ttl).min() {
        Some(least) if exists && start.is_none() => seconds(least).min(LONGEST),
        least => {
            let least = least.map_or(LONGEST_NOTHING, seconds);
            start.unwrap_or_default().min(least).min(LONGEST_NOTHING)
        }
    }
}

/// Returns a name and the aliases that lead on from it in an answer, in order. Records of any other
/// name are not part of the answer, whoever put them there.
pub fn chain<'a>(name: &'a Name, answers: &'a [Record]) -> Vec<&'a Name> {
    let mut chain = vec![name];
    while chain.len() <= MOST_ALIASES {
        let last = chain[chain.len() - 1];
        let next = answers.iter().find_map(|record| match &record.data {
            RData::CNAME(alias) if record.name == *last => Some(&alias.0),
            _ => None,
        });
        match next {
            Some(next) if !chain.contains(&next) => chain.push(next),
            _ => break,
        }
    }
    chain
}

/// Returns a name in lower case without the trailing dot.
fn plain(name: &Name) -> String {
    name.to_ascii().trim_end_matches('.').to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use hickory_proto::rr::rdata::{CNAME, SOA};

    use super::*;

    fn name(text: &str) -> Name {
        Name::from_ascii(text).unwrap()
    }

    fn alias(owner: &str, target: &str) -> Record {
        Record::from_rdata(name(owner), 60, RData::CNAME(CNAME(name(target))))
    }

    #[test]
    fn aliases_are_followed_in_order_and_strangers_left_out() {
        let answers = [
            Record::from_rdata(name("stranger.test."), 60, RData::A(Ipv4Addr::LOCALHOST.into())),
            alias("b.test.", "c.test."),
            alias("A.test.", "b.test."),
            alias("stranger.test.", "d.test."),
        ];
        let asked = name("a.test.");
        let chain: Vec<_> = chain(&asked, &answers).into_iter().map(plain).collect();
        assert_eq!(chain, ["a.test", "b.test", "c.test"]);
    }

    #[test]
    fn a_circle_of_aliases_ends() {
        let answers = [alias("a.test.", "b.test."), alias("b.test.", "a.test.")];
        assert_eq!(chain(&name("a.test."), &answers).len(), 2);
        let asked = name("n0.test.");
        let next = |number| alias(&format!("n{number}.test."), &format!("n{}.test.", number + 1));
        let answers: Vec<_> = (0..100).map(next).collect();
        assert_eq!(chain(&asked, &answers).len(), MOST_ALIASES + 1);
    }

    #[test]
    fn nobody_is_asked_who_this_host_is() {
        let found = |name, record_type| special(name, record_type).map(|it| it.records.len());
        assert_eq!(found("localhost", RecordType::A), Some(1));
        assert_eq!(found("a.localhost", RecordType::AAAA), Some(1));
        assert_eq!(found("localhost", RecordType::MX), Some(0));
        assert_eq!(found("1.0.0.127.in-addr.arpa", RecordType::PTR), Some(1));
        assert_eq!(found("notlocalhost", RecordType::A), None);
        assert_eq!(found("1.2.0.192.in-addr.arpa", RecordType::PTR), None);
    }

    #[test]
    fn resolvers_are_read_as_the_system_reads_them() {
        let text = "# nameserver 192.0.2.9\nsearch lan\n nameserver 192.0.2.1 # ours\n\
                    nameserver fe80::1%eth0\nnameserver 2001:db8::1\nnameserver 192.0.2.3\n";
        let expected: [SocketAddr; 2] =
            ["192.0.2.1:53".parse().unwrap(), "[2001:db8::1]:53".parse().unwrap()];
        assert_eq!(named_resolvers(text), expected);
        assert!(named_resolvers("options edns0\n").is_empty());
    }

    fn reply(code: ResponseCode, answers: &[u32], soa: Option<(u32, u32)>) -> u64 {
        let mut reply = Message::query();
        reply.metadata.response_code = code;
        for ttl in answers {
            let data = RData::A(Ipv4Addr::LOCALHOST.into());
            reply.add_answer(Record::from_rdata(name("a.test."), *ttl, data));
        }
        if let Some((ttl, minimum)) = soa {
            let soa = SOA::new(name("test."), name("test."), 1, 1, 1, 1, minimum);
            reply.add_authority(Record::from_rdata(name("test."), ttl, RData::SOA(soa)));
        }
        time_to_live(&reply).as_secs()
    }

    #[test]
    fn an_answer_lives_as_long_as_the_first_of_its_records_and_never_long() {
        use ResponseCode::{NXDomain, NoError};
        assert_eq!(reply(NoError, &[300, 20], None), 20);
        assert_eq!(reply(NoError, &[0], None), 0);
        assert_eq!(reply(NoError, &[86_400], None), 900);
        assert_eq!(reply(NXDomain, &[], Some((3_600, 30))), 30);
        assert_eq!(reply(NXDomain, &[], Some((10, 3_600))), 10);
        assert_eq!(reply(NoError, &[], Some((86_400, 86_400))), 60);
        assert_eq!(reply(NoError, &[], None), 0, "nobody says for how long there is nothing");
        assert_eq!(reply(NXDomain, &[5], Some((3_600, 3_600))), 5, "an alias that leads nowhere");
    }
}
