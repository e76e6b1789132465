//! The program `mosu`; all of it is in the library beside, where tests reach it.

fn main() -> std::process::ExitCode {
    mosu::run()
}
