//! The committed corpora of the fuzz targets, as an ordinary test on stable Rust: whatever a fuzzer
//! once found to reach new code is tried again at every change. `cargo xtask fuzz` looks for more.
#![expect(
    clippy::unwrap_used,
    reason = "what does not hold must end the run, here and under the fuzzer"
)]

#[allow(
    unreachable_pub,
    reason = "a library of the fuzzers, here a part of a test"
)]
#[path = "fuzz/src/lib.rs"]
mod targets;

use std::collections::BTreeMap;
use std::path::Path;

#[test]
fn every_corpus_is_replayed_and_reaches_behind_the_door() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus");
    let mut bytes = 0;
    for (name, target) in targets::TARGETS {
        let mut inputs = BTreeMap::new();
        for entry in std::fs::read_dir(folder.join(name)).unwrap() {
            let path = entry.unwrap().path();
            inputs.insert(path.clone(), std::fs::read(path).unwrap());
        }
        bytes += inputs.values().map(Vec::len).sum::<usize>();
        let taken = inputs.values().filter(|input| target(input)).count();
        println!("{name}: {} inputs, {taken} taken", inputs.len());
        assert!(taken >= 2, "{name}: hardly anything reaches the reader");
        assert!(taken < inputs.len(), "{name}: nothing is refused");
    }
    assert!(
        bytes < 300_000,
        "the corpora are to stay small: {bytes} bytes"
    );
}
