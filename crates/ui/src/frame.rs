//! What stands around every page: head, navigation, heading, banners.

use model::{Grade, ScanStatus, Scope, Severity, TeamRole};

use crate::pages::team::{role_meaning, role_name};
use crate::words::texts;
use crate::{Html, Lang, Words, parts};

/// The place of a page in the navigation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Section {
    Overview,
    Scans,
    Domains,
    Alerts,
    Compare,
    Compliance,
    Profile,
    ApiKeys,
    AlertPreferences,
    Security,
    Usage,
    AuditLog,
    Team,
    Admin,
    Users,
    Plans,
    Docs,
    /// A page that the navigation does not lead to.
    Elsewhere,
}

/// One link of the navigation.
struct Link {
    section: Section,
    label: &'static str,
    path: &'static str,
}

const fn link(section: Section, label: [&'static str; 1], path: &'static str) -> Link {
    Link { section, label: label[0], path }
}

const MAIN: &[Link] = &[
    link(Section::Overview, texts!["Overview"], "/overview"),
    link(Section::Scans, texts!["Scans"], "/scans"),
    link(Section::Domains, texts!["Domains"], "/domains"),
    link(Section::Alerts, texts!["Alerts"], "/alerts"),
    link(Section::Compare, texts!["Compare"], "/compare"),
    link(Section::Compliance, texts!["Compliance"], "/compliance"),
];
const SETTINGS: &[Link] = &[
    link(Section::Profile, texts!["Profile"], "/settings/profile"),
    link(Section::ApiKeys, texts!["API Keys"], "/settings/api-keys"),
    link(Section::AlertPreferences, texts!["Alert Preferences"], "/settings/alerts"),
    link(Section::Security, texts!["Security"], "/settings/security"),
    link(Section::Usage, texts!["Usage & Plan"], "/settings/usage"),
    link(Section::AuditLog, texts!["Audit log"], "/settings/audit-log"),
    link(Section::Team, texts!["Team"], "/settings/team"),
];
/// For whoever operates the instance.
const ADMIN: &[Link] = &[
    link(Section::Admin, texts!["Instance"], "/admin"),
    link(Section::Users, texts!["Users"], "/admin/users"),
    link(Section::Plans, texts!["Plans"], "/admin/plans"),
];
const MORE: &[Link] = &[link(Section::Docs, texts!["API docs"], "/docs")];

/// Light, dark, or what the system says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Theme {
    #[default]
    System,
    Light,
    Dark,
}

impl Theme {
    /// Every theme.
    pub const ALL: &'static [Self] = &[Self::System, Self::Light, Self::Dark];

    /// Returns the word for it in the cookie and in the `html` element.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// Returns the theme of a word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|theme| theme.as_str() == word)
    }
}

/// How a message is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    Good,
    Warning,
    Problem,
}

impl Tone {
    /// Returns the class of its box.
    pub fn class(self) -> &'static str {
        match self {
            Self::Good => "notice good",
            Self::Warning => "notice warning",
            Self::Problem => "notice problem",
        }
    }
}

/// A message on top of a page: what happened, or what stands in the way.
#[derive(Debug, Clone)]
pub struct Notice {
    pub tone: Tone,
    pub text: String,
    /// A next step: label and path.
    pub link: Option<(String, String)>,
}

impl Notice {
    /// Returns whether it says what was just done: then it is where the focus goes, since a browser
    /// leaves it at the beginning of the page that a form leads to.
    pub fn is_news(&self) -> bool {
        self.tone == Tone::Good
    }
}

/// Who looks at the page.
#[derive(Debug, Clone)]
pub struct Who {
    pub email: String,
    /// What their role in the team may do.
    pub scopes: &'static [Scope],
    /// Whether they operate the instance.
    pub is_operator: bool,
}

/// Everything around a page's content.
#[derive(Debug, Clone)]
pub struct Frame {
    /// The `h1`, and the title before the product's name.
    pub title: String,
    /// One muted sentence below the title.
    pub lead: String,
    pub section: Section,
    pub words: Words,
    pub theme: Theme,
    /// The product whose configuration is shown first; empty for whichever comes first.
    pub product: &'static str,
    /// `None` before sign-in: such pages have no navigation.
    pub who: Option<Who>,
    /// The hidden field that shows a form to be ours; empty where there is none.
    pub form_token: String,
    pub notices: Vec<Notice>,
    /// The primary action: label and path.
    pub action: Option<(String, String)>,
    /// Alerts that nobody has read, up to [`Self::MOST_UNREAD`].
    pub unread: i64,
    /// Seconds after which a browser without script loads the page again.
    pub refresh: Option<u32>,
}

impl Frame {
    /// As many unread alerts as are counted.
    pub const MOST_UNREAD: i64 = 100;

    /// Returns the frame of a page, with nothing but its title.
    pub fn new(title: impl Into<String>, section: Section, words: Words, theme: Theme) -> Self {
        Self {
            title: title.into(),
            lead: String::new(),
            section,
            words,
            theme,
            product: "",
            who: None,
            form_token: String::new(),
            notices: Vec::new(),
            action: None,
            unread: 0,
            refresh: None,
        }
    }

    /// Returns whether who looks may do that. Pages do not offer what would be refused.
    pub fn may(&self, scope: Scope) -> bool {
        self.who.as_ref().is_some_and(|who| who.scopes.contains(&scope))
    }

    /// Returns whether who looks may start scans and end them.
    pub fn may_scan(&self) -> bool {
        self.may(Scope::ScansWrite)
    }

