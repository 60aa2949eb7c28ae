//! The full-text index: one document a source and one a variable, each with the key of its source.

use std::{fs, path::Path};

use tantivy::{
    Index, IndexReader, IndexWriter, ReloadPolicy, TantivyDocument, Term,
    schema::{
        FAST, Field, INDEXED, IndexRecordOption, STORED, Schema, TextFieldIndexing, TextOptions,
    },
};

use super::words::{fold, stem, words};

/// Memory that a writer may use, in bytes: the least that the engine takes for one source, more for
/// all of them.
const ONE: usize = 15_000_000;
const ALL: usize = 60_000_000;

/// The index with its fields.
pub(super) struct TextIndex {
    pub(super) index: Index,
    pub(super) reader: IndexReader,
    pub(super) fields: Fields,
}

#[derive(Clone, Copy)]
pub(super) struct Fields {
    /// The source, by the low half of its id, which is random.
    pub(super) key: Field,
    /// 1 for a variable, 0 for a source.
    pub(super) variable: Field,
    /// The variable's name.
    pub(super) name: Field,
    pub(super) label_fr: Field,
    pub(super) label_en: Field,
    /// Words without case and accents.
    pub(super) exact: Field,
    /// The same without plurals.
    pub(super) stem: Field,
}

/// One document to be indexed.
pub(super) struct Entry {
    pub(super) variable: bool,
    pub(super) name: String,
    pub(super) label_fr: String,
    pub(super) label_en: String,
    /// All its texts, in every language.
    pub(super) text: String,
}

/// What is indexed of one source.
pub(super) struct Shelved {
    pub(super) key: u64,
    pub(super) entries: Vec<Entry>,
}

fn schema() -> (Schema, Fields) {
    let mut builder = Schema::builder();
    let indexing = TextFieldIndexing::default()
        .set_tokenizer("whitespace")
        .set_index_option(IndexRecordOption::WithFreqs);
    let text = TextOptions::default().set_indexing_options(indexing);
    let fields = Fields {
        key: builder.add_u64_field("key", FAST | INDEXED),
        variable: builder.add_u64_field("variable", FAST),
        name: builder.add_text_field("name", STORED),
        label_fr: builder.add_text_field("label_fr", STORED),
        label_en: builder.add_text_field("label_en", STORED),
        exact: builder.add_text_field("exact", text.clone()),
        stem: builder.add_text_field("stem", text),
    };
    (builder.build(), fields)
}

impl TextIndex {
    /// Opens the index in `dir`; makes an empty one where there is none, or none of this form.
    pub(super) fn open(dir: &Path) -> Outcome<Self> {
        fs::create_dir_all(dir)?;
        let (wanted, fields) = schema();
        let index = match Index::open_in_dir(dir) {
            Ok(index) if index.schema() == wanted => index,
            // Everything in it comes from the database: what cannot be read is made again.
            _ => {
                fs::remove_dir_all(dir)?;
                fs::create_dir_all(dir)?;
                Index::create_in_dir(dir, wanted)?
            }
        };
        let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()?;
        Ok(Self { index, reader, fields })
    }

    /// The stamp of the database that the index was last made from.
    pub(super) fn stamp(&self) -> Option<String> {
        self.index.load_metas().ok()?.payload
    }

    /// Makes the whole index anew.
    pub(super) fn rebuild(
        &self,
        shelved: impl Iterator<Item = Shelved>,
        stamp: &str,
    ) -> Outcome<()> {
        let writer = self.index.writer_with_num_threads(1, ALL)?;
        writer.delete_all_documents()?;
        for source in shelved {
            self.add(&writer, &source)?;
        }
        self.commit(writer, stamp)
    }

    /// Makes the documents of one source anew; none where it is not to be found any more.
    pub(super) fn replace(&self, source: &Shelved, stamp: &str) -> Outcome<()> {
        let writer = self.index.writer_with_num_threads(1, ONE)?;
        writer.delete_term(Term::from_field_u64(self.fields.key, source.key));
        self.add(&writer, source)?;
        self.commit(writer, stamp)
    }

    fn add(&self, writer: &IndexWriter, source: &Shelved) -> Outcome<()> {
        for entry in &source.entries {
            let folded = fold(&entry.text);
            let exact: Vec<&str> = words(&folded).collect();
            let stems: Vec<String> = exact.iter().map(|word| stem(word)).collect();
            let mut document = TantivyDocument::new();
            document.add_u64(self.fields.key, source.key);
            document.add_u64(self.fields.variable, u64::from(entry.variable));
            document.add_text(self.fields.name, &entry.name);
            document.add_text(self.fields.label_fr, &entry.label_fr);
            document.add_text(self.fields.label_en, &entry.label_en);
            document.add_text(self.fields.exact, exact.join(" "));
            document.add_text(self.fields.stem, stems.join(" "));
            writer.add_document(document)?;
        }
        Ok(())
    }

    fn commit(&self, mut writer: IndexWriter, stamp: &str) -> Outcome<()> {
        let mut prepared = writer.prepare_commit()?;
        prepared.set_payload(stamp);
        prepared.commit()?;
        // A writer that is dropped gives up its merges: each change would leave a segment more.
        writer.wait_merging_threads()?;
        Ok(self.reader.reload()?)
    }
}

/// A result whose error is any cause: it becomes a [`crate::Failure::Engine`] one level up.
pub(super) type Outcome<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;
