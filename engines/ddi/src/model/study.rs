//! The study: what it is, who made it, what it covers, who may use it, and its files.

use serde::{Deserialize, Serialize};

use super::{Text, Variable, VariableGroup};
use crate::residue::Residue;

/// One code book (`codeBook`): a study, its files and its variables.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CodeBook {
    /// `@ID`.
    pub id: Option<String>,
    /// The DDI version it was written in (`@version`), such as `1.2.2` or `2.5`.
    pub version: Option<String>,
    /// The language of texts that have none of their own (`@xml:lang`).
    pub language: Option<String>,
    /// `titl`.
    pub titles: Text,
    /// `subTitl`.
    pub subtitles: Text,
    /// `altTitl`.
    pub alternative_titles: Text,
    /// Translations of the title (`parTitl`).
    pub parallel_titles: Text,
    /// `IDNo`.
    pub ids: Vec<Id>,
    /// `AuthEnty`.
    pub authors: Vec<Agent>,
    /// `othId`.
    pub contributors: Vec<Agent>,
    /// `producer`.
    pub producers: Vec<Agent>,
    /// `copyright`.
    pub copyright: Text,
    /// `prodDate`.
    pub production_dates: Vec<Event>,
    /// `prodPlac`.
    pub production_places: Text,
    /// `fundAg`.
    pub funders: Vec<Agent>,
    /// `grantNo`.
    pub grants: Vec<Grant>,
    /// `distrbtr`.
    pub distributors: Vec<Agent>,
    /// `distStmt/contact`.
    pub contacts: Vec<Agent>,
    /// `depositr`.
    pub depositors: Vec<Agent>,
    /// `depDate`.
    pub deposit_dates: Vec<Event>,
    /// `distDate`.
    pub distribution_dates: Vec<Event>,
    /// `serStmt`.
    pub series: Vec<Series>,
    /// `verStmt/version`.
    pub versions: Vec<VersionNote>,
    /// How to cite the study (`biblCit`).
    pub citations: Text,
    /// Where it is held (`holdings`).
    pub holdings: Vec<Link>,
    /// `keyword`.
    pub keywords: Vec<Term>,
    /// `topcClas`.
    pub topics: Vec<Term>,
    /// `abstract`.
    pub abstracts: Text,
    /// The time that the data are about (`timePrd`).
    pub time_periods: Vec<Event>,
    /// `collDate`.
    pub collection_dates: Vec<Event>,
    /// `nation`.
    pub nations: Vec<Nation>,
    /// `geogCover`.
    pub geographic_coverage: Vec<Coded>,
    /// `geogUnit`.
    pub geographic_units: Vec<Coded>,
    /// `anlyUnit`.
    pub analysis_units: Vec<Coded>,
    /// `sumDscr/universe`.
    pub universes: Vec<Coded>,
    /// `dataKind`.
    pub data_kinds: Vec<Coded>,
    /// How the data were made (`method`).
    pub method: Method,
    /// Who may use the data (`dataAccs`).
    pub access: Access,
    /// `relMat`.
    pub related_materials: Vec<Related>,
    /// `relStdy`.
    pub related_studies: Vec<Related>,
    /// `relPubl`.
    pub related_publications: Vec<Related>,
    /// `othRefs`.
    pub other_references: Vec<Related>,
    /// `fileDscr`.
    pub files: Vec<DataFile>,
    /// `var`.
    pub variables: Vec<Variable>,
    /// `varGrp`.
    pub groups: Vec<VariableGroup>,
    /// What has no field, outside files, variables and groups.
    pub residue: Vec<Residue>,
}

/// An identifier of the study.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Id {
    /// Who gave it.
    pub agency: Option<String>,
    /// The identifier.
    pub value: String,
    /// Language tag, where there is one.
    pub language: Option<String>,
}

/// A person or an organisation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Agent {
    /// Its name.
    pub name: String,
    /// Language tag, where there is one.
    pub language: Option<String>,
    /// `@abbr`.
    pub abbreviation: Option<String>,
    /// `@affiliation`.
    pub affiliation: Option<String>,
    /// `@role`.
    pub role: Option<String>,
    /// `@URI`.
    pub uri: Option<String>,
    /// `@email`.
    pub email: Option<String>,
    /// `ExtLink`: persistent identifiers and pages.
    pub links: Vec<Link>,
}

/// A link.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Link {
    /// `@URI`.
    pub uri: Option<String>,
    /// `@role`.
    pub role: Option<String>,
    /// `@title`.
    pub title: Option<String>,
    /// `@location`.
    pub location: Option<String>,
    /// Its text.
    pub text: String,
    /// Language tag, where there is one.
    pub language: Option<String>,
}

/// A grant.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Grant {
    /// Its number.
    pub number: String,
    /// Who gave it.
    pub agency: Option<String>,
    /// `@role`.
    pub role: Option<String>,
    /// Language tag, where there is one.
    pub language: Option<String>,
}

