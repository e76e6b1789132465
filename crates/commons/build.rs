//! The packs are embedded: a change of theirs must build this crate again.

fn main() {
    println!("cargo:rerun-if-changed=../../packs");
}
