//! Configuration to paste for HTTP: headers, redirects, and what is not to be served.
//!
//! A header that is missing is set ([`set_header`]); one that the application already sends has to be
//! taken away as well ([`replace_header`]), or browsers get two; of policies browsers heed every one, so
//! a further one is added and the one that is there stays ([`add_header`]).

use crate::check::{Paste, Tool};

/// What a redirect breaks.
pub(super) const CAREFUL_REDIRECT: &str = "Browsers keep a permanent redirect for a long time: see \
    that HTTPS serves every page, and what machines send to port 80, before you switch it on.";

/// Makes the lines that set one response header, for every tool we write for.
macro_rules! set_header {
    ($name:literal, $value:literal) => {
        &[
            $crate::check::Paste {
                tool: $crate::check::Tool::Nginx,
                text: concat!("add_header ", $name, " \"", $value, "\" always;"),
            },
            $crate::check::Paste {
                tool: $crate::check::Tool::Apache,
                text: concat!("Header always set ", $name, " \"", $value, "\""),
            },
            $crate::check::Paste {
                tool: $crate::check::Tool::Caddy,
                text: concat!("header ", $name, " \"", $value, "\""),
            },
            $crate::check::Paste {
                tool: $crate::check::Tool::Haproxy,
                text: concat!("http-response set-header ", $name, " \"", $value, "\""),
            },
            $crate::check::Paste {
                tool: $crate::check::Tool::Iis,
                text: concat!(
                    "<httpProtocol><customHeaders><add name=\"",
                    $name,
                    "\" value=\"",
                    $value,
                    "\" /></customHeaders></httpProtocol>"
                ),
            },
            $crate::check::Paste {
                tool: $crate::check::Tool::Cloudflare,
                text: concat!(
                    "Rules > Transform Rules > Modify Response Header > Set static: ",
                    $name,
                    " = ",
                    $value
                ),
            },
        ]
    };
}

/// Makes the lines that set one response header in place of the application's.
macro_rules! replace_header {
    ($name:literal, $value:literal) => {
        &[
            $crate::check::Paste {
                tool: $crate::check::Tool::Nginx,
                text: concat!(
                    "proxy_hide_header ",
                    $name,
                    ";\nadd_header ",
                    $name,
                    " \"",
                    $value,
                    "\" always;"
                ),
            },
            $crate::check::Paste {
                tool: $crate::check::Tool::Apache,
                text: concat!(
                    "Header onsuccess unset ",
                    $name,
                    "\nHeader always set ",
                    $name,
                    " \"",
                    $value,
                    "\""
                ),
            },
            $crate::check::Paste {
                tool: $crate::check::Tool::Caddy,
                text: concat!("header {\n    ", $name, " \"", $value, "\"\n    defer\n}"),
            },
            $crate::check::Paste {
                tool: $crate::check::Tool::Haproxy,
                text: concat!("http-response set-header ", $name, " \"", $value, "\""),
            },
            $crate::check::Paste {
                tool: $crate::check::Tool::Iis,
                text: concat!(
                    "<httpProtocol><customHeaders><remove name=\"",
                    $name,
                    "\" /><add name=\"",
                    $name,
                    "\" value=\"",
                    $value,
                    "\" /></customHeaders></httpProtocol>"
                ),
            },
            $crate::check::Paste {
                tool: $crate::check::Tool::Cloudflare,
                text: concat!(
                    "Rules > Transform Rules > Modify Response Header > Set static: ",
                    $name,
                    " = ",
                    $value
                ),
            },
        ]
    };
}

/// Makes the lines that send one response header more and leave those of its name alone.
macro_rules! add_header {
    ($name:literal, $value:literal) => {
        &[
            $crate::check::Paste {
                tool: $crate::check::Tool::Nginx,
                text: concat!("add_header ", $name, " \"", $value, "\" always;"),
            },
            $crate::check::Paste {
                tool: $crate::check::Tool::Apache,
                text: concat!("Header always add ", $name, " \"", $value, "\""),
            },
            $crate::check::Paste {
                tool: $crate::check::Tool::Caddy,
                text: concat!("header +", $name, " \"", $value, "\""),
            },
            $crate::check::Paste {
                tool: $crate::check::Tool::Haproxy,
                text: concat!("http-response add-header ", $name, " \"", $value, "\""),
            },
            $crate::check::Paste {
                tool: $crate::check::Tool::Iis,
                text: concat!(
                    "<!-- where ",
                    $name,
                    " stands here already, add \"; ",
                    $value,
                    "\" to its value instead -->\n<httpProtocol><customHeaders><add name=\"",
                    $name,
                    "\" value=\"",
                    $value,
                    "\" /></customHeaders></httpProtocol>"
                ),
            },
            $crate::check::Paste {
                tool: $crate::check::Tool::Cloudflare,
                text: concat!(
                    "Rules > Transform Rules > Modify Response Header > Add static: ",
                    $name,
                    " = ",
                    $value
                ),
            },
        ]
    };
}

