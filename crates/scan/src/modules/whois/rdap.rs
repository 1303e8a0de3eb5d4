//! Registration data as JSON (RFC 9082, section 3.1.3; RFC 9083). Only what is judged is read, and
//! anything of another type than the standard's counts as absent.

use std::time::Duration;

use serde_json::Value;

use super::{Contact, ContactField, Registration, date, status};
use crate::check::{Missing, Seen};
use crate::net::{Net, ProviderRequest};

/// Bytes of an answer that are read.
const MOST_BYTES: usize = 256 * 1024;
/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// Entities, contacts and events that are looked at.
const MOST_ITEMS: usize = 50;
/// Characters of a registrar's name that are kept.
const LONGEST_NAME: usize = 100;

/// Asks the server at `base` for a registrable domain.
///
/// # Errors
///
/// [`Missing`] when the server does not answer with the registration of this domain.
pub(super) async fn ask(net: &Net, base: &str, domain: &str) -> Seen<Registration> {
    let (host, response) = net
        .ask_provider(&ProviderRequest {
            setting: "providers.rdap",
            url: &format!("{}/domain/{domain}", base.trim_end_matches('/')),
            accept: "application/rdap+json",
            secret: None,
            most_bytes: MOST_BYTES,
            patience: PATIENCE,
        })
        .await?;
    match response.status {
        200 => {}
        404 => return Err(Missing(format!("{host} does not know {domain}"))),
        status => return Err(Missing(format!("{host} answers with status {status}"))),
    }
    let unreadable = || Missing(format!("{host} does not answer with a registration of {domain}"));
    let answer: Value = serde_json::from_slice(&response.body).map_err(|_| unreadable())?;
    read(&answer, domain, &host).ok_or_else(unreadable)
}

/// Reads an answer; nothing when it is not about the domain.
pub(crate) fn read(answer: &Value, domain: &str, server: &str) -> Option<Registration> {
    let is_domain = answer.get("objectClassName").and_then(Value::as_str) == Some("domain");
    let name = answer.get("ldhName").and_then(Value::as_str)?;
    if !is_domain || !name.trim_end_matches('.').eq_ignore_ascii_case(domain) {
        return None;
    }
    let event = |action: &str| {
        let is_wanted = |event: &&Value| {
            let found = event.get("eventAction").and_then(Value::as_str);
            found.is_some_and(|found| found.eq_ignore_ascii_case(action))
        };
        let event = items(answer, "events").find(is_wanted)?;
        date::parse(event.get("eventDate")?.as_str()?)
    };
    let registrar = entity(answer, "registrar").and_then(|registrar| property(registrar, "fn"));
    Some(Registration {
        server: server.to_owned(),
        registrar: registrar.map(|name| name.chars().take(LONGEST_NAME).collect()),
        created: event("registration"),
        expires: event("expiration"),
        statuses: status::words(items(answer, "status").filter_map(Value::as_str)),
        signed: answer.pointer("/secureDNS/delegationSigned").and_then(Value::as_bool),
        contact: entity(answer, "registrant").map(contact),
    })
}

fn items<'v>(of: &'v Value, name: &str) -> impl Iterator<Item = &'v Value> + use<'v> {
    of.get(name).and_then(Value::as_array).into_iter().flatten().take(MOST_ITEMS)
}

fn entity<'v>(answer: &'v Value, role: &str) -> Option<&'v Value> {
    items(answer, "entities").find(|entity| {
        items(entity, "roles").any(|have| have.as_str().is_some_and(|have| have == role))
    })
}

/// Returns the value of a property of an entity's card (RFC 7095): the text, or the parts joined.
fn property(entity: &Value, name: &str) -> Option<String> {
    let card = entity.pointer("/vcardArray/1")?.as_array()?;
    let found = card.iter().take(MOST_ITEMS).find(|property| {
        property.get(0).and_then(Value::as_str).is_some_and(|have| have.eq_ignore_ascii_case(name))
    })?;
    match found.get(3)? {
        Value::String(text) => Some(text.trim().to_owned()),
        Value::Array(parts) => {
            let parts = parts.iter().take(MOST_ITEMS).filter_map(Value::as_str);
            Some(parts.collect::<Vec<_>>().join(" ").trim().to_owned())
        }
        _ => None,
    }
}

/// Notes which kinds of data a registrant shows. The street is the third part of an address.
fn contact(registrant: &Value) -> Contact {
    let shows = |name: &str| property(registrant, name).is_some_and(|text| !is_withheld(&text));
    let street = || {
        let card = registrant.pointer("/vcardArray/1")?.as_array()?;
        let address = card.iter().take(MOST_ITEMS).find(|property| {
            property.get(0).and_then(Value::as_str).is_some_and(|name| name == "adr")
        })?;
        match address.pointer("/3/2")? {
            Value::String(line) => Some(line.clone()),
            Value::Array(lines) => lines.first()?.as_str().map(str::to_owned),
            _ => None,
        }
    };
    let kind = property(registrant, "kind").unwrap_or_default();
    let mut shown = Vec::new();
    let mut note = |is_shown: bool, field| shown.extend(is_shown.then_some(field));
    note(shows("fn"), ContactField::Name);
    note(street().is_some_and(|line| !is_withheld(&line)), ContactField::Street);
    note(property(registrant, "email").is_some_and(|to| is_own_mail(&to)), ContactField::Email);
    note(shows("tel"), ContactField::Phone);
    Contact { organisation: shows("org") || kind.eq_ignore_ascii_case("org"), shown }
}

