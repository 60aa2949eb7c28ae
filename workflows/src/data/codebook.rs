//! Code books: DDI-Codebook documents that describe a source down to its variables.

use std::collections::BTreeMap;

use ddi::CodeBook;
use domain::{
    Actor, Lang, Producer, ProducerId, Source, SourceId, Text,
    data::source::{Description, Route, may_describe, may_see},
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest, Sha256};
use store::{Store, StoredCodebook};

use super::{
    codebook_waiting::{Outcome, doubt, folder, forget, keep},
    source::taken,
};
use crate::{Centre, Failure};

/// How a code book differs from the one that it takes the place of.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changes {
    /// Whether there was one before.
    pub had_one: bool,
    /// Whether something outside of the variables changed: title, coverage, method, access, files.
    pub study: bool,
    /// Names of new variables.
    pub added: Vec<String>,
    /// Names of variables that are gone.
    pub removed: Vec<String>,
    /// Variables that changed, each with what did (`changed-<part>`).
    pub changed: BTreeMap<String, Vec<String>>,
}

/// A source's code book with what its import had to say.
#[derive(Clone, Debug)]
pub struct Imported {
    /// When, and of which document.
    pub stored: StoredCodebook,
    /// What was invalid, unknown or has no place in the pages, in the document's order.
    pub problems: Vec<ProblemLine>,
    /// What changed.
    pub changes: Changes,
}

/// One problem of a document.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct ProblemLine {
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
    /// Where in the document's tree.
    pub path: String,
    /// The kind (`ddi-<code>`).
    pub code: String,
    /// In the engine's words.
    pub message: String,
    /// Whether the content was kept all the same.
    pub kept: bool,
}

/// Imports a document as the code book of a source, which becomes documented. Fields of the source
/// that are still empty are filled from it; nothing that people wrote is overwritten. Where the
/// source is in the catalogue and the document would take variables from it, or is of no version
/// that is surely read, the document waits instead, unless `yes` is the token of just that.
///
/// # Errors
/// `codebook-refused` with the engine's words and the place, where the document is no readable code
/// book; nothing is changed then.
#[tracing::instrument(name = "workflow.import_codebook", skip_all, fields(source.id = %id), err)]
pub async fn import_codebook(
    centre: &Centre,
    actor: &Actor,
    id: SourceId,
    document: Vec<u8>,
    yes: Option<&str>,
) -> Result<Outcome, Failure> {
    let before: Source = centre.load("source", id).await?;
    let documented = may_describe(actor, before.producer)?.document(&before)?;
    let old = centre.store.codebook(id).await?;
    let parsed = parse(document).await?;
    let waiting = doubt(&before, old.as_ref(), &parsed);
    if let Some(waiting) = waiting.filter(|waiting| yes != Some(waiting.token.as_str())) {
        keep(centre, actor, id, (&parsed.document, &waiting.sha256)).await?;
        return Ok(Outcome::Waits(Box::new(waiting)));
    }
    let removed = replacing(old.as_ref(), &parsed.book).removed.len();
    let after = fill(&documented, &parsed.book);
    let stored = parsed.stored(id, centre, old.as_ref());
    keep_document(centre, &stored, parsed.document).await?;
    let mut event = centre.event(actor, "codebook.imported", "source", id);
    event.payload = json!({
        "sha256": stored.sha256, "variables": stored.variables, "removed": removed,
    });
    let mut change = centre.store.change(&event);
    change.replace(&before, &after).writes([Store::codebook_written(&stored)]);
    change.commit().await?;
    // What waited is of a source that is no longer: asked about again, it would be another question.
    if let Err(failure) = forget(centre, id).await {
        tracing::warn!(error = &failure as &dyn std::error::Error, "a code book still waits");
    }
    Ok(Outcome::Imported(Box::new(after)))
}

