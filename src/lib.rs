//! keyrot finds keys that leaked into repositories and tells which keys are past their time.
pub mod diagnostic;
pub mod finding;
pub mod rule;
pub mod scan;
pub mod secret;
pub mod source;
mod toml_reader;
