//! See `fieldtill_fuzz::signed_callback`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    fieldtill_fuzz::signed_callback(data);
});
