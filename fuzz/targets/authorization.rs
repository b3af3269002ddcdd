#![no_main]

libfuzzer_sys::fuzz_target!(|input: &str| amictl_sandbox::fuzzing::authorization(input));
