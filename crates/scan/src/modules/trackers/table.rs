//! Hosts of well-known trackers, by what they do.
//!
//! To add one: a row with the host and what lies below it. Name a path when the host also serves
//! what is no tracker. Services that keep no data about visitors do not stand here.

/// What a tracker does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Category {
    /// Counts visits.
    Analytics,
    /// Tells advertisers who came.
    Advertising,
    /// Films what a visitor does.
    SessionRecording,
    /// Loads what somebody set elsewhere.
    TagManager,
    /// Sends fonts.
    Font,
    /// Shows a piece of another site.
    Embed,
}

/// One service.
#[derive(Debug)]
pub(super) struct Tracker {
    pub(super) name: &'static str,
    pub(super) category: Category,
    host: &'static str,
    /// How its paths begin, when the host also serves other things.
    path: &'static str,
}

impl Tracker {
    /// Says whether its host serves nothing else, so that naming the host is using it.
    pub(super) fn is_only_that(&self) -> bool {
        self.path.is_empty() && !matches!(self.category, Category::Embed | Category::Font)
    }
}

const fn row(
    category: Category,
    name: &'static str,
    host: &'static str,
    path: &'static str,
) -> Tracker {
    Tracker { name, category, host, path }
}

use Category::{Advertising, Analytics, Embed, Font, SessionRecording, TagManager};

const TRACKERS: &[Tracker] = &[
    // A tag of Google Analytics comes from the host of the tag manager.
    row(Analytics, "Google Analytics", "www.googletagmanager.com", "/gtag/"),
    row(Analytics, "Google Analytics", "google-analytics.com", ""),
    row(Analytics, "Adobe Analytics", "omtrdc.net", ""),
    row(Analytics, "Adobe Analytics", "2o7.net", ""),
    row(Analytics, "Amplitude", "amplitude.com", ""),
    row(Analytics, "AT Internet", "xiti.com", ""),
    row(Analytics, "Cloudflare Web Analytics", "static.cloudflareinsights.com", ""),
    row(Analytics, "comScore", "scorecardresearch.com", ""),
    row(Analytics, "econda", "econda-monitor.de", ""),
    row(Analytics, "etracker", "etracker.com", ""),
    row(Analytics, "Heap", "heapanalytics.com", ""),
    row(Analytics, "HubSpot", "js.hs-scripts.com", ""),
    row(Analytics, "HubSpot", "js.hs-analytics.net", ""),
    row(Analytics, "INFOnline", "ioam.de", ""),
    row(Analytics, "Jetpack Stats", "stats.wp.com", ""),
    row(Analytics, "Matomo Cloud", "cdn.matomo.cloud", ""),
    row(Analytics, "Mixpanel", "mxpnl.com", ""),
    row(Analytics, "New Relic", "js-agent.newrelic.com", ""),
    row(Analytics, "Optimizely", "cdn.optimizely.com", ""),
    row(Analytics, "Pardot", "pi.pardot.com", ""),
    row(Analytics, "Quantcast", "quantserve.com", ""),
    row(Analytics, "Segment", "cdn.segment.com", ""),
    row(Analytics, "StatCounter", "statcounter.com", ""),
    row(Analytics, "Yandex Metrica", "mc.yandex.ru", ""),
    row(Analytics, "Baidu Analytics", "hm.baidu.com", ""),
    row(Advertising, "Google Ads", "doubleclick.net", ""),
    row(Advertising, "Google Ads", "googleadservices.com", ""),
    row(Advertising, "Google Ads", "googlesyndication.com", ""),
    row(Advertising, "Google Ads", "googletagservices.com", ""),
    row(Advertising, "Meta Pixel", "connect.facebook.net", ""),
    row(Advertising, "Meta Pixel", "www.facebook.com", "/tr"),
    row(Advertising, "LinkedIn Insight", "snap.licdn.com", ""),
    row(Advertising, "LinkedIn Insight", "px.ads.linkedin.com", ""),
    row(Advertising, "TikTok Pixel", "analytics.tiktok.com", ""),
    row(Advertising, "Microsoft Advertising", "bat.bing.com", ""),
    row(Advertising, "X Ads", "static.ads-twitter.com", ""),
    row(Advertising, "X Ads", "analytics.twitter.com", ""),
    row(Advertising, "Pinterest Tag", "s.pinimg.com", "/ct/"),
    row(Advertising, "Pinterest Tag", "ct.pinterest.com", ""),
    row(Advertising, "Snap Pixel", "sc-static.net", ""),
    row(Advertising, "Reddit Pixel", "www.redditstatic.com", "/ads/"),
    row(Advertising, "Quora Pixel", "a.quora.com", ""),
    row(Advertising, "Amazon Ads", "amazon-adsystem.com", ""),
    row(Advertising, "Criteo", "criteo.com", ""),
    row(Advertising, "Criteo", "criteo.net", ""),
    row(Advertising, "Taboola", "taboola.com", ""),
    row(Advertising, "Outbrain", "outbrain.com", ""),
    row(Advertising, "Xandr", "adnxs.com", ""),
    row(Advertising, "AdRoll", "adroll.com", ""),
    row(Advertising, "The Trade Desk", "adsrvr.org", ""),
    row(Advertising, "PubMatic", "pubmatic.com", ""),
    row(Advertising, "Magnite", "rubiconproject.com", ""),
    row(Advertising, "AddThis", "addthis.com", ""),
    row(Advertising, "ShareThis", "sharethis.com", ""),
    row(SessionRecording, "Hotjar", "hotjar.com", ""),
    row(SessionRecording, "Microsoft Clarity", "clarity.ms", ""),
    row(SessionRecording, "FullStory", "fullstory.com", ""),
    row(SessionRecording, "Mouseflow", "mouseflow.com", ""),
    row(SessionRecording, "Lucky Orange", "luckyorange.com", ""),
    row(SessionRecording, "LogRocket", "cdn.logrocket.io", ""),
    row(SessionRecording, "LogRocket", "cdn.lr-ingest.io", ""),
    row(SessionRecording, "Smartlook", "smartlook.com", ""),
    row(SessionRecording, "Inspectlet", "inspectlet.com", ""),
    row(SessionRecording, "Crazy Egg", "crazyegg.com", ""),
    row(SessionRecording, "Contentsquare", "contentsquare.net", ""),
    row(TagManager, "Google Tag Manager", "www.googletagmanager.com", ""),
    row(TagManager, "Adobe Experience Platform", "assets.adobedtm.com", ""),
    row(TagManager, "Tealium", "tags.tiqcdn.com", ""),
    row(Font, "Google Fonts", "fonts.googleapis.com", ""),
    row(Font, "Google Fonts", "fonts.gstatic.com", ""),
    row(Font, "Adobe Fonts", "use.typekit.net", ""),
    row(Font, "Adobe Fonts", "p.typekit.net", ""),
    row(Font, "Font Awesome", "kit.fontawesome.com", ""),
    row(Font, "Font Awesome", "use.fontawesome.com", ""),
    row(Font, "MyFonts", "fast.fonts.net", ""),
    row(Font, "MyFonts", "hello.myfonts.net", ""),
    row(Embed, "YouTube", "www.youtube.com", ""),
    row(Embed, "YouTube", "youtube.com", ""),
    row(Embed, "YouTube", "www.youtube-nocookie.com", ""),
    row(Embed, "Vimeo", "player.vimeo.com", ""),
    row(Embed, "Google Maps", "maps.googleapis.com", ""),
    row(Embed, "Google Maps", "maps.google.com", ""),
    row(Embed, "Google Maps", "www.google.com", "/maps"),
    row(Embed, "Google reCAPTCHA", "www.google.com", "/recaptcha"),
    row(Embed, "Facebook", "www.facebook.com", "/plugins"),
    row(Embed, "X", "platform.twitter.com", ""),
    row(Embed, "X", "platform.x.com", ""),
    row(Embed, "Instagram", "www.instagram.com", ""),
    row(Embed, "TikTok", "www.tiktok.com", ""),
    row(Embed, "LinkedIn", "platform.linkedin.com", ""),
    row(Embed, "Spotify", "open.spotify.com", ""),
    row(Embed, "SoundCloud", "w.soundcloud.com", ""),
    row(Embed, "Disqus", "disqus.com", ""),
    row(Embed, "Gravatar", "gravatar.com", ""),
    row(Embed, "Intercom", "widget.intercom.io", ""),
    row(Embed, "Zendesk", "static.zdassets.com", ""),
];

