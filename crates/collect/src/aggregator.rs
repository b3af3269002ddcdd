//! An aggregator of AWS Config as a witness over the whole organisation: what it knows of instances and launch configurations, also in
//! accounts that are not scanned. One query for all images: it counts by account, Region and image.

use amictl_cloud::ops::{SelectAggregateResourceConfig, SelectAggregateResourceConfigRequest};
use amictl_cloud::{Clock, Cloud, for_each_page};
use amictl_model::{AccountId, Coverage, CoverageStatus, ImageId, Inventory, Reference, Region, Scope, Source, Usage};
use compact_str::{CompactString, format_compact};
use serde_json::Value;

use crate::reader::Tally;
use crate::{Observer, Reader};

/// The query: AWS Config Developer Guide, "Query components".
const EXPRESSION: &str = "SELECT accountId, awsRegion, resourceType, configuration.imageId, COUNT(*) \
     WHERE resourceType IN ('AWS::EC2::Instance', 'AWS::AutoScaling::LaunchConfiguration') \
     GROUP BY accountId, awsRegion, resourceType, configuration.imageId";

/// An aggregator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Aggregator {
    /// Where it is: its account, and its Region.
    pub scope: Scope,
    /// `ConfigurationAggregatorName`.
    pub name: String,
}

/// A row of the answer.
struct Row {
    image: ImageId,
    account: AccountId,
    region: Region,
    kind: String,
    count: u64,
}

/// Asks the aggregator, and enters what it knows of the inventory's images as uses, unless the scope where they are was read and has them.
/// How it went is entered in every scope: an image that it was not heard about is not proven unused.
pub async fn ask_aggregator(
    cloud: &dyn Cloud,
    clock: &Clock,
    inventory: &mut Inventory,
    aggregator: &Aggregator,
    observer: &dyn Observer,
) {
    let reader = Reader { cloud, scope: &aggregator.scope, clock, concurrency: 1, skip: &[], observer };
    let mut tally = reader.begin(Source::ConfigAggregator);
    let rows = read(reader, &mut tally, &aggregator.name).await;
    enter(inventory, &rows, &aggregator.name);
    let coverage = reader.finish(tally);
    for scope in &mut inventory.scopes {
        scope.cover(coverage.clone());
    }
}

async fn read(reader: Reader<'_>, tally: &mut Tally, name: &str) -> Vec<Row> {
    let request = SelectAggregateResourceConfigRequest {
        aggregator: name.to_owned(),
        expression: EXPRESSION.to_owned(),
        next_token: None,
    };
    let mut results: Vec<String> = Vec::new();
    let each = |page: amictl_cloud::ops::SelectAggregateResourceConfigReply| results.extend(page.results);
    let paged = for_each_page::<SelectAggregateResourceConfig>(reader.cloud, &reader.scope.region, request, each).await;
    tally.paged(paged);
    let mut rows = Vec::with_capacity(results.len());
    for result in results {
        tally.items += 1;
        match row(&result) {
            Ok(Some(row)) => rows.push(row),
            // Something without an image: it uses none.
            Ok(None) => {}
            Err(what) => tally.unresolved(format!("a result of the aggregator cannot be used: {what}")),
        }
    }
    rows
}

fn row(result: &str) -> Result<Option<Row>, String> {
    let value: Value = serde_json::from_str(result).map_err(|error| error.to_string())?;
    let image =
        value.get("configuration").and_then(|within| within.get("imageId")).or(value.get("configuration.imageId"));
    let Some(image) = image.and_then(Value::as_str).filter(|image| !image.is_empty()) else { return Ok(None) };
    let text = |name: &str| value.get(name).and_then(Value::as_str).ok_or_else(|| format!("{name} is missing"));
    Ok(Some(Row {
        image: image.parse().map_err(|_| format!("`{image}` is no image id"))?,
        account: text("accountId")?.parse().map_err(|_| "accountId is none".to_owned())?,
        region: text("awsRegion")?.parse().map_err(|_| "awsRegion is none".to_owned())?,
        kind: text("resourceType")?.to_owned(),
        count: value.get("COUNT(*)").and_then(Value::as_u64).unwrap_or(1),
    }))
}

fn enter(inventory: &mut Inventory, rows: &[Row], name: &str) {
    let fresh: Vec<bool> = rows.iter().map(|row| !is_known(inventory, row)).collect();
    for (row, _) in rows.iter().zip(fresh).filter(|(_, fresh)| *fresh) {
        let of_image = |scope: &&mut amictl_model::ScopeInventory| {
            scope.images.binary_search_by(|image| image.id.cmp(&row.image)).is_ok()
        };
        if let Some(scope) = inventory.scopes.iter_mut().find(of_image) {
            let resource: CompactString = format_compact!("{}/{}", row.account, row.region);
            let what = format_compact!("{} of {}, as aggregator {name} knows", row.count, row.kind);
            let usage = Usage::Other { what };
            scope.references.push(Reference {
                image: row.image.clone(),
                source: Source::ConfigAggregator,
                resource,
                usage,
            });
        }
    }
    inventory.scopes.iter_mut().for_each(amictl_model::ScopeInventory::sort);
}

/// Whether the place was read whole by the scan itself, which is fresher: then what it does not have there is gone.
fn is_known(inventory: &Inventory, row: &Row) -> bool {
    let source = match row.kind.as_str() {
        "AWS::EC2::Instance" => Source::Instances,
        _ => Source::LaunchConfigurations,
    };
    let mut scopes = inventory.scopes.iter();
    scopes.any(|scope| {
        scope.scope.account == row.account
            && scope.scope.region == row.region
            && scope.coverage_of(source).is_some_and(|coverage: &Coverage| coverage.status == CoverageStatus::Complete)
    })
}
