//! Everything that a sandbox is started with, set by the names of the options of `amictl sandbox`.

use std::net::SocketAddr;
use std::path::PathBuf;

use amictl_model::{AccountId, Moment};
use tokio_util::sync::CancellationToken;

use super::world_source::Opened;
use super::{Keeper, OpenError, SettingsError, StateFile, StateFileError, WorldSource};
use crate::admin::AdminError;
use crate::world::Pace;
use crate::{
    Admin, AdminConfig, AdminHandle, Clock, DEFAULT_ACCOUNT, FaultRules, FaultRulesError, Generate, HookError,
    HookRules, HookRulesError, Lag, Latency, Permissions, PermissionsError, Sandbox, SandboxConfig, Server,
    ServerConfig, ServerHandle, Throttling, generate,
};

/// What to start.
#[derive(Debug, Clone)]
pub struct Setup {
    /// `--listen`: the address; port 0 takes a free one.
    pub listen: SocketAddr,
    /// `--world`.
    pub world: WorldSource,
    /// `--generate`: a generated world in place of `world`.
    pub generate: Option<String>,
    /// `--state-file`: keeps the world over restarts; if it is there, it is the world.
    pub state_file: Option<PathBuf>,
    /// `--admin`: a loopback address for the admin endpoint.
    pub admin: Option<SocketAddr>,
    /// `--clock`: a clock that stands still at this time.
    pub clock: Option<Moment>,
    /// `--seed`: what ids look like.
    pub seed: u64,
    /// `--pace`: how long what AWS does in the background takes.
    pub pace: Option<Pace>,
    /// `--latency`: how long every call takes.
    pub latency: Latency,
    /// `--lag`: how long changes take to be seen.
    pub lag: Lag,
    /// `--throttle`.
    pub throttling: Throttling,
    /// `--faults`: a file of rules.
    pub faults: Option<PathBuf>,
    /// `--iam`: a file of IAM policies.
    pub iam: Option<PathBuf>,
    /// `--hooks`: a file of hooks.
    pub hooks: Option<PathBuf>,
}

/// A sandbox that is served.
#[derive(Debug)]
pub struct Running {
    /// The endpoint of AWS.
    pub server: ServerHandle,
    /// The admin endpoint.
    pub admin: Option<AdminHandle>,
    /// The account that the world is about.
    pub account: AccountId,
    keeper: Option<Keeper>,
    stop: CancellationToken,
}

