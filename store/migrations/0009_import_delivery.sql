-- An accepted import that cannot be delivered is `failed`. SQLite changes no check of a table that is
-- there, so the table is made anew; nothing refers to it.
create table imports_anew (
    id text primary key,
    version bigint not null,
    state text not null check (state in ('in_review','accepted','delivered','failed','refused','withdrawn')),
    application text not null references applications (id),
    author text not null references persons (id),
    number text not null,
    body text not null,
    unique (application, number)
);
insert into imports_anew (id, version, state, application, author, number, body)
    select id, version, state, application, author, number, body from imports;
drop table imports;
alter table imports_anew rename to imports;
create index imports_by_state on imports (state);
create index imports_by_author on imports (author);
