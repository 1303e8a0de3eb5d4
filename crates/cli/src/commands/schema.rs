use std::io::Write;

use super::answer::print_json;
use crate::failure::Result;

/// Print the JSON Schema of the report object
///
/// What `scan --json` prints and the API gives is valid against it: JSON Schema 2020-12, members are
/// added and never renamed or removed. A server has it at /schemas/report.json.
#[derive(Debug, clap::Args)]
pub(crate) struct SchemaArgs {}

pub(crate) fn schema(out: &mut dyn Write, _: &SchemaArgs) -> Result<()> {
    print_json(out, &server::report_schema())
}
