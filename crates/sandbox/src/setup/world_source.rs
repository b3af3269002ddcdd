//! `--world sample|empty|FILE`.

use std::convert::Infallible;
use std::fs::File;
use std::io::{BufReader, Read, Seek};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use amictl_model::{AccountId, Inventory, Moment};

use crate::twin::{Twin, twin};
use crate::world::{LoadError, Loaded};
use crate::{Fault, FaultRule, World, sample};

/// Where a world comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WorldSource {
    /// Two accounts with all that a platform team has.
    Sample,
    /// Nothing.
    Empty,
    /// A saved world, or an inventory of amictl: the twin of a real account.
    File(PathBuf),
}

impl FromStr for WorldSource {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(match text {
            "sample" => Self::Sample,
            "empty" => Self::Empty,
            file => Self::File(file.into()),
        })
    }
}

/// A world with what came along with it.
#[derive(Debug)]
pub struct Opened {
    /// The world.
    pub world: World,
    /// What cannot be read in it, as it could not be in the account that it is the twin of.
    pub faults: Vec<FaultRule>,
    /// The account that it is about, if it is about one.
    pub account: Option<AccountId>,
    /// What a virtual clock showed when it was saved.
    pub clock: Option<Moment>,
}

impl From<World> for Opened {
    fn from(world: World) -> Self {
        Self { world, faults: Vec::new(), account: None, clock: None }
    }
}

/// Why a world cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The file cannot be read.
    #[error("cannot read {path}: {source}")]
    Read {
        /// The file.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// The sandbox refuses what the world is made of.
    #[error("cannot make the world: {0}")]
    Made(#[from] Fault),
    /// It holds neither a world nor an inventory.
    #[error("{path} is neither a saved world nor an inventory: {reason}")]
    Content {
        /// The file.
        path: String,
        /// Where and why.
        reason: String,
    },
}

impl WorldSource {
    /// The world as it is at this time, with ids of this seed where it is made.
    ///
    /// # Errors
    /// When a file cannot be read, or is neither a saved world nor an inventory.
    pub fn open(&self, now: Moment, seed: u64) -> Result<Opened, OpenError> {
        match self {
            Self::Sample => {
                let mut world = sample(now);
                world.put_public_images()?;
                Ok(world.into())
            }
            Self::Empty => Ok(World::new(seed).into()),
            Self::File(path) => open(path, seed),
        }
    }
}

fn open(path: &Path, seed: u64) -> Result<Opened, OpenError> {
    match load(path)? {
        Ok(Loaded { world, clock }) => Ok(Opened { clock, ..world.into() }),
        Err(LoadError::Kind) => {
            let content = |reason| OpenError::Content { path: path.display().to_string(), reason };
            let inventory: Inventory =
                serde_json::from_reader(BufReader::new(reader(path)?)).map_err(|error| content(error.to_string()))?;
            inventory.validate().map_err(|error| content(error.to_string()))?;
            let Twin { world, faults } = twin(&inventory, seed);
            let account = inventory.scopes.first().map(|scope| scope.scope.account);
            Ok(Opened { faults, account, ..world.into() })
        }
        Err(error) => Err(OpenError::Content { path: path.display().to_string(), reason: error.to_string() }),
    }
}

/// Reads a saved world.
pub(super) fn load(path: &Path) -> Result<Result<Loaded, LoadError>, OpenError> {
    Ok(World::load(reader(path)?))
}

/// The file's JSON, whether it is compressed or not.
fn reader(path: &Path) -> Result<Box<dyn Read>, OpenError> {
    let open = || -> std::io::Result<Box<dyn Read>> {
        let mut file = File::open(path)?;
        let mut magic = [0; 4];
        let is_compressed = match file.read_exact(&mut magic) {
            Ok(()) => magic == [0x28, 0xb5, 0x2f, 0xfd],
            Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => false,
            Err(error) => return Err(error),
        };
        file.rewind()?;
        Ok(if is_compressed { Box::new(zstd::Decoder::new(file)?) } else { Box::new(file) })
    };
    open().map_err(|source| OpenError::Read { path: path.display().to_string(), source })
}
