use amictl_cloud::ops::{DeleteObjectsReply, DeleteObjectsRequest, DeletedObject, ObjectError, ObjectName};
use amictl_cloud::{CloudError, ErrorClass};
use aws_sdk_s3::types::{Delete, ObjectIdentifier};

fn delete(request: &DeleteObjectsRequest) -> Option<Delete> {
    let objects = request
        .objects
        .iter()
        .map(|object| ObjectIdentifier::builder().key(&object.key).set_version_id(object.version.clone()).build().ok());
    Delete::builder().set_objects(Some(objects.collect::<Option<Vec<_>>>()?)).quiet(false).build().ok()
}

fn name(key: Option<String>, version: Option<String>) -> ObjectName {
    ObjectName { key: key.unwrap_or_default(), version }
}

super::over_sdk!(
    DeleteObjects,
    |clients, request| clients.s3().delete_objects().bucket(&request.bucket).set_delete(delete(request)),
    |output| {
        let deleted = output.deleted.unwrap_or_default().into_iter().map(|object| DeletedObject {
            left_versions: object.delete_marker == Some(true) && object.version_id.is_none(),
            name: name(object.key, object.version_id),
        });
        let errors = output.errors.unwrap_or_default().into_iter().map(|error| ObjectError {
            name: name(error.key, error.version_id),
            code: error.code.unwrap_or_default(),
            message: error.message.unwrap_or_default(),
        });
        let reply = DeleteObjectsReply { deleted: deleted.collect(), errors: errors.collect() };
        // Each object has a result, or what came of it is not known.
        let results = reply.deleted.len() + reply.errors.len();
        if results < request.objects.len() {
            return Err(CloudError {
                class: ErrorClass::Ambiguous,
                operation: OPERATION,
                code: None,
                message: format!("{results} results for {} objects", request.objects.len()),
                request_id: None,
            });
        }
        Ok(reply)
    }
);
