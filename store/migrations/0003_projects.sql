create table applications (
    id text primary key,
    version bigint not null,
    state text not null check (state in ('draft','consultation','ready','submitted','admissibility','returned','scheduled','in_session','opinion','decisions','formalities','authorised','ended','withdrawn','unfavourable','lapsed')),
    lead text not null references persons (id),
    number text unique,
    body text not null
);

-- Who works in which application: lead and members. Rewritten with each change of the application.
create table application_people (
    application text not null references applications (id),
    person text not null references persons (id),
    primary key (application, person)
);
create index application_people_of_person on application_people (person);

create table items (
    id text primary key,
    version bigint not null,
    state text not null check (state in ('listed','asked','question','agreed','agreed_conditional','refused_prior','silent','opinion_ok','opinion_ko','granted','granted_conditional','refused','active','suspended','ended','revoked','removed')),
    application text not null references applications (id),
    producer text not null references producers (id),
    source text not null references sources (id),
    body text not null
);
create index items_of_application on items (application);
create index items_of_producer on items (producer, state);
create unique index items_one_source on items (application, source) where state <> 'removed';

-- What a person has put aside in the catalogue.
create table baskets (
    person text not null references persons (id),
    vintage text not null references vintages (id),
    added_at bigint not null,
    primary key (person, vintage)
);
