//! CBOR (RFC 8949) as authenticators write it: definite lengths, no tags, no floating point.
//!
//! Depth and the members of a container are bounded, and no length is believed before the bytes
//! are there. A key that stands twice is refused, for the same reason as in our JSON.

/// Levels of arrays and maps. CTAP2 allows four; attestation statements are no deeper.
const MAX_DEPTH: usize = 4;
/// Members of an array or a map.
const MAX_MEMBERS: u64 = 64;

/// One item.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value<'a> {
    Integer(i64),
    Bytes(&'a [u8]),
    Text(&'a str),
    Array(Vec<Value<'a>>),
    Map(Vec<(Value<'a>, Value<'a>)>),
    /// False, true, null or undefined, by number.
    Simple(u8),
}

/// Reads one item and returns what follows it. `None` for what is not an item.
pub(super) fn read(bytes: &[u8]) -> Option<(Value<'_>, &[u8])> {
    item(bytes, 0)
}

impl<'a> Value<'a> {
    /// Returns what stands under a key of a map.
    pub(super) fn get(&self, key: &Value<'_>) -> Option<&Value<'a>> {
        let Self::Map(members) = self else { return None };
        members.iter().find(|(name, _)| name == key).map(|(_, value)| value)
    }

    pub(super) fn bytes(&self) -> Option<&'a [u8]> {
        match self {
            Self::Bytes(bytes) => Some(bytes),
            _ => None,
        }
    }
}

fn item(bytes: &[u8], depth: usize) -> Option<(Value<'_>, &[u8])> {
    let (&first, rest) = bytes.split_first()?;
    let (major, info) = (first >> 5, first & 0x1f);
    if major == 7 {
        return (20..=23).contains(&info).then_some((Value::Simple(info), rest));
    }
    let (number, mut rest) = argument(info, rest)?;
    let value = match major {
        0 => Value::Integer(i64::try_from(number).ok()?),
        1 => Value::Integer(-1 - i64::try_from(number).ok()?),
        2 | 3 => {
            let (content, after) = rest.split_at_checked(usize::try_from(number).ok()?)?;
            rest = after;
            match major {
                2 => Value::Bytes(content),
                _ => Value::Text(std::str::from_utf8(content).ok()?),
            }
        }
        4 | 5 if number > MAX_MEMBERS || depth >= MAX_DEPTH => return None,
        4 => {
            let mut items = Vec::new();
            for _ in 0..number {
                let (value, after) = item(rest, depth + 1)?;
                (rest, _) = (after, items.push(value));
            }
            Value::Array(items)
        }
        5 => {
            let mut members: Vec<(Value<'_>, Value<'_>)> = Vec::new();
            for _ in 0..number {
                let (key, after) = item(rest, depth + 1)?;
                let (value, after) = item(after, depth + 1)?;
                if members.iter().any(|(earlier, _)| *earlier == key) {
                    return None;
                }
                (rest, _) = (after, members.push((key, value)));
            }
            Value::Map(members)
        }
        _ => return None,
    };
    Some((value, rest))
}

/// Reads the number that goes with the first byte. 31 would be an indefinite length.
fn argument(info: u8, rest: &[u8]) -> Option<(u64, &[u8])> {
    let width = match info {
        0..24 => return Some((u64::from(info), rest)),
        24..28 => 1 << (info - 24),
        _ => return None,
    };
    let (digits, rest) = rest.split_at_checked(width)?;
    let number = digits.iter().fold(0, |number, digit| number << 8 | u64::from(*digit));
    Some((number, rest))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn hex(text: &str) -> Vec<u8> {
        let digits = text.as_bytes().chunks(2);
        digits
            .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
            .collect()
    }

    #[test]
    fn the_examples_of_the_rfc_are_read() {
        let map = Value::Map(vec![
            (Value::Text("a"), Value::Integer(1)),
            (Value::Text("b"), Value::Array(vec![Value::Integer(2), Value::Integer(3)])),
        ]);
        for (text, value) in [
            ("00", Value::Integer(0)),
            ("17", Value::Integer(23)),
            ("1818", Value::Integer(24)),
            ("1903e8", Value::Integer(1000)),
            ("1b000000e8d4a51000", Value::Integer(1_000_000_000_000)),
            ("20", Value::Integer(-1)),
            ("3903e7", Value::Integer(-1000)),
            ("4401020304", Value::Bytes(&[1, 2, 3, 4])),
            ("6449455446", Value::Text("IETF")),
            ("80", Value::Array(vec![])),
            ("f5", Value::Simple(21)),
            ("a26161016162820203", map),
        ] {
            assert_eq!(read(&hex(text)), Some((value, &[][..])), "{text}");
        }
        assert_eq!(read(&[1, 2]), Some((Value::Integer(1), &[2][..])));
    }

    #[test]
    fn what_authenticators_do_not_write_is_refused() {
        for text in [
            "",                   // nothing
            "18",                 // the number is missing
            "1bffffffffffffffff", // beyond i64
            "44010203",           // shorter than announced
            "5f42010243030405ff", // indefinite length
            "bf61610161629f0203ffff",
            "c074323031332d30332d32315432303a30343a30305a", // a tag
            "f93c00",                                       // a floating point number
            "62c328",                                       // not UTF-8
            "a2616101616102",                               // a key twice
            "8181818181",                                   // too deep
            "9b7fffffffffffffff",                           // a length nobody can have sent
            "ff",
        ] {
            assert_eq!(read(&hex(text)), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            if let Some((_, rest)) = read(&bytes) {
                prop_assert!(rest.len() < bytes.len());
            }
        }
    }
}
