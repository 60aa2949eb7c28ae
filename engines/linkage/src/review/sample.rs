//! Pairs for people to judge: as many of each band of weights, so that a measure can be made of them.

use crate::hash;
use crate::run::Link;

/// Bands of weights.
const BANDS: usize = 10;

/// Places of the links that are drawn, sorted: links are cut into ten bands of as many links by weight,
/// and each gives as many, drawn by a hash of the seed and the rows. The same input and seed give
/// the same sample.
pub fn draw(links: &[Link], size: usize, seed: u64) -> Vec<usize> {
    let mut order: Vec<usize> = (0..links.len()).collect();
    order.sort_by(|a, b| links[*b].weight.total_cmp(&links[*a].weight).then(a.cmp(b)));
    let mut drawn = Vec::with_capacity(size.min(links.len()));
    for band in 0..BANDS {
        let part = |of: usize| (band * of / BANDS)..((band + 1) * of / BANDS);
        let mut places = order[part(links.len())].to_vec();
        let chance = |at: &usize| {
            let link = &links[*at];
            hash::then(hash::mix(seed), u64::from(link.left) << 32 | u64::from(link.right))
        };
        places.sort_by_key(|at| (chance(at), *at));
        drawn.extend(places.into_iter().take(part(size).len()));
    }
    drawn.sort_unstable();
    drawn
}

#[cfg(test)]
mod tests {
    use super::*;

    fn links(count: u32) -> Vec<Link> {
        let link = |at: u32| Link {
            left: at,
            right: at,
            weight: f64::from(at * 7919 % 1009),
            probability: 0.9,
            pattern: 0,
        };
        (0..count).map(link).collect()
    }

    #[test]
    fn each_band_gives_as_many_and_a_seed_gives_the_same() {
        let links = links(1000);
        let drawn = draw(&links, 100, 1);
        assert_eq!((drawn.len(), &drawn), (100, &draw(&links, 100, 1)));
        assert_ne!(drawn, draw(&links, 100, 2));
        assert!(drawn.windows(2).all(|two| two[0] < two[1]), "each once");
        let mut weights: Vec<f64> = links.iter().map(|link| link.weight).collect();
        weights.sort_by(f64::total_cmp);
        let high = drawn.iter().filter(|at| links[**at].weight >= weights[900]).count();
        assert!((8..=12).contains(&high), "{high}");
    }

    #[test]
    fn of_few_links_all_are_drawn() {
        assert_eq!(draw(&links(7), 100, 1).len(), 7);
        assert!(draw(&[], 100, 1).is_empty());
    }
}
