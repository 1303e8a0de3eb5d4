/// Makes the lines that close ports to the world, for every packet filter we write for. They come
/// before what is allowed, and leave the machine's own programs alone.
macro_rules! close {
    ($first:literal $(, $more:literal)* $(,)?) => {
        &[
            $crate::check::Paste {
                tool: $crate::check::Tool::Nftables,
                text: concat!(
                    "nft insert rule inet filter input iifname != \"lo\" tcp dport { ",
                    $first, $(", ", $more,)*
                    " } drop"
                ),
            },
            $crate::check::Paste {
                tool: $crate::check::Tool::Ufw,
                text: concat!(
                    "ufw prepend deny proto tcp to any port ", $first, $(",", $more,)*
                ),
            },
            $crate::check::Paste {
                tool: $crate::check::Tool::PowerShell,
                text: concat!(
                    "New-NetFirewallRule -DisplayName 'Not from outside: ",
                    $first, $(", ", $more,)*
                    "' -Direction Inbound -Protocol TCP -LocalPort ",
                    $first, $(",", $more,)*
                    " -Action Block"
                ),
            },
            $crate::check::Paste {
                tool: $crate::check::Tool::CloudFirewall,
                text: concat!(
                    "Security group > Inbound rules > delete what allows TCP ",
                    $first, $(", ", $more,)*
                    " from 0.0.0.0/0 and ::/0, allow your own networks"
                ),
            },
        ]
    };
}

/// What closed ports break.
pub(super) const CAREFUL: &str = "Your own machines that come from outside are shut out too: allow \
    their addresses before this rule, and mind that ports published by Docker pass it by.";

pub(super) use close;
