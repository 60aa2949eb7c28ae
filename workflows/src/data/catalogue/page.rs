//! The page of a source, as anybody may read it: what its code book says, text by text in the
//! reader's language, or marked with the language that it is in.

use ddi::{CodeBook, Related, Term, Variable};
use domain::{Actor, Lang, Producer, Source, data::source::Route};

use super::{
    CardVintage,
    shelf::shown,
    words::{fold, stem, wanted, words},
};
use crate::{Centre, Failure, data::codebook};

/// A text, with its language where that is not the page's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// The text.
    pub text: String,
    /// A language tag for `lang`, where it differs from the page's.
    pub lang: Option<String>,
}

/// One kind of information about a source (`fact-<key>`).
#[derive(Clone, Debug)]
pub struct Fact {
    /// Which.
    pub key: &'static str,
    /// What is said.
    pub values: Vec<Said>,
}

/// A publication that used a source.
#[derive(Clone, Debug)]
pub struct Publication {
    /// How it is cited.
    pub text: Said,
    /// Where it is, by `http` or `https` only.
    pub link: Option<String>,
}

/// A source as the public reads it.
#[derive(Clone, Debug)]
pub struct SourceView {
    /// The source.
    pub source: Source,
    /// Its producer.
    pub producer: Producer,
    /// How access is decided.
    pub route: Route,
    /// The abstract, a paragraph each.
    pub about: Vec<Said>,
    /// What else its code book says.
    pub facts: Vec<Fact>,
    /// Its publications.
    pub publications: Vec<Publication>,
    /// Its vintages, newest first.
    pub vintages: Vec<CardVintage>,
    /// Number of variables.
    pub variables: usize,
    /// In how many projects it was granted.
    pub projects: u32,
}

/// A variable in a list.
#[derive(Clone, Debug)]
pub struct VariableLine {
    /// Its name.
    pub name: String,
    /// Its label.
    pub label: Said,
    /// `numeric`, `text` or `code` (`kind-<kind>`).
    pub kind: &'static str,
    /// How many categories.
    pub categories: usize,
}

/// A category of a variable.
#[derive(Clone, Debug)]
pub struct CategoryView {
    /// The code in the data.
    pub value: String,
    /// What it means.
    pub label: Said,
    /// Whether it stands for a missing answer.
    pub missing: bool,
    /// Its frequency, as the producer published it.
    pub count: Option<String>,
}

/// A variable with all that its page shows.
#[derive(Clone, Debug)]
pub struct VariableView {
    /// Its line in the list.
    pub line: VariableLine,
    /// The question, with what comes before and after.
    pub question: Vec<Said>,
    /// Whom it is about.
    pub universe: Vec<Said>,
    /// What it means.
    pub definition: Vec<Said>,
    /// Its categories.
    pub categories: Vec<CategoryView>,
    /// Statistics that the producer published: kind and number.
    pub stats: Vec<(String, String)>,
    /// The variables before and after it.
    pub neighbours: (Option<String>, Option<String>),
}

/// A source of the catalogue by its short name.
///
/// # Errors
/// [`Failure::Missing`] too where it is not listed to this reader.
pub async fn see_source(
    centre: &Centre,
    actor: Option<&Actor>,
    slug: &str,
    lang: Lang,
) -> Result<SourceView, Failure> {
    let (source, book) = open(centre, actor, slug).await?;
    let (_, shelf) = centre.catalogue.ready(centre).await?;
    let card = shelf.by_key.get(&super::shelf::key(source.id)).map(|at| &shelf.cards[*at]);
    let reader = Reader { lang, book: &book };
    Ok(SourceView {
        producer: centre.load("producer", source.producer).await?,
        route: source.route,
        about: reader.paragraphs(&book.abstracts),
        facts: facts(&reader),
        publications: book.related_publications.iter().map(|one| reader.publication(one)).collect(),
        vintages: shown(centre.store.vintages_of(source.id).await?),
        variables: book.variables.len(),
        projects: card.map_or(0, |card| card.projects),
        source,
    })
}

/// The variables of a source that have every word of `query`, in the code book's order.
pub async fn see_variables(
    centre: &Centre,
    actor: Option<&Actor>,
    slug: &str,
    query: &str,
    lang: Lang,
) -> Result<Vec<VariableLine>, Failure> {
    let (_, book) = open(centre, actor, slug).await?;
    let reader = Reader { lang, book: &book };
    let query: Vec<String> = wanted(query).iter().map(|word| stem(word)).collect();
    let has = |variable: &&Variable| {
        let text = fold(&super::variable_entry(variable).text);
        query.iter().all(|wanted| words(&text).any(|word| stem(word).starts_with(wanted.as_str())))
    };
    Ok(book.variables.iter().filter(has).map(|variable| reader.line(variable)).collect())
}

