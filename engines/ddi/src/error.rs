//! Why a document was refused as a whole.

/// A place in a document: line and column, both from 1, the column in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)
    }
}

/// Why no code book was imported. When one of these is returned, nothing was.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DdiError {
    /// The document is longer than the limit.
    #[error("the document has {bytes} bytes, more than the {limit} allowed")]
    TooLarge {
        /// Its length.
        bytes: usize,
        /// The limit.
        limit: usize,
    },
    /// Elements are nested deeper than the limit.
    #[error("{place}: elements are nested more than {limit} deep")]
    TooDeep {
        /// Where the limit was passed.
        place: Place,
        /// The limit.
        limit: usize,
    },
    /// There are more elements, or more attributes on one element, than the limit.
    #[error("{place}: more than {limit} {what}")]
    TooMany {
        /// Where the limit was passed.
        place: Place,
        /// `elements` or `attributes on one element`.
        what: &'static str,
        /// The limit.
        limit: usize,
    },
    /// The encoding's name is not known.
    #[error("the encoding `{0}` is not known")]
    UnknownEncoding(String),
    /// The bytes are not of the encoding that the document declares.
    #[error("{place}: these bytes are not {encoding}, the document's declared or implied encoding")]
    WrongEncoding {
        /// The encoding that was tried.
        encoding: String,
        /// Where the first wrong byte stands (line 1, column 1 when that cannot be told).
        place: Place,
    },
    /// The document type declares entities. Threat: a few of them expand to gigabytes (the XML
    /// bomb), or name a file of this machine.
    #[error("{0}: the document type declares entities, which are never expanded here")]
    EntityDeclaration(Place),
    /// An entity that XML does not define, such as `&nbsp;`.
    #[error("{place}: the entity `&{name};` is not defined in XML")]
    UnknownEntity {
        /// The entity's name.
        name: String,
        /// Where it stands.
        place: Place,
    },
    /// There is no element at all.
    #[error("this is not an XML document")]
    NotXml,
    /// The XML is not well-formed, or stops before its end.
    #[error("{place}: {message}")]
    Malformed {
        /// Where reading stopped.
        place: Place,
        /// What is wrong there.
        message: String,
    },
    /// Well-formed XML without a code book.
    #[error("the root element is `{root}` (namespace `{namespace}`), not a code book: {hint}")]
    NotCodebook {
        /// Local name of the root element.
        root: String,
        /// Its namespace; empty when it has none.
        namespace: String,
        /// What the document seems to be, in words.
        hint: String,
    },
}
