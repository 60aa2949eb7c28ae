//! Seeded tables of the twelve shapes that DISCLOSURE.md describes, and a large one.
//!
//! Businesses or persons fall on the leaves of one to three hierarchies; every combination of
//! nodes is a cell. Magnitudes have a heavy tail; a cell is unsafe with one or two units, or
//! when its largest unit holds more than 85 % of it.

use disclosure::protect::random::Random;
use disclosure::protect::{Cell, Instance, Status};

/// A hierarchy as the numbers of children at each level: `[4, 5]` is a total, 4 groups, 20 leaves.
type Levels = &'static [usize];

/// How a table is made.
#[derive(Debug, Clone, Copy)]
pub struct Shape {
    /// Its name.
    pub name: &'static str,
    dimensions: &'static [Levels],
    /// Tables that share the first dimension: each has one more of these dimensions.
    linked: bool,
    units: usize,
    magnitude: bool,
}

/// The shapes.
pub const SHAPES: &[Shape] = &[
    shape("T01", &[&[6], &[6]], 260, false),
    shape("T02", &[&[8], &[8]], 420, true),
    shape("T03", &[&[12], &[10]], 900, true),
    shape("T04", &[&[20], &[15]], 3_000, false),
    shape("T05", &[&[5, 4], &[6]], 1_100, true),
    shape("T06", &[&[3, 3, 3], &[4, 4]], 6_500, true),
    shape("T07", &[&[5], &[7], &[8]], 2_600, false),
    shape("T08", &[&[40], &[20]], 7_000, true),
    shape("T09", &[&[4, 4, 4], &[6], &[2]], 14_000, false),
    shape("T10", &[&[4, 5, 5], &[22]], 19_000, true),
    Shape { linked: true, ..shape("T11", &[&[19], &[7], &[4]], 900, true) },
    shape("T12", &[&[120], &[96]], 95_000, true),
    shape("H22", &[&[10, 10, 10], &[19]], 180_000, true),
];

const fn shape(
    name: &'static str,
    dimensions: &'static [Levels],
    units: usize,
    magnitude: bool,
) -> Shape {
    Shape { name, dimensions, linked: false, units, magnitude }
}

/// A tree's nodes: the parent of each (0 is the root, its own parent), and the leaves.
struct Tree {
    parents: Vec<usize>,
    leaves: Vec<usize>,
}

impl Tree {
    fn new(levels: Levels) -> Self {
        let mut parents = vec![0];
        let mut leaves = vec![0];
        for count in levels {
            let mut next = Vec::new();
            for parent in leaves {
                for _ in 0..*count {
                    next.push(parents.len());
                    parents.push(parent);
                }
            }
            leaves = next;
        }
        Self { parents, leaves }
    }

    fn children(&self, node: usize) -> Vec<usize> {
        (1..self.parents.len()).filter(|at| self.parents[*at] == node).collect()
    }

    fn up(&self, leaf: usize) -> Vec<usize> {
        let mut path = vec![leaf];
        while let Some(last) = path.last().filter(|last| **last != 0) {
            path.push(self.parents[*last]);
        }
        path
    }
}

#[derive(Clone, Copy, Default)]
struct Sums {
    units: u64,
    value: f64,
    largest: f64,
}

impl Shape {
    /// The shape of that name.
    pub fn named(name: &str) -> Option<Self> {
        SHAPES.iter().copied().find(|shape| shape.name == name)
    }

    /// The table that this seed draws.
    pub fn instance(self, seed: u64) -> Instance {
        let tables: Vec<Vec<Tree>> = if self.linked {
            let first = self.dimensions[0];
            self.dimensions[1..].iter().map(|d| vec![Tree::new(first), Tree::new(d)]).collect()
        } else {
            vec![self.dimensions.iter().map(|d| Tree::new(d)).collect()]
        };
        let mut cells: Vec<Cell> = Vec::new();
        let mut relations = Vec::new();
        for (number, trees) in tables.iter().enumerate() {
            let sums = self.fill(seed, trees);
            let name = |at: usize| cell_name(number, trees, at);
            for (at, sum) in sums.iter().enumerate() {
                let id = name(at);
                if number == 0 || !id.starts_with("0_") {
                    cells.push(self.cell(id, *sum));
                }
            }
            relate(trees, &name, &mut relations);
        }
        if self.linked {
            // The second table's margins are the first's: their units must be the same.
            relations.sort();
            relations.dedup();
        }
        Instance::new(cells, &relations).expect("made additive")
    }