/// One variable of a source.
pub async fn see_variable(
    centre: &Centre,
    actor: Option<&Actor>,
    slug: &str,
    name: &str,
    lang: Lang,
) -> Result<VariableView, Failure> {
    let (_, book) = open(centre, actor, slug).await?;
    let reader = Reader { lang, book: &book };
    let at = book.variables.iter().position(|variable| variable.name == name);
    let at = at.ok_or_else(|| Failure::missing("variable", name))?;
    let variable = &book.variables[at];
    let neighbour = |at: Option<usize>| Some(book.variables.get(at?)?.name.clone());
    let question = variable.question.as_ref().map_or_else(Vec::new, |question| {
        let parts = [&question.pre, &question.literal, &question.post];
        parts.into_iter().filter_map(|text| reader.say(text)).collect()
    });
    let universe = reader.pick(&variable.universes, |one| (one.language.as_deref(), &one.text));
    Ok(VariableView {
        line: reader.line(variable),
        question,
        universe,
        definition: reader.paragraphs(&variable.definitions),
        categories: variable.categories.iter().map(|one| reader.category(one)).collect(),
        stats: variable
            .stats
            .iter()
            .filter(|stat| !stat.weighted)
            .map(|stat| (stat.kind.clone().unwrap_or_default(), stat.value.clone()))
            .collect(),
        neighbours: (neighbour(at.checked_sub(1)), neighbour(Some(at + 1))),
    })
}

async fn open(
    centre: &Centre,
    actor: Option<&Actor>,
    slug: &str,
) -> Result<(Source, CodeBook), Failure> {
    let missing = || Failure::missing("source", slug);
    let source = centre.store.source_by_slug(slug).await?.ok_or_else(missing)?;
    let accredited = actor.is_some_and(|actor| actor.may_act && actor.is_enrolled);
    if !source.is_listed(accredited) {
        return Err(missing());
    }
    let book = codebook::model(centre, source.id).await?.unwrap_or_default();
    Ok((source, book))
}

/// Who reads, and what.
struct Reader<'b> {
    lang: Lang,
    book: &'b CodeBook,
}

impl Reader<'_> {
    /// The tag to mark a text with: its own, or the book's, unless it is the page's language.
    fn mark(&self, tag: Option<&str>) -> Option<String> {
        let tag = tag.or(self.book.language.as_deref())?;
        (Lang::parse(tag) != Some(self.lang)).then(|| tag.to_owned())
    }

    fn is_read(&self, tag: Option<&str>) -> bool {
        tag.or(self.book.language.as_deref()).and_then(Lang::parse) == Some(self.lang)
    }

    /// The text in the reader's language, else in the one that comes nearest.
    fn say(&self, text: &ddi::Text) -> Option<Said> {
        let best = text.get(self.lang.tag())?;
        let (tag, best) = text.0.iter().find(|(_, one)| one == best)?;
        let own = text.0.iter().find(|(tag, one)| !one.is_empty() && self.is_read(tag.as_deref()));
        let (tag, best) = own.map_or((tag, best), |(tag, one)| (tag, one));
        Some(Said { text: best.clone(), lang: self.mark(tag.as_deref()) })
    }

    fn say_or_none(&self, text: &ddi::Text) -> Said {
        self.say(text).unwrap_or(Said { text: String::new(), lang: None })
    }

    /// Every text of the reader's language; the ones of the first language where there is none.
    fn paragraphs(&self, text: &ddi::Text) -> Vec<Said> {
        self.pick(&text.0, |(tag, text)| (tag.as_deref(), text.as_str()))
    }

    /// The items of the reader's language, or all items of the first language.
    fn pick<'i, T>(
        &self,
        items: &'i [T],
        read: impl Fn(&'i T) -> (Option<&'i str>, &'i str),
    ) -> Vec<Said> {
        let said: Vec<_> = items.iter().map(read).filter(|(_, text)| !text.is_empty()).collect();
        let own: Vec<_> = said.iter().filter(|(tag, _)| self.is_read(*tag)).collect();
        let first = said.first().map(|(tag, _)| *tag);
        let kept = match own.is_empty() {
            true => said.iter().filter(|(tag, _)| Some(*tag) == first).collect(),
            false => own,
        };
        let mut kept: Vec<Said> = kept
            .into_iter()
            .map(|(tag, text)| Said { text: (*text).to_owned(), lang: self.mark(*tag) })
            .collect();
        kept.dedup();
        kept
    }

    fn publication(&self, related: &Related) -> Publication {
        let texts = [&related.citations, &related.titles];
        let said = texts.into_iter().find_map(|text| self.say(text));
        let text = said.unwrap_or_else(|| Said {
            text: related.text.clone(),
            lang: self.mark(related.language.as_deref()),
        });
        let links = related.links.iter().chain(&related.holdings);
        let link = links.filter_map(|link| link.uri.clone()).find(|uri| is_web(uri));
        Publication { text, link }
    }

    fn line(&self, variable: &Variable) -> VariableLine {
        let documented = variable.format.as_ref().and_then(|format| format.kind.as_deref());
        let kind = match documented {
            _ if !variable.categories.is_empty() => "code",
            Some("character") => "text",
            _ => "numeric",
        };
        VariableLine {
            name: variable.name.clone(),
            label: self.say_or_none(&variable.labels),
            kind,
            categories: variable.categories.len(),
        }
    }

    fn category(&self, category: &ddi::Category) -> CategoryView {
        let count = category
            .stats
            .iter()
            .find(|stat| !stat.weighted && stat.kind.as_deref() == Some("freq"));
        CategoryView {
            value: category.value.clone().unwrap_or_default(),
            label: self.say_or_none(&category.labels),
            missing: category.missing,
            count: count.map(|stat| stat.value.clone()),
        }
    }
}