/// Makes the lines that take one response header away, for every tool we write for.
macro_rules! remove_header {
    ($name:literal) => {
        &[
            $crate::check::Paste {
                tool: $crate::check::Tool::Nginx,
                text: concat!("proxy_hide_header ", $name, ";"),
            },
            $crate::check::Paste {
                tool: $crate::check::Tool::Apache,
                text: concat!("Header always unset ", $name),
            },
            $crate::check::Paste {
                tool: $crate::check::Tool::Caddy,
                text: concat!("header -", $name),
            },
            $crate::check::Paste {
                tool: $crate::check::Tool::Haproxy,
                text: concat!("http-response del-header ", $name),
            },
            $crate::check::Paste {
                tool: $crate::check::Tool::Iis,
                text: concat!(
                    "<httpProtocol><customHeaders><remove name=\"",
                    $name,
                    "\" /></customHeaders></httpProtocol>"
                ),
            },
            $crate::check::Paste {
                tool: $crate::check::Tool::Cloudflare,
                text: concat!("Rules > Transform Rules > Modify Response Header > Remove: ", $name),
            },
        ]
    };
}

/// Makes the lines that refuse whatever has a piece in its path, written for each product in
/// its own way: a regular expression for nginx and Apache, a name and patterns with stars for Caddy,
/// conditions for HAProxy and Cloudflare, an element of request filtering for IIS.
macro_rules! hide {
    ($expression:literal, $name:literal, $pattern:literal, $pieces:literal, $filter:literal, $rule:literal) => {
        &[
            $crate::check::Paste {
                tool: $crate::check::Tool::Nginx,
                text: concat!("location ~* ", $expression, " { return 404; }"),
            },
            $crate::check::Paste {
                tool: $crate::check::Tool::Apache,
                text: concat!(
                    "<LocationMatch \"(?i)",
                    $expression,
                    "\">\n    Require all denied\n</LocationMatch>"
                ),
            },
            $crate::check::Paste {
                tool: $crate::check::Tool::Caddy,
                text: concat!("@", $name, " path ", $pattern, "\nrespond @", $name, " 404"),
            },
            $crate::check::Paste {
                tool: $crate::check::Tool::Haproxy,
                text: concat!("http-request return status 404 if { ", $pieces, " }"),
            },
            $crate::check::Paste {
                tool: $crate::check::Tool::Iis,
                text: concat!(
                    "<security><requestFiltering>",
                    $filter,
                    "</requestFiltering></security>"
                ),
            },
            $crate::check::Paste {
                tool: $crate::check::Tool::Cloudflare,
                text: concat!(
                    "Security > WAF > Custom rules > Expression: ",
                    $rule,
                    " > Action: Block"
                ),
            },
        ]
    };
}

/// Everything at port 80 leads to HTTPS.
pub(super) const REDIRECT: &[Paste] = &[
    Paste {
        tool: Tool::Nginx,
        text: "server {\n    listen 80;\n    listen [::]:80;\n    server_name {domain};\n    \
                   return 301 https://$host$request_uri;\n}",
    },
    Paste {
        tool: Tool::Apache,
        text: "<VirtualHost *:80>\n    ServerName {domain}\n    \
                   Redirect permanent / https://{domain}/\n</VirtualHost>",
    },
    Paste {
        tool: Tool::Caddy,
        text: "http://{domain} {\n    redir https://{host}{uri} permanent\n}",
    },
    Paste {
        tool: Tool::Haproxy,
        text: "http-request redirect scheme https code 301 unless { ssl_fc }",
    },
    Paste {
        tool: Tool::Iis,
        text: "<rewrite><rules><rule name=\"HTTPS\" stopProcessing=\"true\">\n    \
                   <match url=\"(.*)\" />\n    \
                   <conditions><add input=\"{HTTPS}\" pattern=\"^OFF$\" /></conditions>\n    \
                   <action type=\"Redirect\" url=\"https://{HTTP_HOST}/{R:1}\" redirectType=\"Permanent\" />\n\
               </rule></rules></rewrite>",
    },
    Paste { tool: Tool::Cloudflare, text: "SSL/TLS > Edge Certificates > Always Use HTTPS: On" },
];

/// Redirects of an application that does not know it is reached over HTTPS lead there all the same.
pub(super) const NO_DOWNGRADE: &[Paste] = &[
    Paste { tool: Tool::Nginx, text: "proxy_redirect http:// https://;" },
    Paste {
        tool: Tool::Apache,
        text: "Header onsuccess edit Location ^http:// https://\n\
               Header always edit Location ^http:// https://",
    },
    Paste { tool: Tool::Caddy, text: "header {\n    Location ^http:// https://\n    defer\n}" },
    Paste {
        tool: Tool::Haproxy,
        text: "http-response replace-header Location ^http://(.*)$ https://\\1",
    },
    Paste {
        tool: Tool::Iis,
        text: "<rewrite><outboundRules><rule name=\"HTTPS in redirects\">\n    \
                   <match serverVariable=\"RESPONSE_Location\" pattern=\"^http://(.*)\" />\n    \
                   <action type=\"Rewrite\" value=\"https://{R:1}\" />\n\
               </rule></outboundRules></rewrite>",
    },
    TRUE_SCHEME[5],
];

