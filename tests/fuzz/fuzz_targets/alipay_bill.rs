//! See `fieldtill_fuzz::alipay_bill`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    fieldtill_fuzz::alipay_bill(data);
});
