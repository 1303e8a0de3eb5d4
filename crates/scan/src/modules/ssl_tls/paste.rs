//! Configuration to paste for TLS and certificates: one constant for what several checks demand.
//!
//! Paths of certificates are those of certbot, the client most servers use. What a product cannot
//! set, or does by itself, has no text here; the catalogue's test of pastes gives the reasons.

use crate::check::{Paste, Tool};

/// The suites of RFC 9325 with AEAD and forward secrecy, by OpenSSL's names.
macro_rules! suites {
    () => {
        concat!(
            "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:",
            "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:",
            "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305"
        )
    };
}

/// What a server without old versions breaks.
pub(in crate::modules) const CAREFUL_VERSIONS: &str = "Programs that do not offer \
    TLS 1.2 by themselves are shut out, such as Java 7, OpenSSL 1.0.0, Android 4.3 and old card \
    terminals: look into the log for them first.";

/// What a server without old suites breaks.
pub(super) const CAREFUL_SUITES: &str = "Clients without ECDHE and AES-GCM are shut out, such as \
    Internet Explorer before Windows 10 at an RSA certificate: look into the log for them first.";

/// What a new key breaks.
pub(super) const CAREFUL_KEY: &str = "TLSA records, pinned keys and copies of the certificate on \
    other servers name the old key: publish what is to name the new one before you change it.";

/// TLS 1.2 and 1.3 alone.
pub(super) const VERSIONS: &[Paste] = &[
    Paste { tool: Tool::Nginx, text: "ssl_protocols TLSv1.2 TLSv1.3;" },
    Paste { tool: Tool::Apache, text: "SSLProtocol -all +TLSv1.2 +TLSv1.3" },
    Paste { tool: Tool::Caddy, text: "tls {\n    protocols tls1.2 tls1.3\n}" },
    Paste { tool: Tool::Haproxy, text: "ssl-default-bind-options ssl-min-ver TLSv1.2" },
    IIS_VERSIONS,
    Paste {
        tool: Tool::Cloudflare,
        text: "SSL/TLS > Edge Certificates > Minimum TLS Version: TLS 1.2",
    },
];

/// TLS 1.2 and 1.3 alone, at mail servers too.
pub(super) const VERSIONS_EVERYWHERE: &[Paste] = &[
    VERSIONS[0],
    VERSIONS[1],
    VERSIONS[2],
    VERSIONS[3],
    IIS_VERSIONS,
    VERSIONS[5],
    Paste {
        tool: Tool::Postfix,
        text: "smtpd_tls_protocols = >=TLSv1.2\nsmtpd_tls_mandatory_protocols = >=TLSv1.2",
    },
];

/// Schannel's switches, which Exchange heeds as well.
pub(in crate::modules) const IIS_VERSIONS: Paste =
    Paste { tool: Tool::Iis, text: SCHANNEL_VERSIONS };

/// Commands that leave TLS 1.2 and what Windows has above it.
pub(in crate::modules) const SCHANNEL_VERSIONS: &str = "# PowerShell; holds after a restart\n\
    foreach ($version in 'SSL 2.0', 'SSL 3.0', 'TLS 1.0', 'TLS 1.1', 'TLS 1.2') {\n    \
        $on = [int]($version -eq 'TLS 1.2')\n    \
        $key = \"HKLM:\\SYSTEM\\CurrentControlSet\\Control\\SecurityProviders\\SCHANNEL\\Protocols\\$version\\Server\"\n    \
        if (-not (Test-Path $key)) { New-Item $key -Force | Out-Null }\n    \
        Set-ItemProperty $key -Name Enabled -Value $on -Type DWord\n    \
        Set-ItemProperty $key -Name DisabledByDefault -Value (1 - $on) -Type DWord\n\
    }";