/// What stands behind a proxy redirects to HTTPS only those who came to the proxy without it.
pub(super) const TRUE_SCHEME: &[Paste] = &[
    Paste {
        tool: Tool::Nginx,
        text: "# in the proxy\n\
               proxy_set_header X-Forwarded-Proto $scheme;\n\
               # in a server behind a proxy, instead of a redirect without a condition\n\
               if ($http_x_forwarded_proto = http) { return 301 https://$host$request_uri; }",
    },
    Paste {
        tool: Tool::Apache,
        text: "RewriteEngine On\n\
               RewriteCond %{HTTPS} !=on\n\
               RewriteCond %{HTTP:X-Forwarded-Proto} !=https\n\
               RewriteRule ^ https://%{HTTP_HOST}%{REQUEST_URI} [R=301,L]",
    },
    Paste {
        tool: Tool::Caddy,
        text: "# among the global options\n\
               servers {\n    trusted_proxies static private_ranges\n}",
    },
    Paste {
        tool: Tool::Haproxy,
        text: "http-request set-header X-Forwarded-Proto https if { ssl_fc }\n\
               http-request set-header X-Forwarded-Proto http unless { ssl_fc }",
    },
    Paste {
        tool: Tool::Iis,
        text: "<rewrite><rules><rule name=\"HTTPS\" stopProcessing=\"true\">\n    \
                   <match url=\"(.*)\" />\n    \
                   <conditions>\n        \
                       <add input=\"{HTTPS}\" pattern=\"^OFF$\" />\n        \
                       <add input=\"{HTTP_X_FORWARDED_PROTO}\" pattern=\"^https$\" negate=\"true\" />\n    \
                   </conditions>\n    \
                   <action type=\"Redirect\" url=\"https://{HTTP_HOST}/{R:1}\" redirectType=\"Permanent\" />\n\
               </rule></rules></rewrite>",
    },
    Paste {
        tool: Tool::Cloudflare,
        text: "SSL/TLS > Overview > Encryption mode: Full (strict), so that the server behind sees HTTPS",
    },
];

/// One foreign site may read answers, and no other.
pub(super) const ONE_ORIGIN: &[Paste] = &[
    Paste {
        tool: Tool::Nginx,
        text: "# beside the servers\n\
               map $http_origin $allowed_origin {\n    https://YOUR-OTHER-SITE $http_origin;\n}\n\
               # in the server\n\
               proxy_hide_header Access-Control-Allow-Origin;\n\
               add_header Access-Control-Allow-Origin $allowed_origin always;\n\
               add_header Vary Origin always;",
    },
    Paste {
        tool: Tool::Apache,
        text: "SetEnvIf Origin \"^https://YOUR-OTHER-SITE$\" ALLOWED_ORIGIN=$0\n\
               Header onsuccess unset Access-Control-Allow-Origin\n\
               Header always set Access-Control-Allow-Origin %{ALLOWED_ORIGIN}e env=ALLOWED_ORIGIN\n\
               Header always merge Vary Origin",
    },
    Paste {
        tool: Tool::Caddy,
        text: "@allowed header Origin https://YOUR-OTHER-SITE\n\
               header @allowed Access-Control-Allow-Origin https://YOUR-OTHER-SITE\n\
               header +Vary Origin\n\
               reverse_proxy YOUR-APPLICATION:8080 {\n    \
                   header_down -Access-Control-Allow-Origin\n\
               }",
    },
    Paste {
        tool: Tool::Haproxy,
        text: "http-request set-var(txn.origin) req.hdr(Origin)\n\
               http-response del-header Access-Control-Allow-Origin\n\
               http-response set-header Access-Control-Allow-Origin %[var(txn.origin)] \
               if { var(txn.origin) -m str https://YOUR-OTHER-SITE }\n\
               http-response add-header Vary Origin",
    },
    Paste {
        tool: Tool::Iis,
        text: "<!-- IIS CORS module -->\n\
               <cors enabled=\"true\" failUnlistedOrigins=\"true\">\n    \
                   <add origin=\"https://YOUR-OTHER-SITE\" />\n\
               </cors>",
    },
    Paste {
        tool: Tool::Cloudflare,
        text: "Rules > Transform Rules > Modify Response Header > Expression: \
               not any(http.request.headers[\"origin\"][*] eq \"https://YOUR-OTHER-SITE\") \
               > Remove: Access-Control-Allow-Origin",
    },
];

/// A contact that is good for eleven months.
pub(super) const SECURITY_TXT: &[Paste] = &[
    Paste {
        tool: Tool::File,
        text: "Contact: mailto:YOUR-MAILBOX@{domain}\n\
               Expires: YOUR-DATE\n\
               Canonical: https://{domain}/.well-known/security.txt",
    },
    Paste {
        tool: Tool::Shell,
        text: "cd YOUR-WEB-ROOT && mkdir -p .well-known\n\
               printf 'Contact: mailto:%s\\nExpires: %s\\n' YOUR-MAILBOX@{domain} \
               \"$(date -u -d '+11 months' +%Y-%m-%dT00:00:00Z)\" > .well-known/security.txt",
    },
];

pub(super) use {add_header, hide, remove_header, replace_header, set_header};
