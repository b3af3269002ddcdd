//! EC2 Fleets, Spot Fleets, Spot requests, and fast launch of Windows images.

pub(crate) mod create_fleet;
pub(crate) mod describe_fleets;
pub(crate) mod end_fleets;
pub(crate) mod fast_launch;
mod fleet_input;
pub(crate) mod fleet_launch;
mod fleet_xml;
mod spot_filter;
pub(crate) mod spot_fleet;
pub(crate) mod spot_requests;

use crate::ops::Entry;

/// The operations of this folder.
pub(crate) static OPS: &[Entry] = &[
    Entry::of::<create_fleet::CreateFleet>(),
    Entry::of::<end_fleets::DeleteFleets>(),
    Entry::of::<create_fleet::ModifyFleet>(),
    Entry::of::<describe_fleets::DescribeFleetInstances>(),
    Entry::of::<describe_fleets::DescribeFleets>(),
    Entry::of::<fast_launch::DescribeFastLaunchImages>(),
    Entry::of::<fast_launch::DisableFastLaunch>(),
    Entry::of::<fast_launch::EnableFastLaunch>(),
    Entry::of::<end_fleets::CancelSpotFleetRequests>(),
    Entry::of::<spot_fleet::DescribeSpotFleetInstances>(),
    Entry::of::<spot_fleet::DescribeSpotFleetRequests>(),
    Entry::of::<spot_fleet::ModifySpotFleetRequest>(),
    Entry::of::<spot_fleet::RequestSpotFleet>(),
    Entry::of::<spot_requests::CancelSpotInstanceRequests>(),
    Entry::of::<spot_requests::DescribeSpotInstanceRequests>(),
    Entry::of::<spot_requests::RequestSpotInstances>(),
];
