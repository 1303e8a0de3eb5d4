/// Makes the lines that add one attribute to every cookie that lacks it: `$flag` as nginx writes it,
/// `$attribute` as it stands in the header, `$name` what the header has when it is there.
macro_rules! cookie_attribute {
    ($flag:literal, $attribute:literal, $name:literal) => {
        &[
            $crate::check::Paste {
                tool: $crate::check::Tool::Nginx,
                text: concat!(
                    "# only the first line that fits a cookie counts: add the flag to a line that is there\n\
                     proxy_cookie_flags ~ ",
                    $flag,
                    ";"
                ),
            },
            $crate::check::Paste {
                tool: $crate::check::Tool::Apache,
                text: concat!(
                    "Header onsuccess edit Set-Cookie \"(?i)^((?:(?!;\\s*",
                    $name,
                    ").)*)$\" \"$1; ",
                    $attribute,
                    "\"\nHeader always edit Set-Cookie \"(?i)^((?:(?!;\\s*",
                    $name,
                    ").)*)$\" \"$1; ",
                    $attribute,
                    "\""
                ),
            },
            $crate::check::Paste {
                tool: $crate::check::Tool::Caddy,
                text: concat!(
                    "header {\n    Set-Cookie ^(.*)$ \"$1; ",
                    $attribute,
                    "\"\n    defer\n}"
                ),
            },
            $crate::check::Paste {
                tool: $crate::check::Tool::Haproxy,
                text: concat!(
                    "http-response replace-header Set-Cookie '(?i)^((?:(?!;\\s*",
                    $name,
                    ").)*)$' '\\1; ",
                    $attribute,
                    "'"
                ),
            },
            $crate::check::Paste {
                tool: $crate::check::Tool::Iis,
                text: concat!(
                    "<rewrite><outboundRules>\n    <rule name=\"Cookies: ",
                    $attribute,
                    "\" preCondition=\"No ",
                    $attribute,
                    "\">\n        <match serverVariable=\"RESPONSE_Set_Cookie\" pattern=\".+\" />\n        \
                     <action type=\"Rewrite\" value=\"{R:0}; ",
                    $attribute,
                    "\" />\n    </rule>\n    <preConditions><preCondition name=\"No ",
                    $attribute,
                    "\">\n        <add input=\"{RESPONSE_Set_Cookie}\" pattern=\".\" />\n        \
                     <add input=\"{RESPONSE_Set_Cookie}\" pattern=\"; *",
                    $name,
                    "\" negate=\"true\" />\n    \
                     </preCondition></preConditions>\n</outboundRules></rewrite>"
                ),
            },
        ]
    };
}

pub(super) use cookie_attribute;
