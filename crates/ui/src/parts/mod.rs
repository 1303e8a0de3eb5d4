//! The pieces that pages are made of. Each returns [`Html`](crate::Html) and escapes what it is given.

mod badge;
mod bars;
mod gauge;
mod line;
mod qr;
mod spark;

pub use badge::{grade, severity};
pub use bars::{Bar, bars};
pub use gauge::gauge;
pub use line::{Point, scores};
pub use qr::qr;
pub use spark::spark;
