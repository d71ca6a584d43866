use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::batch::Position;
use crate::dedup::keep::Policy;
use crate::dedup::{Order, Stream};
use crate::external::{Parted, Run, Scratch, Sorter, Threads};

/// How the work is cut; none of it may change the outcome.
#[derive(Debug, Clone, Copy)]
struct Way {
    threads: usize,
    memory: u64,
    room: u32,
    sorters: usize,
}

const PLAIN: Way = Way { threads: 1, memory: 1 << 26, room: 1 << 20, sorters: 1 };

/// The findings for some edges; `ranks` are those of nodes of this run.
fn connected(
    edges: &[(u64, u64)],
    ranks: Option<&BTreeMap<u64, u64>>,
    way: Way,
) -> (Vec<Finding>, Measures) {
    let folder = tempfile::tempdir().unwrap();
    let scratch = Scratch::new(folder.path(), Arc::default());
    let mut sorted = Sorted::none(&scratch, EDGE);
    for part in edges.chunks(edges.len().div_ceil(way.sorters).max(1)) {
        let mut sorter = Sorter::new(&scratch, EDGE, way.memory);
        part.iter().for_each(|(a, b)| sorter.push(&edge(*a, *b)).unwrap());
        sorted.append(sorter.finish().unwrap());
    }
    let mut runs = Vec::new();
    for (number, part) in ranks
        .iter()
        .flat_map(|ranks| {
            let all: Vec<_> = ranks.iter().collect();
            all.chunks(7).map(<[_]>::to_vec).collect::<Vec<_>>()
        })
        .enumerate()
    {
        let path = folder.path().join(format!("ranks-{number}"));
        let bytes: Vec<u8> =
            part.iter().flat_map(|(node, rank)| graph::pair(**node, **rank)).collect();
        std::fs::write(&path, &bytes).unwrap();
        runs.push(Parted::whole(Run::new(path, 0, bytes.len() as u64), 16));
    }
    let keep = Keep::new(&Policy::from(if ranks.is_some() { "longest" } else { "first" })).unwrap();
    let streams = vec![Stream { width: 16, order: Order::Input, node_at: 0 }];
    let executor = Threads(way.threads);
    let resolution = Resolution::new(scratch, way.memory, &executor, 1, streams, vec![runs]);
    let measures = connect_with(&resolution, &sorted, &keep, 0, way.room).unwrap();
    let mut merger = resolution.into_findings().open(1 << 20).unwrap();
    let mut findings = Vec::new();
    while let Some(record) = merger.next().unwrap() {
        findings.push(Finding::from_bytes(record));
    }
    (findings, measures)
}

/// The same by a union-find over all of it.
fn expected(edges: &[(u64, u64)], ranks: Option<&BTreeMap<u64, u64>>) -> Vec<Finding> {
    let mut parents: BTreeMap<u64, u64> = BTreeMap::new();
    fn root(parents: &mut BTreeMap<u64, u64>, node: u64) -> u64 {
        let mut at = node;
        while let Some(&parent) = parents.get(&at).filter(|parent| **parent != at) {
            at = parent;
        }
        parents.insert(node, at);
        at
    }
    for &(a, b) in edges {
        let (a, b) = (root(&mut parents, a), root(&mut parents, b));
        parents.insert(a.max(b), a.min(b));
    }
    let mut clusters: BTreeMap<u64, Vec<u64>> = BTreeMap::new();
    for node in parents.keys().copied().collect::<Vec<_>>() {
        clusters.entry(root(&mut parents, node)).or_default().push(node);
    }
    let rank = |node: u64| match ranks {
        Some(ranks) => ranks.get(&node).copied().unwrap_or(u64::MAX),
        None => 0,
    };
    let mut findings = Vec::new();
    for (first, members) in clusters.iter().filter(|(_, members)| members.len() > 1) {
        let best = members.iter().copied().min_by_key(|node| (rank(*node), *node)).unwrap();
        let kept = if *first < NODE { *first } else { best };
        for &node in members.iter().filter(|node| **node >= NODE) {
            findings.push(Finding { node, values: [kept, *first, members.len() as u64] });
        }
    }
    findings.sort_unstable();
    findings
}

