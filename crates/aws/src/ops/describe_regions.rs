use amictl_cloud::ops::RegionStatus;

use crate::convert::required;

super::over_sdk!(DescribeRegions, |clients, _request| clients.ec2().describe_regions().all_regions(true), |output| {
    output
        .regions
        .unwrap_or_default()
        .into_iter()
        .map(|region| {
            Ok(RegionStatus {
                region: required(OPERATION, "RegionName", region.region_name.as_deref())?,
                enabled: region.opt_in_status.as_deref() != Some("not-opted-in"),
            })
        })
        .collect()
});
