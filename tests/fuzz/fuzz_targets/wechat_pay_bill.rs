//! See `fieldtill_fuzz::wechat_pay_bill`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    fieldtill_fuzz::wechat_pay_bill(data);
});
