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

pub(super) use {remove_header, set_header};
