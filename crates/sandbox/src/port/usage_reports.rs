//! The port's operations on image references and usage reports.

use amictl_cloud::ops::{
    CreateImageUsageReport, CreateImageUsageReportRequest, DeleteImageUsageReport, DeleteImageUsageReportRequest,
    DescribeImageReferences, DescribeImageReferencesReply, DescribeImageReferencesRequest,
    DescribeImageUsageReportEntries, DescribeImageUsageReportEntriesReply, DescribeImageUsageReports,
    DescribeImageUsageReportsReply, ImageReference, ImageUsageEntry, ImageUsageReport, OfImagesRequest,
    OfReportsRequest, USAGE_VERSION_DEPTH, USING_STATES,
};
use amictl_cloud::{Call, CloudError};
use amictl_model::{ImageId, Region};
use futures::FutureExt;
use futures::future::BoxFuture;
use serde_json::{Value, json};

use super::InProcess;
use super::asked::{items, moment, number, said, text};

fn texts(ids: &[ImageId]) -> Value {
    ids.iter().map(ImageId::as_str).collect()
}

/// All versions of launch templates.
fn depth() -> Value {
    json!([{ "OptionName": "version-depth", "OptionValue": [USAGE_VERSION_DEPTH.to_string()] }])
}

impl Call<DescribeImageReferences> for InProcess {
    fn call<'a>(
        &'a self,
        region: &'a Region,
        request: DescribeImageReferencesRequest,
    ) -> BoxFuture<'a, Result<DescribeImageReferencesReply, CloudError>> {
        async move {
            let kinds = ["ssm:Parameter", "imagebuilder:ImageRecipe", "imagebuilder:ContainerRecipe"];
            let mut types: Vec<Value> = kinds.iter().map(|kind| json!({ "ResourceType": kind })).collect();
            let states = json!([{ "OptionName": "state-name", "OptionValue": USING_STATES }]);
            types.push(json!({ "ResourceType": "ec2:Instance", "ResourceTypeOption": states }));
            types.push(json!({ "ResourceType": "ec2:LaunchTemplate", "ResourceTypeOption": depth() }));
            let members = json!({
                "ImageId": texts(&request.images), "ResourceType": types, "MaxResults": 1000,
                "NextToken": request.next_token,
            });
            let reply = self.ask::<DescribeImageReferences>(region, members).await?;
            let references = items(&reply, "imageReferenceSet").iter().map(|reference| ImageReference {
                image: said(reference, "imageId"),
                resource_type: said(reference, "resourceType"),
                arn: said(reference, "arn"),
            });
            Ok(DescribeImageReferencesReply { references: references.collect(), next_token: text(&reply, "nextToken") })
        }
        .boxed()
    }
}

impl Call<CreateImageUsageReport> for InProcess {
    fn call<'a>(
        &'a self,
        region: &'a Region,
        request: CreateImageUsageReportRequest,
    ) -> BoxFuture<'a, Result<String, CloudError>> {
        async move {
            let members = json!({
                "ImageId": request.image.as_str(),
                "ClientToken": request.client_token,
                "ResourceType": [
                    { "ResourceType": "ec2:Instance" },
                    { "ResourceType": "ec2:LaunchTemplate", "ResourceTypeOption": depth() },
                ],
            });
            let reply = self.ask::<CreateImageUsageReport>(region, members).await?;
            Ok(said(&reply, "reportId"))
        }
        .boxed()
    }
}

impl Call<DeleteImageUsageReport> for InProcess {
    fn call<'a>(
        &'a self,
        region: &'a Region,
        request: DeleteImageUsageReportRequest,
    ) -> BoxFuture<'a, Result<(), CloudError>> {
        async move {
            self.ask::<DeleteImageUsageReport>(region, json!({ "ReportId": request.report })).await?;
            Ok(())
        }
        .boxed()
    }
}

impl Call<DescribeImageUsageReports> for InProcess {
    fn call<'a>(
        &'a self,
        region: &'a Region,
        request: OfImagesRequest,
    ) -> BoxFuture<'a, Result<DescribeImageUsageReportsReply, CloudError>> {
        async move {
            let mut members = json!({ "ImageId": texts(&request.images), "NextToken": request.next_token });
            if request.images.is_empty() {
                members["MaxResults"] = 1000.into();
            }
            let reply = self.ask::<DescribeImageUsageReports>(region, members).await?;
            let reports = items(&reply, "imageUsageReportSet").iter().filter_map(|report| {
                Some(ImageUsageReport {
                    id: said(report, "reportId"),
                    image: text(report, "imageId")?.parse().ok()?,
                    state: said(report, "state"),
                    reason: text(report, "stateReason"),
                    created_at: moment(report, "creationTime"),
                    is_partial: !items(report, "accountIdSet").is_empty() || items(report, "resourceTypeSet").len() < 2,
                })
            });
            Ok(DescribeImageUsageReportsReply { reports: reports.collect(), next_token: text(&reply, "nextToken") })
        }
        .boxed()
    }
}

impl Call<DescribeImageUsageReportEntries> for InProcess {
    fn call<'a>(
        &'a self,
        region: &'a Region,
        request: OfReportsRequest,
    ) -> BoxFuture<'a, Result<DescribeImageUsageReportEntriesReply, CloudError>> {
        async move {
            let members = json!({ "ReportId": request.reports, "NextToken": request.next_token });
            let reply = self.ask::<DescribeImageUsageReportEntries>(region, members).await?;
            let entries = items(&reply, "imageUsageReportEntrySet").iter().filter_map(|entry| {
                Some(ImageUsageEntry {
                    report: said(entry, "reportId"),
                    image: text(entry, "imageId")?.parse().ok()?,
                    account: said(entry, "accountId"),
                    resource_type: said(entry, "resourceType"),
                    count: number(entry, "usageCount"),
                })
            });
            Ok(DescribeImageUsageReportEntriesReply {
                entries: entries.collect(),
                next_token: text(&reply, "nextToken"),
            })
        }
        .boxed()
    }
}
