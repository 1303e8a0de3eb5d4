//! Configuration to paste for mail in transit. What only the owner knows is a word in capitals that
//! begins in `YOUR-`.

use crate::check::{Paste, Tool};
use crate::modules::ssl_tls::paste::SCHANNEL_VERSIONS;

/// What an enforced policy breaks.
pub(super) const CAREFUL_MTASTS: &str = "In mode `enforce` senders keep back all mail for a server that \
    the policy leaves out or whose certificate does not fit, for as long as `max_age` says: stay in \
    `testing` until the TLS reports are clean.";

/// What a TLSA record breaks.
pub(super) const CAREFUL_DANE: &str = "Senders keep mail back as soon as no record fits the key: publish \
    the record of a new key two days before the key is used, and let renewals keep the key.";

/// The three parts of MTA-STS: record, host and policy.
pub(super) const MTASTS: &[Paste] = &[
    Paste {
        tool: Tool::Dns,
        text: "_mta-sts.{domain}. IN TXT \"v=STSv1; id=20260101\"\n\
               mta-sts.{domain}. IN CNAME YOUR-WEB-SERVER.",
    },
    POLICY[0],
    POLICY[1],
    POLICY[2],
    POLICY[3],
];

/// The policy, and who serves it.
pub(super) const POLICY: &[Paste] = &[
    Paste {
        tool: Tool::File,
        text: "version: STSv1\nmode: testing\nmx: YOUR-MAIL-SERVER\nmax_age: 86400",
    },
    Paste {
        tool: Tool::Nginx,
        text: "server {\n    \
                   listen 443 ssl;\n    \
                   server_name mta-sts.{domain};\n    \
                   ssl_certificate /etc/letsencrypt/live/mta-sts.{domain}/fullchain.pem;\n    \
                   ssl_certificate_key /etc/letsencrypt/live/mta-sts.{domain}/privkey.pem;\n    \
                   location = /.well-known/mta-sts.txt {\n        \
                       default_type text/plain;\n        \
                       return 200 \"version: STSv1\\nmode: testing\\nmx: YOUR-MAIL-SERVER\\nmax_age: 86400\\n\";\n    \
                   }\n\
               }",
    },
    Paste {
        tool: Tool::Apache,
        text: "<VirtualHost *:443>\n    \
                   ServerName mta-sts.{domain}\n    \
                   DocumentRoot YOUR-WEB-ROOT\n    \
                   SSLEngine on\n    \
                   SSLCertificateFile /etc/letsencrypt/live/mta-sts.{domain}/fullchain.pem\n    \
                   SSLCertificateKeyFile /etc/letsencrypt/live/mta-sts.{domain}/privkey.pem\n\
               </VirtualHost>",
    },
    Paste {
        tool: Tool::Caddy,
        text: "mta-sts.{domain} {\n    \
                   respond /.well-known/mta-sts.txt `version: STSv1\nmode: testing\nmx: YOUR-MAIL-SERVER\nmax_age: 86400\n`\n\
               }",
    },
];

/// A certificate for the host of the policy.
pub(super) const POLICY_CERTIFICATE: &[Paste] = &[
    Paste { tool: Tool::Nginx, text: "certbot --nginx -d mta-sts.{domain}" },
    Paste { tool: Tool::Apache, text: "certbot --apache -d mta-sts.{domain}" },
    POLICY[3],
];

/// The policy with every mail server, and a new id for the record.
pub(super) const NEW_POLICY: &[Paste] = &[
    Paste {
        tool: Tool::File,
        text: "version: STSv1\n\
               mode: YOUR-MODE\n\
               mx: YOUR-MAIL-SERVER\n\
               mx: YOUR-OTHER-MAIL-SERVER\n\
               max_age: 86400",
    },
    Paste { tool: Tool::Dns, text: "_mta-sts.{domain}. IN TXT \"v=STSv1; id=YOUR-NEW-ID\"" },
];

