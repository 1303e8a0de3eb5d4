//! Configuration to paste for what pages load.

use crate::check::{Paste, Tool};

/// What integrity breaks.
pub(super) const CAREFUL_SRI: &str = "The browser refuses the file as soon as a byte of it changes: \
    use an address with a version in it, and compute the hash anew with each update.";

/// Browsers ask for everything over HTTPS. A second policy does not weaken the one that is there.
pub(super) const UPGRADE: &[Paste] = &[
    Paste {
        tool: Tool::Nginx,
        text: "add_header Content-Security-Policy upgrade-insecure-requests always;",
    },
    Paste {
        tool: Tool::Apache,
        text: "Header always add Content-Security-Policy upgrade-insecure-requests",
    },
    Paste { tool: Tool::Caddy, text: "header +Content-Security-Policy upgrade-insecure-requests" },
    Paste {
        tool: Tool::Haproxy,
        text: "http-response add-header Content-Security-Policy upgrade-insecure-requests",
    },
    Paste {
        tool: Tool::Iis,
        text: "<!-- where Content-Security-Policy stands here already, add \
               \"; upgrade-insecure-requests\" to its value instead -->\n\
               <httpProtocol><customHeaders><add name=\"Content-Security-Policy\" \
               value=\"upgrade-insecure-requests\" /></customHeaders></httpProtocol>",
    },
    Paste {
        tool: Tool::Cloudflare,
        text: "SSL/TLS > Edge Certificates > Automatic HTTPS Rewrites: On",
    },
];

/// A script that the page checks, and how to compute the hash.
pub(super) const SCRIPT: &[Paste] = &[
    Paste {
        tool: Tool::Html,
        text: "<script src=\"YOUR-SCRIPT\" integrity=\"sha384-YOUR-HASH\" crossorigin=\"anonymous\"></script>",
    },
    HASH,
];

/// A style sheet that the page checks, and how to compute the hash.
pub(super) const STYLE: &[Paste] = &[
    Paste {
        tool: Tool::Html,
        text: "<link rel=\"stylesheet\" href=\"YOUR-STYLE-SHEET\" integrity=\"sha384-YOUR-HASH\" crossorigin=\"anonymous\">",
    },
    HASH,
];

const HASH: Paste = Paste {
    tool: Tool::Shell,
    text: "curl -s YOUR-FILE-ADDRESS | openssl dgst -sha384 -binary | openssl base64 -A",
};

/// A form that is sent over HTTPS.
pub(super) const FORM: &[Paste] = &[Paste {
    tool: Tool::Html,
    text: "<form method=\"post\" action=\"https://{domain}/YOUR-PATH\">",
}];
