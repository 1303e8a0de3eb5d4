//! A stored [`model::Report`] in, something to read out.
//!
//! [`ReportView`] is the report with its words: titles, advice and controls, taken from the
//! catalogue by id. It is the API's report object, and every other format is printed from it, so
//! that a report fetched from a server prints like one made here.
//!
//! [`DiffView`] holds two of them side by side. HTML and PDF are printed from one `document`; an
//! [`Attestation`] shows a file to be what was issued.
//!
//! Invariants: pure functions, no I/O; whatever a target said is escaped for the format it is
//! printed in; a check that left the catalogue still prints.
//!
//! To add a format: a file here that takes `&ReportView`, its line below, a snapshot over
//! `sample::view()`. One that people take away as a file is a variant of [`Format`] as well.

mod acceptance;
mod addresses;
mod attestation;
pub mod badge;
mod compliance;
pub mod csv;
mod diff;
mod diff_text;
mod document;
pub mod escape;
mod format;
pub mod html;
mod insurance;
mod json;
pub mod junit;
pub mod markdown;
mod pdf;
mod redaction;
#[cfg(test)]
mod sample;
pub mod sarif;
pub mod text;
mod view;

pub use acceptance::AcceptedView;
pub use attestation::{Doubt, PublicKey, PublicKeys, SigningKey};
pub use diff::{ComparedScan, DiffIssue, DiffView, ModuleChange};
pub use format::{Format, Kind};
pub use json::{
    Attestation, CapView, CheckRef, ControlRef, ControlResult, ControlView, CoverageView,
    FrameworkView, IssueView, LedgerLineView, LedgerView, LookedView, ModuleDetail, ModuleView,
    NextGradeView, NotTestedView, OwnershipView, PasteView, ReportView, SCHEMA_VERSION, ScopeView,
    SkippedView, UntestedCheck,
};
pub use redaction::Redaction;
