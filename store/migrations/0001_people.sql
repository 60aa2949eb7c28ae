-- Each noun is one table: the columns that queries and invariants need, and the value itself as
-- JSON in `body`. `version` is compared and swapped by every update. The text is the same on
-- SQLite and PostgreSQL: types text, bigint, double precision only.
create table persons (
    id text primary key,
    version bigint not null,
    state text not null check (state in ('invited','registered','identity_checked','enrolled','active','suspended','closed')),
    email text not null unique,
    demo_name text unique,
    body text not null
);

-- Passkeys. `passkey` is the public half as the WebAuthn library keeps it.
create table credentials (
    id text primary key,
    person text not null references persons (id),
    raw_id text not null unique,
    label text not null,
    passkey text not null,
    created_at bigint not null,
    used_at bigint,
    revoked_at bigint
);
create index credentials_of_person on credentials (person);

-- Signed-in browsers. The cookie holds the secret, the table its SHA-256 only; `device` is the
-- SHA-256 of the long-lived device cookie, without which the first is worth nothing.
create table logins (
    id text primary key,
    secret_hash text not null unique,
    person text not null references persons (id),
    device text not null,
    via text not null check (via in ('passkey','demo','recovery','token')),
    label text,
    created_at bigint not null,
    seen_at bigint not null,
    ends_at bigint not null
);
create index logins_of_person on logins (person);

-- WebAuthn ceremonies that are open: what the browser was asked, for five minutes and one answer.
-- `device` is the SHA-256 of the device cookie of the browser that asked.
create table challenges (
    id text primary key,
    purpose text not null check (purpose in ('sign_in','register')),
    device text not null,
    person text references persons (id),
    body text not null,
    ends_at bigint not null
);

-- One-time links by which a person registers a passkey after an enrolment agent has proved the
-- identity again. Only the SHA-256 of the link's secret is kept.
create table recoveries (
    id text primary key,
    secret_hash text not null unique,
    person text not null references persons (id),
    agent text not null references persons (id),
    created_at bigint not null,
    ends_at bigint not null,
    used_at bigint
);

create table undertakings (
    id text primary key,
    version bigint not null,
    state text not null check (state in ('to_sign','signed','valid','superseded')),
    person text not null references persons (id),
    application text not null,
    body text not null
);
create index undertakings_of_application on undertakings (application, person);

create table habilitations (
    id text primary key,
    version bigint not null,
    state text not null check (state in ('asked','undertaking_missing','under_examination','granted','active','expiring','suspended','expired','revoked','refused')),
    person text not null references persons (id),
    application text not null,
    body text not null
);
create unique index habilitations_one_each on habilitations (application, person) where state not in ('expired','revoked','refused');