/// A date of something.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Event {
    /// `start`, `end` or `single`.
    pub event: Option<String>,
    /// `@date`, as written (ISO 8601 in most files).
    pub date: Option<String>,
    /// `@cycle`.
    pub cycle: Option<String>,
    /// The date in words.
    pub text: String,
    /// Language tag, where there is one.
    pub language: Option<String>,
}

/// A series that the study is in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Series {
    /// `@ID`.
    pub id: Option<String>,
    /// `@URI`.
    pub uri: Option<String>,
    /// `serName`.
    pub names: Text,
    /// `serInfo`.
    pub information: Text,
}

/// A version of the study.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct VersionNote {
    /// Its name or number.
    pub text: String,
    /// `@date`.
    pub date: Option<String>,
    /// `@type`.
    pub kind: Option<String>,
    /// Language tag, where there is one.
    pub language: Option<String>,
}

/// A keyword, topic or concept, of a vocabulary or free.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Term {
    /// `@ID`.
    pub id: Option<String>,
    /// The term.
    pub text: String,
    /// `@vocab`.
    pub vocabulary: Option<String>,
    /// `@vocabURI`.
    pub vocabulary_uri: Option<String>,
    /// Language tag, where there is one.
    pub language: Option<String>,
}

/// A text that may carry terms of a vocabulary.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Coded {
    /// The text.
    pub text: String,
    /// Language tag, where there is one.
    pub language: Option<String>,
    /// For a universe: `I` (included) or `E` (excluded).
    pub clusion: Option<String>,
    /// `concept`.
    pub concepts: Vec<Term>,
}

/// A country.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Nation {
    /// `@abbr`, an ISO 3166 code in most files.
    pub abbreviation: Option<String>,
    /// Its name in each language.
    pub names: Text,
    /// `concept`.
    pub concepts: Vec<Term>,
}

/// How the data were made.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Method {
    /// `timeMeth`.
    pub time_methods: Vec<Coded>,
    /// `dataCollector`.
    pub collectors: Vec<Agent>,
    /// `frequenc`.
    pub frequencies: Vec<Coded>,
    /// `sampProc`.
    pub sampling: Vec<Coded>,
    /// `deviat`.
    pub deviations: Text,
    /// `collMode`.
    pub collection_modes: Vec<Coded>,
    /// `resInstru`.
    pub instruments: Vec<Coded>,
    /// `sources/dataSrc`.
    pub sources: Text,
    /// `collSitu`.
    pub situations: Text,
    /// Actions to minimise losses (`actMin`).
    pub minimisation: Vec<Coded>,
    /// `weight`.
    pub weightings: Vec<Coded>,
    /// `cleanOps`.
    pub cleaning: Text,
    /// `respRate`.
    pub response_rates: Text,
    /// `EstSmpErr`.
    pub sampling_errors: Text,
    /// `dataAppr`.
    pub appraisals: Vec<Coded>,
}

/// Who may use the data, and how.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Access {
    /// `accsPlac`.
    pub places: Vec<Link>,
    /// `avlStatus`.
    pub availability: Vec<Coded>,
    /// `confDec`.
    pub confidentiality: Vec<Statement>,
    /// `specPerm`.
    pub permissions: Vec<Statement>,
    /// `restrctn`.
    pub restrictions: Text,
    /// `useStmt/contact`.
    pub contacts: Vec<Agent>,
    /// `citReq`.
    pub citation_requirements: Text,
    /// `deposReq`.
    pub deposit_requirements: Text,
    /// `conditions`.
    pub conditions: Text,
    /// `disclaimer`.
    pub disclaimers: Text,
}

/// A declaration that may be required.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Statement {
    /// What it says.
    pub text: String,
    /// `@required`: `yes` or `no`.
    pub required: Option<String>,
    /// `@formNo`.
    pub form: Option<String>,
    /// `@URI`.
    pub uri: Option<String>,
    /// Language tag, where there is one.
    pub language: Option<String>,
}

/// Something that the study is related to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Related {
    /// The reference in words.
    pub text: String,
    /// Language tag, where there is one.
    pub language: Option<String>,
    /// `ExtLink`.
    pub links: Vec<Link>,
    /// `citation/titlStmt/titl`.
    pub titles: Text,
    /// `citation/titlStmt/IDNo`.
    pub ids: Vec<Id>,
    /// `citation/biblCit`.
    pub citations: Text,
    /// `citation/holdings`.
    pub holdings: Vec<Link>,
}

/// A data file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DataFile {
    /// `@ID`, to which variables refer.
    pub id: Option<String>,
    /// `@URI`.
    pub uri: Option<String>,
    /// `fileName`.
    pub names: Text,
    /// `fileCont`.
    pub contents: Text,
    /// `fileStrc/@type`: `rectangular`, `hierarchical`, …
    pub structure: Option<String>,
    /// Number of records (`caseQnty`).
    pub cases: Option<u64>,
    /// Number of variables (`varQnty`).
    pub variables: Option<u64>,
    /// `fileType`.
    pub kinds: Text,
    /// `fileType/@charset`.
    pub charset: Option<String>,
    /// `format`.
    pub formats: Text,
    /// `filePlac`.
    pub places: Text,
    /// What has no field.
    pub residue: Vec<Residue>,
}
