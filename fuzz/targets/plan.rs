#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| amictl_plan::fuzzing::plan(input));
