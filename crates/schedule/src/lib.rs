//! Floor 1: the pure scheduler and the trace simulator that runs it: who starts where and when, and why not.
//!
//! Map: nothing here yet but the crate's place in the house.
