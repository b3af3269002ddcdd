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
        let filter = |name: &str, values| Filter::builder().name(name).set_values(Some(values)).build();
        let ids: Vec<String> = request.snapshots.iter().map(ToString::to_string).collect();
        let call = if ids.is_empty() { call } else { call.filters(filter("snapshot-id", ids)) };
        match &request.tag {
            Some((key, value)) => call.filters(filter(&format!("tag:{key}"), vec![value.clone()])),
            None => call,
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
