use std::fmt::Write;

use scan::catalogue::{MODULES, catalogue};
use scan::compliance::FRAMEWORKS;

/// Returns `docs/checks.md`.
pub(crate) fn reference() -> String {
    let mut page = format!(
        "# Checks\n\n\
         Printed from the program by `cargo xtask docs`: {} checks. Points are what a finding takes from\n\
         its module; inside a topic (the part of the id before the dot) only the dearest finding is\n\
         charged. A cap is the highest score a whole report can have while the check fails. An intrusive\n\
         check tries an attack: only when it is asked for, and the domain's ownership is proven.\n\
         A module counts towards the coverage of a report by the share of its checks that gave a verdict;\n\
         those whose provider is not configured are not planned.\n",
        catalogue().count()
    );
    for module in MODULES {
        let _infallible =
            writeln!(page, "\n## {} (`{}`, weight {})", module.title, module.id, module.weight);
        if module.topics.is_empty() {
            page.push_str("\nReported as not tested.\n");
        }
        for check in module.checks() {
            let intrusive = if check.intrusive { ", intrusive" } else { "" };
            let cap = check.cap.map(|cap| format!(", cap {cap}")).unwrap_or_default();
            let _infallible = writeln!(
                page,
                "\n### `{}`\n\n**{}.** {}, {} points{cap}{intrusive}. {}.\n\n{}\n\n**Fix:** {}",
                check.id,
                check.title,
                check.severity,
                check.points(),
                check.standard,
                check.why,
                check.fix
            );
            if let Some(careful) = check.careful {
                let _infallible = writeln!(page, "\n**Careful:** {careful}");
            }
            for paste in check.paste {
                let _infallible =
                    writeln!(page, "\n{}:\n\n```\n{}\n```", paste.tool.name(), paste.text);
            }
            let controls: Vec<String> = FRAMEWORKS
                .iter()
                .filter_map(|framework| {
                    let fitting = framework
                        .controls
                        .iter()
                        .filter(|control| control.groups.contains(&check.group));
                    let ids: Vec<_> = fitting.map(|control| control.id).collect();
                    (!ids.is_empty()).then(|| format!("{} {}", framework.name, ids.join(", ")))
                })
                .collect();
            if !controls.is_empty() {
                let _infallible = writeln!(page, "\nEvidence for: {}.", controls.join("; "));
            }
        }
    }
    page
}
