super::lists_launchers! {
    /// EC2 `DescribeReplaceRootVolumeTasks`: tasks by their `ImageId`, which a root volume is being made from; the
    /// state is `TaskState`.
    DescribeReplaceRootVolumeTasks, Ec2
}
