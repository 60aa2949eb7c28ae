//! What a column holds, told from its name.

/// What a person says of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case", untagged)]
pub enum Meaning {
    /// What it holds.
    Role(Role),
    /// It plays no part.
    No(Ignore),
}

/// The word for a column that plays no part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ignore {
    /// It plays no part.
    Ignore,
}

impl Meaning {
    /// The role, if it plays one.
    pub fn role(self) -> Option<Role> {
        match self {
            Self::Role(role) => Some(role),
            Self::No(Ignore::Ignore) => None,
        }
    }
}

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// The record's own id.
    Id,
    /// Family name at birth, or the only family name.
    BirthName,
    /// Family name by marriage or usage.
    UsageName,
    /// One or all given names.
    Given,
    /// Second and further given names.
    MoreGiven,
    /// Given and family names together.
    FullName,
    /// Sex, gender or civility.
    Sex,
    /// Date of birth.
    BirthDate,
    /// Year of birth.
    BirthYear,
    /// Month of birth.
    BirthMonth,
    /// Day of birth.
    BirthDay,
    /// Place of birth: INSEE code or name.
    BirthPlace,
    /// Postcode.
    Postcode,
    /// Town: name or INSEE code.
    City,
    /// House number.
    House,
    /// Street, or the whole address line.
    Street,
    /// National number: NIR, social security number.
    Nir,
    /// SIREN (nine digits) of a firm.
    Siren,
    /// SIRET (fourteen digits) of an establishment.
    Siret,
    /// E-mail address.
    Email,
    /// Telephone number.
    Phone,
    /// Name of a firm.
    Firm,
    /// Anything else that both files have under one name.
    Other,
}

impl Role {
    /// Its name in a spec.
    pub fn name(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::BirthName => "birth_name",
            Self::UsageName => "usage_name",
            Self::Given => "given",
            Self::MoreGiven => "more_given",
            Self::FullName => "full_name",
            Self::Sex => "sex",
            Self::BirthDate => "birth_date",
            Self::BirthYear => "birth_year",
            Self::BirthMonth => "birth_month",
            Self::BirthDay => "birth_day",
            Self::BirthPlace => "birth_place",
            Self::Postcode => "postcode",
            Self::City => "city",
            Self::House => "house",
            Self::Street => "street",
            Self::Nir => "nir",
            Self::Siren => "siren",
            Self::Siret => "siret",
            Self::Email => "email",
            Self::Phone => "phone",
            Self::Firm => "firm",
            Self::Other => "other",
        }
    }
}

/// Names as they are written, without accents, case and signs.
const NAMES: &[(Role, &str)] = &[
    (
        Role::BirthName,
        "nom nomnaissance nomdenaissance nomnais nomnaiss nomfamille nomdefamille \
      nompatronymique patronyme surname lastname familyname birthname birthsurname maidenname \
      nomjeunefille nomdejeunefille sname lname nomnaissanceassure surnameatbirth family last \
      nomn namelast namefamily",
    ),
    (
        Role::UsageName,
        "nomusage nomdusage nomusuel nommarital nomepouse nomepoux usagename \
      marriedname usualname currentsurname nomu usagesurname preferredsurname surnameusage",
    ),
    (
        Role::Given,
        "prenom prenoms prenom1 premierprenom givenname givennames firstname firstnames \
      forename forenames fname given prenomusuel first namefirst namegiven listeprenoms \
      prenometatcivil forename1 givenname1",
    ),
    (
        Role::MoreGiven,
        "prenom2 prenom3 prenom4 deuxiemeprenom secondprenom autresprenoms middlename \
      middlenames secondname othernames autreprenom middle forename2 givenname2 middleinitial",
    ),
    (
        Role::FullName,
        "nomcomplet fullname nomprenom prenomnom name identite nometprenom nomprenoms firstandsurname firstandlastname nomsprenoms",
    ),
    (Role::Sex, "sexe sex gender genre codesexe civilite title sx sexcode"),
    (
        Role::BirthDate,
        "datenaissance datedenaissance datenais datenaiss dnaiss dnais ddn dob \
      dateofbirth birthdate birthdt naissance datnais dtnaissance dtnais datebirth jjmmaaaanais",
    ),
    (
        Role::BirthYear,
        "anneenaissance annaissance anneedenaissance annais anais anneenais \
      yearofbirth birthyear yob dobyear byear yearbirth naissanceannee dobyy",
    ),
    (
        Role::BirthMonth,
        "moisnaissance moisdenaissance moisnais mnais monthofbirth birthmonth mob \
      dobmonth bmonth monthbirth naissancemois dobmm",
    ),
    (
        Role::BirthDay,
        "journaissance jourdenaissance journais jnais dayofbirth birthday dobday bday \
      daybirth naissancejour dobdd",
    ),
    (
        Role::BirthPlace,
        "communenaissance lieunaissance codecommunenaissance lieudenaissance \
      birthplace placeofbirth comnais comnaissance inseenaissance codelieunaissance lnaiss \
      codeinseenaissance villenaissance villedenaissance communedenaissance depcomnaissance \
      birthcommune depcomnais lieunais birthplacecode inseenais codenaissance birthtown birthcity \
      cityofbirth townofbirth communenaiss pob depnaissance departementnaissance depnais",
    ),
    (
        Role::Postcode,
        "codepostal cp postcode zip zipcode postalcode plz codepost postcodefake \
      postalcodefake zip5",
    ),
    (
        Role::City,
        "commune ville city town suburb communeresidence villeresidence libellecommune \
      localite codecommune insee codeinsee depcom codegeo municipality place communeadresse \
      inseeresidence codecommuneresidence nomcommune locality inseecommune",
    ),
    (
        Role::House,
        "numero numvoie streetnumber housenumber numerovoie numrue houseno streetno \
      numerodevoie",
    ),
    (
        Role::Street,
        "adresse address address1 rue voie street adresse1 streetname libellevoie \
      adressepostale nomvoie addressline1 adresseligne1 ligneadresse streetaddress addr nomrue",
    ),
    (
        Role::Nir,
        "nir numss numerosecuritesociale nss ssn socsecid socialsecuritynumber nationalid \
      nino insnir numsecu numerosecu nirassure socialsecurity numerodesecuritesociale nia \
      nhsnumber nhsno",
    ),
    (Role::Siren, "siren numerosiren codesiren"),
    (Role::Siret, "siret numerosiret codesiret"),
    (
        Role::Email,
        "email mail courriel adresseemail adressemail emailaddress melle adresseelectronique",
    ),
    (
        Role::Phone,
        "telephone tel phone phonenumber mobile portable numtel numerotelephone \
      telephonenumber telfixe telmobile phonenum cellphone",
    ),
    (
        Role::Firm,
        "raisonsociale denomination companyname company nomentreprise enseigne firmname \
      organisation organization entreprise societe nomsociete denominationsociale businessname firm \
      denominationunitelegale libelleentreprise rs legalname employer employeur",
    ),
];

