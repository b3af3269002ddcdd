super::lists_launchers! {
    /// EC2 `DescribeStoreImageTasks`: images being stored in S3; the id is the object, the state is `StoreTaskState`.
    DescribeStoreImageTasks, Ec2
}