/// Why a sandbox does not start.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// The world cannot be opened.
    #[error(transparent)]
    World(#[from] OpenError),
    /// The request for a generated world cannot be read.
    #[error("--generate: {0}")]
    Generate(SettingsError),
    /// The faults cannot be read.
    #[error(transparent)]
    Faults(#[from] FaultRulesError),
    /// The permissions cannot be read.
    #[error(transparent)]
    Permissions(#[from] PermissionsError),
    /// The hooks cannot be read.
    #[error(transparent)]
    Hooks(#[from] HookRulesError),
    /// A hook cannot be set.
    #[error(transparent)]
    Hook(#[from] HookError),
    /// The admin endpoint does not start.
    #[error(transparent)]
    Admin(#[from] AdminError),
    /// The state file cannot be written.
    #[error(transparent)]
    StateFile(#[from] StateFileError),
    /// The address cannot be listened on.
    #[error("cannot listen on {listen}: {source}")]
    Listen {
        /// The address.
        listen: SocketAddr,
        /// Why.
        source: std::io::Error,
    },
}

impl Default for Setup {
    /// The sample world on port 4599, with nothing in its way.
    fn default() -> Self {
        Self {
            listen: ([127, 0, 0, 1], 4599).into(),
            world: WorldSource::Sample,
            generate: None,
            state_file: None,
            admin: None,
            clock: None,
            seed: 1,
            pace: None,
            latency: Latency::default(),
            lag: Lag::default(),
            throttling: Throttling::Off,
            faults: None,
            iam: None,
            hooks: None,
        }
    }
}

impl Setup {
    /// Sets what the option `--name` sets.
    ///
    /// # Errors
    /// When there is no such option, or the value is none of it.
    pub fn set(&mut self, name: &str, value: &str) -> Result<(), SettingsError> {
        let wrong = |what: &str| SettingsError::new(format!("--{name}: `{value}` is not {what}"));
        let said = |error: &dyn std::fmt::Display| SettingsError::new(format!("--{name}: {error}"));
        match name {
            "listen" => self.listen = value.parse().map_err(|_| wrong("an address with a port"))?,
            "world" => match value.parse() {
                Ok(world) => self.world = world,
                Err(never) => match never {},
            },
            "generate" => {
                Generate::parse(value, Moment::from_secs(0)).map_err(|error| said(&error))?;
                self.generate = Some(value.to_owned());
            }
            "state-file" => self.state_file = Some(value.into()),
            "admin" => self.admin = Some(value.parse().map_err(|_| wrong("an address with a port"))?),
            "clock" => self.clock = Some(value.parse().map_err(|_| wrong("a time such as 2026-11-21T09:00:00Z"))?),
            "seed" => self.seed = value.parse().map_err(|_| wrong("a number"))?,
            "pace" => self.pace = Some(value.parse().map_err(|error: SettingsError| said(&error))?),
            "latency" => self.latency = value.parse::<Latency>().map_err(|error| said(&error))?,
            "lag" => self.lag = value.parse::<Lag>().map_err(|error| said(&error))?,
            "throttle" => {
                self.throttling = match value {
                    "aws" => Throttling::Aws,
                    "off" => Throttling::Off,
                    _ => return Err(wrong("`aws` or `off`")),
                };
            }
            "faults" => self.faults = Some(value.into()),
            "iam" => self.iam = Some(value.into()),
            "hooks" => self.hooks = Some(value.into()),
            _ => return Err(SettingsError::new(format!("there is no option --{name}"))),
        }
        Ok(())
    }

    /// Opens the world and starts to serve it.
    ///
    /// # Errors
    /// When a file cannot be used or an address cannot be listened on.
    pub async fn start(self) -> Result<Running, SetupError> {
        let clock = match self.clock {
            Some(now) => Clock::fixed(now),
            None => Clock::movable(None),
        };
        let kept = self.kept()?;
        let is_kept = kept.is_some();
        let mut opened = match kept {
            Some(kept) => kept,
            None => self.open(clock.now())?,
        };
        if let (None, Some(saved)) = (self.clock, opened.clock) {
            clock.set(saved);
        }
        if let Some(pace) = self.pace {
            opened.world.set_pace(pace);
        }
        let mut faults = match &self.faults {
            Some(path) => FaultRules::load(path)?,
            None => FaultRules::default(),
        };
        faults.rules.append(&mut opened.faults);
        let permissions = self.iam.as_deref().map_or(Ok(Permissions::default()), Permissions::load)?;
        let Self { throttling, latency, lag, seed, .. } = self;
        let config = SandboxConfig { clock, throttling, faults, permissions, latency, lag, seed };
        let sandbox = Sandbox::new(opened.world, config);
        if let Some(path) = &self.hooks {
            for hook in HookRules::load(path)?.hooks {
                sandbox.set_hook(hook)?;
            }
        }
        let stop = CancellationToken::new();
        let keeper = self.state_file.map(|path| Keeper::new(sandbox.clone(), StateFile::new(path)));
        if let Some(keeper) = &keeper {
            if is_kept {
                keeper.is_saved();
            } else {
                // At once, so that a file that cannot be written is not found out at the end.
                keeper.save().await?;
            }
            tokio::spawn(keeper.clone().run(stop.clone()));
        }
        let admin = match self.admin {
            Some(listen) => {
                let config = AdminConfig { listen, sandbox: sandbox.clone(), keeper: keeper.clone() };
                Some(Admin::start(config).await?)
            }
            None => None,
        };
        let listen = self.listen;
        let server = Server::start(ServerConfig { listen, sandbox })
            .await
            .map_err(|source| SetupError::Listen { listen, source })?;
        let default = || DEFAULT_ACCOUNT.parse().expect("twelve digits are an account id");
        let account = opened.account.unwrap_or_else(default);
        Ok(Running { server, admin, account, keeper, stop })
    }

    /// The world of the state file, if it is there.
    fn kept(&self) -> Result<Option<Opened>, OpenError> {
        self.state_file.as_ref().map_or(Ok(None), |path| StateFile::new(path).load())
    }

    fn open(&self, now: Moment) -> Result<Opened, SetupError> {
        match &self.generate {
            Some(text) => Ok(generate(&Generate::parse(text, now).map_err(SetupError::Generate)?).into()),
            None => Ok(self.world.open(now, self.seed)?),
        }
    }
}

impl Running {
    /// Ends both endpoints, lets calls in flight finish, and saves the world if there is a state file.
    ///
    /// # Errors
    /// When the state file cannot be written.
    pub async fn shutdown(self) -> Result<(), StateFileError> {
        self.stop.cancel();
        self.server.shutdown().await;
        if let Some(admin) = self.admin {
            admin.shutdown().await;
        }
        match self.keeper {
            Some(keeper) => keeper.save_changes().await,
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_set_and_mistakes_told() {
        let mut setup = Setup::default();
        for (name, value) in [
            ("listen", "127.0.0.1:0"),
            ("world", "empty"),
            ("admin", "[::1]:0"),
            ("clock", "2026-11-21T09:00:00Z"),
            ("pace", "image=5s"),
            ("latency", "lognormal:20ms,0.5"),
            ("lag", "5s,CopyImage=10s"),
            ("throttle", "aws"),
            ("generate", "images=10"),
        ] {
            setup.set(name, value).unwrap();
        }
        assert_eq!((setup.world.clone(), setup.throttling), (WorldSource::Empty, Throttling::Aws));
        for (name, value, expected) in [
            ("listen", "here", "--listen: `here` is not an address with a port"),
            ("throttle", "on", "--throttle: `on` is not `aws` or `off`"),
            ("colour", "red", "there is no option --colour"),
            ("generate", "images=1,regions=0", "--generate: regions: `0` is not a number from 1 to 21"),
            ("pace", "image=soon", "--pace: image: `soon` is not a span of time"),
        ] {
            let error = setup.set(name, value).unwrap_err().to_string();
            assert!(error.starts_with(expected), "{error}");
        }
    }
}
