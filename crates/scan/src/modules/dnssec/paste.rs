//! Configuration to paste for signed zones: what the registrar gets, and how name servers sign.

use crate::check::{Paste, Tool};

/// What a wrong DS record breaks.
pub(super) const CAREFUL_DS: &str = "A DS record that fits no key of the zone makes the whole domain \
    vanish for validating resolvers: publish it only once every name server serves the signed zone, \
    and take it back before the zone moves to a provider that does not sign.";

/// What signing anew breaks.
pub(super) const CAREFUL_KEYS: &str = "Old keys and signatures live on in caches: keep a key in the \
    zone until its signatures have run out there, and change the DS record only when both keys are \
    served.";

/// The DS record of the key that the zone has.
pub(super) const DS: &[Paste] = &[
    Paste { tool: Tool::Dns, text: "{domain}. IN DS YOUR-KEY-TAG 13 2 YOUR-SHA-256-DIGEST" },
    Paste {
        tool: Tool::Shell,
        text: "# prints the record that belongs to the keys now served\n\
               dig +noall +answer DNSKEY {domain} | dnssec-dsfromkey -2 -f - {domain}",
    },
];

/// A zone that its server signs by itself, with ECDSA P-256.
pub(super) const SIGNING: &[Paste] = &[
    Paste {
        tool: Tool::Bind,
        text: "zone \"{domain}\" {\n    \
                   type primary;\n    \
                   file \"YOUR-ZONE-FILE\";\n    \
                   dnssec-policy default;\n    \
                   inline-signing yes;\n\
               };",
    },
    Paste {
        tool: Tool::PowerShell,
        text: "Invoke-DnsServerZoneSign -ZoneName {domain} -SignWithDefault -Force",
    },
    DS[0],
    DS[1],
];

/// The zone, signed again by the signer it has.
pub(super) const SIGN_AGAIN: &[Paste] = &[
    Paste {
        tool: Tool::Bind,
        text: "# in a shell\nrndc sign {domain}\nrndc dnssec -status {domain}",
    },
    Paste {
        tool: Tool::PowerShell,
        text: "Invoke-DnsServerZoneSign -ZoneName {domain} -DoResign -Force",
    },
    Paste {
        tool: Tool::Shell,
        text: "# what each name server serves\n\
               for server in $(dig +short NS {domain}); do dig +dnssec +norecurse SOA {domain} @$server; done",
    },
];

/// NSEC3 as RFC 9276 wants it.
pub(super) const PLAIN_NSEC3: &[Paste] = &[
    Paste {
        tool: Tool::Bind,
        text: "dnssec-policy \"plain-nsec3\" {\n    \
                   nsec3param iterations 0 optout no salt-length 0;\n\
               };\n\
               # in the zone\n\
               dnssec-policy \"plain-nsec3\";",
    },
    Paste {
        tool: Tool::PowerShell,
        text: "Set-DnsServerDnsSecZoneSetting -ZoneName {domain} -DenialOfExistence NSec3 \
               -NSec3Iterations 0 -NSec3RandomSaltLength 0 -NSec3OptOut $false\n\
               Invoke-DnsServerZoneSign -ZoneName {domain} -DoResign -Force",
    },
];
