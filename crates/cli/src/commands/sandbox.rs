//! `amictl sandbox`.

use amictl_sandbox::{Running, Setup, SetupError, Throttling};

use crate::args::{SandboxArgs, Throttle};
use crate::exit::{Exit, Failure};
use crate::output::Terminal;
use crate::signals::signal;

/// Serves until Ctrl-C.
pub(crate) async fn run(args: &SandboxArgs, terminal: &Terminal) -> Result<Exit, Failure> {
    let running = setup(args).start().await.map_err(|error| match error {
        SetupError::Generate(_) => Failure::usage(error.to_string()),
        error => Failure::error(error.to_string()),
    })?;
    terminal.print(&environment(&running))?;
    signal().await;
    let counts = running.server.counts();
    running.shutdown().await.map_err(|error| Failure::error(error.to_string()))?;
    let calls: u64 = counts.values().map(|count| count.calls).sum();
    let throttled: u64 = counts.values().map(|count| count.throttled).sum();
    terminal.note(&format!("served {calls} calls in all, {throttled} of them throttled"));
    Ok(Exit::Done)
}

fn setup(args: &SandboxArgs) -> Setup {
    Setup {
        listen: args.listen,
        world: args.world.clone(),
        generate: args.generate.clone(),
        state_file: args.state_file.clone(),
        admin: args.admin,
        clock: args.clock,
        seed: args.seed,
        pace: args.pace,
        latency: args.latency,
        lag: args.lag.clone(),
        throttling: match args.throttle {
            Throttle::Aws => Throttling::Aws,
            Throttle::Off => Throttling::Off,
        },
        faults: args.faults.clone(),
        iam: args.iam.clone(),
        hooks: args.hooks.clone(),
    }
}

/// What to paste so that the AWS CLI and every SDK speak to the sandbox.
fn environment(running: &Running) -> String {
    let (url, account) = (running.server.url(), running.account);
    let admin =
        running.admin.as_ref().map(|admin| format!("The admin endpoint is {}.\n", admin.url())).unwrap_or_default();
    format!(
        "amictl sandbox is listening on {url}\n\
         To use it with the AWS CLI, an SDK or amictl itself, paste:\n\
         \n  \
         export AWS_ENDPOINT_URL={url}\n  \
         export AWS_ACCESS_KEY_ID={account} AWS_SECRET_ACCESS_KEY=sandbox\n  \
         export AWS_REGION=us-east-1 AWS_DEFAULT_REGION=us-east-1 AWS_EC2_METADATA_DISABLED=true\n  \
         unset AWS_PROFILE AWS_SESSION_TOKEN\n\
         \n\
         The access key id chooses the account. Ctrl-C ends it.\n{admin}"
    )
}
