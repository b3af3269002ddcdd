//! A place in the policy file.

/// Where in the policy file something stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Spot {
    /// Line, the first is 1.
    pub line: u32,
    /// Column in characters, the first is 1.
    pub column: u32,
    /// Offset in bytes.
    pub offset: u32,
    /// Length in bytes; at least 1 where there is anything to point at.
    pub len: u32,
}

impl Spot {
    /// The place of a YAML node: where it is used, not where an anchor defined it.
    pub(crate) fn of(location: &serde_saphyr::Location, text: &str) -> Self {
        let (line, column) = (clamp(location.line()), clamp(location.column()));
        let offset = location.span().byte_offset().map_or_else(|| offset_of(text, line, column), clamp);
        Self { line, column, offset, len: location.span().byte_len().map_or(1, clamp).max(1) }.within(text)
    }

    /// This place cut to what the text holds, on character boundaries.
    fn within(mut self, text: &str) -> Self {
        let mut start = (self.offset as usize).min(text.len());
        while !text.is_char_boundary(start) {
            start -= 1;
        }
        let mut end = (start + self.len as usize).min(text.len());
        while !text.is_char_boundary(end) {
            end += 1;
        }
        self.offset = clamp(start as u64);
        self.len = clamp((end - start) as u64);
        self
    }

    /// The text that stands here.
    pub(crate) fn slice(self, text: &str) -> &str {
        text.get(self.offset as usize..(self.offset + self.len) as usize).unwrap_or_default()
    }
}

fn clamp(value: u64) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

/// The byte offset of a line and column, for errors that carry no offset.
fn offset_of(text: &str, line: u32, column: u32) -> u32 {
    let mut start = 0;
    for (number, content) in (1_u32..).zip(text.split_inclusive('\n')) {
        if number == line {
            let within =
                content.char_indices().nth(column.saturating_sub(1) as usize).map_or(content.len(), |(at, _)| at);
            return clamp((start + within) as u64);
        }
        start += content.len();
    }
    clamp(text.len() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_count_bytes_and_columns_count_characters() {
        assert_eq!(offset_of("é: 1\nb: 2\n", 1, 2), 2);
        assert_eq!(offset_of("é: 1\nb: 2\n", 2, 1), 6);
        assert_eq!(offset_of("a", 9, 9), 1);
    }
}