/// TLS 1.3 besides TLS 1.2.
pub(super) const TLS13: &[Paste] = &[
    VERSIONS[0],
    VERSIONS[1],
    VERSIONS[2],
    Paste {
        tool: Tool::Haproxy,
        text: "ssl-default-bind-options ssl-min-ver TLSv1.2 ssl-max-ver TLSv1.3",
    },
    Paste {
        tool: Tool::Iis,
        text: "# PowerShell, Windows Server 2022 and later; holds after a restart\n\
               $key = 'HKLM:\\SYSTEM\\CurrentControlSet\\Control\\SecurityProviders\\SCHANNEL\\Protocols\\TLS 1.3\\Server'\n\
               if (-not (Test-Path $key)) { New-Item $key -Force | Out-Null }\n\
               Set-ItemProperty $key -Name Enabled -Value 1 -Type DWord\n\
               Set-ItemProperty $key -Name DisabledByDefault -Value 0 -Type DWord",
    },
    Paste { tool: Tool::Cloudflare, text: "SSL/TLS > Edge Certificates > TLS 1.3: On" },
];

/// The suites of RFC 9325 alone; none of them is DHE, CBC, or without forward secrecy.
pub(super) const SUITES: &[Paste] = &[
    Paste { tool: Tool::Nginx, text: concat!("ssl_ciphers ", suites!(), ";") },
    Paste { tool: Tool::Apache, text: concat!("SSLCipherSuite ", suites!()) },
    Paste {
        tool: Tool::Caddy,
        text: "tls {\n    \
                   ciphers TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256 \
                   TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256 TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384 \
                   TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384 \
                   TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256 \
                   TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256\n\
               }",
    },
    Paste { tool: Tool::Haproxy, text: concat!("ssl-default-bind-ciphers ", suites!()) },
    Paste {
        tool: Tool::Iis,
        text: "# PowerShell; holds after a restart\n\
               Get-TlsCipherSuite |\n    \
                   Where-Object Name -NotMatch '^TLS_(AES|CHACHA20|ECDHE_(RSA|ECDSA)_WITH_(AES_(128|256)_GCM|CHACHA20))_' |\n    \
                   ForEach-Object { Disable-TlsCipherSuite -Name $_.Name }",
    },
    Paste {
        tool: Tool::Cloudflare,
        text: "# with Advanced Certificate Manager\n\
               curl -X PATCH https://api.cloudflare.com/client/v4/zones/YOUR-ZONE-ID/settings/ciphers \\\n    \
                   -H \"Authorization: Bearer $CLOUDFLARE_API_TOKEN\" -H 'Content-Type: application/json' \\\n    \
                   --data '{\"value\": [\"ECDHE-ECDSA-AES128-GCM-SHA256\", \"ECDHE-RSA-AES128-GCM-SHA256\", \
                   \"ECDHE-ECDSA-AES256-GCM-SHA384\", \"ECDHE-RSA-AES256-GCM-SHA384\", \
                   \"ECDHE-ECDSA-CHACHA20-POLY1305\", \"ECDHE-RSA-CHACHA20-POLY1305\"]}'",
    },
];

/// The server's order of suites.
pub(super) const ORDER: &[Paste] = &[
    Paste { tool: Tool::Nginx, text: "ssl_prefer_server_ciphers on;" },
    Paste { tool: Tool::Apache, text: "SSLHonorCipherOrder on" },
];

/// The groups everybody has.
pub(super) const GROUPS: &[Paste] = &[
    Paste { tool: Tool::Nginx, text: "ssl_ecdh_curve X25519:prime256v1:secp384r1;" },
    Paste { tool: Tool::Apache, text: "SSLOpenSSLConfCmd Groups X25519:P-256:P-384" },
    Paste { tool: Tool::Caddy, text: "tls {\n    curves x25519 secp256r1 secp384r1\n}" },
    Paste { tool: Tool::Haproxy, text: "ssl-default-bind-curves X25519:P-256:P-384" },
    Paste {
        tool: Tool::Iis,
        text: "# PowerShell\n\
               Get-TlsEccCurve |\n    \
                   Where-Object { $_ -notin 'curve25519', 'NistP256', 'NistP384' } |\n    \
                   ForEach-Object { Disable-TlsEccCurve -Name $_ }",
    },
];

