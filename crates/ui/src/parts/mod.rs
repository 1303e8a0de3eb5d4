//! The pieces that pages are made of. Each returns [`Html`](crate::Html) and escapes what it is given.

mod badge;
mod bars;
mod gauge;
mod line;
mod pager;
mod paste;
mod percent;
mod qr;
mod quota_notice;
mod score_bar;
mod sort_head;
mod spark;

pub use badge::{grade, severity, severity_word};
pub use bars::{Bar, bars, stacked};
pub use gauge::gauge;
pub use line::{Mark, Point, scores};
pub use pager::pager;
pub use paste::{PREFERRED, paste};
pub use percent::percent;
pub use qr::qr;
pub use quota_notice::quota_notice;
pub use score_bar::score_bar;
pub use sort_head::{Order, SortHead, sort_head};
pub use spark::spark;