/// Returns the tracker that a host and path belong to, if one does.
pub(super) fn find(host: &str, path: &str) -> Option<&'static Tracker> {
    TRACKERS.iter().find(|tracker| {
        let is_below = host == tracker.host
            || host.strip_suffix(tracker.host).is_some_and(|rest| rest.ends_with('.'));
        is_below && path.starts_with(tracker.path)
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn rows_stand_once_in_lower_case_and_each_can_be_found() {
        let mut seen = BTreeSet::new();
        for tracker in TRACKERS {
            assert!(seen.insert((tracker.host, tracker.path)), "{} stands twice", tracker.host);
            assert_eq!(tracker.host, tracker.host.to_ascii_lowercase());
            let found = find(tracker.host, tracker.path).unwrap();
            assert_eq!(found.name, tracker.name, "{} hides behind another row", tracker.host);
        }
    }

    #[test]
    fn a_host_is_told_by_its_whole_labels_and_its_path() {
        let name = |host, path| find(host, path).map(|tracker| tracker.name);
        assert_eq!(name("ssl.google-analytics.com", "/ga.js"), Some("Google Analytics"));
        assert_eq!(name("notgoogle-analytics.com", "/"), None);
        assert_eq!(name("www.facebook.com", "/tr"), Some("Meta Pixel"));
        assert_eq!(name("www.facebook.com", "/ourpage"), None);
        assert_eq!(name("www.googletagmanager.com", "/gtag/js"), Some("Google Analytics"));
        assert_eq!(name("www.googletagmanager.com", "/gtm.js"), Some("Google Tag Manager"));
    }
}