/// A hybrid key exchange first.
pub(super) const POST_QUANTUM: &[Paste] = &[
    Paste {
        tool: Tool::Nginx,
        text: "# with OpenSSL 3.5 and later\n\
               ssl_ecdh_curve X25519MLKEM768:X25519:prime256v1:secp384r1;",
    },
    Paste {
        tool: Tool::Apache,
        text: "# with OpenSSL 3.5 and later\n\
               SSLOpenSSLConfCmd Groups X25519MLKEM768:X25519:P-256:P-384",
    },
    Paste {
        tool: Tool::Caddy,
        text: "# Caddy 2.10 and later offers it by itself, unless curves are named\n\
               tls {\n    curves x25519mlkem768 x25519 secp256r1 secp384r1\n}",
    },
    Paste {
        tool: Tool::Haproxy,
        text: "# with OpenSSL 3.5 and later\n\
               ssl-default-bind-curves X25519MLKEM768:X25519:P-256:P-384",
    },
];

/// Signatures without SHA-1.
pub(super) const SIGNATURES: &[Paste] = &[
    Paste {
        tool: Tool::Nginx,
        text: "ssl_conf_command SignatureAlgorithms ECDSA+SHA256:ECDSA+SHA384:RSA-PSS+SHA256:RSA-PSS+SHA384:RSA+SHA256:RSA+SHA384;",
    },
    Paste {
        tool: Tool::Apache,
        text: "SSLOpenSSLConfCmd SignatureAlgorithms ECDSA+SHA256:ECDSA+SHA384:RSA-PSS+SHA256:RSA-PSS+SHA384:RSA+SHA256:RSA+SHA384",
    },
    Paste {
        tool: Tool::Haproxy,
        text: "# HAProxy 2.8 and later\n\
               ssl-default-bind-sigalgs ECDSA+SHA256:ECDSA+SHA384:RSA-PSS+SHA256:RSA-PSS+SHA384:RSA+SHA256:RSA+SHA384",
    },
];

/// The whole chain, leaf first.
pub(super) const CHAIN: &[Paste] = &[
    Paste {
        tool: Tool::Nginx,
        text: "ssl_certificate /etc/letsencrypt/live/{domain}/fullchain.pem;\n\
               ssl_certificate_key /etc/letsencrypt/live/{domain}/privkey.pem;",
    },
    Paste {
        tool: Tool::Apache,
        text: "SSLCertificateFile /etc/letsencrypt/live/{domain}/fullchain.pem\n\
               SSLCertificateKeyFile /etc/letsencrypt/live/{domain}/privkey.pem",
    },
    Paste {
        tool: Tool::Caddy,
        text: "tls /etc/letsencrypt/live/{domain}/fullchain.pem /etc/letsencrypt/live/{domain}/privkey.pem",
    },
    Paste {
        tool: Tool::Haproxy,
        text: "# cat fullchain.pem privkey.pem > /etc/haproxy/certs/{domain}.pem\n\
               bind :443 ssl crt /etc/haproxy/certs/{domain}.pem",
    },
    Paste {
        tool: Tool::Iis,
        text: "# PowerShell: IIS sends what it finds in the store of intermediate authorities\n\
               Import-Certificate -FilePath YOUR-INTERMEDIATE.cer -CertStoreLocation Cert:\\LocalMachine\\CA\n\
               iisreset",
    },
    Paste {
        tool: Tool::Cloudflare,
        text: "SSL/TLS > Edge Certificates > Upload Custom SSL Certificate > Bundle Method: Compatible",
    },
];

