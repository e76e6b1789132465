//! Valid files with a few bytes changed: read without panic, in little time, the same each time.

mod kit;

use intake::Options;
use kit::{
    Folder,
    mutate::{Chance, FORMATS, mutate, sample},
};
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn whatever_becomes_of_a_file_is_read_or_refused(seed: u64) {
        let mut chance = Chance(seed);
        for name in FORMATS {
            let folder = Folder::new();
            let mut bytes = sample(name);
            mutate(&mut bytes, &mut chance);
            folder.put(name, &bytes);
            let options = Options { extra: true, ..Options::default() };
            let first = folder.read(&options);
            prop_assert_eq!(&first, &folder.read(&options), "{}", name);
        }
    }
}

#[test]
fn the_samples_are_valid() {
    for name in FORMATS {
        let folder = Folder::new();
        folder.put(name, &sample(name));
        let (records, broken) = folder.read(&Options::default());
        assert!(!records.is_empty(), "{name}");
        assert_eq!(broken, [], "{name}");
    }
}
