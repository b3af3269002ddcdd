//! Which image was copied from which, over all Regions and accounts of an inventory.

use std::collections::{HashMap, HashSet};

use amictl_model::Inventory;

use super::ImageEntry;

/// Generations that are followed; AWS keeps up to 50.
const GENERATIONS_MAX: usize = 64;

/// The images of an inventory by id and by what they were copied from.
pub(crate) struct Lineage<'a> {
    by_id: HashMap<&'a str, ImageEntry<'a>>,
    /// Sorted by account, Region and id, as the inventory is.
    copies: HashMap<&'a str, Vec<ImageEntry<'a>>>,
}

/// An image in a family tree.
pub(crate) struct Node<'a> {
    pub(crate) id: &'a str,
    /// `None` for an image that the inventory does not have: gone, or of an account or Region that was not scanned.
    pub(crate) entry: Option<ImageEntry<'a>>,
    /// Generations from the image that the tree is about; ancestors have negative ones.
    pub(crate) generation: i32,
    /// What was copied from it, as far as it belongs to the tree.
    pub(crate) copies: Vec<Node<'a>>,
}

impl<'a> Lineage<'a> {
    /// The lineage of all images.
    pub(crate) fn of(inventory: &'a Inventory) -> Self {
        let (mut by_id, mut copies) = (HashMap::new(), HashMap::<_, Vec<_>>::new());
        for entry in ImageEntry::all(inventory) {
            by_id.entry(entry.image.id.as_str()).or_insert(entry);
            if let Some(source) = entry.image.source_image.as_deref() {
                copies.entry(source).or_default().push(entry);
            }
        }
        Self { by_id, copies }
    }

    /// The images that were copied from this one.
    pub(crate) fn copies_of(&self, id: &str) -> &[ImageEntry<'a>] {
        self.copies.get(id).map_or(&[], Vec::as_slice)
    }

    /// Whether the inventory has this image.
    pub(crate) fn get(&self, id: &str) -> Option<ImageEntry<'a>> {
        self.by_id.get(id).copied()
    }

    /// The ancestors of an image in one line down to it, and below it everything that was copied from it.
    pub(crate) fn tree(&self, entry: ImageEntry<'a>) -> Node<'a> {
        let mut seen = HashSet::from([entry.image.id.as_str()]);
        let mut ancestors: Vec<&str> = Vec::new();
        let mut youngest = entry;
        while let Some(source) = youngest.image.source_image.as_deref() {
            // An id that comes twice is no lineage; nothing of AWS makes one, but an inventory is a file.
            if ancestors.len() == GENERATIONS_MAX || !seen.insert(source) {
                break;
            }
            ancestors.push(source);
            let Some(parent) = self.get(source) else { break };
            youngest = parent;
        }
        let copies = self.descendants(entry, 1, &mut seen);
        let mut node = Node { id: entry.image.id.as_str(), entry: Some(entry), generation: 0, copies };
        for id in ancestors {
            let generation = node.generation - 1;
            node = Node { id, entry: self.get(id), generation, copies: vec![node] };
        }
        node
    }

    fn descendants(&self, of: ImageEntry<'a>, generation: i32, seen: &mut HashSet<&'a str>) -> Vec<Node<'a>> {
        if usize::try_from(generation).is_ok_and(|generation| generation > GENERATIONS_MAX) {
            return Vec::new();
        }
        let mut nodes = Vec::new();
        for copy in self.copies_of(of.image.id.as_str()) {
            let id = copy.image.id.as_str();
            if seen.insert(id) {
                let copies = self.descendants(*copy, generation + 1, seen);
                nodes.push(Node { id, entry: Some(*copy), generation, copies });
            }
        }
        nodes
    }
}