/// The record of MTA-STS.
pub(super) const MTASTS_RECORD: &[Paste] =
    &[Paste { tool: Tool::Dns, text: "_mta-sts.{domain}. IN TXT \"v=STSv1; id=20260101\"" }];

/// Where reports of failures go.
pub(super) const TLSRPT: &[Paste] = &[Paste {
    tool: Tool::Dns,
    text: "_smtp._tls.{domain}. IN TXT \"v=TLSRPTv1; rua=mailto:YOUR-MAILBOX@{domain}\"",
}];

/// The record of the key that a mail server has, and how to compute it.
pub(super) const TLSA: &[Paste] = &[
    Paste { tool: Tool::Dns, text: "_25._tcp.YOUR-MAIL-SERVER. IN TLSA 3 1 1 YOUR-SHA-256-DIGEST" },
    Paste {
        tool: Tool::Shell,
        text: "openssl x509 -in YOUR-CERTIFICATE.pem -noout -pubkey |\n    \
                   openssl pkey -pubin -outform DER | openssl dgst -sha256",
    },
];

/// A certificate for the name of a mail server, and the server that uses it.
pub(super) const MAIL_CERTIFICATE: &[Paste] = &[
    Paste {
        tool: Tool::Shell,
        text: "certbot certonly --standalone -d YOUR-MAIL-SERVER --deploy-hook 'systemctl reload postfix'",
    },
    STARTTLS[0],
    STARTTLS[1],
    STARTTLS[2],
];

/// STARTTLS with a certificate.
pub(super) const STARTTLS: &[Paste] = &[
    Paste {
        tool: Tool::Postfix,
        text: "smtpd_tls_security_level = may\n\
               smtpd_tls_chain_files =\n    \
                   /etc/letsencrypt/live/YOUR-MAIL-SERVER/privkey.pem,\n    \
                   /etc/letsencrypt/live/YOUR-MAIL-SERVER/fullchain.pem",
    },
    Paste {
        tool: Tool::Exim,
        text: "tls_advertise_hosts = *\n\
               tls_certificate = /etc/letsencrypt/live/YOUR-MAIL-SERVER/fullchain.pem\n\
               tls_privatekey = /etc/letsencrypt/live/YOUR-MAIL-SERVER/privkey.pem",
    },
    Paste {
        tool: Tool::PowerShell,
        text: "# Exchange\n\
               Enable-ExchangeCertificate -Thumbprint YOUR-THUMBPRINT -Services SMTP",
    },
];

/// TLS 1.2 and later.
pub(super) const VERSIONS: &[Paste] = &[
    Paste { tool: Tool::Postfix, text: "smtpd_tls_protocols = >=TLSv1.2" },
    Paste {
        tool: Tool::Exim,
        text: "# with GnuTLS, as on Debian\n\
               tls_require_ciphers = NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2\n\
               # with OpenSSL instead\n\
               # openssl_options = +no_sslv3 +no_tlsv1 +no_tlsv1_1",
    },
    Paste { tool: Tool::PowerShell, text: SCHANNEL_VERSIONS },
];

/// Suites that are not broken.
pub(super) const SUITES: &[Paste] = &[
    Paste {
        tool: Tool::Postfix,
        text: "smtpd_tls_ciphers = high\nsmtpd_tls_exclude_ciphers = aNULL, eNULL, EXPORT, RC4, 3DES",
    },
    Paste {
        tool: Tool::Exim,
        text: "# with GnuTLS, as on Debian\n\
               tls_require_ciphers = SECURE128\n\
               # with OpenSSL instead\n\
               # tls_require_ciphers = HIGH:!aNULL:!eNULL:!RC4:!3DES",
    },
];

/// No inspection that takes STARTTLS out.
pub(super) const NO_INSPECTION: &[Paste] = &[Paste {
    tool: Tool::Shell,
    text: "! Cisco ASA\n\
           policy-map global_policy\n \
               class inspection_default\n  \
                   no inspect esmtp",
}];