/// Threat: a code book whose link runs script in the reader's browser.
fn is_web(uri: &str) -> bool {
    uri.starts_with("https://") || uri.starts_with("http://")
}

/// What the code book says of the study, in the order of the page; silent where it says nothing.
fn facts(reader: &Reader<'_>) -> Vec<Fact> {
    let book = reader.book;
    let coded =
        |items: &[ddi::Coded]| reader.pick(items, |one| (one.language.as_deref(), &one.text));
    let events = |items: &[ddi::Event]| -> Vec<Said> {
        let date = |event: &ddi::Event| event.date.clone().unwrap_or_else(|| event.text.clone());
        let mut dates: Vec<String> =
            items.iter().map(date).filter(|date| !date.is_empty()).collect();
        dates.dedup();
        let text = dates.join(" – ");
        if text.is_empty() { vec![] } else { vec![Said { text, lang: None }] }
    };
    let terms = |items: &[Term]| reader.pick(items, |one| (one.language.as_deref(), &one.text));
    let agents =
        |items: &[ddi::Agent]| reader.pick(items, |one| (one.language.as_deref(), &one.name));
    let method = &book.method;
    let nations = book.nations.iter().filter_map(|nation| reader.say(&nation.names)).collect();
    let all = [
        ("authors", agents(&book.authors)),
        ("keywords", terms(&book.keywords)),
        ("topics", terms(&book.topics)),
        ("period", events(&book.time_periods)),
        ("collected", events(&book.collection_dates)),
        ("nations", nations),
        ("geography", coded(&book.geographic_coverage)),
        ("unit", coded(&book.analysis_units)),
        ("universe", coded(&book.universes)),
        ("data-kind", coded(&book.data_kinds)),
        ("time-method", coded(&method.time_methods)),
        ("sampling", coded(&method.sampling)),
        ("collection-mode", coded(&method.collection_modes)),
        ("weighting", coded(&method.weightings)),
        ("conditions", reader.paragraphs(&book.access.conditions)),
        ("restrictions", reader.paragraphs(&book.access.restrictions)),
        ("citation", reader.paragraphs(&book.citations)),
    ];
    let said = all.into_iter().filter(|(_, values)| !values.is_empty());
    said.map(|(key, values)| Fact { key, values }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(entries: &[(Option<&str>, &str)]) -> ddi::Text {
        let entry =
            |(tag, text): &(Option<&str>, &str)| (tag.map(str::to_owned), (*text).to_owned());
        ddi::Text(entries.iter().map(entry).collect())
    }

    #[test]
    fn a_text_in_another_language_is_marked() {
        let book = CodeBook { language: Some("en".into()), ..CodeBook::default() };
        let reader = Reader { lang: Lang::Fr, book: &book };
        let both = text(&[(None, "Age"), (Some("fr"), "Âge")]);
        assert_eq!(reader.say(&both), Some(Said { text: "Âge".into(), lang: None }));
        let english = text(&[(None, "Age")]);
        assert_eq!(
            reader.say(&english),
            Some(Said { text: "Age".into(), lang: Some("en".into()) })
        );
        let reader = Reader { lang: Lang::En, book: &book };
        assert_eq!(reader.say(&both), Some(Said { text: "Age".into(), lang: None }));
    }

    #[test]
    fn a_link_that_is_no_web_address_is_not_shown() {
        assert!(is_web("https://doi.org/10.1/x"));
        assert!(!is_web("javascript:alert(1)"));
    }
}