    /// Adds units one by one. Linked tables draw the same units: the last dimension takes its
    /// own random number.
    fn fill(self, seed: u64, trees: &[Tree]) -> Vec<Sums> {
        let mut random = Random::new(seed);
        let size: usize = trees.iter().map(|tree| tree.parents.len()).product();
        let mut sums = vec![Sums::default(); size];
        for _ in 0..self.units {
            let draws: Vec<f64> = (0..3).map(|_| random.unit()).collect();
            let value = if self.magnitude { heavy(&mut random) } else { 1.0 };
            let paths: Vec<Vec<usize>> = trees
                .iter()
                .enumerate()
                .map(|(at, tree)| {
                    let draw = draws[at + usize::from(self.linked && at > 0 && trees.len() == 2)];
                    let count = tree.leaves.len();
                    #[expect(
                        clippy::cast_precision_loss,
                        clippy::cast_possible_truncation,
                        clippy::cast_sign_loss,
                        reason = "small counts"
                    )]
                    let leaf = ((draw.powf(1.7) * count as f64) as usize).min(count - 1);
                    tree.up(tree.leaves[leaf])
                })
                .collect();
            visit(trees, &paths, 0, 0, &mut |at| {
                sums[at].units += 1;
                sums[at].value += value;
                sums[at].largest = sums[at].largest.max(value);
            });
        }
        sums
    }

    fn cell(self, id: String, sum: Sums) -> Cell {
        let few = sum.units > 0 && sum.units < 3;
        let dominated = self.magnitude && sum.units > 0 && sum.largest > 0.85 * sum.value;
        let mut cell = Cell::new(id, sum.value);
        cell.units = Some(sum.units);
        cell.high = (1.5 * sum.value).max(sum.value + 5.0).ceil();
        cell.low = if self.magnitude { (0.5 * sum.value).floor() } else { 0.0 };
        if sum.units == 0 {
            cell.status = Status::Published;
        } else if few || dominated {
            cell.status = Status::Unsafe;
            let share = if self.magnitude { 0.15 } else { 0.5 };
            let level = (share * sum.value).ceil();
            cell.lower_level = level.min(cell.value - cell.low);
            cell.upper_level = level.min(cell.high - cell.value);
        }
        cell
    }
}

/// Turnover in thousands: log-normal by the sum of twelve uniforms, with a tail.
fn heavy(random: &mut Random) -> f64 {
    let normal: f64 = (0..12).map(|_| random.unit()).sum::<f64>() - 6.0;
    (2.5 + 1.5 * normal).exp().ceil()
}

fn visit(
    trees: &[Tree],
    paths: &[Vec<usize>],
    depth: usize,
    at: usize,
    act: &mut impl FnMut(usize),
) {
    if depth == trees.len() {
        return act(at);
    }
    for node in &paths[depth] {
        visit(trees, paths, depth + 1, at * trees[depth].parents.len() + node, act);
    }
}

fn nodes_of(trees: &[Tree], mut at: usize) -> Vec<usize> {
    let mut nodes = vec![0; trees.len()];
    for (node, tree) in nodes.iter_mut().zip(trees).rev() {
        *node = at % tree.parents.len();
        at /= tree.parents.len();
    }
    nodes
}

/// `0_3_7`: linked tables write the total of their own dimension as `0_activity`, so that the
/// shared margin is one cell.
fn cell_name(number: usize, trees: &[Tree], at: usize) -> String {
    let nodes = nodes_of(trees, at);
    if nodes.last() == Some(&0) {
        let rest: Vec<String> = nodes.iter().map(ToString::to_string).collect();
        return format!("0_{}", rest.join("_"));
    }
    let rest: Vec<String> = nodes.iter().map(ToString::to_string).collect();
    format!("{}_{}", number + 1, rest.join("_"))
}

fn relate(
    trees: &[Tree],
    name: &impl Fn(usize) -> String,
    relations: &mut Vec<(String, Vec<String>)>,
) {
    let size: usize = trees.iter().map(|tree| tree.parents.len()).product();
    let mut stride = size;
    for (dimension, tree) in trees.iter().enumerate() {
        stride /= tree.parents.len();
        let children: Vec<Vec<usize>> =
            (0..tree.parents.len()).map(|node| tree.children(node)).collect();
        for at in 0..size {
            let node = nodes_of(trees, at)[dimension];
            if !children[node].is_empty() {
                let cell = |child: &usize| name(at + child * stride - node * stride);
                relations.push((name(at), children[node].iter().map(cell).collect()));
            }
        }
    }
}
