//! The port's operations on Image Builder.

use amictl_cloud::ops::{
    AllRequest, ImageBuild, ImageUse, Launcher, LauncherPage, ListContainerRecipes, ListImageBuildVersions,
    ListImageBuildVersionsReply, ListImageBuildVersionsRequest, ListImageRecipes, ListImages, ListImagesReply,
    ListImagesRequest,
};
use amictl_cloud::{Call, CloudError};
use amictl_model::Region;
use futures::FutureExt;
use futures::future::BoxFuture;
use serde_json::{Value, json};

use super::InProcess;
use super::asked::{items, said, text};

/// Items on a page, at most.
const PAGE_MAX: u32 = 25;

macro_rules! recipes {
    ($($operation:ident: $list:literal, $image:literal;)+) => {$(
        impl Call<$operation> for InProcess {
            fn call<'a>(
                &'a self,
                region: &'a Region,
                request: AllRequest,
            ) -> BoxFuture<'a, Result<LauncherPage, CloudError>> {
                async move {
                    let members = json!({ "owner": "Self", "maxResults": PAGE_MAX, "nextToken": request.next_token });
                    let reply = self.ask::<$operation>(region, members).await?;
                    let launcher = |recipe: &Value| Launcher {
                        id: said(recipe, "arn"),
                        images: text(recipe, $image).map(|image| ImageUse { image, place: "" }).into_iter().collect(),
                        ..Launcher::default()
                    };
                    let launchers = items(&reply, $list).iter().map(launcher).collect();
                    Ok(LauncherPage { launchers, next_token: text(&reply, "nextToken") })
                }
                .boxed()
            }
        }
    )+};
}

recipes! {
    ListImageRecipes: "imageRecipeSummaryList", "parentImage";
    ListContainerRecipes: "containerRecipeSummaryList", "instanceImage";
}

impl Call<ListImages> for InProcess {
    fn call<'a>(
        &'a self,
        region: &'a Region,
        request: ListImagesRequest,
    ) -> BoxFuture<'a, Result<ListImagesReply, CloudError>> {
        async move {
            let owner = if request.shared { "Shared" } else { "Self" };
            let members = json!({ "owner": owner, "maxResults": PAGE_MAX, "nextToken": request.next_token });
            let reply = self.ask::<ListImages>(region, members).await?;
            let arns = items(&reply, "imageVersionList").iter().map(|version| said(version, "arn")).collect();
            Ok(ListImagesReply { arns, next_token: text(&reply, "nextToken") })
        }
        .boxed()
    }
}

impl Call<ListImageBuildVersions> for InProcess {
    fn call<'a>(
        &'a self,
        region: &'a Region,
        request: ListImageBuildVersionsRequest,
    ) -> BoxFuture<'a, Result<ListImageBuildVersionsReply, CloudError>> {
        async move {
            let members = json!({
                "imageVersionArn": request.version_arn,
                "maxResults": PAGE_MAX,
                "nextToken": request.next_token,
            });
            let reply = self.ask::<ListImageBuildVersions>(region, members).await?;
            let builds = items(&reply, "imageSummaryList").iter().map(|build| {
                let amis = build.get("outputResources").map_or(&[] as &[Value], |output| items(output, "amis"));
                ImageBuild {
                    arn: said(build, "arn"),
                    status: build.get("state").map(|state| said(state, "status")).unwrap_or_default(),
                    amis: amis.iter().map(|ami| (said(ami, "region"), said(ami, "image"))).collect(),
                }
            });
            Ok(ListImageBuildVersionsReply { builds: builds.collect(), next_token: text(&reply, "nextToken") })
        }
        .boxed()
    }
}
