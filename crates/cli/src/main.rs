//! The binary `amictl`: arguments, wiring, progress, exit codes.

mod accounts;
mod args;
mod audit;
mod clock;
mod commands;
mod exit;
mod locks;
mod next;
mod output;
mod pipeline;
mod progress;
mod session;
mod signals;
mod state;

use std::process::ExitCode;

use clap::Parser;

use crate::args::Cli;
use crate::exit::Exit;
use crate::output::Terminal;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return exit::of_usage(&error),
    };
    start_tracing(cli.global.verbose);
    let terminal = Terminal::of(&cli.global);
    let runtime = match runtime() {
        Ok(runtime) => runtime,
        Err(error) => {
            terminal.complain(&exit::Failure::error(format!("cannot start: {error}")));
            return Exit::Error.into();
        }
    };
    match runtime.block_on(commands::run(cli, &terminal)) {
        Ok(exit) => exit.into(),
        Err(failure) => {
            terminal.complain(&failure);
            failure.exit.into()
        }
    }
}

/// More threads than processors: one that decodes a large page holds its thread for tens of milliseconds, and replies that arrive
/// meanwhile must not wait for it.
fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    let processors = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    tokio::runtime::Builder::new_multi_thread().worker_threads(processors.saturating_mul(2).max(4)).enable_all().build()
}

fn start_tracing(verbose: u8) {
    let filter = match verbose {
        0 => "off",
        1 => "amictl=info,amictl_aws=info,amictl_apply=info",
        2 => "amictl=debug,amictl_aws=debug,amictl_apply=debug",
        _ => "debug",
    };
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
}
