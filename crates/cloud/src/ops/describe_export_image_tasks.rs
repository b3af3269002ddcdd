super::lists_launchers! {
    /// EC2 `DescribeExportImageTasks`: images being exported; the state is `Status`.
    DescribeExportImageTasks, Ec2
}
