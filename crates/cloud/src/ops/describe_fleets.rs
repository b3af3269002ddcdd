super::lists_launchers! {
    /// EC2 `DescribeFleets`: `LaunchTemplateConfigs[].LaunchTemplateSpecification` and `Overrides[].ImageId`; the state
    /// is `FleetState`. `instant` fleets are not told.
    DescribeFleets, Ec2
}
