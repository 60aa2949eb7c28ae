create table imports (
    id text primary key,
    version bigint not null,
    state text not null check (state in ('in_review','accepted','delivered','refused','withdrawn')),
    application text not null references applications (id),
    author text not null references persons (id),
    number text not null,
    body text not null,
    unique (application, number)
);
create index imports_by_state on imports (state);
create index imports_by_author on imports (author);
