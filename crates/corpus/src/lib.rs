//! Floor 3: the corpus toolchain (语料): read, filter, deduplicate, document.