/// OCSP stapling. Caddy and Cloudflare do it by themselves.
pub(super) const STAPLING: &[Paste] = &[
    Paste {
        tool: Tool::Nginx,
        text: "ssl_stapling on;\n\
               ssl_stapling_verify on;\n\
               ssl_trusted_certificate /etc/letsencrypt/live/{domain}/chain.pem;\n\
               resolver YOUR-RESOLVER-ADDRESS;",
    },
    Paste {
        tool: Tool::Apache,
        text: "# outside of every VirtualHost\n\
               SSLUseStapling on\n\
               SSLStaplingCache \"shmcb:${APACHE_RUN_DIR}/stapling(128000)\"\n\
               SSLStaplingReturnResponderErrors off",
    },
    Paste { tool: Tool::Haproxy, text: "# HAProxy 3.0 and later\nocsp-update.mode on" },
    Paste {
        tool: Tool::Iis,
        text: "# PowerShell: IIS staples by itself, at sites that share an address after this\n\
               Set-ItemProperty HKLM:\\SYSTEM\\CurrentControlSet\\Control\\SecurityProviders\\SCHANNEL \
               -Name EnableOcspStaplingForSni -Value 1 -Type DWord",
    },
];

/// No renegotiation that clients begin. Caddy, HAProxy and Cloudflare never allow it.
pub(super) const NO_RENEGOTIATION: &[Paste] = &[
    Paste { tool: Tool::Nginx, text: "ssl_conf_command Options NoRenegotiation;" },
    Paste { tool: Tool::Apache, text: "SSLOpenSSLConfCmd Options NoRenegotiation" },
    Paste {
        tool: Tool::Iis,
        text: "# PowerShell; holds after a restart\n\
               Set-ItemProperty HKLM:\\SYSTEM\\CurrentControlSet\\Control\\SecurityProviders\\SCHANNEL \
               -Name DisableRenegoOnServer -Value 1 -Type DWord",
    },
];

/// No renegotiation without RFC 5746, which current libraries do not know how to do.
pub(super) const SECURE_RENEGOTIATION: &[Paste] = &[
    UPDATE[0],
    Paste { tool: Tool::Apache, text: "SSLInsecureRenegotiation off" },
    Paste {
        tool: Tool::Iis,
        text: "# PowerShell; holds after a restart\n\
               Set-ItemProperty HKLM:\\SYSTEM\\CurrentControlSet\\Control\\SecurityProviders\\SCHANNEL \
               -Name AllowInsecureRenegoClients -Value 0 -Type DWord",
    },
];

/// No compression. No other product has it.
pub(super) const NO_COMPRESSION: &[Paste] = &[
    Paste { tool: Tool::Nginx, text: "ssl_conf_command Options -Compression;" },
    Paste { tool: Tool::Apache, text: "SSLCompression off" },
];

/// Sessions that resume.
pub(super) const RESUMPTION: &[Paste] = &[
    Paste { tool: Tool::Nginx, text: "ssl_session_cache shared:TLS:10m;\nssl_session_timeout 1d;" },
    Paste {
        tool: Tool::Apache,
        text: "# outside of every VirtualHost\n\
               SSLSessionCache \"shmcb:${APACHE_RUN_DIR}/ssl_scache(512000)\"\n\
               SSLSessionCacheTimeout 86400",
    },
    Paste { tool: Tool::Haproxy, text: "tune.ssl.cachesize 20000\ntune.ssl.lifetime 86400" },
];

/// No early data.
pub(super) const NO_EARLY_DATA: &[Paste] = &[
    Paste { tool: Tool::Nginx, text: "ssl_early_data off;" },
    Paste {
        tool: Tool::Haproxy,
        text: "# the bind line without allow-0rtt\n\
               bind :443 ssl crt /etc/haproxy/certs/{domain}.pem",
    },
    Paste { tool: Tool::Cloudflare, text: "Speed > Settings > 0-RTT Connection Resumption: Off" },
];

