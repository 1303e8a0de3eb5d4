use model::Ownership;
use report::PasteView;

/// What shows that a domain is the account's: to publish, and as it was found. A part of pages, by the
/// template of the same name.
#[derive(Debug, Clone)]
pub struct Claim {
    /// The domain that the record covers with everything below.
    pub covers: String,
    /// The record as a line of the zone, alone.
    pub record: [PasteView; 1],
    /// Where the file is.
    pub file: String,
    /// What the file holds.
    pub content: String,
    /// `None` when nobody looked.
    pub found: Option<Ownership>,
}

impl Claim {
    /// Returns where the proof was found.
    pub fn place(&self) -> Option<&str> {
        match &self.found {
            Some(Ownership::Proven { place, .. }) => Some(place),
            _ => None,
        }
    }
}
