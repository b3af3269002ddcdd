//! The tags that stages leave on an image: how far it has come, and what it was like before, so that any later run can go on or give it back.

use std::fmt;

use amictl_model::{AccountId, Grantee, Image, Moment, Tags};

use crate::stages::{POLICY_TAG, Reached, SINCE_TAG, STAGE_TAG};

/// The tag that tells what the deprecation was before a stage set it: a time in RFC 3339, or `none`.
pub(crate) const DEPRECATION_TAG: &str = "amictl:deprecation";
/// The tag that tells whom an image was shared with before a stage disabled it, which takes its launch permissions; where one tag does not
/// hold all, `amictl:shared-2` and so on have the rest. The word `end` stands after the last, so that what an earlier stage has left behind
/// is not taken for more. It is there for a private image too: it tells that a stage has disabled the image.
pub(crate) const SHARED_TAG: &str = "amictl:shared";

/// EC2: `Value` of a tag, in characters.
const VALUE_MAX: usize = 256;
/// EC2: tags of a resource, those of AWS itself not counted.
const TAGS_MAX: usize = 50;
/// Tags that may tell whom an image was shared with.
const SHARED_TAGS_MAX: usize = 10;
const NO_DEPRECATION: &str = "none";
const END: &str = "end";

/// The tags of a stage do not fit on the image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoRoom {
    /// Its launch permissions are too many.
    Grantees,
    /// It has too many tags.
    Tags,
}

impl fmt::Display for NoRoom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Grantees => {
                "it is shared with more accounts than its tags can hold, so they could not be put back later"
            }
            Self::Tags => "it has so many tags that those of its stage do not fit",
        })
    }
}

impl std::error::Error for NoRoom {}

/// What an image was like before its stages, by its tags.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BeforeStages {
    /// Whom it was shared with before a stage disabled it; `None` where no stage has.
    pub shared_with: Option<Vec<Grantee>>,
    /// Its deprecation before a stage set it; the outer `None` where no stage has.
    pub deprecation: Option<Option<Moment>>,
}

/// The tags that an image gets as it reaches a stage; it is as it was just before.
///
/// # Errors
/// [`NoRoom`] where the image cannot hold them.
pub fn stage_tags(reached: Reached, since: Moment, family: &str, image: &Image) -> Result<Tags, NoRoom> {
    let mut tags: Vec<(String, String)> = vec![
        (STAGE_TAG.to_owned(), reached.as_str().to_owned()),
        (SINCE_TAG.to_owned(), since.to_string()),
        (POLICY_TAG.to_owned(), family.chars().take(VALUE_MAX).collect()),
    ];
    match reached {
        Reached::Marked | Reached::Stage(crate::Stage::ArchiveSnapshots | crate::Stage::Deregister) => {}
        Reached::Stage(crate::Stage::Deprecate) => {
            // What a stage has set is not what was there before.
            if image.tags.get(DEPRECATION_TAG).is_none() {
                let before = image.deprecation_at.map_or_else(|| NO_DEPRECATION.to_owned(), |at| at.to_string());
                tags.push((DEPRECATION_TAG.to_owned(), before));
            }
        }
        Reached::Stage(crate::Stage::Disable) => {
            tags.extend(shared(image.launch_permissions.known().unwrap_or_default())?);
        }
    }
    let kept = image.tags.iter().filter(|(key, _)| !key.starts_with("aws:"));
    let kept = kept.filter(|(key, _)| tags.iter().all(|(new, _)| new != key)).count();
    if kept + tags.len() > TAGS_MAX { Err(NoRoom::Tags) } else { Ok(tags.into_iter().collect()) }
}

fn shared(grantees: &[Grantee]) -> Result<Vec<(String, String)>, NoRoom> {
    let mut values: Vec<String> = Vec::new();
    for word in grantees.iter().map(word).chain([END.to_owned()]) {
        match values.last_mut() {
            Some(value) if value.len() + 1 + word.len() <= VALUE_MAX => {
                value.push(' ');
                value.push_str(&word);
            }
            _ if word.len() > VALUE_MAX => return Err(NoRoom::Grantees),
            _ => values.push(word),
        }
    }
    if values.len() > SHARED_TAGS_MAX {
        return Err(NoRoom::Grantees);
    }
    Ok((1..).zip(values).map(|(number, value)| (shared_tag(number), value)).collect())
}

fn shared_tag(number: usize) -> String {
    if number == 1 { SHARED_TAG.to_owned() } else { format!("{SHARED_TAG}-{number}") }
}

fn word(grantee: &Grantee) -> String {
    match grantee {
        Grantee::Account(account) => account.to_string(),
        Grantee::Group(name) | Grantee::Organization(name) | Grantee::OrganizationalUnit(name) => name.to_string(),
    }
}

fn grantee(word: &str) -> Grantee {
    if let Ok(account) = word.parse::<AccountId>() {
        return Grantee::Account(account);
    }
    match word.split(':').nth(5) {
        Some(resource) if resource.starts_with("ou/") => Grantee::OrganizationalUnit(word.into()),
        Some(_) => Grantee::Organization(word.into()),
        None => Grantee::Group(word.into()),
    }
}

/// What the tags of a staged image say of how it was before.
#[must_use]
pub fn before_stages(tags: &Tags) -> BeforeStages {
    let shared = tags.get(SHARED_TAG).map(|_| {
        let values = (1..=SHARED_TAGS_MAX).map_while(|number| tags.get(&shared_tag(number)));
        values.flat_map(str::split_whitespace).take_while(|word| *word != END).map(grantee).collect()
    });
    let deprecation = match tags.get(DEPRECATION_TAG) {
        None => None,
        Some(NO_DEPRECATION) => Some(None),
        // A text that is no time is not one of amictl's: then the deprecation is left alone.
        Some(text) => text.parse().ok().map(Some),
    };
    BeforeStages { shared_with: shared, deprecation }
}

/// Whether a tag is one that stages set.
#[must_use]
pub fn is_stage_tag(key: &str) -> bool {
    [STAGE_TAG, SINCE_TAG, POLICY_TAG, DEPRECATION_TAG].contains(&key)
        || (1..=SHARED_TAGS_MAX).any(|number| key == shared_tag(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whom_an_image_was_shared_with_comes_back_and_nothing_older() {
        let account = |number: u64| Grantee::Account(format!("{number:012}").parse().unwrap());
        let arn = "arn:aws:organizations::123456789012";
        let others = [
            Grantee::Group("all".into()),
            Grantee::Organization(format!("{arn}:organization/o-1234567890").into()),
            Grantee::OrganizationalUnit(format!("{arn}:ou/o-1234567890/ou-abcd-12345678").into()),
        ];
        let many: Vec<Grantee> = (1..60).map(account).chain(others).collect();
        let older: Tags = shared(&many).unwrap().into_iter().collect();
        assert!(older.len() > 2);
        assert_eq!(before_stages(&older).shared_with, Some(many.clone()));
        for few in [Vec::new(), vec![account(7)]] {
            let newer: Vec<(String, String)> = shared(&few).unwrap();
            let both = older.iter().map(|(key, value)| (key.to_owned(), value.to_owned())).chain(newer);
            assert_eq!(before_stages(&both.collect()).shared_with, Some(few));
        }
        assert_eq!(before_stages(&Tags::default()), BeforeStages { shared_with: None, deprecation: None });
        assert_eq!(shared(&(0..300).map(account).collect::<Vec<_>>()), Err(NoRoom::Grantees));
    }
}
