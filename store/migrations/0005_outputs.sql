create table rule_sets (
    id text primary key,
    version bigint not null,
    state text not null,
    producer text not null references producers (id),
    number text not null,
    body text not null,
    unique (producer, number)
);

create table exports (
    id text primary key,
    version bigint not null,
    state text not null check (state in ('draft','sealed','scanning','blocked','scored','queued','review_independent','review_consolidation','returned','approved','partly_approved','refused','releasing','available','collected','expired','withdrawn','revoked','failed')),
    bubble text not null references bubbles (id),
    application text not null references applications (id),
    author text not null references persons (id),
    body text not null
);
create index exports_by_state on exports (state);
create unique index exports_one_draft on exports (author, bubble) where state = 'draft';

-- The evidence of a release: the text whose SHA-256 the event `release.available` seals.
create table export_evidence (
    export text primary key references exports (id),
    sha256 text not null,
    body text not null
);
