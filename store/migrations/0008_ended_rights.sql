-- Rights that ended lately are looked for at each tick, among all that ever ended.
create index events_of_ended_rights on events (at) where kind = 'habilitation.expired';
