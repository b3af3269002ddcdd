use amictl_cloud::ops::Resource;

use crate::convert::garbled;

super::over_sdk!(
    GetResource,
    |clients, request| clients.cloudcontrol().get_resource().type_name(&request.type_name).identifier(&request.id),
    |output| {
        let found = output.resource_description.ok_or_else(|| garbled(OPERATION, "ResourceDescription is missing"))?;
        Ok(Resource {
            id: found.identifier.unwrap_or_default(),
            properties: found.properties.ok_or_else(|| garbled(OPERATION, "Properties is missing"))?,
        })
    }
);
