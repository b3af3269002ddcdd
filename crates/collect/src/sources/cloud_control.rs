//! Sources that are read through Cloud Control, which shows the resources of many services in one form: all resources of a
//! type are listed, then each is got, since a listing may leave out most of its properties.

mod kinds;
mod properties;

use amictl_cloud::ops::{GetResource, GetResourceRequest, ListResources, ListResourcesRequest, Resource};
use amictl_cloud::{Call, CloudError, ErrorClass, PageError, for_each_page};
use amictl_model::Source;
use compact_str::CompactString;
use futures::StreamExt;
use futures::stream::FuturesUnordered;
use serde_json::{Value, json};

use crate::Reader;
use crate::listed::Listed;
use kinds::Kind;
pub(crate) use kinds::SOURCES;
use kinds::kinds_of;
pub(crate) use properties::{image_ids_in, launch_templates_in};

/// What Cloud Control says of a type that is not in the Region's registry.
const NO_SUCH_TYPE: &str = "TypeNotFoundException";

/// Lists what the account and Region have of a source's types.
pub(crate) async fn list(reader: Reader<'_>, source: Source) -> Listed {
    let mut listed = Listed::begin(reader, source);
    if listed.tally.is_skipped() {
        return listed;
    }
    for kind in kinds_of(source) {
        for model in models(reader, &mut listed, kind).await {
            for (id, properties) in resources(reader, &mut listed, kind.type_name, model).await {
                listed.tally.items += 1;
                kind.enter(&mut listed, &CompactString::from(id), &properties);
            }
        }
    }
    listed
}

/// What the listings of a type are asked with: one for all of the account, or one for each parent.
async fn models(reader: Reader<'_>, listed: &mut Listed, kind: &Kind) -> Vec<Option<String>> {
    let Some(parent) = &kind.parent else { return vec![None] };
    let mut models = Vec::new();
    for (id, properties) in resources(reader, listed, parent.type_name, None).await {
        let value = match parent.property {
            None => Some(id.as_str()),
            Some(property) => properties.get(property).and_then(Value::as_str),
        };
        match value {
            Some(value) => models.push(Some(json!({ parent.member: value }).to_string())),
            None => listed.tally.unresolved(format!("{id} does not tell its {}", parent.property.unwrap_or_default())),
        }
    }
    models
}

/// All resources of a type by their identifiers, with all their properties; what fails is entered in the books.
pub(crate) async fn resources(
    reader: Reader<'_>,
    listed: &mut Listed,
    type_name: &'static str,
    model: Option<String>,
) -> Vec<(String, Value)> {
    let mut ids: Vec<String> = Vec::new();
    let is_part = model.is_some();
    let request = ListResourcesRequest { type_name: type_name.to_owned(), model, next_token: None };
    let outcome = for_each_page::<ListResources>(reader.cloud, &reader.scope.region, request, |page| {
        ids.extend(page.resources.into_iter().map(|resource| resource.id));
    })
    .await;
    match outcome {
        // The registry of the Region does not know the type, so nothing can have been made of it through the registry there.
        (calls, Err(PageError::Call(error))) if error.code.as_deref() == Some(NO_SUCH_TYPE) => {
            listed.tally.calls += calls;
            listed.tally.note(format!("{type_name} does not exist in this Region"));
        }
        // What it is listed by has been deleted since.
        (calls, Err(PageError::Call(error))) if is_part && error.class == ErrorClass::NotFound => {
            listed.tally.calls += calls;
        }
        outcome => listed.tally.paged(outcome),
    }
    ids.sort_unstable();
    ids.dedup();
    let mut found = Vec::with_capacity(ids.len());
    let mut rest = ids.into_iter();
    let mut asked: FuturesUnordered<_> =
        rest.by_ref().take(reader.concurrency.max(1)).map(|id| get(reader, type_name, id)).collect();
    let mut is_denied = false;
    while let Some((id, answer)) = asked.next().await {
        listed.tally.calls += 1;
        match answer {
            Ok(resource) => match serde_json::from_str::<Value>(&resource.properties) {
                Ok(properties @ Value::Object(_)) => found.push((id, properties)),
                _ => listed.tally.unresolved(format!("{type_name} {id}: its properties are no JSON object")),
            },
            // Deleted since it was listed.
            Err(error) if error.class == ErrorClass::NotFound => {}
            Err(error) => {
                // Who may not get one may not get the next.
                is_denied |= error.class == ErrorClass::Denied;
                listed.tally.fail(&error.into());
            }
        }
        if !is_denied {
            asked.extend(rest.next().map(|id| get(reader, type_name, id)));
        }
    }
    found.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
    found
}

async fn get(reader: Reader<'_>, type_name: &str, id: String) -> (String, Result<Resource, CloudError>) {
    let request = GetResourceRequest { type_name: type_name.to_owned(), id: id.clone() };
    (id, Call::<GetResource>::call(reader.cloud, &reader.scope.region, request).await)
}