/// Says whether a value is a placeholder for one that is not shown.
pub(super) fn is_withheld(text: &str) -> bool {
    const MARKS: [&str; 14] = [
        "redacted",
        "privacy",
        "private",
        "withheld",
        "disclosed",
        "protected",
        "proxy",
        "masked",
        "gdpr",
        "hidden",
        "non-public",
        "not available",
        "whois",
        "query",
    ];
    let text = text.trim().trim_start_matches("tel:").to_ascii_lowercase();
    text.chars().filter(|letter| letter.is_alphanumeric()).count() < 2
        || MARKS.iter().any(|mark| text.contains(mark))
}

/// Says whether a value is somebody's own address, and no form or forwarder.
pub(super) fn is_own_mail(text: &str) -> bool {
    let forwards = ["anonym", "contact", "forward", "hostmaster"];
    text.contains('@')
        && !is_withheld(text)
        && !forwards.iter().any(|word| text.to_ascii_lowercase().contains(word))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn parse(answer: &Value) -> Option<Registration> {
        read(answer, "shop.example", "rdap.example")
    }

    fn answer(registrant: Value) -> Value {
        json!({
            "objectClassName": "domain",
            "ldhName": "SHOP.EXAMPLE",
            "status": ["client transfer prohibited", "active", 7],
            "secureDNS": {"delegationSigned": false},
            "events": [
                {"eventAction": "registration", "eventDate": "2014-03-01T10:00:00Z"},
                {"eventAction": "expiration", "eventDate": "2027-03-01T10:00:00Z"},
                {"eventAction": "last changed", "eventDate": "2026-02-01T10:00:00Z"}
            ],
            "entities": [
                {"roles": ["registrar"], "vcardArray": ["vcard", [["fn", {}, "text", "Names Ltd"]]]},
                registrant
            ]
        })
    }

    fn registrant(card: Value) -> Value {
        json!({"roles": ["registrant"], "vcardArray": ["vcard", card]})
    }

    #[test]
    fn a_registration_is_read() {
        let read = parse(&answer(Value::Null)).unwrap();
        assert_eq!(read.registrar.as_deref(), Some("Names Ltd"));
        assert_eq!(read.expires.unwrap().to_string(), "2027-03-01T10:00:00.000Z");
        assert_eq!(read.created.unwrap().to_string(), "2014-03-01T10:00:00.000Z");
        assert_eq!(read.statuses, ["client transfer prohibited", "active"]);
        assert_eq!((read.signed, read.contact), (Some(false), None));
    }

    #[test]
    fn an_answer_about_something_else_is_none() {
        for (name, value) in
            [("ldhName", json!("other.example")), ("objectClassName", json!("entity"))]
        {
            let mut other = answer(Value::Null);
            other[name] = value;
            assert_eq!(parse(&other), None, "{name}");
        }
        for odd in [json!([]), json!("text"), json!({"objectClassName": ["domain"]})] {
            assert_eq!(parse(&odd), None, "{odd}");
        }
        let bare = json!({"objectClassName": "domain", "ldhName": "shop.example", "events": 1,
            "status": {"a": 1}, "entities": ["x", {"roles": "registrant"}], "secureDNS": []});
        assert_eq!(parse(&bare).unwrap().statuses, [""; 0]);
    }

    #[test]
    fn what_a_person_shows_is_told_by_kind_alone() {
        let shown = |card: Value| parse(&answer(registrant(card))).unwrap().contact.unwrap();
        let person = shown(json!([
            ["fn", {}, "text", "Ada Example"],
            ["adr", {}, "text", ["", "", "1 Main Street", "Town", "", "1", "GB"]],
            ["email", {}, "text", "ada@mail.example"],
            ["tel", {"type": "voice"}, "uri", "tel:+44.123"]
        ]));
        assert!(!person.organisation);
        assert_eq!(person.shown.len(), 4);
        assert!(!serde_json::to_string(&person).unwrap().contains("Ada"));
        let hidden = shown(json!([
            ["fn", {}, "text", "REDACTED FOR PRIVACY"],
            ["adr", {}, "text", ["", "", "", "", "", "", "GB"]],
            ["email", {}, "text", "https://registrar.example/contact"],
            ["tel", {}, "uri", ""]
        ]));
        assert_eq!(hidden, Contact::default());
        let firm = shown(json!([["fn", {}, "text", "Host"], ["org", {}, "text", "Shop Ltd"]]));
        assert!(firm.organisation);
    }
}
