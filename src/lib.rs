//! Turns raw multilingual text into tokenizer-ready shards.
//!
//! The rooms of this library, from the ground up; a room uses only rooms below it:
//!
//! | room | what it holds |
//! |---|---|
//! | [`batch`], [`json`], [`text`], [`languages`], [`fasttext`], [`external`] | documents as Arrow columns; a scanner of JSON records; definitions and analyses of text that stages share; languages and their codes; fastText classifiers; sorting and merging beyond memory |
//! | [`document`], [`shard`] | a document as a stage sees it; readers, parsers, compression |
//! | [`stage`], [`expression`] | the one trait that all stages share; the language of conditions over metrics and fields |
//! | [`normalize`], [`langid`], [`quality`], [`dedup`], [`pii`] | the stages, a room a family |
//! | [`pipeline`] | configuration → registry of stages → checked plan |
//! | [`fit`] | language profiles derived from reference samples; trained classifiers |
//! | [`engine`] | tasks, journal, threads |
//! | [`report`] | statistics of a run as tables |
#![deny(unsafe_op_in_unsafe_fn)]
#![warn(missing_docs)]

pub mod batch;
pub mod dedup;
pub mod document;
pub mod engine;
pub mod expression;
pub mod external;
pub mod fasttext;
pub mod fit;
pub mod json;
pub mod langid;
pub mod languages;
pub mod normalize;
pub mod pii;
pub mod pipeline;
pub mod quality;
pub mod report;
pub mod shard;
pub mod stage;
pub mod text;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct ReadMe;
