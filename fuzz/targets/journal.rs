#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| amictl_state::fuzzing::journal(input));