    /// Says a text.
    pub fn t(&self, english: &'static str) -> &'static str {
        self.words.t(english)
    }

    /// Says a text with one value.
    pub fn t1(&self, english: &'static str, value: impl std::fmt::Display) -> String {
        self.words.t1(english, value)
    }

    /// Says a text with two values.
    pub fn t2(
        &self,
        english: &'static str,
        first: impl std::fmt::Display,
        second: impl std::fmt::Display,
    ) -> String {
        self.words.t2(english, first, second)
    }

    /// Says how many.
    pub fn tn(&self, count: &i64, one: &'static str, many: &'static str) -> String {
        self.words.tn(*count, one, many)
    }

    /// Says a number, with separators between its thousands.
    pub fn number(&self, number: &i64) -> String {
        self.words.number(*number)
    }

    /// Returns what a role in the team is called.
    pub fn role(&self, role: &TeamRole) -> &'static str {
        role_name(self.words, *role)
    }

    /// Returns what somebody of a role in the team may do.
    pub fn role_meaning(&self, role: &TeamRole) -> &'static str {
        role_meaning(self.words, *role)
    }

    /// Returns the word for where a scan stands.
    pub fn scan_status(&self, status: &ScanStatus) -> &'static str {
        self.words.scan_status(*status)
    }

    /// Returns a severity as a chip.
    pub fn severity(&self, severity: &Severity) -> Html {
        parts::severity(self.words, *severity)
    }

    /// Returns a grade as a letter on its colour.
    pub fn grade(&self, grade: &Option<Grade>) -> Html {
        parts::grade(self.words, *grade)
    }

    /// Returns the gauge of a score.
    pub fn gauge(&self, grade: &Option<Grade>, score: Option<i64>) -> Html {
        parts::gauge(self.words, *grade, score)
    }

    /// Returns a score with a small bar.
    pub fn score_bar(&self, score: &Option<u8>) -> Html {
        parts::score_bar(self.words, score.map(i64::from))
    }

    /// Returns configuration to paste, a panel a product.
    pub fn paste(&self, place: &str, pastes: &[report::PasteView]) -> Html {
        parts::paste(self.words, place, pastes, self.product)
    }

    /// Returns a text whose literals stand between backticks, as reference texts have them.
    pub fn prose(&self, text: &str) -> Html {
        let mut html = Html::new();
        for (number, part) in text.split('`').enumerate() {
            match number % 2 {
                0 => html.text(part),
                _ => html.raw("<code>").text(part).raw("</code>"),
            };
        }
        html
    }

    /// Returns the `lang` of an element whose text is English on every page (WCAG 2.2, 3.1.2): what
    /// was seen, and what alerts and frameworks say.
    pub fn english(&self) -> Html {
        let mut html = Html::new();
        if self.words.lang != Lang::English {
            html.raw(" lang=\"en\"");
        }
        html
    }

    /// Returns thousandths of a point as points with their sign.
    pub fn points(&self, milli: &i64) -> String {
        self.words.points(*milli)
    }

    /// Returns a moment in words, the exact one on hover.
    pub fn time(&self, at: &model::Timestamp, now: &model::Timestamp) -> Html {
        self.words.time(*at, *now)
    }

    /// Returns the head of a column that a list can be sorted by.
    pub fn sort_head(&self, head: &parts::SortHead) -> Html {
        parts::sort_head(head)
    }

    /// Returns the way to the next page of a list.
    pub fn pager(&self, next: &Option<String>, label: &str) -> Html {
        parts::pager(next.as_deref(), label)
    }

    /// Returns the navigation.
    pub fn navigation(&self) -> Html {
        let mut html = Html::new();
        self.links(&mut html, MAIN);
        html.raw("<h2>").text(self.t("Settings")).raw("</h2>");
        self.links(&mut html, SETTINGS);
        if self.who.as_ref().is_some_and(|who| who.is_operator) {
            html.raw("<h2>").text(self.t("Administration")).raw("</h2>");
            self.links(&mut html, ADMIN);
        }
        html.raw("<h2>").text(self.t("Help")).raw("</h2>");
        self.links(&mut html, MORE);
        html
    }

    fn links(&self, html: &mut Html, links: &'static [Link]) {
        html.raw("<ul>");
        for link in links {
            html.raw("<li><a href=\"").raw(link.path).raw("\"");
            if link.section == self.section {
                html.raw(" aria-current=\"page\"");
            }
            html.raw(">").text(self.t(link.label));
            if link.section == Section::Alerts && self.unread > 0 {
                self.count(html);
            }
            html.raw("</a></li>");
        }
        html.raw("</ul>");
    }

    fn count(&self, html: &mut Html) {
        let number = match self.unread {
            ..Self::MOST_UNREAD => self.unread.to_string(),
            _ => format!("{}+", Self::MOST_UNREAD - 1),
        };
        html.raw(" <span class=\"count\">").text(&number);
        html.raw("<span class=\"hidden\"> ").text(self.t("unread")).raw("</span></span>");
    }

    /// Returns the path of a file of [`crate::assets`].
    pub fn asset(&self, name: &str) -> &'static str {
        crate::assets::path(name)
    }

    /// Returns the tags of the languages other than the present one, with their names.
    pub fn other_languages(&self) -> Vec<(&'static str, &'static str)> {
        let others = Lang::ALL.iter().filter(|lang| **lang != self.words.lang);
        others.map(|lang| (lang.tag(), lang.name())).collect()
    }

    /// Returns the place for what is wrong with a form that was refused.
    pub fn problems(&self) -> Html {
        let mut html = Html::new();
        html.raw(crate::summary::PLACE);
        html
    }

    /// Returns the hidden field of a form.
    pub fn form_token(&self) -> Html {
        let mut html = Html::new();
        if !self.form_token.is_empty() {
            html.raw("<input type=\"hidden\" name=\"form_token\" value=\"");
            html.text(&self.form_token).raw("\">");
        }
        html
    }
}
