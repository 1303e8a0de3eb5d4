use model::{DAY_MS, HOUR_MS, MINUTE_MS, Timestamp};

use crate::html::Html;
use crate::words::texts;
use crate::{Lang, Words, Zone};

const MINUTES: [&str; 4] = texts!["1 minute ago", "{} minutes ago", "in 1 minute", "in {} minutes"];
const HOURS: [&str; 4] = texts!["1 hour ago", "{} hours ago", "in 1 hour", "in {} hours"];
const DAYS: [&str; 4] = texts!["1 day ago", "{} days ago", "in 1 day", "in {} days"];

impl Words {
    /// Returns how long ago something was, or how long it will be, in words.
    pub fn ago(&self, at: Timestamp, now: Timestamp) -> String {
        let past = now.ms_since(at);
        let say = |length: i64, [one_ago, ago, in_one, in_many]: [&'static str; 4]| {
            // What is to come is rounded: a key for 90 days still has 90 a second later.
            let count = if past >= 0 { past / length } else { (length / 2 - past) / length };
            match (past >= 0, count) {
                (true, 1) => self.t(one_ago).to_owned(),
                (true, _) => self.t1(ago, count),
                (false, 1) => self.t(in_one).to_owned(),
                (false, _) => self.t1(in_many, count),
            }
        };
        match past.abs() {
            ..MINUTE_MS => self.t("just now").to_owned(),
            MINUTE_MS..HOUR_MS => say(MINUTE_MS, MINUTES),
            HOUR_MS..DAY_MS => say(HOUR_MS, HOURS),
            _ => say(DAY_MS, DAYS),
        }
    }

    /// Returns a `time` element: relative words, the exact moment on hover.
    pub fn time(&self, at: Timestamp, now: Timestamp) -> Html {
        let mut html = Html::new();
        html.raw("<time datetime=\"").text(&at.to_string()).raw("\" title=\"");
        html.text(&self.exact(at)).raw("\">").text(&self.ago(at, now)).raw("</time>");
        html
    }

    /// Returns a moment as `2026-11-24 08:31 UTC`, in the zone that was chosen.
    pub fn exact(&self, at: Timestamp) -> String {
        moment(at, self.zone, "%Y-%m-%d %H:%M %Z")
    }

    /// Returns the time of day as `08:31`.
    pub fn time_of_day(&self, at: Timestamp) -> String {
        moment(at, self.zone, "%H:%M")
    }

    /// Returns a length of time as `6.2 s`.
    pub fn seconds(&self, ms: u64) -> String {
        let tenths = ms.saturating_add(50) / 100;
        let separator = if self.lang == Lang::German { ',' } else { '.' };
        format!("{}{separator}{} s", tenths / 10, tenths % 10)
    }

    /// Returns a day as `2026-11-24`.
    pub fn date(&self, at: Timestamp) -> String {
        moment(at, self.zone, "%Y-%m-%d")
    }
}

/// Returns the day in UTC, whatever zone was chosen: what is counted by the day is counted so.
pub fn utc_date(at: Timestamp) -> String {
    moment(at, Zone::UTC, "%Y-%m-%d")
}

fn moment(at: Timestamp, zone: Zone, form: &str) -> String {
    match jiff::Timestamp::from_millisecond(at.0) {
        Ok(at) => at.to_zoned_datetime(zone.rules()).strftime(form).to_string(),
        Err(_) => at.0.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_are_said_in_the_largest_unit() {
        let words = Words::from(Lang::English);
        let now = Timestamp(100 * DAY_MS);
        let ago = |ms: i64| words.ago(now.plus_ms(-ms), now);
        assert_eq!(ago(59_000), "just now");
        assert_eq!(ago(MINUTE_MS), "1 minute ago");
        assert_eq!(ago(3 * HOUR_MS), "3 hours ago");
        assert_eq!(ago(96 * DAY_MS), "96 days ago");
        assert_eq!(ago(-2 * DAY_MS), "in 2 days");
        assert_eq!(ago(1 - 90 * DAY_MS), "in 90 days");
        assert_eq!(Words::from(Lang::German).ago(now.plus_ms(-HOUR_MS), now), "vor 1 Stunde");
        assert_eq!(words.exact(Timestamp(0)), "1970-01-01 00:00 UTC");
    }

    #[test]
    fn lengths_are_told_to_the_tenth_of_a_second() {
        let words = Words::from(Lang::English);
        assert_eq!(
            [0, 49, 403, 6_240].map(|ms| words.seconds(ms)).join(" "),
            "0.0 s 0.0 s 0.4 s 6.2 s"
        );
        assert_eq!(Words::from(Lang::German).seconds(1_912), "1,9 s");
    }

    #[test]
    fn moments_are_told_in_the_zone_that_was_chosen() {
        let of = |zone| Words { zone: Zone::parse(zone).unwrap(), ..Words::default() };
        // 2026-03-29 00:59:59 UTC is the last second of winter in Berlin.
        let winter = Timestamp(1_774_745_999_000);
        assert_eq!(of("Europe/Berlin").exact(winter), "2026-03-29 01:59 CET");
        assert_eq!(of("Europe/Berlin").exact(winter.plus_ms(1_000)), "2026-03-29 03:00 CEST");
        assert_eq!(of("America/New_York").date(winter), "2026-03-28");
        assert_eq!(of("Asia/Kolkata").time_of_day(winter), "06:29");
        assert_eq!(utc_date(winter), "2026-03-29");
    }
}
