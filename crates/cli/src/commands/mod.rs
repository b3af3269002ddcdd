//! The commands, one a file.

mod apply;
mod approve;
mod demo;
mod doctor;
mod due;
mod iam_policy;
mod inventory;
mod leftovers;
mod life;
mod notify;
mod plan;
mod policy;
mod removal;
mod runs;
mod sandbox;
mod schedules;
mod tree;
mod undo;

use clap::CommandFactory;

use crate::args::{Cli, Command};
use crate::exit::{Exit, Failure};
use crate::output::Terminal;

/// Runs the command; the exit code, or why it failed.
pub(crate) async fn run(cli: Cli, terminal: &Terminal) -> Result<Exit, Failure> {
    let Cli { global, command } = cli;
    match command {
        Command::Demo(args) => demo::run(&global, &args, terminal).await,
        Command::Sandbox(args) => sandbox::run(&args, terminal).await,
        Command::Scan(args) => inventory::scan(&global, &args, terminal).await,
        Command::List(args) => inventory::list(&global, &args, terminal).await,
        Command::Show(args) => inventory::show(&global, &args, terminal).await,
        Command::Refs(args) => inventory::refs(&global, &args, terminal).await,
        Command::Tree(args) => tree::run(&global, &args, terminal).await,
        Command::Snapshots(args) => leftovers::snapshots(&global, &args, terminal).await,
        Command::Volumes(args) => leftovers::volumes(&global, &args, terminal).await,
        Command::Explain(args) => inventory::explain(&global, &args, terminal).await,
        Command::Plan(args) => plan::run(&global, &args, terminal).await,
        Command::Apply(args) => apply::apply(&global, &args, terminal).await,
        Command::Approve(args) => approve::run(&global, &args, terminal).await,
        Command::Notify(args) => notify::run(&global, &args, terminal).await,
        Command::Run(args) => due::run(&global, &args, terminal).await,
        Command::Resume(args) => apply::resume(&global, &args, terminal).await,
        Command::Undo(args) => undo::run(&global, &args, terminal).await,
        Command::Runs(args) => runs::run(&global, &args, terminal).await,
        Command::Create(args) => life::create(&global, &args, terminal).await,
        Command::Register(args) => life::register(&global, &args, terminal).await,
        Command::Copy(args) => life::copy(&global, &args, terminal).await,
        Command::Share(args) => life::share(&global, &args, terminal).await,
        Command::Unshare(args) => life::unshare(&global, &args, terminal).await,
        Command::Deprecate(args) => life::deprecate(&global, &args, terminal).await,
        Command::Undeprecate(args) => life::undeprecate(&global, &args, terminal).await,
        Command::Disable(args) => life::disable(&global, &args, terminal).await,
        Command::Enable(args) => life::enable(&global, &args, terminal).await,
        Command::Protect(args) => life::protect(&global, &args, terminal).await,
        Command::Unprotect(args) => life::unprotect(&global, &args, terminal).await,
        Command::Publish(args) => life::publish(&global, &args, terminal).await,
        Command::Promote(args) => life::promote(&global, &args, terminal).await,
        Command::Rollback(args) => life::rollback(&global, &args, terminal).await,
        Command::Rollout(args) => life::rollout(&global, &args, terminal).await,
        Command::Version(args) => life::version(&global, &args, terminal).await,
        Command::Find(args) => life::find(&global, &args, terminal).await,
        Command::Launch(args) => life::launch(&global, &args, terminal).await,
        Command::Wait(args) => life::wait(&global, &args, terminal).await,
        Command::Terminate(args) => life::terminate(&global, &args, terminal).await,
        Command::Bin(args) => life::bin(&global, &args, terminal).await,
        Command::Deregister(args) => life::deregister(&global, &args, terminal).await,
        Command::Store(args) => life::store(&global, &args, terminal).await,
        Command::Import(args) => life::import(&global, &args, terminal).await,
        Command::RestoreFromS3(args) => life::restore_from_s3(&global, &args, terminal).await,
        Command::Bundles(args) => life::bundles(&global, &args, terminal).await,
        Command::Policy(args) => policy::run(&global, &args, terminal).await,
        Command::Doctor(args) => doctor::run(&global, &args, terminal).await,
        Command::IamPolicy(args) => iam_policy::run(&global, &args, terminal),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "amictl", &mut script);
            terminal.print(&String::from_utf8_lossy(&script))?;
            Ok(Exit::Done)
        }
        Command::Man => {
            let mut page = Vec::new();
            clap_mangen::Man::new(Cli::command()).render(&mut page)?;
            terminal.print(&String::from_utf8_lossy(&page))?;
            Ok(Exit::Done)
        }
    }
}