/// HTTP/2.
pub(super) const HTTP2: &[Paste] = &[
    Paste { tool: Tool::Nginx, text: "# nginx 1.25.1 and later\nhttp2 on;" },
    Paste { tool: Tool::Apache, text: "Protocols h2 http/1.1" },
    Paste {
        tool: Tool::Caddy,
        text: "# among the global options; without the line Caddy offers all three\n\
               servers {\n    protocols h1 h2 h3\n}",
    },
    Paste {
        tool: Tool::Haproxy,
        text: "bind :443 ssl crt /etc/haproxy/certs/{domain}.pem alpn h2,http/1.1",
    },
    Paste {
        tool: Tool::Iis,
        text: "# PowerShell; holds after a restart\n\
               Set-ItemProperty HKLM:\\SYSTEM\\CurrentControlSet\\Services\\HTTP\\Parameters \
               -Name EnableHttp2Tls -Value 1 -Type DWord",
    },
    Paste { tool: Tool::Cloudflare, text: "Speed > Settings > HTTP/2: On" },
];

/// HTTP/3, with the port it needs.
pub(super) const HTTP3: &[Paste] = &[
    Paste {
        tool: Tool::Nginx,
        text: "# nginx 1.25 and later\n\
               listen 443 quic reuseport;\n\
               listen [::]:443 quic reuseport;\n\
               add_header Alt-Svc 'h3=\":443\"; ma=86400' always;",
    },
    HTTP2[2],
    Paste {
        tool: Tool::Haproxy,
        text: "bind quic4@:443 ssl crt /etc/haproxy/certs/{domain}.pem alpn h3\n\
               bind quic6@:443 ssl crt /etc/haproxy/certs/{domain}.pem alpn h3",
    },
    Paste {
        tool: Tool::Iis,
        text: "# PowerShell, Windows Server 2022 and later; holds after a restart\n\
               Set-ItemProperty HKLM:\\SYSTEM\\CurrentControlSet\\Services\\HTTP\\Parameters \
               -Name EnableHttp3 -Value 1 -Type DWord\n\
               New-NetFirewallRule -DisplayName 'HTTP/3' -Direction Inbound -Protocol UDP -LocalPort 443 -Action Allow",
    },
    Paste { tool: Tool::Cloudflare, text: "Speed > Settings > HTTP/3 (with QUIC): On" },
    Paste { tool: Tool::Nftables, text: "nft insert rule inet filter input udp dport 443 accept" },
    Paste { tool: Tool::Ufw, text: "ufw allow 443/udp" },
];

/// The site at every address of its name.
pub(super) const EVERY_ADDRESS: &[Paste] = &[
    Paste { tool: Tool::Nginx, text: "listen 443 ssl;\nlisten [::]:443 ssl;" },
    Paste { tool: Tool::Apache, text: "# ports.conf; one line serves IPv4 and IPv6\nListen 443" },
    Paste { tool: Tool::Caddy, text: "bind 0.0.0.0 [::]" },
    Paste { tool: Tool::Haproxy, text: "bind :::443 v4v6 ssl crt /etc/haproxy/certs/{domain}.pem" },
    Paste {
        tool: Tool::Iis,
        text: "# PowerShell\n\
               New-WebBinding -Name 'YOUR-SITE' -Protocol https -IPAddress '*' -Port 443 -HostHeader '{domain}' -SslFlags 1",
    },
    Paste {
        tool: Tool::Cloudflare,
        text: "DNS > Records > A and AAAA records of {domain} > Proxy status: Proxied",
    },
];

/// A certificate for the domain that renews itself.
pub(in crate::modules) const CERTIFICATE: &[Paste] = &[
    Paste { tool: Tool::Nginx, text: "certbot --nginx -d {domain}" },
    Paste { tool: Tool::Apache, text: "certbot --apache -d {domain}" },
    Paste {
        tool: Tool::Caddy,
        text: "# Caddy gets and renews a certificate for each address it serves\n\
               {domain} {\n    reverse_proxy YOUR-APPLICATION:8080\n}",
    },
    Paste {
        tool: Tool::Haproxy,
        text: "# in the frontend at port 80\n\
               use_backend certbot if { path_beg /.well-known/acme-challenge/ }\n\
               # beside it\n\
               backend certbot\n    server certbot 127.0.0.1:8402\n\
               # then: certbot certonly --standalone --http-01-port 8402 -d {domain}\n\
               # and, also after each renewal: cat fullchain.pem privkey.pem > /etc/haproxy/certs/{domain}.pem",
    },
    Paste {
        tool: Tool::Iis,
        text: "# win-acme, www.win-acme.com\n\
               wacs.exe --source iis --host {domain} --installation iis --accepttos",
    },
    Paste {
        tool: Tool::Cloudflare,
        text: "SSL/TLS > Edge Certificates > Universal SSL: On, or Order Advanced Certificate",
    },
];

