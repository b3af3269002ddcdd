//! Images that are named by an SSM parameter: `resolve:ssm:NAME`, with `:VERSION` or `:LABEL` behind it, by Image Builder `ssm:NAME`.

use std::collections::HashMap;

use amictl_cloud::ops::{GetParameters, GetParametersRequest};
use amictl_cloud::{Call, CloudError};
use amictl_model::ImageId;
use futures::stream::{self, StreamExt};

use crate::Reader;

/// Parameters of one call.
const PARAMETERS_PER_CALL_MAX: usize = 10;

/// What aliases lead to.
pub(crate) struct Aliases(HashMap<String, Result<ImageId, Lost>>);

/// Why it is not known what an alias leads to.
#[derive(Debug, Clone)]
pub(crate) enum Lost {
    /// The parameter could not be asked for.
    Failed(CloudError),
    /// It is not there, or names no image.
    Unresolved(String),
}

/// Whether this text names an image through a parameter.
pub(crate) fn is_alias(text: &str) -> bool {
    parameter(text).is_some()
}

fn parameter(text: &str) -> Option<&str> {
    text.strip_prefix("resolve:ssm:").or_else(|| text.strip_prefix("ssm:")).filter(|name| !name.is_empty())
}

impl Aliases {
    /// Asks what these aliases lead to.
    pub(crate) async fn get<'n>(reader: Reader<'_>, aliases: impl Iterator<Item = &'n str>) -> Self {
        let mut names: Vec<&str> = aliases.filter_map(parameter).collect();
        names.sort_unstable();
        names.dedup();
        // A parameter of another account is asked for by its ARN and answered by its name: one a call, so that none is mistaken.
        let (shared, own): (Vec<&str>, Vec<&str>) = names.into_iter().partition(|name| name.starts_with("arn:"));
        let calls = own.chunks(PARAMETERS_PER_CALL_MAX).chain(shared.chunks(1)).map(<[&str]>::to_vec);
        let calls: Vec<Vec<&str>> = calls.collect();
        let answers: Vec<Vec<(String, Result<ImageId, Lost>)>> = stream::iter(calls)
            .map(|names| ask(reader, names))
            .buffer_unordered(reader.concurrency.max(1))
            .collect()
            .await;
        Self(answers.into_iter().flatten().collect())
    }

    /// The image that the alias leads to, or why that is not known.
    pub(crate) fn image(&self, alias: &str) -> Result<ImageId, Lost> {
        let found = parameter(alias).and_then(|name| self.0.get(name).cloned());
        let found = found.unwrap_or_else(|| Err(Lost::Unresolved("it was not asked for".to_owned())));
        found.map_err(|lost| match lost {
            Lost::Unresolved(why) => Lost::Unresolved(format!("`{alias}`: {why}")),
            failed @ Lost::Failed(_) => failed,
        })
    }
}

async fn ask(reader: Reader<'_>, names: Vec<&str>) -> Vec<(String, Result<ImageId, Lost>)> {
    let request = GetParametersRequest { names: names.iter().copied().map(str::to_owned).collect() };
    let reply = match Call::<GetParameters>::call(reader.cloud, &reader.scope.region, request).await {
        Ok(reply) => reply,
        Err(error) => {
            return names.iter().map(|name| ((*name).to_owned(), Err(Lost::Failed(error.clone())))).collect();
        }
    };
    let found = |name: &str| {
        let answers = |parameter: &&amictl_cloud::ops::Parameter| {
            names.len() == 1 || name.strip_prefix(&parameter.name).is_some_and(|rest| rest == parameter.selector)
        };
        match reply.parameters.iter().find(answers) {
            Some(parameter) => {
                let unreadable = |error| Lost::Unresolved(format!("its value is no image id: {error}"));
                parameter.value.parse().map_err(unreadable)
            }
            None => Err(Lost::Unresolved("there is no such parameter".to_owned())),
        }
    };
    names.iter().map(|name| ((*name).to_owned(), found(name))).collect()
}
