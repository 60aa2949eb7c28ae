//! What an import has to say about a document that it could read.

use serde::{Deserialize, Serialize};

/// The kind of a problem: stable, so that pages can translate it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// The code book is in a namespace that no DDI-Codebook version has; it was read all the same.
    WrongNamespace,
    /// The `version` attribute names no version that this crate knows; it was read all the same.
    UnknownVersion,
    /// A valid DDI element for which the model has no field.
    ElementNotInModel,
    /// An element that DDI-Codebook does not have, or not there.
    UnknownElement,
    /// An element of another vocabulary.
    ForeignElement,
    /// An attribute for which the model has no field.
    AttributeNotInModel,
    /// Text where only elements may stand.
    UnexpectedText,
    /// Text with markup inside: the model has the text, the residue has the markup.
    Markup,
    /// `xml-lang`, a plain attribute of old exports that means nothing: never the language.
    XmlLangAttribute,
    /// A language that is no language tag; the text is kept without a language.
    BadLanguage,
    /// A language tag whose first part is not in ISO 639; kept as it is.
    UnknownLanguage,
    /// A language tag that was written in its usual form, such as `en-gb` as `en-GB`.
    LanguageNormalised,
    /// An element that may stand only once, repeated: its content was joined to the first.
    Joined,
    /// A number, a date or a yes/no that is not one.
    BadValue,
    /// A variable without a name.
    MissingName,
    /// No title, or an empty one.
    MissingTitle,
    /// Two variables of one file with one name.
    DuplicateName,
    /// A reference to a file or variable that is not there.
    DanglingReference,
}

/// One thing that is invalid, unknown or not representable, where it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
    /// Such as `/codeBook/dataDscr/var[12]/catgry`; the index is omitted for the first.
    pub path: String,
    /// The kind.
    pub code: Code,
    /// The kind, in English, with what was found.
    pub message: String,
    /// Whether the content is in the import all the same: in a field, or as residue.
    pub kept: bool,
}
