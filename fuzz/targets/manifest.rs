#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| amictl_collect::fuzzing::manifest(input));
