use askama::Template;
use model::Grade;

use crate::{Frame, Html};

/// A domain to choose.
#[derive(Debug, Clone)]
pub struct DomainChoice {
    pub domain: String,
    pub is_chosen: bool,
}

/// A compared domain: a column of the matrix.
#[derive(Debug, Clone)]
pub struct Column {
    pub domain: String,
    /// `None` when no scan of it was completed.
    pub scan: Option<i64>,
    pub grade: Option<Grade>,
    pub score: Option<u8>,
    pub when: Option<Html>,
}

/// The scores of one module, a cell a column.
#[derive(Debug, Clone)]
pub struct ModuleLine {
    pub title: &'static str,
    /// The same with the best in this module first.
    pub sort: String,
    pub is_sorted: bool,
    /// Where the findings of the module are, and the score.
    pub cells: Vec<(Option<String>, Option<u8>)>,
}

/// Domains side by side.
#[derive(Debug, Template)]
#[template(path = "comparison.html")]
pub struct Comparison {
    pub frame: Frame,
    pub choices: Vec<DomainChoice>,
    /// What is wrong with the choice.
    pub problem: Option<String>,
    /// The best first; empty until something is compared.
    pub columns: Vec<Column>,
    pub lines: Vec<ModuleLine>,
    /// Who is on top and by how much, in words.
    pub verdict: String,
    /// The same with the best score first, and whether it is.
    pub sort: String,
    pub is_sorted: bool,
    /// Where the same stands as CSV.
    pub csv: String,
}
