//! `inventories/<id>.json.zst`.

use std::io::{BufWriter, IntoInnerError, Write};
use std::path::{Path, PathBuf};

use amictl_model::Inventory;

use crate::{StateError, StateFolder, file};

const KIND: &str = "inventories";
const SUFFIX: &str = ".json.zst";
/// A quick level: inventories are written often and read seldom.
const LEVEL: i32 = 1;
const BLOCK_BYTES: usize = 128 * 1024;
/// One beside the thread that writes the JSON.
const COMPRESSING_THREADS: u32 = 1;

impl StateFolder {
    /// Keeps an inventory; returns where.
    ///
    /// # Errors
    /// [`StateError`] when it cannot be written.
    pub fn save_inventory(&self, inventory: &Inventory) -> Result<PathBuf, StateError> {
        let path = self.path(KIND, &format!("{}{SUFFIX}", inventory.id))?;
        file::write_whole(&path, |writer| {
            // JSON is written a few bytes at a time, and compressed far faster a block at a time.
            let mut encoder = zstd::Encoder::new(writer, LEVEL)?;
            encoder.multithread(COMPRESSING_THREADS)?;
            let mut encoder = BufWriter::with_capacity(BLOCK_BYTES, encoder);
            serde_json::to_writer(&mut encoder, inventory)?;
            encoder.into_inner().map_err(IntoInnerError::into_error)?.finish()?.flush()
        })?;
        Ok(path)
    }

    /// The inventory of this id, or of the file at this path.
    ///
    /// # Errors
    /// [`StateError`] when there is none or it cannot be used.
    pub fn load_inventory(&self, id_or_file: &str) -> Result<Inventory, StateError> {
        let file = Path::new(id_or_file);
        if file.is_file() {
            return read_inventory(file);
        }
        let path = self.path(KIND, &format!("{id_or_file}{SUFFIX}"))?;
        if !path.is_file() {
            return Err(StateError::Missing {
                kind: "inventory",
                name: id_or_file.to_owned(),
                root: self.root().to_owned(),
                hint: " (and no file of that name): make one with `amictl scan`".to_owned(),
            });
        }
        read_inventory(&path)
    }

    /// The newest inventory, if there is one: ids begin with the time of their scan.
    ///
    /// # Errors
    /// [`StateError`] when it cannot be read.
    pub fn latest_inventory(&self) -> Result<Option<Inventory>, StateError> {
        let names = self.names(KIND)?;
        let newest = names.iter().rev().find(|name| name.ends_with(SUFFIX));
        newest.map(|name| read_inventory(&self.path(KIND, name)?)).transpose()
    }
}

fn read_inventory(path: &Path) -> Result<Inventory, StateError> {
    let bytes = file::read(path)?;
    let compressed = bytes.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]);
    let inventory: Inventory = if compressed {
        let decoder =
            zstd::Decoder::new(bytes.as_slice()).map_err(|error| StateError::broken(path, error.to_string()))?;
        serde_json::from_reader(std::io::BufReader::new(decoder))
    } else {
        serde_json::from_slice(&bytes)
    }
    .map_err(|error| StateError::broken(path, error.to_string()))?;
    inventory.validate().map_err(|error| StateError::broken(path, error.to_string()))?;
    Ok(inventory)
}
