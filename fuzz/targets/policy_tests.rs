#![no_main]

libfuzzer_sys::fuzz_target!(|input: &str| amictl_policy::fuzzing::tests(input));