/// One certificate for the domain with and without www.
pub(in crate::modules) const BOTH_NAMES: &[Paste] = &[
    Paste { tool: Tool::Nginx, text: "certbot --nginx -d {domain} -d www.{domain}" },
    Paste { tool: Tool::Apache, text: "certbot --apache -d {domain} -d www.{domain}" },
    Paste {
        tool: Tool::Caddy,
        text: "{domain}, www.{domain} {\n    reverse_proxy YOUR-APPLICATION:8080\n}",
    },
    Paste {
        tool: Tool::Haproxy,
        text: "# in the frontend at port 80\n\
               use_backend certbot if { path_beg /.well-known/acme-challenge/ }\n\
               # beside it\n\
               backend certbot\n    server certbot 127.0.0.1:8402\n\
               # then: certbot certonly --standalone --http-01-port 8402 -d {domain} -d www.{domain}\n\
               # and, also after each renewal: cat fullchain.pem privkey.pem > /etc/haproxy/certs/{domain}.pem",
    },
    Paste {
        tool: Tool::Iis,
        text: "# win-acme, www.win-acme.com\n\
               wacs.exe --source iis --host {domain},www.{domain} --installation iis --accepttos",
    },
    Paste {
        tool: Tool::Cloudflare,
        text: "DNS > Records > {domain} and www > Proxy status: Proxied; Universal SSL covers both",
    },
];

/// A certificate with a key that was never used before.
pub(super) const NEW_KEY: &[Paste] = &[
    Paste { tool: Tool::Nginx, text: NEW_KEY_BY_CERTBOT },
    Paste { tool: Tool::Apache, text: NEW_KEY_BY_CERTBOT },
    Paste {
        tool: Tool::Caddy,
        text: "# Caddy makes a new certificate, with a new key, when it finds none\n\
               systemctl stop caddy\n\
               rm -r /var/lib/caddy/.local/share/caddy/certificates/*/{domain}\n\
               systemctl start caddy",
    },
    Paste {
        tool: Tool::Haproxy,
        text: "certbot certonly --standalone --http-01-port 8402 --cert-name {domain} -d {domain} \
               --force-renewal --new-key --key-type ecdsa\n\
               cat /etc/letsencrypt/live/{domain}/fullchain.pem /etc/letsencrypt/live/{domain}/privkey.pem \
               > /etc/haproxy/certs/{domain}.pem\n\
               systemctl reload haproxy",
    },
    Paste {
        tool: Tool::Iis,
        text: "# win-acme, www.win-acme.com\n\
               wacs.exe --source iis --host {domain} --csr ec --installation iis --accepttos",
    },
    Paste {
        tool: Tool::Cloudflare,
        text: "SSL/TLS > Edge Certificates > Order Advanced Certificate, then delete the old one",
    },
];

const NEW_KEY_BY_CERTBOT: &str =
    "certbot renew --cert-name {domain} --force-renewal --new-key --key-type ecdsa";

/// An up-to-date TLS library.
pub(super) const UPDATE: &[Paste] = &[Paste {
    tool: Tool::Shell,
    text: "# Debian and Ubuntu\n\
           apt-get update && apt-get install --only-upgrade openssl\n\
           # Red Hat and its kin\n\
           dnf upgrade openssl openssl-libs\n\
           # then restart what uses it\n\
           systemctl restart YOUR-SERVER",
}];
