//! Configuration to paste for DNS and mail records. What only the owner knows is a word in capitals that
//! begins in `YOUR-`, never a guess: a record with a wrong sender or authority shuts out the right ones.

use crate::check::{Paste, Tool};

/// What an SPF record that refuses breaks.
pub(super) const CAREFUL_SPF: &str = "Mail from every sender that the record leaves out is refused \
    under `-all`: end it in `~all` until the DMARC reports show that none is missing.";

/// What a DMARC policy breaks.
pub(super) const CAREFUL_DMARC: &str = "Under `p=quarantine` and `p=reject` mail of yours that neither \
    SPF nor DKIM covers is lost, such as newsletters, invoices and mailing lists: read the reports of \
    some weeks first, and go on in steps.";

/// What a CAA record breaks.
pub(super) const CAREFUL_CAA: &str = "An authority that no record names cannot renew certificates: \
    name those of your hosting, your content network and your mail service too, and look into the \
    transparency logs for others.";

/// What a changed key of DKIM breaks.
pub(super) const CAREFUL_DKIM: &str = "Mail that is under way is still checked with the old key: sign \
    with the new selector first, and remove the old record a week later.";

/// What a change at the name servers breaks.
pub(super) const CAREFUL_NS: &str = "Resolvers keep the old list of name servers for up to two days: \
    leave the old servers running with the same zone until then.";

/// An SPF record under trial.
pub(super) const SPF: &[Paste] = &[Paste {
    tool: Tool::Dns,
    text: r#"{domain}. IN TXT "v=spf1 mx include:YOUR-MAIL-SERVICE ~all""#,
}];

/// The SPF record that is there, with another end.
pub(super) const SPF_SOFT: &[Paste] =
    &[Paste { tool: Tool::Dns, text: r#"{domain}. IN TXT "v=spf1 YOUR-OTHER-TERMS ~all""# }];

/// The SPF record that is there, refusing everybody else.
pub(super) const SPF_HARD: &[Paste] =
    &[Paste { tool: Tool::Dns, text: r#"{domain}. IN TXT "v=spf1 YOUR-OTHER-TERMS -all""# }];

/// An SPF record that names addresses instead of asking for them.
pub(super) const SPF_ADDRESSES: &[Paste] = &[Paste {
    tool: Tool::Dns,
    text: r#"{domain}. IN TXT "v=spf1 ip4:YOUR-IPV4-ADDRESS ip6:YOUR-IPV6-ADDRESS include:YOUR-MAIL-SERVICE ~all""#,
}];

/// A DMARC record that only asks for reports.
pub(super) const DMARC: &[Paste] = &[Paste {
    tool: Tool::Dns,
    text: r#"_dmarc.{domain}. IN TXT "v=DMARC1; p=none; rua=mailto:YOUR-MAILBOX@{domain}""#,
}];

/// A DMARC record that enforces for the first time.
pub(super) const DMARC_QUARANTINE: &[Paste] = &[Paste {
    tool: Tool::Dns,
    text: r#"_dmarc.{domain}. IN TXT "v=DMARC1; p=quarantine; rua=mailto:YOUR-MAILBOX@{domain}""#,
}];

/// A key of DKIM, and how to make one.
pub(super) const DKIM: &[Paste] = &[
    Paste {
        tool: Tool::Dns,
        text: r#"YOUR-SELECTOR._domainkey.{domain}. IN TXT "v=DKIM1; k=rsa; p=YOUR-PUBLIC-KEY""#,
    },
    Paste {
        tool: Tool::Shell,
        text: "openssl genrsa -out dkim.key 2048\n\
               # what belongs after p=\n\
               openssl pkey -in dkim.key -pubout -outform DER | openssl base64 -A",
    },
];

/// One authority, and whom it tells of refusals.
pub(super) const CAA: &[Paste] =
    &[Paste { tool: Tool::Dns, text: r#"{domain}. IN CAA 0 issue "YOUR-AUTHORITY""# }];

/// An address for the host that a record names.
pub(super) const HOST_ADDRESS: &[Paste] = &[Paste {
    tool: Tool::Dns,
    text: "YOUR-HOST. IN A YOUR-IPV4-ADDRESS\nYOUR-HOST. IN AAAA YOUR-IPV6-ADDRESS",
}];

/// A mail server by name.
pub(super) const MX: &[Paste] = &[Paste {
    tool: Tool::Dns,
    text: "mail.{domain}. IN A YOUR-IPV4-ADDRESS\n{domain}. IN MX 10 mail.{domain}.",
}];

/// A further name server.
pub(super) const NS: &[Paste] =
    &[Paste { tool: Tool::Dns, text: "{domain}. IN NS YOUR-SECOND-NAME-SERVER." }];

/// A zone on a secondary server.
pub(super) const SECONDARY: &[Paste] = &[
    Paste {
        tool: Tool::Bind,
        text: "zone \"{domain}\" {\n    \
                   type secondary;\n    \
                   primaries { YOUR-PRIMARY-ADDRESS; };\n    \
                   file \"{domain}.zone\";\n\
               };",
    },
    Paste {
        tool: Tool::PowerShell,
        text: "Add-DnsServerSecondaryZone -Name {domain} -ZoneFile {domain}.dns -MasterServers YOUR-PRIMARY-ADDRESS",
    },
];

/// Transfers to secondary servers alone.
pub(super) const TRANSFER: &[Paste] = &[
    Paste { tool: Tool::Bind, text: "allow-transfer { YOUR-SECONDARY-ADDRESS; };" },
    Paste {
        tool: Tool::PowerShell,
        text: "Set-DnsServerPrimaryZone -Name {domain} -SecureSecondaries TransferToSecureServers \
               -SecondaryServers YOUR-SECONDARY-ADDRESS",
    },
];

/// No answers about foreign names.
pub(super) const NO_RECURSION: &[Paste] = &[
    Paste { tool: Tool::Bind, text: "recursion no;" },
    Paste { tool: Tool::PowerShell, text: "Set-DnsServerRecursion -Enable $false" },
];
