//! What checks and modules are called, in the language of the page.

use model::ModuleId;
use scan::catalogue::{find_check, find_module};
use ui::Words;

/// Returns the title of a check, or its id when it is known no more.
pub(super) fn of_check(words: Words, id: &str) -> &str {
    find_check(id).map_or(id, |check| words.check(check.title))
}

pub(super) fn of_module(words: Words, id: ModuleId) -> &'static str {
    words.module(find_module(id).title)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use scan::catalogue::catalogue;

    use super::*;

    #[test]
    fn what_checks_say_is_translated_and_nothing_else() {
        let said = catalogue()
            .flat_map(|check| [check.title, check.why, check.fix].into_iter().chain(check.careful));
        let said: BTreeSet<_> = said.collect();
        let translated: BTreeSet<_> = ui::translated_checks().collect();
        let missing: Vec<_> = said.difference(&translated).collect();
        assert!(missing.is_empty(), "not in messages/checks.de.txt: {missing:#?}");
        let unused: Vec<_> = translated.difference(&said).collect();
        assert!(unused.is_empty(), "no check says in messages/checks.de.txt: {unused:#?}");
    }

    #[test]
    fn literals_are_the_same_in_every_language() {
        let german = Words::from(ui::Lang::German);
        let literals = |text: &str| {
            let mut all: Vec<_> = text.split('`').skip(1).step_by(2).map(str::to_owned).collect();
            all.sort();
            all
        };
        for text in ui::translated_checks() {
            assert_eq!(literals(text), literals(german.check(text)), "{text}");
        }
    }

    #[test]
    fn every_module_has_a_title_in_every_language() {
        for module in scan::catalogue::MODULES {
            assert!(ui::MODULE_TITLES.contains(&module.title), "{}", module.title);
        }
        assert_eq!(ui::MODULE_TITLES.len(), scan::catalogue::MODULES.len());
    }
}
