//! `inventories/<id>.json.zst`.

use std::io::{self, BufWriter, IntoInnerError, Read};
use std::path::Path;

use amictl_model::Inventory;

use crate::store::key;
use crate::{StateError, Store};

const KIND: &str = "inventories";
const SUFFIX: &str = ".json.zst";
/// A quick level: inventories are written often and read seldom.
const LEVEL: i32 = 1;
/// Bytes that a compressed byte may stand for: JSON of images becomes 10 to 40 times smaller, and a file that was made to fill the memory
/// tens of thousands of times.
const EXPANSION_MAX: u64 = 250;
/// Unpacked bytes that are always read.
const UNPACKED_BYTES_MIN: u64 = 64 << 20;
const BLOCK_BYTES: usize = 128 * 1024;
/// One beside the thread that writes the JSON.
const COMPRESSING_THREADS: u32 = 1;

/// So many bytes, and then an error where an end would read as a whole file.
struct Bounded<R> {
    inner: R,
    left: u64,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.left = self.left.checked_sub(read as u64).ok_or_else(|| {
            io::Error::other(format!("it unpacks to more than {EXPANSION_MAX} times its size, as no inventory does"))
        })?;
        Ok(read)
    }
}

impl Store {
    /// Keeps an inventory; returns where.
    ///
    /// # Errors
    /// [`StateError`] when it cannot be written.
    pub async fn save_inventory(&self, inventory: &Inventory) -> Result<String, StateError> {
        let key = key(KIND, &format!("{}{SUFFIX}", inventory.id))?;
        self.write(&key, |writer| {
            // JSON is written a few bytes at a time, and compressed far faster a block at a time.
            let mut encoder = zstd::Encoder::new(writer, LEVEL)?;
            encoder.multithread(COMPRESSING_THREADS)?;
            let mut encoder = BufWriter::with_capacity(BLOCK_BYTES, encoder);
            serde_json::to_writer(&mut encoder, inventory)?;
            encoder.into_inner().map_err(IntoInnerError::into_error)?.finish()?.flush()
        })
        .await?;
        Ok(self.place(&key))
    }

    /// The inventory of this id, or of the file at this path.
    ///
    /// # Errors
    /// [`StateError`] when there is none or it cannot be used.
    pub async fn load_inventory(&self, id_or_file: &str) -> Result<Inventory, StateError> {
        let file = Path::new(id_or_file);
        if file.is_file() {
            return load_inventory_file(file);
        }
        let key = match self.key_of(id_or_file) {
            Some(key) => key.to_owned(),
            None => key(KIND, &format!("{id_or_file}{SUFFIX}"))?,
        };
        let inventory = self.read_inventory(&key).await?;
        inventory.ok_or_else(|| StateError::Missing {
            kind: "inventory",
            name: id_or_file.to_owned(),
            root: self.root(),
            hint: " (and no file of that name): make one with `amictl scan`".to_owned(),
        })
    }

    /// The newest inventory, if there is one: ids begin with the time of their scan.
    ///
    /// # Errors
    /// [`StateError`] when it cannot be read.
    pub async fn latest_inventory(&self) -> Result<Option<Inventory>, StateError> {
        let names = self.names(KIND).await?;
        match names.iter().rev().find(|name| name.ends_with(SUFFIX)) {
            Some(name) => self.read_inventory(&key(KIND, name)?).await,
            None => Ok(None),
        }
    }

    async fn read_inventory(&self, key: &str) -> Result<Option<Inventory>, StateError> {
        let Some(bytes) = self.read(key).await? else { return Ok(None) };
        decode(&bytes).map(Some).map_err(|what| StateError::broken(self.place(key), what))
    }
}

/// The inventory in any file.
///
/// # Errors
/// [`StateError`] when it cannot be read or is none.
pub fn load_inventory_file(path: &Path) -> Result<Inventory, StateError> {
    let bytes = std::fs::read(path).map_err(|error| StateError::io("read", path, error))?;
    decode(&bytes).map_err(|what| StateError::broken(path.display().to_string(), what))
}

pub(crate) fn decode(bytes: &[u8]) -> Result<Inventory, String> {
    let compressed = bytes.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]);
    let inventory: Inventory = if compressed {
        let decoder = zstd::Decoder::new(bytes).map_err(|error| error.to_string())?;
        let bytes_max = (bytes.len() as u64).saturating_mul(EXPANSION_MAX).max(UNPACKED_BYTES_MIN);
        let unpacked = Bounded { inner: decoder, left: bytes_max };
        serde_json::from_reader(std::io::BufReader::with_capacity(BLOCK_BYTES, unpacked))
    } else {
        serde_json::from_slice(bytes)
    }
    .map_err(|error| error.to_string())?;
    inventory.validate().map_err(|error| error.to_string())?;
    Ok(inventory)
}
