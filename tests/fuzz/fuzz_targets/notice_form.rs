//! See `fieldtill_fuzz::notice_form`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    fieldtill_fuzz::notice_form(data);
});
