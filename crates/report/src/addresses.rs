//! Finds IP addresses in text that anybody may have written.
//!
//! No word boundary is trusted: `ip4:203.0.113.10`, `addr:…` and `face203.0.113.10` hold an address
//! as well as a sentence does. So the longest address is looked for from every letter on, and
//! everything that belongs to any of them is hidden. Too much is hidden rather than too little: a
//! version of four numbers is an address to anybody who reads it.

use std::net::Ipv6Addr;

/// What stands in place of an address.
const HIDDEN: &str = "[address]";
/// Letters of the longest IPv6 address, with an IPv4 one at its end.
const LONGEST: usize = 45;
/// Labels of one hexadecimal digit that are taken for a name below `ip6.arpa`: half a network.
const NIBBLES: usize = 8;

/// Puts [`HIDDEN`] in place of every IP address.
pub(crate) fn hide_addresses(text: &mut String) {
    let bytes = text.as_bytes();
    let mut shown = String::with_capacity(text.len());
    // Where what is hidden ends, so far.
    let mut hidden = 0;
    for at in 0..bytes.len() {
        // The 6 of `ip6:2001:db8::` would do for a group of its own.
        if at >= 2 && bytes[at - 2..].starts_with(b"ip6:") {
            continue;
        }
        let length = address(&bytes[at..]);
        if length == 0 {
            continue;
        }
        if hidden == 0 || at > hidden {
            shown.push_str(&text[hidden..at]);
            shown.push_str(HIDDEN);
        }
        hidden = hidden.max(at + length);
    }
    if hidden > 0 {
        shown.push_str(&text[hidden..]);
        *text = shown;
    }
}

/// Returns the length of the longest address that `text` begins with, zero if there is none. All its
/// letters are ASCII, so it ends where a letter does.
fn address(text: &[u8]) -> usize {
    match text.first() {
        Some(first) if first.is_ascii_hexdigit() || *first == b':' => {
            let dotted = quads(text, b'.').max(quads(text, b'-'));
            dotted.max(groups(text)).max(nibbles(text))
        }
        _ => 0,
    }
}

/// Measures four numbers below 256, leading zeros or not: `203.0.113.10`, and `203-0-113-10` as in
/// names that providers give to addresses.
fn quads(text: &[u8], separator: u8) -> usize {
    let mut at = 0;
    for part in 0..4 {
        if part > 0 {
            match text.get(at) {
                Some(byte) if *byte == separator => at += 1,
                _ => return 0,
            }
        }
        let digits = text[at..].iter().take(3).take_while(|byte| byte.is_ascii_digit()).count();
        // The last number may be followed by a digit that is not its own: it is as long as it can be.
        let longest = (1..=digits).rev().find(|length| {
            let number = &text[at..at + length];
            number.iter().fold(0, |sum, digit| sum * 10 + u32::from(digit - b'0')) < 256
        });
        let Some(longest) = longest else { return 0 };
        at += longest;
    }
    at
}

/// Measures an IPv6 address. `::` alone tells nothing and stands in code as well.
fn groups(text: &[u8]) -> usize {
    let is_part = |byte: &u8| byte.is_ascii_hexdigit() || matches!(byte, b'.' | b':');
    let run = text.iter().take(LONGEST).take_while(|byte| is_part(byte)).count();
    if text[..run].iter().filter(|byte| **byte == b':').count() < 2 {
        return 0;
    }
    let parses = |length: &usize| {
        let word = std::str::from_utf8(&text[..*length]).unwrap_or_default();
        word.parse::<Ipv6Addr>().is_ok()
    };
    (3..=run).rev().find(parses).unwrap_or(0)
}

