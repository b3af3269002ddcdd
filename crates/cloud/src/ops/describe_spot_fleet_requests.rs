super::lists_launchers! {
    /// EC2 `DescribeSpotFleetRequests`: `LaunchSpecifications[].ImageId` and `LaunchTemplateConfigs[]`; the state is
    /// `SpotFleetRequestState`.
    DescribeSpotFleetRequests, Ec2
}
