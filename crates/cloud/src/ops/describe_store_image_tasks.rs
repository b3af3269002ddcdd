use amictl_model::ImageId;

use super::paged;
use crate::{Operation, OperationSpec, Service};

/// EC2 `DescribeStoreImageTasks`: images being stored in S3, and those of the last 31 days.
#[derive(Debug)]
pub struct DescribeStoreImageTasks;

/// Of which images.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DescribeStoreImageTasksRequest {
    /// `ImageIds`, at most 20; empty for all.
    pub images: Vec<ImageId>,
    /// `NextToken`; pages of 200.
    pub next_token: Option<String>,
}

/// A page of tasks, the newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DescribeStoreImageTasksReply {
    /// `StoreImageTaskResults`.
    pub tasks: Vec<StoreImageTask>,
    /// `NextToken`.
    pub next_token: Option<String>,
}

/// An image that is or was stored.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StoreImageTask {
    /// `AmiId`, as AWS sent it.
    pub image: String,
    /// `Bucket`.
    pub bucket: String,
    /// `S3objectKey`.
    pub key: String,
    /// `StoreTaskState`: `InProgress`, `Completed` or `Failed`.
    pub state: String,
    /// `ProgressPercentage`.
    pub percent: Option<u64>,
    /// `StoreTaskFailureReason`. Text from outside.
    pub failure: Option<String>,
}

impl Operation for DescribeStoreImageTasks {
    type Request = DescribeStoreImageTasksRequest;
    type Reply = DescribeStoreImageTasksReply;
    const SPEC: OperationSpec = OperationSpec::read(Service::Ec2, "DescribeStoreImageTasks");
}

paged!(DescribeStoreImageTasks);
