-- The ledger of each project's credits: a line is written once and never changed. `once` is what a
-- line may be written for only once in a project, such as the grant at the authorisation.
create table credit_lines (
    id text primary key,
    version bigint not null,
    state text not null check (state in ('grant','buy','use','refund','expire')),
    application text not null references applications (id),
    once text not null,
    body text not null,
    unique (application, once)
);

-- What leads have ordered, and what was decided of it.
create table credit_orders (
    id text primary key,
    version bigint not null,
    state text not null check (state in ('asked','accepted','refused')),
    application text not null references applications (id),
    body text not null
);
create index credit_orders_of_application on credit_orders (application);
create index credit_orders_by_state on credit_orders (state);
