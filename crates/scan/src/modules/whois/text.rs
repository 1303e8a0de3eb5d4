//! Registration data as text (RFC 3912): what registries without RDAP answer at port 43.
//!
//! IANA's server names the registry's, which is asked for the domain. The texts have no standard, so
//! lines of the form `key: value` are read, with the keys that registries use.

use std::time::Duration;

use tokio::io::AsyncReadExt;

use super::rdap::{is_own_mail, is_withheld};
use super::{Contact, ContactField, Registration, date, status};
use crate::check::{Missing, Seen};
use crate::net::Net;

/// Who knows the servers of registries.
const IANA: &str = "whois.iana.org";
/// Bytes of an answer that are read.
const MOST_BYTES: usize = 64 * 1024;
/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(8);
/// Lines that are looked at.
const MOST_LINES: usize = 1_000;
/// Characters of a registrar's name that are kept.
const LONGEST_NAME: usize = 100;

const EXPIRES: &[&str] = &[
    "registry expiry date",
    "registrar registration expiration date",
    "expiry date",
    "expiration date",
    "domain expiration date",
    "expires on",
    "expires",
    "expire date",
    "expire",
    "renewal date",
    "paid-till",
    "validity",
];
const CREATED: &[&str] = &[
    "creation date",
    "created on",
    "created",
    "registered on",
    "registration date",
    "domain registration date",
    "registered",
];
const STATUS: &[&str] = &["domain status", "status", "state", "eppstatus"];
const REGISTRAR: &[&str] = &["registrar", "registrar name", "sponsoring registrar"];

/// Asks IANA's server for the registry's, and that for a registrable domain. `None` when the suffix
/// has no server.
///
/// # Errors
///
/// [`Missing`] when a server does not answer, or its answer holds nothing of a registration.
pub(super) async fn ask(net: &Net, domain: &str) -> Seen<Option<Registration>> {
    let suffix = domain.rsplit('.').next().unwrap_or(domain);
    let referral = exchange(net, IANA, suffix).await?;
    let server = ["refer", "whois"].iter().find_map(|key| first(&referral, &[*key]));
    let Some(server) = server.and_then(|name| model::DomainName::parse(name).ok()) else {
        return Ok(None);
    };
    let question = match server.as_str() {
        // Without these words the answer lists whatever begins alike, or nothing but the state.
        "whois.verisign-grs.com" => format!("domain {domain}"),
        "whois.denic.de" => format!("-T dn,ace {domain}"),
        _ => domain.to_owned(),
    };
    let answer = exchange(net, server.as_str(), &question).await?;
    read(&answer, server.as_str())
        .map(Some)
        .ok_or_else(|| Missing(format!("{server} tells nothing about {domain}")))
}

/// Sends one line and reads until the server hangs up, or until there is enough.
async fn exchange(net: &Net, host: &str, question: &str) -> Seen<String> {
    let failed = |error: crate::net::NetError| Missing(format!("{host}: {error}"));
    let (allowed, refused) = net.addresses(host).await?;
    let address = match (allowed.first(), refused.first()) {
        (Some(address), _) => *address,
        (None, Some((address, reason))) => {
            return Err(Missing(format!("{host}: {address} is {reason}")));
        }
        (None, None) => return Err(Missing(format!("{host} has no address"))),
    };
    let mut connection = net.open_for(address, 43, PATIENCE, MOST_BYTES).await.map_err(failed)?;
    connection.send(format!("{question}\r\n").as_bytes()).await.map_err(failed)?;
    let mut answer = Vec::new();
    // An answer that breaks off, or is too long, is still worth what was read of it.
    if let Err(error) = connection.read_to_end(&mut answer).await
        && answer.is_empty()
    {
        return Err(failed(error.into()));
    }
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

/// Returns the lines with a key and a value; comments are none.
fn pairs(text: &str) -> impl Iterator<Item = (String, &str)> {
    let lines = text.lines().take(MOST_LINES).map(str::trim);
    let lines = lines.filter(|line| !line.starts_with(['%', '#', '>']));
    lines.filter_map(|line| {
        let (key, value) = line.split_once(':')?;
        let key = key.trim_matches(|c: char| c == '.' || c == '[' || c == ']' || c == ' ');
        (!value.trim().is_empty()).then(|| (key.to_ascii_lowercase(), value.trim()))
    })
}

/// Returns the first value of the first key that has one.
fn first<'t>(text: &'t str, keys: &[&str]) -> Option<&'t str> {
    keys.iter().find_map(|wanted| {
        let mut found = pairs(text).filter(|(key, _)| key == wanted);
        found.next().map(|(_, value)| value)
    })
}

