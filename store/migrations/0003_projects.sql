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

-- People in a team who have no account yet; a row goes when its person becomes a member.
create table invited_members (
    application text not null references applications (id),
    email text not null,
    name text not null,
    bubble bigint not null check (bubble in (0, 1)),
    edits bigint not null check (edits in (0, 1)),
    invited_at bigint not null,
    primary key (application, email)
);
create index invited_members_by_email on invited_members (email);
