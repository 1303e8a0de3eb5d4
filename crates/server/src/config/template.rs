use std::path::PathBuf;

use super::Config;
use super::part::Setting;

/// Returns a file with every setting, each explained and commented out with its default.
pub fn template() -> String {
    let mut text = String::from(
        "# Settings of compliancelayer. What is commented out is the default.\n\
         # `compliancelayer config show` prints what is in force and where it came from.\n",
    );
    for part in Config::in_folder(PathBuf::from("data")).parts() {
        text.push_str(&format!("\n# {}\n[{}]\n", part.doc(), part.name()));
        for setting in part.settings() {
            push(&mut text, &setting);
        }
    }
    text
}

fn push(text: &mut String, setting: &Setting) {
    let field = setting.key.split_once('.').map_or(setting.key, |(_, field)| field);
    text.push_str(&format!("\n# {}\n# Takes {}.\n", setting.doc, setting.kind));
    text.push_str(&format!("#{field} ={}\n", literal(setting)));
}

/// Writes a default as TOML; one that is nothing has no literal.
fn literal(setting: &Setting) -> String {
    let value = setting.value.as_str();
    let is_bare = setting.kind == "true or false" || setting.kind.starts_with("a whole number");
    if setting.kind.starts_with("a list") {
        let each = value.split(',').map(str::trim).filter(|one| !one.is_empty());
        let each: Vec<_> = each.map(|one| format!("{one:?}")).collect();
        return format!(" [{}]", each.join(", "));
    }
    match value {
        "" => String::new(),
        value if is_bare => format!(" {value}"),
        value => format!(" {value:?}"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Origin, SettingsFile, Sources};
    use super::*;

    #[test]
    fn the_file_is_valid_and_so_is_every_default_in_it() {
        let load = |text: String| {
            let files = vec![SettingsFile { name: "it.toml".to_owned(), text }];
            Config::load(&Sources { files, ..Sources::default() }).unwrap().show()
        };
        let plain = load(template());
        assert!(plain.iter().all(|setting| setting.origin == Origin::Default));
        // Every default that there is, switched on, is the default still.
        let lines = template();
        let lines = lines.lines().map(|line| match line.strip_prefix('#') {
            Some(setting) if !setting.starts_with(' ') && !setting.ends_with('=') => setting,
            _ => line,
        });
        let shown = load(lines.collect::<Vec<_>>().join("\n"));
        let values = |of: &[super::super::ShownSetting]| -> Vec<_> {
            of.iter().map(|setting| (setting.key, setting.value.clone())).collect()
        };
        assert_eq!(values(&shown), values(&plain));
        assert!(shown.iter().any(|setting| setting.origin == Origin::File));
        assert!(plain.iter().all(|setting| {
            template().contains(&format!("\n#{} =", setting.key.split_once('.').unwrap().1))
        }));
    }
}
