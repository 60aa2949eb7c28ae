//! Who one can be in the demonstration.

use domain::{
    Lang, Person, Producer, ProducerId, Role, RoleGrant, Text, people::person::PersonState,
};
use workflows::{Centre, Failure};

/// Short name, full name, institution, part in French and in English, roles, and the producer
/// (`rand`, `umich`, `chr`) for which producers' roles are held.
struct Part {
    short: &'static str,
    name: &'static str,
    institution: &'static str,
    fr: &'static str,
    en: &'static str,
    roles: &'static [Role],
    producer: Option<&'static str>,
}

/// The three producers of the demonstration: short name, French name, English name.
const PRODUCERS: [(&str, &str, &str); 3] = [
    ("rand", "RAND Corporation (enquêtes santé)", "RAND Corporation (health surveys)"),
    ("umich", "Études électorales américaines (ANES)", "American National Election Studies (ANES)"),
    ("fair", "Enquête Redbook (Fair 1978)", "Redbook survey (Fair 1978)"),
];

const fn part(
    short: &'static str,
    name: &'static str,
    institution: &'static str,
    fr: &'static str,
    en: &'static str,
    roles: &'static [Role],
    producer: Option<&'static str>,
) -> Part {
    Part { short, name, institution, fr, en, roles, producer }
}

#[rustfmt::skip]
const PARTS: [Part; 19] = [
    part("ada", "Ada Lovelace", "Université de Paris", "Responsable scientifique : dépose une demande, travaille, sort des résultats", "Scientific lead: applies, works, exports results", &[], None),
    part("ben", "Ben Barka", "Université de Paris", "Chercheur, membre d’un projet", "Researcher, member of a project", &[], None),
    part("zoe", "Zoé Martin", "Université de Lyon", "Responsable scientifique d’une autre université", "Lead at another university", &[], None),
    part("chloe", "Chloé Durand", "RAND Corporation", "Agente et décideuse du premier producteur", "Agent and decider of the first producer", &[Role::ProducerAgent, Role::ProducerDecider], Some("rand")),
    part("dario", "Dario Fabbri", "ANES", "Agent et décideur du deuxième producteur", "Agent and decider of the second producer", &[Role::ProducerAgent, Role::ProducerDecider], Some("umich")),
    part("emma", "Emma Novak", "Fair", "Agente et décideuse du troisième producteur", "Agent and decider of the third producer", &[Role::ProducerAgent, Role::ProducerDecider], Some("fair")),
    part("farid", "Farid Haddad", "Centre", "Secrétaire du comité", "Committee secretary", &[Role::Secretary], None),
    part("paul", "Paul Mercier", "Conseil d’État", "Président du comité", "Chair of the committee", &[Role::Chair, Role::CommitteeMember], None),
    part("grace", "Grace Hopper", "Centre", "Vérificatrice des sorties", "Output checker", &[Role::Checker], None),
    part("hugo", "Hugo Petit", "Centre", "Vérificateur des sorties", "Output checker", &[Role::Checker], None),
    part("iris", "Iris Blanc", "Centre", "Responsable des vérificateurs", "Lead of the checkers", &[Role::CheckerLead], None),
    part("karim", "Karim Benali", "Centre", "Gestionnaire des données", "Data manager", &[Role::DataManager], None),
    part("lea", "Léa Rossi", "Centre", "Agente d’enrôlement", "Enrolment agent", &[Role::EnrolmentAgent], None),
    part("omar", "Omar Diallo", "Centre", "Chef de projet : invite des personnes et donne les rôles", "Project manager: invites people and gives roles", &[Role::ProjectManager], None),
    part("rose", "Rose Tavares", "Centre", "Gestionnaire de la facturation : décide des crédits commandés", "Billing manager: decides on the credits that leads order", &[Role::BillingManager], None),
    part("ines", "Inès Moreau", "Centre", "Responsable de la sécurité", "Security officer", &[Role::SecurityOfficer], None),
    part("jules", "Jules Garnier", "Centre", "Second responsable de la sécurité", "Second security officer", &[Role::SecurityOfficer], None),
    part("marc", "Marc Olivier", "Centre", "Exploitant des machines", "Operator of the machines", &[Role::Operator], None),
    part("nora", "Nora Klein", "Cour des comptes", "Auditrice : lit tout, ne change rien", "Auditor: reads all, changes nothing", &[Role::Auditor], None),
];

/// Makes the producers and the persons, enrolled.
pub(super) async fn seed(centre: &Centre) -> Result<(), Failure> {
    let mut producers: Vec<(&str, ProducerId)> = Vec::new();
    for (slug, fr, en) in PRODUCERS {
        let producer = Producer {
            id: centre.id(),
            version: 0,
            slug: slug.to_owned(),
            name: Text::new(fr, en),
            contact: format!("{slug}@example.org"),
            silence_goes_on: false,
            consultation_days: domain::data::producer::CONSULTATION_DAYS,
            ended_at: None,
            questions: Vec::new(),
        };
        let event = centre.system_event("producer.created", "producer", producer.id);
        centre.store.change(&event).insert(&producer).commit().await?;
        producers.push((slug, producer.id));
    }
    for part in &PARTS {
        let producer = producers.iter().find(|(slug, _)| Some(*slug) == part.producer);
        let person = person(centre, part, producer.map(|(_, id)| *id));
        let event = centre.system_event("person.demo_made", "person", person.id);
        centre.store.change(&event).insert(&person).commit().await?;
    }
    Ok(())
}

fn person(centre: &Centre, part: &Part, producer: Option<ProducerId>) -> Person {
    let grant = |role: &Role| RoleGrant {
        role: *role,
        producer: producer.filter(|_| role.is_of_a_producer()),
    };
    Person {
        id: centre.id(),
        version: 0,
        name: part.name.to_owned(),
        email: format!("{}@example.org", part.short),
        language: Lang::Fr,
        institution: part.institution.to_owned(),
        demo_name: Some(part.short.to_owned()),
        demo_part: Text::new(part.fr, part.en),
        roles: part.roles.iter().map(grant).collect(),
        state: PersonState::Enrolled { since: centre.now() },
    }
}