fn node(shard: u32, ordinal: u64) -> u64 {
    Position { shard, ordinal }.node()
}

fn ways() -> impl Strategy<Value = Way> {
    let memory = prop::sample::select(vec![1u64 << 10, 64 << 10, 1 << 24]);
    let room = prop::sample::select(vec![1u32, 2, 3, 7, 40, 1 << 20]);
    (1usize..5, memory, room, 1usize..5).prop_map(|(threads, memory, room, sorters)| Way {
        threads,
        memory,
        room,
        sorters,
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]
    #[test]
    fn clusters_are_those_of_a_union_find(
        // Of an index, and of two shards.
        edges in prop::collection::vec((0u64..90, 0u64..90), 0..140),
        indexed in prop_oneof![Just(0u64), 0u64..60],
        ranks in prop::option::of(prop::collection::btree_map(0u64..90, 0u64..4, 0..90)),
        way in ways(),
    ) {
        let name = |number: u64| match number {
            _ if number < indexed => number * 5,
            _ if number < 50 => node(0, number),
            _ => node(3, number * number),
        };
        let edges: Vec<_> = edges.into_iter().map(|(a, b)| (name(a), name(b))).collect();
        let ranks: Option<BTreeMap<u64, u64>> = ranks
            .map(|ranks| ranks.into_iter().map(|(number, rank)| (name(number), rank)))
            .map(|ranks| ranks.filter(|(node, _)| *node >= NODE).collect());
        let (findings, measures) = connected(&edges, ranks.as_ref(), way);
        let expected = expected(&edges, ranks.as_ref());
        let clusters: BTreeSet<u64> = expected.iter().map(|finding| finding.values[1]).collect();
        let removed = expected.iter().filter(|finding| removes(finding)).count();
        prop_assert_eq!(&findings, &expected);
        prop_assert_eq!(measures.get("clusters"), Some(&(clusters.len() as f64)));
        prop_assert_eq!(measures.get("documents_in_clusters"), Some(&(expected.len() as f64)));
        prop_assert_eq!(measures.get("documents_removed"), Some(&(removed as f64)));
        let pairs: BTreeSet<_> = edges.iter().filter(|(a, b)| a != b).map(|(a, b)| edge(*a, *b)).collect();
        prop_assert_eq!(measures.get("pairs"), Some(&(pairs.len() as f64)));
    }
}

/// Shapes on which simpler methods are slow: all nodes one cluster.
#[test]
fn chains_stars_and_bipartite_graphs_are_one_cluster() {
    const COUNT: u64 = 6000;
    let mixed = |number: u64| number * 2459 % COUNT;
    let shapes: [(&str, Vec<(u64, u64)>); 6] = [
        ("chain", (1..COUNT).map(|number| (number - 1, number)).collect()),
        ("chain from the last", (1..COUNT).rev().map(|number| (number, number - 1)).collect()),
        ("chain in any order", (1..COUNT).map(|at| (mixed(at - 1), mixed(at))).collect()),
        ("star on the first", (1..COUNT).map(|number| (0, number)).collect()),
        ("star on the last", (0..COUNT - 1).map(|number| (COUNT - 1, number)).collect()),
        (
            "bipartite",
            (0..COUNT / 2)
                .flat_map(|left| {
                    (0..3)
                        .map(move |step| (left, COUNT / 2 + (left * 31 + step * 997) % (COUNT / 2)))
                })
                .chain((1..COUNT / 2).map(|left| (left - 1, COUNT / 2 + left)))
                .chain([(0, COUNT / 2)])
                .collect(),
        ),
    ];
    for (shape, edges) in shapes {
        let edges: Vec<_> = edges.into_iter().map(|(a, b)| (node(0, a), node(0, b))).collect();
        for room in [100, 1 << 20] {
            let way = Way { threads: 2, memory: 64 << 10, room, sorters: 3 };
            let (findings, measures) = connected(&edges, None, way);
            assert_eq!(findings.len() as u64, COUNT, "{shape}, {room}");
            let first = node(0, 0);
            assert!(
                findings.iter().all(|it| it.values == [first, first, COUNT]),
                "{shape}, {room}"
            );
            assert_eq!(measures.get("largest_cluster"), Some(&(COUNT as f64)));
        }
    }
}

#[test]
fn documents_of_an_index_win_and_are_not_removed() {
    // One cluster with the index, one without, one of the index alone.
    let edges = [
        (7, node(0, 1)),
        (node(0, 1), node(0, 0)),
        (9, node(0, 0)),
        (node(1, 1), node(1, 2)),
        (20, 21),
    ];
    let ranks =
        BTreeMap::from([(node(0, 0), 5), (node(0, 1), 0), (node(1, 1), 3), (node(1, 2), 1)]);
    let (findings, measures) = connected(&edges, Some(&ranks), PLAIN);
    let finding = |node, kept, first, size| Finding { node, values: [kept, first, size] };
    assert_eq!(
        findings,
        [
            finding(node(0, 0), 7, 7, 4),
            finding(node(0, 1), 7, 7, 4),
            finding(node(1, 1), node(1, 2), node(1, 1), 2),
            finding(node(1, 2), node(1, 2), node(1, 1), 2),
        ]
    );
    let measure = |name: &str| measures.get(name).copied();
    assert_eq!(measure("clusters"), Some(2.0));
    assert_eq!(measure("documents_removed"), Some(3.0));
    assert_eq!(measure("documents_removed_for_an_index"), Some(2.0));
    assert_eq!(measure("largest_cluster"), Some(4.0));
}

#[test]
fn nothing_is_alike() {
    let (findings, measures) = connected(&[], None, PLAIN);
    assert!(findings.is_empty());
    assert_eq!(measures.get("clusters"), Some(&0.0));
    let itself = (node(0, 3), node(0, 3));
    assert!(connected(&[itself], None, PLAIN).0.is_empty());
}

#[test]
fn columns_tell_of_the_largest_cluster_or_that_of_the_removal() {
    let columns = |document: &Document<'_>| {
        METRICS
            .iter()
            .map(|it| document.metric(it.name).unwrap().number().unwrap())
            .collect::<Vec<_>>()
    };
    let mut document = Document::new("a", "text");
    let own = node(0, 5);
    let finding = |kept, first, size| [Finding { node: own, values: [kept, first, size] }];
    assert_eq!(apply(&mut document, own, &[], "x.duplicate"), Outcome::Keep);
    assert_eq!(columns(&document), [5.0, 1.0]);
    apply(&mut document, own, &finding(own, node(0, 2), 6), "x.duplicate");
    assert_eq!(columns(&document), [2.0, 6.0]);
    // A smaller one, and none, say less; one of the same size says it later.
    apply(&mut document, own, &finding(own, node(0, 1), 3), "x.duplicate");
    apply(&mut document, own, &[], "x.duplicate");
    assert_eq!(columns(&document), [2.0, 6.0]);
    apply(&mut document, own, &finding(own, node(0, 3), 6), "x.duplicate");
    assert_eq!(columns(&document), [3.0, 6.0]);
    // But what goes tells what for; documents of an index are below zero.
    let outcome = apply(&mut document, own, &finding(4, 4, 2), "x.duplicate");
    assert_eq!(outcome, Outcome::Drop { reason: "x.duplicate", kept: Some(4) });
    assert_eq!(columns(&document), [-5.0, 2.0]);
}
