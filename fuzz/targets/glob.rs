#![no_main]

libfuzzer_sys::fuzz_target!(|input: (&str, &str)| amictl_policy::fuzzing::glob(input.0, input.1));
