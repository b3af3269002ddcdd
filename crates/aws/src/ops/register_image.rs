use amictl_model::NewDevice;
use aws_sdk_ec2::types::{
    ArchitectureValues, BlockDeviceMapping, BootModeValues, EbsBlockDevice, ImdsSupportValues, ResourceType,
    TpmSupportValues, VolumeType,
};

use crate::convert::{required, tagged};

fn device(device: &NewDevice) -> BlockDeviceMapping {
    let builder = BlockDeviceMapping::builder().device_name(&*device.name);
    if let Some(name) = &device.virtual_name {
        return builder.virtual_name(name.as_str()).build();
    }
    let number = |number: Option<u32>| number.map(|number| i32::try_from(number).unwrap_or(i32::MAX));
    let ebs = EbsBlockDevice::builder()
        .set_snapshot_id(device.snapshot.as_ref().map(ToString::to_string))
        .set_volume_size(number(device.size_gib))
        .set_volume_type(device.volume_type.as_deref().map(VolumeType::from))
        .set_iops(number(device.iops))
        .set_throughput(number(device.throughput))
        .delete_on_termination(!device.outlives)
        .build();
    builder.ebs(ebs).build()
}

super::over_sdk!(
    RegisterImage,
    |clients, request| {
        let traits = &request.traits;
        let text = |text: &Option<compact_str::CompactString>| text.as_ref().map(ToString::to_string);
        clients
            .ec2()
            .register_image()
            .name(&request.name)
            .set_description(request.description.clone())
            .set_image_location(request.location.clone())
            .set_root_device_name(request.root_device.clone())
            .set_block_device_mappings(
                (!request.devices.is_empty()).then(|| request.devices.iter().map(device).collect()),
            )
            .set_architecture(traits.architecture.as_deref().map(ArchitectureValues::from))
            .set_virtualization_type(text(&traits.virtualization))
            .set_boot_mode(traits.boot_mode.as_deref().map(BootModeValues::from))
            .set_tpm_support(traits.tpm.then_some(TpmSupportValues::V20))
            .set_imds_support(traits.imds_v2.then_some(ImdsSupportValues::V20))
            .set_uefi_data(traits.uefi_data.as_ref().map(ToString::to_string))
            .set_ena_support(traits.ena.then_some(true))
            .set_sriov_net_support(traits.sriov.then(|| "simple".to_owned()))
            .set_kernel_id(text(&traits.kernel))
            .set_ramdisk_id(text(&traits.ramdisk))
            .set_tag_specifications(tagged(&[ResourceType::Image], &request.tags))
    },
    |output| required(OPERATION, "ImageId", output.image_id.as_deref())
);
