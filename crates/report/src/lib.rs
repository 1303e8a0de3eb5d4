//! A stored [`model::Report`] in, something to read out.
//!
//! [`ReportView`] is the report with its words: titles, advice and controls, taken from the
//! catalogue by id. It is the API's report object, and every other format is printed from it, so
//! that a report fetched from a server prints like one made here.
//!
//! [`DiffView`] holds two of them side by side.
//!
//! Invariants: pure functions, no I/O; whatever a target said is escaped for the format it is
//! printed in; a check that left the catalogue still prints.
//!
//! To add a format: a file here that takes `&ReportView`, its line below, a snapshot over
//! `sample::view()`. One that people take away as a file is a variant of [`Format`] as well.

mod compliance;
pub mod csv;
mod diff;
mod diff_text;
mod escape;
mod format;
pub mod html;
mod json;
pub mod junit;
pub mod markdown;
#[cfg(test)]
mod sample;
pub mod sarif;
pub mod text;
mod view;

pub use diff::{ComparedScan, DiffIssue, DiffView, ModuleChange};
pub use format::Format;
pub use json::{
    CapView, CheckRef, ControlRef, ControlResult, ControlView, CoverageView, FrameworkView,
    IssueView, LedgerLineView, LedgerView, ModuleDetail, ModuleView, NotTestedView, PasteView,
    ReportView, ScopeView, SkippedView, UntestedCheck,
};
