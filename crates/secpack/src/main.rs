//! The `secpack` program. Everything it does is in the library beside it, so that tests run the
//! very same program.

fn main() -> std::process::ExitCode {
    secpack::main()
}
