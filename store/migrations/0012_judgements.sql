-- What checkers said of findings is counted over all requests.
create index events_of_judgements on events (object)
    where kind in ('finding.accepted', 'finding.contested', 'review.unassigned');
