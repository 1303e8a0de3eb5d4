//! How reports leave: to standard output in one format, and to files in others.

use std::fs;
use std::io::{IsTerminal, Write};
use std::path::PathBuf;

use report::text::Colour;
use report::{Format, Kind, ReportView, sarif};

use crate::failure::{Failure, Result};
use crate::terminal::{self, Stream};

#[derive(Debug, clap::Args)]
pub(super) struct OutputArgs {
    /// What to print: table, json, jsonl, sarif, junit, markdown, csv, html or pdf
    #[arg(long, value_name = "FORMAT", default_value = "table", value_parser = Shape::parse)]
    format: Shape,
    /// Print the API's report object, the same as --format json
    #[arg(long, conflicts_with = "format")]
    json: bool,
    /// Write the reports to a file as well, as in sarif:scan.sarif; may be given again
    #[arg(long, short, value_name = "FORMAT:FILE", value_parser = Output::parse)]
    output: Vec<Output>,
    /// Print what brokers and underwriters ask, in html and pdf
    #[arg(long)]
    insurance: bool,
    /// File of the repository that SARIF shows the findings in
    #[arg(long, value_name = "FILE")]
    sarif_anchor: Option<String>,
}

/// A format of one report or several.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    Table,
    /// A report a line.
    Jsonl,
    File(Format),
}

impl Shape {
    fn parse(word: &str) -> std::result::Result<Self, String> {
        match word {
            "table" => Ok(Self::Table),
            "jsonl" => Ok(Self::Jsonl),
            word => Format::parse(word).map(Self::File).ok_or_else(|| {
                let words: Vec<_> = Format::ALL.iter().map(|format| format.as_str()).collect();
                format!("use table, jsonl, {}", words.join(", "))
            }),
        }
    }

    /// Returns whether each report stands for itself, so that it need not wait for the others.
    fn is_stream(self) -> bool {
        matches!(self, Self::Table | Self::Jsonl | Self::File(Format::Json))
    }
}

#[derive(Debug, Clone)]
struct Output {
    shape: Shape,
    path: PathBuf,
}

impl Output {
    fn parse(text: &str) -> std::result::Result<Self, String> {
        let (word, path) = text.split_once(':').ok_or("use FORMAT:FILE, as in sarif:scan.sarif")?;
        match path.is_empty() {
            true => Err("names no file".to_owned()),
            false => Ok(Self { shape: Shape::parse(word)?, path: path.into() }),
        }
    }
}

impl OutputArgs {
    fn shape(&self) -> Shape {
        if self.json { Shape::File(Format::Json) } else { self.format }
    }

    /// Finds what would go wrong after the scan, before it.
    pub(super) fn check(&self, domains: usize) -> Result<()> {
        let shapes = self.output.iter().map(|output| output.shape).chain([self.shape()]);
        for shape in shapes {
            match shape {
                Shape::File(format) if domains > 1 && format.is_single() => {
                    let problem = format!("`{}` is about one domain", format.as_str());
                    return Err(Failure::usage(problem)
                        .hint("scan one at a time, or choose another format"));
                }
                _ => {}
            }
        }
        if self.shape() == Shape::File(Format::Pdf) && std::io::stdout().is_terminal() {
            return Err(Failure::usage("a PDF is not for a terminal")
                .hint("write it to a file: -o pdf:report.pdf"));
        }
        for Output { path, .. } in &self.output {
            // Appending nothing: what is there stays until there is something better.
            let opened = fs::OpenOptions::new().create(true).append(true).open(path);
            opened.map_err(|error| {
                Failure::usage(format!("{} cannot be written: {error}", path.display()))
            })?;
        }
        Ok(())
    }

    /// Prints a report as soon as it is there, if the format allows that.
    pub(super) fn print_one(&self, view: &ReportView) -> Result<()> {
        match self.shape().is_stream() {
            true => self.print(self.shape(), std::slice::from_ref(view)),
            false => Ok(()),
        }
    }

    /// Prints what had to wait for all reports, and writes the files.
    pub(super) fn finish(&self, views: &[ReportView]) -> Result<()> {
        if !self.shape().is_stream() {
            self.print(self.shape(), views)?;
        }
        for Output { shape, path } in &self.output {
            let bytes = self.document(*shape, views, Colour::Plain);
            fs::write(path, bytes).map_err(|error| {
                Failure::usage(format!("{} cannot be written: {error}", path.display()))
            })?;
        }
        Ok(())
    }

    fn print(&self, shape: Shape, views: &[ReportView]) -> Result<()> {
        let stdout = std::io::stdout();
        let colour = terminal::colour(Stream::Out);
        let bytes = self.document(shape, views, colour);
        match (shape, colour) {
            // Kept as it is even where `anstream` would strip it: it was asked for.
            (Shape::File(Format::Pdf), _) | (_, Colour::Ansi) => stdout.lock().write_all(&bytes)?,
            (_, Colour::Plain) => anstream::stdout().write_all(&bytes)?,
        }
        Ok(())
    }

    fn document(&self, shape: Shape, views: &[ReportView], colour: Colour) -> Vec<u8> {
        let text: String = match shape {
            Shape::Table => {
                let width = terminal::width().unwrap_or(100);
                views.iter().map(|view| report::text::report(view, colour, width) + "\n").collect()
            }
            Shape::Jsonl => views.iter().map(ReportView::to_json_line).collect(),
            Shape::File(Format::Sarif) => sarif::log(views, self.sarif_anchor.as_deref()),
            Shape::File(Format::Html) if self.insurance => {
                views.iter().map(|view| Kind::Insurance.html(view)).collect()
            }
            Shape::File(Format::Pdf) if self.insurance => {
                return views.iter().flat_map(|view| Kind::Insurance.pdf(view)).collect();
            }
            Shape::File(format) => return format.print(views),
        };
        text.into_bytes()
    }
}
