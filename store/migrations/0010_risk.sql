-- What was seen of a request in a turn, the way it went, and what people decided: what the risk
-- model learns from, and what the share of missed requests is estimated from.
create table risk_decisions (
    export text not null references exports (id),
    turn bigint not null,
    application text not null references applications (id),
    author text not null references persons (id),
    seen_at bigint not null,
    features text not null,
    routed text,
    outcome text check (outcome in ('approved','returned','refused')),
    pairs bigint not null,
    conflicts bigint not null,
    primary key (export, turn)
);
create index risk_decisions_by_application on risk_decisions (application);
create index risk_decisions_by_author on risk_decisions (author);
create index risk_decisions_by_time on risk_decisions (seen_at);

create table risk_models (
    id text primary key,
    version bigint not null,
    state text not null check (state in ('candidate','in_service','retired')),
    number text not null unique,
    sha256 text not null,
    body text not null
);
-- One model scores, or none.
create unique index risk_models_one_in_service on risk_models (state) where state = 'in_service';

-- The file of a model; its SHA-256 stands in `risk_models` and in the event that tells of it.
create table risk_model_files (
    sha256 text primary key,
    content text not null
);
