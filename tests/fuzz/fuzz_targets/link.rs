//! See `fieldtill_fuzz::link`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    fieldtill_fuzz::link(data);
});
