//! Floor 5: the binary: configuration, wiring, command line.
fn main() {}