/// Makes a source from its code book: title, acronym, summary and short name come from it.
#[tracing::instrument(name = "workflow.create_source_from_codebook", skip_all, err)]
pub async fn create_from_codebook(
    centre: &Centre,
    actor: &Actor,
    producer: ProducerId,
    document: Vec<u8>,
    themes: Vec<String>,
) -> Result<Source, Failure> {
    let permit = may_describe(actor, producer)?;
    let owner: Producer = centre.load("producer", producer).await?;
    owner.open("create a source of")?;
    let parsed = parse(document).await?;
    let created = permit.create(centre.id(), describe(&parsed.book, themes))?;
    let after = may_describe(actor, producer)?.document(&created)?;
    let stored = parsed.stored(created.id, centre, None);
    keep_document(centre, &stored, parsed.document).await?;
    let event = centre.event(actor, "source.created", "source", created.id);
    let mut imported = centre.event(actor, "codebook.imported", "source", created.id);
    imported.payload = json!({ "sha256": stored.sha256, "variables": stored.variables });
    let mut change = centre.store.change(&event);
    change.event(&imported).insert(&after).writes([Store::codebook_written(&stored)]);
    change.replace(&owner, &owner); // else it could end while the document is read
    change.commit().await.map_err(taken)?;
    Ok(after)
}

/// A problem as pages and the API tell it.
pub(super) fn line(problem: &ddi::Problem) -> ProblemLine {
    let code = serde_json::to_value(problem.code).ok();
    ProblemLine {
        line: problem.line,
        column: problem.column,
        path: problem.path.clone(),
        code: code.and_then(|code| code.as_str().map(str::to_owned)).unwrap_or_default(),
        message: problem.message.clone(),
        kept: problem.kept,
    }
}

/// The code book of a source as its producer sees it.
pub async fn see_codebook(
    centre: &Centre,
    actor: &Actor,
    id: SourceId,
) -> Result<(Source, Option<Imported>), Failure> {
    let source: Source = centre.load("source", id).await?;
    may_see(actor, source.producer)?;
    let Some(stored) = centre.store.codebook(id).await? else { return Ok((source, None)) };
    let unreadable = "read what the import said";
    let problems = serde_json::from_str(&stored.problems).map_err(Failure::engine(unreadable))?;
    let changes = serde_json::from_str(&stored.changes).map_err(Failure::engine(unreadable))?;
    Ok((source, Some(Imported { stored, problems, changes })))
}

/// The model of a source's code book, for the catalogue and the checks.
pub(super) async fn model(centre: &Centre, id: SourceId) -> Result<Option<CodeBook>, Failure> {
    let Some(stored) = centre.store.codebook(id).await? else { return Ok(None) };
    let read = tokio::task::spawn_blocking(move || serde_json::from_str(&stored.model)).await;
    let book = read.map_err(Failure::engine("read a code book"))?;
    Ok(Some(book.map_err(Failure::engine("read a code book"))?))
}

/// A document that could be read.
pub(super) struct Parsed {
    pub(super) book: CodeBook,
    pub(super) problems: Vec<ddi::Problem>,
    document: Vec<u8>,
}

/// Reads a document off the server's threads: a code book of megabytes takes a while.
pub(super) async fn parse(document: Vec<u8>) -> Result<Parsed, Failure> {
    let read = move || (ddi::import(&document), document);
    let (import, document) =
        tokio::task::spawn_blocking(read).await.map_err(Failure::engine("read a code book"))?;
    let refused = |detail: String| Failure::Invalid {
        field: "file".to_owned(),
        key: "codebook-refused".to_owned(),
        detail,
    };
    let import = import.map_err(|error| refused(error.to_string()))?;
    let count = import.codebooks.len();
    let mut books = import.codebooks.into_iter();
    match (books.next(), count) {
        (Some(book), 1) => Ok(Parsed { book, problems: import.problems, document }),
        // Taking the first would drop the others in silence.
        _ => Err(refused(format!("the document holds {count} code books, and a source has one"))),
    }
}

