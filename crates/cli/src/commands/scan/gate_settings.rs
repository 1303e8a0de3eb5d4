use server::config::SettingsFile;

use super::gate::{GateArgs, grade, severity};
use crate::failure::{Failure, Result};

impl GateArgs {
    /// Takes what the table `[gate]` of a file says and nothing said before.
    pub(super) fn fill(&mut self, file: &SettingsFile) -> Result<()> {
        let wrong = |problem: String| Failure::usage(format!("{}: {problem}", file.name));
        let table: toml::Table =
            file.text.parse().map_err(|error| wrong(format!("is broken: {error}")))?;
        let Some(gate) = table.get("gate") else { return Ok(()) };
        let gate = gate.as_table().ok_or_else(|| wrong("`gate` must be a table".to_owned()))?;
        for (key, value) in gate {
            self.fill_one(key, value)
                .map_err(|problem| wrong(format!("`gate.{key}` {problem}")))?;
        }
        Ok(())
    }

    fn fill_one(&mut self, key: &str, value: &toml::Value) -> std::result::Result<(), String> {
        let text = || value.as_str().ok_or("must be text");
        let points = |least: u8| {
            let points = value.as_integer().and_then(|number| u8::try_from(number).ok());
            points
                .filter(|points| (least..=100).contains(points))
                .ok_or_else(|| format!("must be a whole number from {least} to 100"))
        };
        let switch = || value.as_bool().ok_or("must be true or false");
        match key {
            "fail_on" => fill(&mut self.fail_on, severity(text()?)?),
            "min_grade" => fill(&mut self.min_grade, grade(text()?)?),
            "min_score" => fill(&mut self.min_score, points(0)?),
            "max_score_drop" => fill(&mut self.max_score_drop, points(1)?),
            "baseline" => fill(&mut self.baseline, text()?.into()),
            "fail_on_new" => self.fail_on_new |= switch()?,
            "allow_partial" => self.allow_partial |= switch()?,
            _ => {
                return Err(
                    "is no gate; there are fail_on, min_grade, min_score, max_score_drop, \
                            baseline, fail_on_new and allow_partial"
                        .to_owned(),
                );
            }
        }
        Ok(())
    }
}

fn fill<T>(place: &mut Option<T>, value: T) {
    place.get_or_insert(value);
}

#[cfg(test)]
mod tests {
    use model::{Grade, Severity};

    use super::*;

    fn file(text: &str) -> SettingsFile {
        SettingsFile { name: "compliancelayer.toml".to_owned(), text: text.to_owned() }
    }

    #[test]
    fn a_flag_beats_the_file_and_the_file_beats_nothing() {
        let mut args = GateArgs { min_score: Some(80), ..GateArgs::default() };
        let text = "[scan]\nconcurrency = 1\n[gate]\nmin_score = 50\nfail_on = 'high'\nmin_grade = 'b'\n\
                    max_score_drop = 5\nbaseline = 'last.json'\nfail_on_new = true";
        args.fill(&file(text)).unwrap();
        assert_eq!((args.min_score, args.max_score_drop), (Some(80), Some(5)));
        assert_eq!((args.fail_on, args.min_grade), (Some(Severity::High), Some(Grade::B)));
        assert!(args.fail_on_new && !args.allow_partial && args.baseline.is_some());
        args.fill(&file("")).unwrap();
        assert_eq!(args.min_score, Some(80));
    }

    #[test]
    fn a_gate_that_nobody_knows_is_not_passed_over() {
        for text in [
            "[gate]\nfail_no = 'high'",
            "[gate]\nfail_on = 'hihg'",
            "[gate]\nmin_score = 101",
            "[gate]\nmax_score_drop = 0",
            "[gate]\nallow_partial = 'yes'",
            "gate = 1",
            "[gate",
        ] {
            let refused = GateArgs::default().fill(&file(text)).unwrap_err();
            assert!(
                refused.code == 2 && refused.to_string().contains("compliancelayer.toml"),
                "{text}"
            );
        }
    }
}