/// Reads an answer; nothing when it tells neither dates nor a status.
pub(crate) fn read(text: &str, server: &str) -> Option<Registration> {
    let when = |keys: &[&str]| {
        keys.iter().find_map(|wanted| {
            let mut found = pairs(text).filter(|(key, _)| key == wanted);
            found.find_map(|(_, value)| date::parse(value))
        })
    };
    let statuses: Vec<&str> = pairs(text)
        .filter(|(key, _)| STATUS.contains(&key.as_str()))
        .flat_map(|(_, value)| value.split(','))
        .collect();
    let is_free = |status: &&str| {
        let status = status.trim().to_ascii_lowercase();
        ["free", "available", "not registered", "no object found"].contains(&status.as_str())
    };
    if statuses.iter().any(is_free) {
        return None;
    }
    let signed = first(text, &["dnssec", "dnssec status"]).and_then(|value| {
        match value.to_ascii_lowercase().split_whitespace().next()? {
            "signeddelegation" | "signed" | "yes" | "active" => Some(true),
            "unsigned" | "no" | "inactive" => Some(false),
            _ => None,
        }
    });
    let registration = Registration {
        server: server.to_owned(),
        registrar: first(text, REGISTRAR).map(|name| name.chars().take(LONGEST_NAME).collect()),
        created: when(CREATED),
        expires: when(EXPIRES),
        statuses: status::words(statuses.into_iter()),
        signed,
        contact: contact(text),
    };
    let tells = registration.created.is_some()
        || registration.expires.is_some()
        || !registration.statuses.is_empty();
    tells.then_some(registration)
}

/// Notes which kinds of data a registrant shows, where the form of ICANN is used.
fn contact(text: &str) -> Option<Contact> {
    let field = |name: &str| first(text, &[&format!("registrant {name}")]);
    let shows = |name: &str| field(name).is_some_and(|value| !is_withheld(value));
    let names = ["name", "organization", "street", "email", "phone"];
    names.iter().any(|name| field(name).is_some()).then_some(())?;
    let mut shown = Vec::new();
    let mut note = |is_shown: bool, kind| shown.extend(is_shown.then_some(kind));
    note(shows("name"), ContactField::Name);
    note(shows("street"), ContactField::Street);
    note(field("email").is_some_and(is_own_mail), ContactField::Email);
    note(shows("phone"), ContactField::Phone);
    Some(Contact { organisation: shows("organization"), shown })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ICANN: &str = "   Domain Name: SHOP.EXAMPLE\r\n   Creation Date: 2014-03-01T10:00:00Z\r\n   \
        Registry Expiry Date: 2027-03-01T10:00:00Z\r\n   Registrar: Names Ltd\r\n   \
        Domain Status: clientTransferProhibited https://icann.org/epp#clientTransferProhibited\r\n   \
        Domain Status: ok https://icann.org/epp#ok\r\n   Registrant Name: Ada Example\r\n   \
        Registrant Email: ada@mail.example\r\n   DNSSEC: unsigned\r\n\
        >>> Last update of whois database: 2026-11-24T08:00:00Z <<<\r\n";

    #[test]
    fn the_form_of_icann_is_read() {
        let read = read(ICANN, "whois.example").unwrap();
        assert_eq!(read.expires.unwrap().to_string(), "2027-03-01T10:00:00.000Z");
        assert_eq!(read.statuses, ["client transfer prohibited", "active"]);
        assert_eq!((read.signed, read.registrar.as_deref()), (Some(false), Some("Names Ltd")));
        assert_eq!(read.contact.unwrap().shown, [ContactField::Name, ContactField::Email]);
    }

    #[test]
    fn other_forms_are_read_as_far_as_they_go() {
        let nominet = "    Registrar:\r\n        Names Ltd\r\n    Relevant dates:\r\n        \
            Registered on: 26-Nov-1996\r\n        Expiry date:  26-Nov-2027\r\n";
        let uk = read(nominet, "whois.example").unwrap();
        assert_eq!(uk.expires.unwrap().to_string(), "2027-11-26T00:00:00.000Z");
        let ru =
            "domain: SHOP.EXAMPLE\nstate: REGISTERED, DELEGATED\npaid-till: 2027-03-01T10:00:00Z";
        assert_eq!(read(ru, "x").unwrap().statuses, ["registered", "delegated"]);
        let de = "Domain: shop.de\nStatus: connect\nChanged: 2020-01-01T00:00:00+01:00\n";
        let de = read(de, "x").unwrap();
        assert_eq!((de.expires, de.statuses.as_slice()), (None, &["connect".to_owned()][..]));
    }

    #[test]
    fn a_domain_that_nobody_has_is_no_registration() {
        for text in [
            "",
            "No match for \"SHOP.EXAMPLE\".\r\n>>> Last update: 2026-11-24T08:00:00Z <<<\r\n",
            "Domain: shop.de\nStatus: free\n",
            "% created: 2014-03-01\n",
        ] {
            assert_eq!(read(text, "x"), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_and_stays_small(text in "((status|created|registrar): \\PC{0,200}\n){0,60}") {
            if let Some(read) = read(&text, "x") {
                prop_assert!(read.statuses.len() <= 24);
                prop_assert!(read.registrar.is_none_or(|name| name.chars().count() <= 100));
            }
        }
    }
}
