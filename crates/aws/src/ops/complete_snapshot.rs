use aws_sdk_ebs::types::{ChecksumAggregationMethod, ChecksumAlgorithm};

super::over_sdk!(
    CompleteSnapshot,
    |clients, request| clients
        .ebs()
        .complete_snapshot()
        .snapshot_id(request.snapshot.as_str())
        .changed_blocks_count(i32::try_from(request.blocks).unwrap_or(i32::MAX))
        .checksum(&request.checksum)
        .checksum_algorithm(ChecksumAlgorithm::ChecksumAlgorithmSha256)
        .checksum_aggregation_method(ChecksumAggregationMethod::ChecksumAggregationLinear),
    |output| {
        let _ = output;
        Ok(())
    }
);