/// Parts of names that tell where no whole name is known; the first that fits.
const PARTS: &[(&[&str], Role)] = &[
    (&["usage"], Role::UsageName),
    (&["marital"], Role::UsageName),
    (&["prenom"], Role::Given),
    (&["forename"], Role::Given),
    (&["firstname"], Role::Given),
    (&["givenname"], Role::Given),
    (&["date", "nais"], Role::BirthDate),
    (&["date", "birth"], Role::BirthDate),
    (&["an", "naissance"], Role::BirthYear),
    (&["year", "birth"], Role::BirthYear),
    (&["nom", "nais"], Role::BirthName),
    (&["commune", "nais"], Role::BirthPlace),
    (&["lieu", "nais"], Role::BirthPlace),
    (&["insee", "nais"], Role::BirthPlace),
    (&["place", "birth"], Role::BirthPlace),
    (&["surname"], Role::BirthName),
    (&["lastname"], Role::BirthName),
    (&["postal"], Role::Postcode),
    (&["postcode"], Role::Postcode),
    (&["siret"], Role::Siret),
    (&["siren"], Role::Siren),
    (&["email"], Role::Email),
    (&["courriel"], Role::Email),
    (&["telephone"], Role::Phone),
    (&["adresse"], Role::Street),
    (&["address"], Role::Street),
    (&["raisonsociale"], Role::Firm),
    (&["denomination"], Role::Firm),
];

/// Columns that tell who a record is, or say nothing of the person: never compared by name alone.
const IGNORED: &[&str] = &[
    "cluster",
    "clusterid",
    "entity",
    "entityid",
    "personid",
    "trueid",
    "truth",
    "source",
    "file",
    "dataset",
    "row",
    "rownumber",
    "index",
    "idpersonne",
    "matchid",
    "label",
    "foyer",
    "household",
    "householdid",
    "famille",
    "profil",
    "profile",
    "origid",
    "originalid",
    "master",
    "masterid",
];

/// The name without accents, case and signs.
pub fn squashed(name: &str) -> String {
    let mut text = Vec::new();
    crate::normalise::text::fold(name.as_bytes(), &mut text);
    text.retain(u8::is_ascii_alphanumeric);
    text.make_ascii_lowercase();
    String::from_utf8(text).expect("ASCII")
}

/// What a column named so holds; `None` where its name says that it is not to be compared.
pub fn recognise(name: &str) -> Option<Role> {
    let name = squashed(name);
    for (role, names) in NAMES {
        if names.split_ascii_whitespace().any(|known| known == name) {
            return Some(*role);
        }
    }
    for (parts, role) in PARTS {
        if parts.iter().all(|part| name.contains(part)) {
            return Some(*role);
        }
    }
    let ignored = IGNORED.contains(&name.as_str()) || name.ends_with("id") || name.is_empty();
    (!ignored).then_some(Role::Other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn french_and_english_columns_are_recognised() {
        for (name, role) in [
            ("Nom de naissance", Role::BirthName),
            ("NOM_USAGE", Role::UsageName),
            ("Prénoms", Role::Given),
            ("given_name", Role::Given),
            ("Date_Naissance", Role::BirthDate),
            ("date_naiss_assuré", Role::BirthDate),
            ("dob", Role::BirthDate),
            ("commune_naissance", Role::BirthPlace),
            ("soc_sec_id", Role::Nir),
            ("Code postal", Role::Postcode),
            ("suburb", Role::City),
            ("occupation", Role::Other),
            ("SIRET", Role::Siret),
        ] {
            assert_eq!(recognise(name), Some(role), "{name}");
        }
    }

    #[test]
    fn what_tells_the_answer_is_never_compared() {
        for name in ["cluster", "person_id", "true_id", "household_id", "id_personne"] {
            assert_eq!(recognise(name), None, "{name}");
        }
    }
}
