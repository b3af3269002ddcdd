//! The port's listings of what can start instances.

use amictl_cloud::ops::{
    AllRequest, DescribeExportImageTasks, DescribeFastLaunchImages, DescribeFleets, DescribeImportImageTasks,
    DescribeInstanceImageMetadata, DescribeInstanceRefreshes, DescribeReplaceRootVolumeTasks,
    DescribeSpotFleetRequests, DescribeSpotInstanceRequests, ImageUse, LaunchTemplateUse, Launcher, LauncherPage,
    OfGroupRequest,
};
use amictl_cloud::{Call, CloudError};
use amictl_model::Region;
use futures::FutureExt;
use futures::future::BoxFuture;
use serde_json::{Value, json};

use super::InProcess;
use super::asked::{items, said, text};

/// Where a listing has what a launcher is made of.
struct Listing {
    list: &'static str,
    id: &'static str,
    state: &'static str,
    token: &'static str,
}

impl Listing {
    fn page(&self, reply: &Value) -> LauncherPage {
        let launcher = |item: &Value| {
            // A dot leads into a structure.
            let state = self.state.split('.').try_fold(item, |at, name| at.get(name)).and_then(Value::as_str);
            let mut launcher = Launcher {
                id: said(item, self.id),
                state: state.unwrap_or_default().to_owned(),
                ..Launcher::default()
            };
            gather(item, "", &mut launcher);
            launcher
        };
        LauncherPage {
            launchers: items(reply, self.list).iter().map(launcher).collect(),
            next_token: text(reply, self.token),
        }
    }
}

/// Members that hold an image.
const IMAGES: [&str; 3] = ["imageId", "ImageId", "amiId"];

/// Finds all images and launch templates in a document.
fn gather(value: &Value, place: &'static str, launcher: &mut Launcher) {
    match value {
        Value::Array(members) => members.iter().for_each(|member| gather(member, place, launcher)),
        Value::Object(members) => {
            let template = |name: &str| text(value, name).or_else(|| text(value, &lower_first(name)));
            let (id, name) = (template("LaunchTemplateId"), template("LaunchTemplateName"));
            if id.is_some() || name.is_some() {
                launcher.templates.push(LaunchTemplateUse { id, name, version: template("Version"), place });
            }
            for (name, member) in members {
                match member.as_str() {
                    Some(image) if IMAGES.contains(&name.as_str()) && !image.is_empty() => {
                        launcher.images.push(ImageUse { image: image.to_owned(), place });
                    }
                    _ => gather(member, place_of(name).unwrap_or(place), launcher),
                }
            }
        }
        _ => {}
    }
}

fn lower_first(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map(|first| first.to_ascii_lowercase()).into_iter().chain(letters).collect()
}

fn place_of(member: &str) -> Option<&'static str> {
    Some(match member {
        "overrides" | "Overrides" => "override",
        "launchTemplateSpecification" | "LaunchTemplateSpecification" | "launchTemplate" | "LaunchTemplate" => {
            "launch template"
        }
        "launchSpecification" | "launchSpecifications" => "launch specification",
        _ => return None,
    })
}

macro_rules! launchers {
    ($($operation:ident: $list:literal, $id:literal, $state:literal, $limit:literal;)+) => {$(
        impl Call<$operation> for InProcess {
            fn call<'a>(
                &'a self,
                region: &'a Region,
                request: AllRequest,
            ) -> BoxFuture<'a, Result<LauncherPage, CloudError>> {
                async move {
                    let members = json!({ "MaxResults": $limit, "NextToken": request.next_token });
                    let reply = self.ask::<$operation>(region, members).await?;
                    Ok(Listing { list: $list, id: $id, state: $state, token: "nextToken" }.page(&reply))
                }
                .boxed()
            }
        }
    )+};
}

launchers! {
    DescribeReplaceRootVolumeTasks: "replaceRootVolumeTaskSet", "replaceRootVolumeTaskId", "taskState", 50;
    DescribeInstanceImageMetadata: "instanceImageMetadataSet", "instanceId", "instanceState.name", 1000;
    DescribeFleets: "fleetSet", "fleetId", "fleetState", 1000;
    DescribeSpotFleetRequests: "spotFleetRequestConfigSet", "spotFleetRequestId", "spotFleetRequestState", 1000;
    DescribeSpotInstanceRequests: "spotInstanceRequestSet", "spotInstanceRequestId", "state", 1000;
    DescribeFastLaunchImages: "fastLaunchImageSet", "imageId", "state", 200;
    DescribeExportImageTasks: "exportImageTaskSet", "exportImageTaskId", "status", 200;
    DescribeImportImageTasks: "importImageTaskSet", "importTaskId", "status", 200;
}

impl Call<DescribeInstanceRefreshes> for InProcess {
    fn call<'a>(
        &'a self,
        region: &'a Region,
        request: OfGroupRequest,
    ) -> BoxFuture<'a, Result<LauncherPage, CloudError>> {
        async move {
            let members =
                json!({ "AutoScalingGroupName": request.group, "MaxRecords": 100, "NextToken": request.next_token });
            let reply = self.ask::<DescribeInstanceRefreshes>(region, members).await?;
            let listing =
                Listing { list: "InstanceRefreshes", id: "InstanceRefreshId", state: "Status", token: "NextToken" };
            Ok(listing.page(&reply))
        }
        .boxed()
    }
}
