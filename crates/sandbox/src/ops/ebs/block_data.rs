//! The bytes of blocks and their checksums.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use crate::world::{BLOCK_BYTES, Content, Lineage};

/// The bytes of what a volume wrote: a run of numbers that begins with the block's own.
pub(super) fn bytes(content: &Content) -> Vec<u8> {
    match content {
        Content::Put(block) => block.data.to_vec(),
        Content::Written(seed) => (0..BLOCK_BYTES / 8)
            .flat_map(|step| seed.wrapping_add(step.wrapping_mul(0x9e37_79b9)).to_le_bytes())
            .collect(),
    }
}

/// SHA-256 as Base64.
pub(crate) fn checksum(bytes: &[u8]) -> String {
    STANDARD.encode(Sha256::digest(bytes))
}

/// The checksum of all blocks that were put: of their checksums, one after the other.
pub(super) fn linear_checksum(lineage: &Lineage) -> String {
    let mut digest = Sha256::new();
    for block in lineage.put_blocks().values() {
        digest.update(STANDARD.decode(block.checksum.as_bytes()).unwrap_or_default());
    }
    STANDARD.encode(digest.finalize())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_have_their_size_and_a_checksum() {
        let block = bytes(&Content::Written(7));
        assert_eq!(block.len() as u64, BLOCK_BYTES);
        assert_ne!(block, bytes(&Content::Written(8)));
        assert_eq!(checksum(b""), "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
    }
}