impl Parsed {
    /// SHA-256 of the document, hexadecimal.
    pub(super) fn sha256(&self) -> String {
        hex::encode(Sha256::digest(&self.document))
    }

    fn stored(
        &self,
        id: SourceId,
        centre: &Centre,
        old: Option<&StoredCodebook>,
    ) -> StoredCodebook {
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let text = |value: serde_json::Result<String>| value.expect("the model is plain data");
        StoredCodebook {
            source: id,
            imported_at: centre.now(),
            sha256: self.sha256(),
            model: text(serde_json::to_string(&self.book)),
            problems: text(serde_json::to_string(&self.problems)),
            changes: text(serde_json::to_string(&replacing(old, &self.book))),
            variables: count(self.book.variables.len()),
            publications: count(self.book.related_publications.len()),
        }
    }
}

/// Keeps the document as it came, under its hash.
async fn keep_document(
    centre: &Centre,
    stored: &StoredCodebook,
    document: Vec<u8>,
) -> Result<(), Failure> {
    let folder = folder(centre, stored.source);
    let path = folder.join(format!("{}.xml", stored.sha256));
    let attempt = "keep the code book's document";
    tokio::fs::create_dir_all(&folder).await.map_err(Failure::engine(attempt))?;
    tokio::fs::write(&path, document).await.map_err(Failure::engine(attempt))
}

/// What `new` changes in the place of the stored one.
pub(super) fn replacing(old: Option<&StoredCodebook>, new: &CodeBook) -> Changes {
    let old = old.and_then(|old| serde_json::from_str::<CodeBook>(&old.model).ok());
    compare(old.as_ref(), new)
}

/// What `new` changes.
fn compare(old: Option<&CodeBook>, new: &CodeBook) -> Changes {
    let Some(old) = old else { return Changes::default() };
    let find = |book: &CodeBook, name: &str| {
        book.variables.iter().find(|variable| variable.name == name).cloned()
    };
    let names = |book: &CodeBook, other: &CodeBook| -> Vec<String> {
        let all = book.variables.iter().map(|variable| variable.name.clone());
        all.filter(|name| find(other, name).is_none()).collect()
    };
    let study = |book: &CodeBook| CodeBook { variables: vec![], ..book.clone() };
    let mut changed = BTreeMap::new();
    for variable in &new.variables {
        let Some(before) = find(old, &variable.name) else { continue };
        let parts = [
            ("label", before.labels != variable.labels),
            ("categories", before.categories != variable.categories),
            ("question", before.question != variable.question),
            ("universe", before.universes != variable.universes),
            ("format", before.format != variable.format),
            ("definition", before.definitions != variable.definitions),
        ];
        let parts: Vec<String> =
            parts.iter().filter(|(_, differs)| *differs).map(|(part, _)| (*part).into()).collect();
        if !parts.is_empty() {
            changed.insert(variable.name.clone(), parts);
        }
    }
    Changes {
        had_one: true,
        study: study(old) != study(new),
        added: names(new, old),
        removed: names(old, new),
        changed,
    }
}

/// The text of `lang` where there is one: by its tag, or untagged in a document of that language.
fn tagged<'t>(text: &'t ddi::Text, lang: Lang, book: &CodeBook) -> Option<&'t str> {
    let of_book = book.language.as_deref().and_then(Lang::parse).unwrap_or(Lang::En);
    let is = |tag: &Option<String>| {
        tag.as_deref().map_or(of_book == lang, |tag| Lang::parse(tag) == Some(lang))
    };
    text.0.iter().find(|(tag, text)| is(tag) && !text.is_empty()).map(|(_, text)| text.as_str())
}

/// A text in both languages out of the first of `texts` that has each.
fn both(book: &CodeBook, texts: &[&ddi::Text]) -> Text {
    let one = |lang| texts.iter().find_map(|text| tagged(text, lang, book)).unwrap_or_default();
    let text = Text::new(one(Lang::Fr), one(Lang::En));
    let any = || texts.iter().find_map(|text| text.get("en")).unwrap_or_default().to_owned();
    if text.is_empty() { Text::new("", any()) } else { text }
}

