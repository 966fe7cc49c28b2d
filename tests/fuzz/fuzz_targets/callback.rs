//! See `fieldtill_fuzz::callback`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    fieldtill_fuzz::callback(data);
});
