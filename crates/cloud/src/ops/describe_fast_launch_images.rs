super::lists_launchers! {
    /// EC2 `DescribeFastLaunchImages`: Windows images that are kept ready for fast launch, with their `LaunchTemplate`;
    /// the state is `State`.
    DescribeFastLaunchImages, Ec2
}
