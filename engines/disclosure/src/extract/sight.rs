//! What readers notice that is neither text nor table.

use serde::{Deserialize, Serialize};

use crate::report::{Location, Within};

/// What kind of thing was noticed. The rules say what it means: `rules/seen.rs`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sight {
    /// A hidden or very hidden sheet, slide or page that holds something.
    HiddenSheet,
    /// Hidden rows that hold something.
    HiddenRow,
    /// Hidden columns that hold something.
    HiddenColumn,
    /// A number format that shows nothing of the value.
    HidingFormat,
    /// Letters in the colour of the page, or too small to be seen.
    InvisibleFont,
    /// A comment, a note or an annotation.
    Comment,
    /// An insertion or deletion that was not accepted.
    TrackedChange,
    /// Text that a reader of the document does not see.
    HiddenText,
    /// A comment of the markup with figures in it.
    MarkupComment,
    /// A hidden name of a workbook.
    HiddenName,
    /// The records behind a pivot table.
    PivotCache,
    /// Values behind a chart that stand in no visible sheet.
    ChartCache,
    /// Values of another workbook, kept with a link to it.
    ExternalCache,
    /// A file inside the file.
    EmbeddedFile,
    /// Data written into the text as base64 or as a script's literal.
    Blob,
    /// The data behind an interactive plot.
    PlotData,
    /// A graph that keeps its data (Stata).
    LiveGraph,
    /// A program inside a document.
    Macro,
    /// The name of a person in the properties.
    Person,
    /// A path of a computer in the properties.
    Path,
    /// Markers of single units in a graphic.
    Points,
    /// Needs a password.
    Encrypted,
    /// Not read, for the reason given.
    #[default]
    Unread,
    /// A data file of statistical software, or another serialized object.
    Dataset,
    /// A serialized model.
    Model,
    /// A serialized model that keeps data of single units.
    ModelData,
    /// The extension promises another content.
    Mismatch,
    /// Data behind the end of the content, or before its start.
    Appended,
    /// A picture that no program here could read.
    PictureUnread,
    /// A picture without any text.
    PictureBlank,
}

/// One thing noticed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// What kind of thing.
    pub sight: Sight,
    /// What it is, in a few words or by a few of its own.
    pub what: String,
    /// How many of them, where that says something.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
    /// Where in the part.
    pub at: Location,
    /// In which part.
    pub within: Within,
}
