//! Reads `stdyDscr`: citation, subject and coverage, method, access, related material.

use super::word::{agent, coded, event, id, link, related, statement, term};
use crate::element::Element;
use crate::model::{Access, CodeBook, Grant, Method, Nation, Series, Text, VersionNote};

pub fn study(study: &mut Element<'_>, book: &mut CodeBook) {
    study.part("citation", |citation| self::citation(citation, book));
    study.part("stdyInfo", |info| self::information(info, book));
    study.part("method", |method| self::method(method, &mut book.method));
    study.part("dataAccs", |access| self::access(access, &mut book.access));
    study.part("othrStdyMat", |other| {
        book.related_materials = other.each("relMat", related);
        book.related_studies = other.each("relStdy", related);
        book.related_publications = other.each("relPubl", related);
        book.other_references = other.each("othRefs", related);
    });
}

fn citation(citation: &mut Element<'_>, book: &mut CodeBook) {
    citation.part("titlStmt", |stmt| {
        book.titles = stmt.texts("titl");
        book.subtitles = stmt.texts("subTitl");
        book.alternative_titles = stmt.texts("altTitl");
        book.parallel_titles = stmt.texts("parTitl");
        book.ids = stmt.each("IDNo", id);
    });
    citation.part("rspStmt", |stmt| {
        book.authors = stmt.each("AuthEnty", agent);
        book.contributors = stmt.each("othId", agent);
    });
    citation.part("prodStmt", |stmt| production(stmt, book));
    citation.part("distStmt", |stmt| {
        book.distributors = stmt.each("distrbtr", agent);
        book.contacts = stmt.each("contact", agent);
        book.depositors = stmt.each("depositr", agent);
        book.deposit_dates = stmt.each("depDate", event);
        book.distribution_dates = stmt.each("distDate", event);
    });
    book.series = citation.each("serStmt", series);
    citation.part("verStmt", |stmt| {
        book.versions = stmt.each("version", |version| VersionNote {
            date: version.attribute("date"),
            kind: version.attribute("type"),
            text: version.text(),
            language: version.language(),
        });
    });
    book.citations = citation.texts("biblCit");
    book.holdings = citation.each("holdings", link);
}

fn production(stmt: &mut Element<'_>, book: &mut CodeBook) {
    book.producers = stmt.each("producer", agent);
    book.copyright = stmt.texts("copyright");
    book.production_dates = stmt.each("prodDate", event);
    book.production_places = stmt.texts("prodPlac");
    book.funders = stmt.each("fundAg", agent);
    book.grants = stmt.each("grantNo", |grant| Grant {
        agency: grant.attribute("agency"),
        role: grant.attribute("role"),
        number: grant.text(),
        language: grant.language(),
    });
}

fn series(stmt: &mut Element<'_>) -> Series {
    Series {
        id: stmt.attribute("ID"),
        uri: stmt.attribute("URI"),
        names: stmt.texts("serName"),
        information: stmt.texts("serInfo"),
    }
}

fn information(info: &mut Element<'_>, book: &mut CodeBook) {
    info.part("subject", |subject| {
        book.keywords = subject.each("keyword", term);
        book.topics = subject.each("topcClas", term);
    });
    book.abstracts = info.texts("abstract");
    info.part("sumDscr", |summary| {
        book.time_periods = summary.each("timePrd", event);
        book.collection_dates = summary.each("collDate", event);
        book.nations = nations(summary);
        book.geographic_coverage = summary.each("geogCover", coded);
        book.geographic_units = summary.each("geogUnit", coded);
        book.analysis_units = summary.each("anlyUnit", coded);
        book.universes = summary.each("universe", coded);
        book.data_kinds = summary.each("dataKind", coded);
    });
}

/// Reads the countries; neighbours of one abbreviation in other languages are one country. Only
/// neighbours, so that an export writes them in the order in which they came.
fn nations(summary: &mut Element<'_>) -> Vec<Nation> {
    let mut nations: Vec<Nation> = Vec::new();
    summary.each("nation", |nation| {
        let concepts = nation.each("concept", term);
        let abbreviation = nation.attribute("abbr");
        let name = (nation.language(), nation.text());
        match nations.last_mut() {
            Some(last)
                if concepts.is_empty()
                    && last.concepts.is_empty()
                    && abbreviation.is_some()
                    && last.abbreviation == abbreviation
                    && last.names.0.iter().all(|(language, _)| *language != name.0) =>
            {
                last.names.0.push(name);
            }
            _ => nations.push(Nation { abbreviation, names: Text(vec![name]), concepts }),
        }
    });
    nations
}

fn method(method: &mut Element<'_>, into: &mut Method) {
    method.part("dataColl", |collection| {
        into.time_methods = collection.each("timeMeth", coded);
        into.collectors = collection.each("dataCollector", agent);
        into.frequencies = collection.each("frequenc", coded);
        into.sampling = collection.each("sampProc", coded);
        into.deviations = collection.texts("deviat");
        into.collection_modes = collection.each("collMode", coded);
        into.instruments = collection.each("resInstru", coded);
        collection.part("sources", |sources| into.sources = sources.texts("dataSrc"));
        into.situations = collection.texts("collSitu");
        into.minimisation = collection.each("actMin", coded);
        into.weightings = collection.each("weight", coded);
        into.cleaning = collection.texts("cleanOps");
    });
    method.part("anlyInfo", |analysis| {
        into.response_rates = analysis.texts("respRate");
        into.sampling_errors = analysis.texts("EstSmpErr");
        into.appraisals = analysis.each("dataAppr", coded);
    });
}

fn access(access: &mut Element<'_>, into: &mut Access) {
    access.part("setAvail", |set| {
        into.places = set.each("accsPlac", link);
        into.availability = set.each("avlStatus", coded);
    });
    access.part("useStmt", |terms| {
        into.confidentiality = terms.each("confDec", statement);
        into.permissions = terms.each("specPerm", statement);
        into.restrictions = terms.texts("restrctn");
        into.contacts = terms.each("contact", agent);
        into.citation_requirements = terms.texts("citReq");
        into.deposit_requirements = terms.texts("deposReq");
        into.conditions = terms.texts("conditions");
        into.disclaimers = terms.texts("disclaimer");
    });
}
