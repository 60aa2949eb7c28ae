//! Writes `stdyDscr`; the mirror of `read/study.rs`.

use super::out::{Node, Out};
use crate::model::{
    Access, Agent, CodeBook, Coded, Event, Grant, Id, Link, Method, Nation, Related, Series,
    Statement, Term, VersionNote,
};

pub fn study(book: &CodeBook) -> Out {
    let mut study = Out::new("stdyDscr");
    study.push_part(citation(book));
    study.push_part(information(book));
    study.push_part(method(&book.method));
    study.push_part(access(&book.access));
    let mut other = Out::new("othrStdyMat");
    other.push_all("relMat", &book.related_materials, related);
    other.push_all("relStdy", &book.related_studies, related);
    other.push_all("relPubl", &book.related_publications, related);
    other.push_all("othRefs", &book.other_references, related);
    study.push_part(other);
    study
}

/// Moves all titles but the first to citations of their own: the schema has one `titl` in a
/// citation and any number of citations in a study, and an import joins them again.
pub fn one_title_each(root: &mut Out) {
    let Some(study) = root.child("stdyDscr") else { return };
    let Some(titles) = study.child("citation").and_then(|citation| citation.child("titlStmt"))
    else {
        return;
    };
    let mut is_first = true;
    let is_more = |node: &mut Node| node.name() == Some("titl") && !std::mem::take(&mut is_first);
    let more: Vec<Node> = titles.nodes.extract_if(.., is_more).collect();
    for title in more {
        let mut titles = Out::new("titlStmt");
        titles.nodes.push(title);
        let mut citation = Out::new("citation");
        citation.push(titles);
        study.push(citation);
    }
}

fn citation(book: &CodeBook) -> Out {
    let mut citation = Out::new("citation");
    let mut titles = Out::new("titlStmt");
    titles.push_texts("titl", &book.titles);
    titles.push_texts("subTitl", &book.subtitles);
    titles.push_texts("altTitl", &book.alternative_titles);
    titles.push_texts("parTitl", &book.parallel_titles);
    titles.push_all("IDNo", &book.ids, id);
    citation.push_part(titles);
    let mut responsible = Out::new("rspStmt");
    responsible.push_all("AuthEnty", &book.authors, agent);
    responsible.push_all("othId", &book.contributors, agent);
    citation.push_part(responsible);
    citation.push_part(production(book));
    let mut distribution = Out::new("distStmt");
    distribution.push_all("distrbtr", &book.distributors, agent);
    distribution.push_all("contact", &book.contacts, agent);
    distribution.push_all("depositr", &book.depositors, agent);
    distribution.push_all("depDate", &book.deposit_dates, event);
    distribution.push_all("distDate", &book.distribution_dates, event);
    citation.push_part(distribution);
    citation.push_all("serStmt", &book.series, series);
    let mut versions = Out::new("verStmt");
    versions.push_all("version", &book.versions, version);
    citation.push_part(versions);
    citation.push_texts("biblCit", &book.citations);
    citation.push_all("holdings", &book.holdings, link);
    citation
}

fn production(book: &CodeBook) -> Out {
    let mut production = Out::new("prodStmt");
    production.push_all("producer", &book.producers, agent);
    production.push_texts("copyright", &book.copyright);
    production.push_all("prodDate", &book.production_dates, event);
    production.push_texts("prodPlac", &book.production_places);
    production.push_all("fundAg", &book.funders, agent);
    production.push_all("grantNo", &book.grants, grant);
    production
}

fn information(book: &CodeBook) -> Out {
    let mut information = Out::new("stdyInfo");
    let mut subject = Out::new("subject");
    subject.push_all("keyword", &book.keywords, term);
    subject.push_all("topcClas", &book.topics, term);
    information.push_part(subject);
    information.push_texts("abstract", &book.abstracts);
    let mut summary = Out::new("sumDscr");
    summary.push_all("timePrd", &book.time_periods, event);
    summary.push_all("collDate", &book.collection_dates, event);
    for nation in &book.nations {
        push_nation(&mut summary, nation);
    }
    summary.push_all("geogCover", &book.geographic_coverage, coded);
    summary.push_all("geogUnit", &book.geographic_units, coded);
    summary.push_all("anlyUnit", &book.analysis_units, coded);
    summary.push_all("universe", &book.universes, coded);
    summary.push_all("dataKind", &book.data_kinds, coded);
    information.push_part(summary);
    information
}

fn push_nation(summary: &mut Out, nation: &Nation) {
    for (number, (language, name)) in nation.names.0.iter().enumerate() {
        let mut out = Out::leaf("nation", language.as_ref(), name)
            .maybe("abbr", nation.abbreviation.as_ref());
        if number == 0 {
            out.push_all("concept", &nation.concepts, term);
        }
        summary.push(out);
    }
}

