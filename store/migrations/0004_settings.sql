create table bubbles (
    id text primary key,
    version bigint not null,
    state text not null check (state in ('requested','waiting_prerequisites','provisioning','provision_failed','ready','active','suspended','closing','archived','deleted')),
    application text not null unique references applications (id),
    number text not null unique,
    body text not null
);

create table sessions (
    id text primary key,
    version bigint not null,
    state text not null check (state in ('open','ended','cut')),
    bubble text not null references bubbles (id),
    person text not null references persons (id),
    body text not null
);
create index sessions_of_bubble on sessions (bubble, state);
create index sessions_of_person on sessions (person, state);

create table replays (
    id text primary key,
    version bigint not null,
    state text not null,
    session text not null references sessions (id),
    person text not null references persons (id),
    body text not null
);

create table banners (
    bubble text not null references bubbles (id),
    person text not null references persons (id),
    day text not null,
    primary key (bubble, person, day)
);
