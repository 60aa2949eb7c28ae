-- The audit trail, which is the outbox too. A row is written in the transaction of its change.
-- `leaf` is its place in the transparency log, given before the log is written; `sealed` is 1 once
-- the log is durable; `handled` is 1 once the consequences in other columns are done.
create table events (
    id text primary key,
    at bigint not null,
    kind text not null,
    actor text,
    noun text not null,
    object text not null,
    body text not null,
    salt text not null,
    commitment text not null,
    leaf bigint unique,
    sealed bigint not null check (sealed in (0, 1)),
    handled bigint not null check (handled in (0, 1))
);
create index events_of_object on events (object);
create index events_open on events (id) where handled = 0;
create index events_unsealed on events (id) where sealed = 0;

create table notices (
    id text primary key,
    version bigint not null,
    state text not null check (state in ('unread','read')),
    person text not null references persons (id),
    event text not null references events (id),
    topic text not null,
    mailed bigint not null default 0 check (mailed in (0, 1)),
    body text not null,
    unique (person, event, topic)
);

create index notices_of_person on notices (person, state);
create index notices_to_mail on notices (id) where mailed = 0;

-- Outgoing mail, so that none is lost by an error of the mail server. `notice` is the notice that it
-- tells, if it tells one. `next_at` is null once it is sent or given up; the text, which may hold a
-- one-use link, is emptied then (not in a demonstration, which shows it).
create table mails (
    id text primary key,
    notice text unique references notices (id),
    to_name text not null,
    address text not null,
    lang text not null,
    subject text not null,
    body text not null,
    queued_at bigint not null,
    attempts bigint not null,
    next_at bigint,
    sent_at bigint,
    problem text
);
create index mails_due on mails (next_at) where next_at is not null;

-- Small facts of the centre that outlive a restart: the demonstration's seed, the clock's last day.
create table facts (
    name text primary key,
    value text not null
);
