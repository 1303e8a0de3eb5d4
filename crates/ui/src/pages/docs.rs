use askama::Template;
use report::PasteView;

use crate::Frame;

/// A field of a request or an answer.
#[derive(Debug, Clone)]
pub struct FieldRow {
    pub name: String,
    /// What may stand there, for people: `integer`, `list of IssueView`.
    pub kind: String,
    /// The object that `kind` names, which stands further down.
    pub object: Option<String>,
    pub is_required: bool,
    pub about: String,
}

/// One thing that can be asked for.
#[derive(Debug, Clone)]
pub struct Operation {
    /// Unique on the page.
    pub id: String,
    pub method: String,
    pub path: String,
    pub summary: String,
    pub paragraphs: Vec<String>,
    /// Who may ask.
    pub access: Access,
    /// What stands in the path, the query and the headers.
    pub parameters: Vec<FieldRow>,
    pub body: Vec<FieldRow>,
    /// Status, what it says, and the object it brings.
    pub answers: Vec<(String, String, Option<String>)>,
    /// The request in several languages.
    pub samples: Vec<PasteView>,
}

/// Who may ask for something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Access {
    Anybody,
    /// Only a signed-in person.
    SignedIn,
    /// A signed-in person, or a key with these scopes.
    Key(Vec<String>),
}

/// An object that requests or answers are made of.
#[derive(Debug, Clone)]
pub struct Object {
    pub name: String,
    pub about: String,
    pub fields: Vec<FieldRow>,
    /// For one of a few words.
    pub words: Vec<String>,
}

/// What an error says, and what helps.
#[derive(Debug, Clone)]
pub struct ErrorRow {
    pub status: u16,
    pub family: &'static str,
    pub code: &'static str,
    pub meaning: &'static str,
    pub advice: &'static str,
}

/// The reference of the API.
#[derive(Debug, Template)]
#[template(path = "docs.html")]
pub struct Docs {
    pub frame: Frame,
    pub query: String,
    /// The public half of a key of who looks.
    pub key_id: Option<String>,
    /// Where this service is.
    pub base_url: String,
    /// Operations by their subject.
    pub groups: Vec<(&'static str, Vec<&'static Operation>)>,
    pub objects: Vec<&'static Object>,
    pub errors: Vec<ErrorRow>,
}

impl Docs {
    /// Returns whether a search found nothing.
    pub fn is_empty(&self) -> bool {
        self.groups.is_empty() && self.objects.is_empty() && self.errors.is_empty()
    }

    /// Returns an id for the address of a part of the page.
    pub fn anchor(text: &str) -> String {
        text.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect()
    }
}
