//! `amictl sandbox`.

use amictl_model::Moment;
use amictl_sandbox::{
    Clock, DEFAULT_ACCOUNT, FaultRules, Generate, Sandbox, SandboxConfig, Server, ServerConfig, Throttling, World,
    generate, sample,
};

use crate::args::{SandboxArgs, Throttle, WorldChoice};
use crate::exit::{Exit, Failure};
use crate::output::Terminal;
use crate::signals::signal;

/// The seed of ids: the same world has the same ids each time.
const SEED: u64 = 1;

/// Serves until Ctrl-C.
pub(crate) async fn run(args: &SandboxArgs, terminal: &Terminal) -> Result<Exit, Failure> {
    let clock = args.clock.map_or(Clock::Wall, Clock::fixed);
    let now = clock.now();
    let faults = match &args.faults {
        Some(path) => FaultRules::load(path).map_err(|error| Failure::error(error.to_string()))?,
        None => FaultRules::default(),
    };
    let throttling = match args.throttle {
        Throttle::Aws => Throttling::Aws,
        Throttle::Off => Throttling::Off,
    };
    let world = world(args, now)?;
    let sandbox = Sandbox::new(
        world,
        SandboxConfig { clock, throttling, faults, latency: args.latency.into(), ..SandboxConfig::default() },
    );
    let server = Server::start(ServerConfig { listen: args.listen, sandbox })
        .await
        .map_err(|error| Failure::error(format!("cannot listen on {}: {error}", args.listen)))?;
    terminal.print(&environment(&server.url()))?;
    signal().await;
    let counts = server.counts();
    server.shutdown().await;
    let calls: u64 = counts.values().map(|count| count.calls).sum();
    let throttled: u64 = counts.values().map(|count| count.throttled).sum();
    terminal.note(&format!("served {calls} calls in all, {throttled} of them throttled"));
    Ok(Exit::Done)
}

fn world(args: &SandboxArgs, now: Moment) -> Result<World, Failure> {
    if let Some(what) = &args.generate {
        let count = what.strip_prefix("images=").and_then(|count| count.parse().ok());
        let images = count.ok_or_else(|| Failure::usage(format!("--generate: `{what}` is not `images=NUMBER`")))?;
        return Ok(generate(&Generate::images(images, now)));
    }
    Ok(match args.world {
        WorldChoice::Sample => sample(now),
        WorldChoice::Empty => World::new(SEED),
    })
}

/// What to paste so that the AWS CLI and every SDK speak to the sandbox.
fn environment(url: &str) -> String {
    format!(
        "amictl sandbox is listening on {url}\n\
         To use it with the AWS CLI, an SDK or amictl itself, paste:\n\
         \n  \
         export AWS_ENDPOINT_URL={url}\n  \
         export AWS_ACCESS_KEY_ID={DEFAULT_ACCOUNT} AWS_SECRET_ACCESS_KEY=sandbox\n  \
         export AWS_REGION=us-east-1 AWS_DEFAULT_REGION=us-east-1 AWS_EC2_METADATA_DISABLED=true\n  \
         unset AWS_PROFILE AWS_SESSION_TOKEN\n\
         \n\
         The access key id chooses the account. Ctrl-C ends it.\n"
    )
}
