super::lists_launchers! {
    /// EC2 `DescribeSpotInstanceRequests`: `LaunchSpecification.ImageId`; the state is `State`.
    DescribeSpotInstanceRequests, Ec2
}
