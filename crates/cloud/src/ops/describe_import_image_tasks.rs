super::lists_launchers! {
    /// EC2 `DescribeImportImageTasks`: images being made of an import; the state is `Status`.
    DescribeImportImageTasks, Ec2
}