fn method(method: &Method) -> Out {
    let mut collection = Out::new("dataColl");
    collection.push_all("timeMeth", &method.time_methods, coded);
    collection.push_all("dataCollector", &method.collectors, agent);
    collection.push_all("frequenc", &method.frequencies, coded);
    collection.push_all("sampProc", &method.sampling, coded);
    collection.push_texts("deviat", &method.deviations);
    collection.push_all("collMode", &method.collection_modes, coded);
    collection.push_all("resInstru", &method.instruments, coded);
    let mut sources = Out::new("sources");
    sources.push_texts("dataSrc", &method.sources);
    collection.push_part(sources);
    collection.push_texts("collSitu", &method.situations);
    collection.push_all("actMin", &method.minimisation, coded);
    collection.push_all("weight", &method.weightings, coded);
    collection.push_texts("cleanOps", &method.cleaning);
    let mut analysis = Out::new("anlyInfo");
    analysis.push_texts("respRate", &method.response_rates);
    analysis.push_texts("EstSmpErr", &method.sampling_errors);
    analysis.push_all("dataAppr", &method.appraisals, coded);
    let mut out = Out::new("method");
    out.push_part(collection);
    out.push_part(analysis);
    out
}

fn access(access: &Access) -> Out {
    let mut set = Out::new("setAvail");
    set.push_all("accsPlac", &access.places, link);
    set.push_all("avlStatus", &access.availability, coded);
    let mut terms = Out::new("useStmt");
    terms.push_all("confDec", &access.confidentiality, statement);
    terms.push_all("specPerm", &access.permissions, statement);
    terms.push_texts("restrctn", &access.restrictions);
    terms.push_all("contact", &access.contacts, agent);
    terms.push_texts("citReq", &access.citation_requirements);
    terms.push_texts("deposReq", &access.deposit_requirements);
    terms.push_texts("conditions", &access.conditions);
    terms.push_texts("disclaimer", &access.disclaimers);
    let mut out = Out::new("dataAccs");
    out.push_part(set);
    out.push_part(terms);
    out
}

fn agent(name: &str, agent: &Agent) -> Out {
    let mut out = Out::leaf(name, agent.language.as_ref(), &agent.name)
        .maybe("abbr", agent.abbreviation.as_ref())
        .maybe("affiliation", agent.affiliation.as_ref())
        .maybe("role", agent.role.as_ref())
        .maybe("URI", agent.uri.as_ref())
        .maybe("email", agent.email.as_ref());
    out.push_all("ExtLink", &agent.links, link);
    out
}

fn link(name: &str, link: &Link) -> Out {
    Out::leaf(name, link.language.as_ref(), &link.text)
        .maybe("URI", link.uri.as_ref())
        .maybe("role", link.role.as_ref())
        .maybe("title", link.title.as_ref())
        .maybe("location", link.location.as_ref())
}

fn id(name: &str, id: &Id) -> Out {
    Out::leaf(name, id.language.as_ref(), &id.value).maybe("agency", id.agency.as_ref())
}

fn event(name: &str, event: &Event) -> Out {
    Out::leaf(name, event.language.as_ref(), &event.text)
        .maybe("event", event.event.as_ref())
        .maybe("date", event.date.as_ref())
        .maybe("cycle", event.cycle.as_ref())
}

pub fn term(name: &str, term: &Term) -> Out {
    Out::leaf(name, term.language.as_ref(), &term.text)
        .maybe("ID", term.id.as_ref())
        .maybe("vocab", term.vocabulary.as_ref())
        .maybe("vocabURI", term.vocabulary_uri.as_ref())
}

pub fn coded(name: &str, coded: &Coded) -> Out {
    let mut out = Out::leaf(name, coded.language.as_ref(), &coded.text)
        .maybe("clusion", coded.clusion.as_ref());
    out.push_all("concept", &coded.concepts, term);
    out
}

fn statement(name: &str, statement: &Statement) -> Out {
    Out::leaf(name, statement.language.as_ref(), &statement.text)
        .maybe("required", statement.required.as_ref())
        .maybe("formNo", statement.form.as_ref())
        .maybe("URI", statement.uri.as_ref())
}

fn grant(name: &str, grant: &Grant) -> Out {
    Out::leaf(name, grant.language.as_ref(), &grant.number)
        .maybe("agency", grant.agency.as_ref())
        .maybe("role", grant.role.as_ref())
}

fn series(name: &str, series: &Series) -> Out {
    let mut out = Out::new(name).maybe("ID", series.id.as_ref()).maybe("URI", series.uri.as_ref());
    out.push_texts("serName", &series.names);
    out.push_texts("serInfo", &series.information);
    out
}

fn version(name: &str, version: &VersionNote) -> Out {
    Out::leaf(name, version.language.as_ref(), &version.text)
        .maybe("date", version.date.as_ref())
        .maybe("type", version.kind.as_ref())
}

fn related(name: &str, related: &Related) -> Out {
    let mut out = Out::leaf(name, related.language.as_ref(), &related.text);
    out.push_all("ExtLink", &related.links, link);
    let mut titles = Out::new("titlStmt");
    titles.push_texts("titl", &related.titles);
    titles.push_all("IDNo", &related.ids, id);
    let mut citation = Out::new("citation");
    citation.push_part(titles);
    citation.push_texts("biblCit", &related.citations);
    citation.push_all("holdings", &related.holdings, link);
    out.push_part(citation);
    out
}