/// What the form of a source would say, out of its code book.
fn describe(book: &CodeBook, themes: Vec<String>) -> Description {
    let title = both(book, &[&book.titles, &book.parallel_titles]);
    let short = |text: &str| summary(text);
    let all = both(book, &[&book.abstracts]);
    let acronym = both(book, &[&book.alternative_titles]);
    let number = book.ids.first().map_or("", |id| id.value.as_str());
    let slug = [number, acronym.get(Lang::En), title.get(Lang::En)]
        .iter()
        .map(|text| slug(text))
        .find(|slug| !slug.is_empty())
        .unwrap_or_else(|| "source".to_owned());
    Description {
        slug,
        acronym: acronym.get(Lang::En).chars().take(40).collect(),
        title: Text::new(cut(&title.fr, 200), cut(&title.en, 200)),
        summary: Text::new(short(&all.fr), short(&all.en)),
        themes,
        route: Route::Committee,
    }
}

fn fill(source: &Source, book: &CodeBook) -> Source {
    let given = describe(book, Vec::new());
    let or = |old: &str, new: String| if old.is_empty() { new } else { old.to_owned() };
    let text = |old: &Text, new: Text| Text::new(or(&old.fr, new.fr), or(&old.en, new.en));
    Source {
        acronym: or(&source.acronym, given.acronym),
        title: text(&source.title, given.title),
        summary: text(&source.summary, given.summary),
        ..source.clone()
    }
}

fn cut(text: &str, max: usize) -> String {
    match text.chars().count() <= max {
        true => text.to_owned(),
        false => text.chars().take(max - 1).chain(['…']).collect(),
    }
}

/// The first sentences of an abstract that fit on a card.
fn summary(text: &str) -> String {
    const ROOM: usize = 280;
    let mut end = 0;
    for (at, _) in text.match_indices(". ") {
        if text[..=at].chars().count() > ROOM {
            break;
        }
        end = at + 1;
    }
    if text.chars().count() <= ROOM || end == 0 { cut(text, ROOM) } else { text[..end].to_owned() }
}

/// A short name for addresses and folders: at most 40 lower-case letters, digits and `-`.
fn slug(text: &str) -> String {
    let folded = super::catalogue::words::fold(text);
    let words: Vec<&str> = folded
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    let mut slug = words.join("-");
    slug.truncate(40); // only ASCII is left
    slug.trim_end_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variable(name: &str, label: &str) -> ddi::Variable {
        let labels = ddi::Text(vec![(Some("en".into()), label.into())]);
        ddi::Variable { name: name.into(), labels, ..ddi::Variable::default() }
    }

    #[test]
    fn a_new_code_book_says_what_it_changes() {
        let book = |variables| CodeBook { variables, ..CodeBook::default() };
        let old = book(vec![variable("age", "Age"), variable("sex", "Sex")]);
        let new = book(vec![variable("age", "Age at interview"), variable("plan", "Plan")]);
        let changes = compare(Some(&old), &new);
        assert_eq!((changes.added, changes.removed), (vec!["plan".into()], vec!["sex".into()]));
        assert_eq!(changes.changed["age"], ["label"]);
        assert!(!changes.study);
    }

    #[test]
    fn a_short_name_is_made_of_any_title() {
        assert_eq!(slug("Enquête Œuvre & santé, 2019"), "enquete-oeuvre-sante-2019");
        assert_eq!(slug(&"a".repeat(60)).len(), 40);
        assert_eq!(slug("..."), "");
    }

    #[test]
    fn a_summary_ends_with_a_sentence() {
        let long = format!("One. Two. {}", "word ".repeat(100));
        assert_eq!(summary(&long), "One. Two.");
        assert!(summary(&"é".repeat(400)).chars().count() <= 280);
    }
}
