use amictl_cloud::ops::DescribeSnapshotsReply;
use aws_sdk_ec2::types::Filter;

use crate::convert;

super::over_sdk!(
    DescribeSnapshots,
    |clients, request| {
        let call = clients
            .ec2()
            .describe_snapshots()
            .owner_ids("self")
            .max_results(1000)
            .set_next_token(request.next_token.clone());
        if request.snapshots.is_empty() {
            call
        } else {
            let ids = request.snapshots.iter().map(ToString::to_string).collect();
            call.filters(Filter::builder().name("snapshot-id").set_values(Some(ids)).build())
        }
    },
    |output| Ok(DescribeSnapshotsReply {
        snapshots: output
            .snapshots
            .unwrap_or_default()
            .into_iter()
            .map(|snapshot| convert::snapshot(OPERATION, snapshot))
            .collect::<Result<_, _>>()?,
        next_token: output.next_token,
    })
);
