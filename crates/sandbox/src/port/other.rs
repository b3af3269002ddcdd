//! The port's operations on Regions and identities.

use amictl_cloud::ops::{
    CallerIdentity, DescribeRegions, DescribeRegionsRequest, GetCallerIdentity, GetCallerIdentityRequest, RegionStatus,
};
use amictl_cloud::{Call, CloudError};
use amictl_model::Region;
use futures::FutureExt;
use futures::future::BoxFuture;

use super::InProcess;
use crate::ops::account::{describe_regions, sts};

impl Call<DescribeRegions> for InProcess {
    fn call<'a>(
        &'a self,
        region: &'a Region,
        _: DescribeRegionsRequest,
    ) -> BoxFuture<'a, Result<Vec<RegionStatus>, CloudError>> {
        async move {
            let input = || describe_regions::DescribeRegionsInput {
                all: true,
                ..describe_regions::DescribeRegionsInput::default()
            };
            let output = self.run::<describe_regions::DescribeRegions>(region, input).await?;
            let shown =
                output.regions.into_iter().map(|info| RegionStatus { enabled: info.is_enabled(), region: info.region });
            Ok(shown.collect())
        }
        .boxed()
    }
}

impl Call<GetCallerIdentity> for InProcess {
    fn call<'a>(
        &'a self,
        region: &'a Region,
        _: GetCallerIdentityRequest,
    ) -> BoxFuture<'a, Result<CallerIdentity, CloudError>> {
        async move {
            let output = self.run::<sts::GetCallerIdentity>(region, || ()).await?;
            Ok(CallerIdentity { account: output.account, arn: output.arn })
        }
        .boxed()
    }
}
