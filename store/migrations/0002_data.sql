create table producers (
    id text primary key,
    version bigint not null,
    state text not null,
    slug text not null unique,
    body text not null
);

create table sources (
    id text primary key,
    version bigint not null,
    state text not null check (state in ('draft','documented','published','hidden','retired')),
    producer text not null references producers (id),
    slug text not null unique,
    body text not null
);
create index sources_of_producer on sources (producer);

-- The code book of a source as the DDI engine reads it, and the file as it came.
create table codebooks (
    source text primary key references sources (id),
    imported_at bigint not null,
    sha256 text not null,
    model text not null,
    problems text not null,
    changes text not null,
    variables bigint not null,
    publications bigint not null
);

create table vintages (
    id text primary key,
    version bigint not null,
    state text not null check (state in ('announced','expected','deposited','checking','accepted','available','replaced','withdrawn')),
    source text not null references sources (id),
    label text not null,
    body text not null
);
create unique index vintages_one_label on vintages (source, label) where state <> 'withdrawn' and state <> 'replaced';

create table deposits (
    id text primary key,
    version bigint not null,
    state text not null check (state in ('announced','channel_open','uploading','received','hash_checked','scanned','validated','label_checked','accepted','rejected','receipt_signed')),
    vintage text not null references vintages (id),
    producer text not null references producers (id),
    body text not null
);
create index deposits_of_vintage on deposits (vintage);

-- Files that come in pieces. `received` is what is durable on disk.
create table uploads (
    id text primary key,
    deposit text not null references deposits (id),
    person text not null references persons (id),
    name text not null,
    bytes bigint not null,
    received bigint not null,
    sha256 text,
    started_at bigint not null,
    finished_at bigint
);
create index uploads_of_deposit on uploads (deposit);
