use aws_sdk_ebs::types::ChecksumAlgorithm;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;

super::over_sdk!(
    PutSnapshotBlock,
    |clients, request| clients
        .ebs()
        .put_snapshot_block()
        .snapshot_id(request.snapshot.as_str())
        .block_index(i32::try_from(request.index).unwrap_or(i32::MAX))
        .data_length(i32::try_from(request.data.len()).unwrap_or(i32::MAX))
        .checksum(&request.checksum)
        .checksum_algorithm(ChecksumAlgorithm::ChecksumAlgorithmSha256)
        .block_data(ByteStream::new(SdkBody::from(request.data.clone()))),
    |output| {
        let _ = output;
        Ok(())
    }
);
