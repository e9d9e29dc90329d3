/* SPDX-License-Identifier: MIT */
#include "capture/taken.h"

#include "base/compiler.h"
#include "cim/schema.h"
#include "hyperv/gpu/gpu.h"

#define HYPERV(name) { NS_VIRTUALIZATION, name, NULL }

const TakenClass taken_classes[] = {
    HYPERV("Msvm_ComputerSystem"),
    HYPERV("Msvm_VirtualSystemSettingData"),
    HYPERV("Msvm_MemorySettingData"),
    HYPERV("Msvm_StorageAllocationSettingData"),
    HYPERV("Msvm_GpuPartitionSettingData"),
    HYPERV("Msvm_PciExpressSettingData"),
    HYPERV("Msvm_KvpExchangeComponentSettingData"),
    HYPERV("Msvm_ShutdownComponentSettingData"),
    HYPERV("Msvm_HeartbeatComponentSettingData"),
    HYPERV("Msvm_GuestServiceInterfaceComponentSettingData"),
    HYPERV("Msvm_ShutdownComponent"),
    HYPERV("Msvm_HeartbeatComponent"),
    HYPERV("Msvm_KvpExchangeComponent"),
    HYPERV("Msvm_GuestServiceInterfaceComponent"),
    HYPERV("Msvm_GuestFileService"),
    HYPERV("Msvm_PartitionableGpu"),
    HYPERV("Msvm_GpuPartition"),
    HYPERV("Msvm_ConcreteJob"),
    HYPERV("Msvm_VirtualSystemManagementService"),
    HYPERV("Msvm_VirtualSystemManagementServiceSettingData"),
    HYPERV("Msvm_VirtualSystemSnapshotService"),
    { NS_CIMV2, "Win32_PnPEntity", gpu_devices_query },
    { NS_CIMV2, "Win32_VideoController", NULL },
    /* Beside these: Win32_OperatingSystem, which is asked first of all, and CIM_DataFile, of the VMs' disks. */
};
const size_t taken_class_count = COUNT_OF(taken_classes);

#define UNREAD(what) "no verb reads " what

const PassedClass passed_classes[] = {
    { "Msvm_ProcessorSettingData", UNREAD("the processors of VMs") },
    { "Msvm_ResourceAllocationSettingData", UNREAD("the keyboards, controllers and the like of VMs") },
    { "Msvm_SyntheticEthernetPortSettingData", UNREAD("the network adapters of VMs") },
    { "Msvm_TimeSyncComponentSettingData", UNREAD("whether VMs take the time of the host") },
    { "Msvm_VssComponentSettingData", UNREAD("how VMs are backed up") },
};
const size_t passed_class_count = COUNT_OF(passed_classes);

#define WINDOWS "Win32_OperatingSystem"
#define PASSING "changes from moment to moment"
#define PERSONAL "tells who the host belongs to"

const PassedProperty passed_properties[] = {
    { "Msvm_ComputerSystem", "OnTimeInMilliseconds", PASSING },
    { WINDOWS, "FreePhysicalMemory", PASSING },
    { WINDOWS, "FreeSpaceInPagingFiles", PASSING },
    { WINDOWS, "FreeVirtualMemory", PASSING },
    { WINDOWS, "LocalDateTime", PASSING },
    { WINDOWS, "NumberOfProcesses", PASSING },
    { WINDOWS, "NumberOfUsers", PASSING },
    { WINDOWS, "Description", PERSONAL },
    { WINDOWS, "Organization", PERSONAL },
    { WINDOWS, "RegisteredUser", PERSONAL },
    { WINDOWS, "SerialNumber", PERSONAL },
};
const size_t passed_property_count = COUNT_OF(passed_properties);

#define POLICY_KEY "SOFTWARE\\Policies\\Microsoft\\Windows\\HyperV"

const TakenValue taken_values[] = {
    { "SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion", "UBR" },
    { POLICY_KEY, "RequireSecureDeviceAssignment" },
    { POLICY_KEY, "RequireSupportedDeviceAssignment" },
};
const size_t taken_value_count = COUNT_OF(taken_values);
