//! The program as it is shipped, built beside the tests so that they always run the newest one.

fn main() -> std::process::ExitCode {
    secpack::main()
}
