//! Tables in files: CSV to Parquet with a full type pass, Parquet read for preview and checks,
//! and a small reader of text tables.
//!
//! One rule stands above all others: **no value is changed in silence**. What a type cannot hold
//! exactly stays text, and the report says why. The crate knows nobody in the workspace and opens
//! no file but those that its caller names. Start reading at [`csv::convert`].

pub mod encoding;
pub mod sniff;
pub mod text;