/// Measures a name below `ip6.arpa`: `0.1.0.0.8.b.d.0.1.0.0.2`.
fn nibbles(text: &[u8]) -> usize {
    let mut labels = 0;
    while text.get(2 * labels).is_some_and(u8::is_ascii_hexdigit)
        && (labels == 0 || text[2 * labels - 1] == b'.')
    {
        labels += 1;
    }
    if labels < NIBBLES { 0 } else { 2 * labels - 1 }
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};

    use proptest::prelude::*;

    use super::*;

    fn hidden(text: &str) -> String {
        let mut text = text.to_owned();
        hide_addresses(&mut text);
        text
    }

    #[test]
    fn addresses_are_found_wherever_they_stand() {
        for (text, expected) in [
            ("MySQL on 203.0.113.10:3306.", "MySQL on [address]:3306."),
            ("at [2001:db8::10]:443, 203.0.113.10", "at [[address]]:443, [address]"),
            ("2001:db8::10 and ::1: refused", "[address] and [address]: refused"),
            ("v=spf1 ip4:203.0.113.10 -all", "v=spf1 ip4:[address] -all"),
            ("ip4:203.0.113.0/24 ip6:2001:db8::/32", "ip4:[address]/24 ip6:[address]/32"),
            ("addr:203.0.113.10", "addr:[address]"),
            ("face203.0.113.10", "face[address]"),
            ("fe80::1%eth0 and ::ffff:203.0.113.10", "[address]%eth0 and [address]"),
            ("203.000.113.010", "[address]"),
            ("10.113.0.203.in-addr.arpa", "[address].in-addr.arpa"),
            ("ip-203-0-113-10.compute.example", "ip-[address].compute.example"),
            ("1:2:3:4:5:6:7:2001:db8:1:2:3:4:5:6", "[address]"),
        ] {
            assert_eq!(hidden(text), expected, "{text}");
        }
        let name = "0.1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa";
        assert_eq!(hidden(name), "[address].ip6.arpa");
    }

    #[test]
    fn what_is_no_address_stays() {
        for text in [
            "nginx 1.18.0 at 10:30: cafe",
            "2026-11-30 10:30:15, PHP/8.1.2-1ubuntu2.14",
            "00:11:22:33:44:55 ü 漢 :: 1.2.3.",
            "a.b.c.d.e.f",
            "",
        ] {
            assert_eq!(hidden(text), text);
        }
    }

    fn any_address() -> impl Strategy<Value = IpAddr> {
        prop_oneof![
            any::<u32>().prop_map(|bits| Ipv4Addr::from_bits(bits).into()),
            any::<u128>().prop_map(|bits| Ipv6Addr::from_bits(bits).into()),
            // Those that are written short: zeros in a row.
            (any::<u16>(), any::<u16>()).prop_map(|(first, last)| {
                Ipv6Addr::new(first.max(1), 0xdb8, 0, 0, 0, 0, 0, last).into()
            }),
            any::<u32>().prop_map(|bits| Ipv4Addr::from_bits(bits).to_ipv6_mapped().into()),
        ]
    }

    /// Text that is as hard as it gets: made of what addresses are made of, or of anything.
    fn any_text() -> impl Strategy<Value = String> {
        prop_oneof!["[0-9a-f:.]{0,40}", "[0-9a-fA-F:.%/\\[\\] -]{0,20}", ".{0,20}"]
    }

    proptest! {
        #[test]
        fn no_address_survives_in_any_text(
            before in any_text(), address in any_address(), after in any_text(),
        ) {
            for written in [address.to_string(), address.to_string().to_uppercase()] {
                let text = format!("{before}{written}{after}");
                let safe = hidden(&text);
                prop_assert!(!safe.contains(&written), "{text} became {safe}");
                // Nothing that is left is an address either.
                prop_assert_eq!(hidden(&safe), safe.clone(), "{}", text);
            }
        }

        #[test]
        fn no_reverse_name_survives(address in any::<u128>(), before in any_text()) {
            let nibbles = format!("{address:032x}").chars().rev().map(String::from).collect::<Vec<_>>();
            let name = nibbles.join(".");
            let safe = hidden(&format!("{before}{name}.ip6.arpa"));
            prop_assert!(!safe.contains(&name), "{safe}");
            prop_assert!(safe.ends_with("[address].ip6.arpa"), "{safe}");
        }
    }
}
