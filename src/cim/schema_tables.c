/* SPDX-License-Identifier: MIT */
/* The class declarations as constant tables, sorted by name as cim_class_find() needs it.
 *
 * root\virtualization\v2: the MOF of the Windows builds 9200, 9600, 10240, 10586, 14393, 15063, 16299, 17134, 17763,
 * 18362, 19041, 20348, 22000, 22621, 26100, 28000 and 29617. SINCE is the first of these that has it, if it is not the
 * first of all; UNTIL the last. A property that moved to a new superclass is listed there, since it first existed. KEY
 * is repeated where a subclass declares a key property again. Msvm_HeartbeatComponent, its settings and those of
 * Msvm_ShutdownComponent: the class pages of the Windows SDK.
 * root\cimv2: the class pages of the Windows SDK. Inherited properties are listed with the class itself, without the
 * superclasses, and methods which nobody calls here are left out. StdRegProv: the page of the registry provider. */
#include "cim/schema_tables.h"

#include "base/compiler.h"

#define TYPED(name_, type_) .name = name_, .type = CIM_TYPE_##type_
#define BOOLEAN(name_) TYPED(name_, BOOLEAN)
#define SINT8(name_) TYPED(name_, SINT8)
#define SINT16(name_) TYPED(name_, SINT16)
#define SINT32(name_) TYPED(name_, SINT32)
#define SINT64(name_) TYPED(name_, SINT64)
#define UINT8(name_) TYPED(name_, UINT8)
#define UINT16(name_) TYPED(name_, UINT16)
#define UINT32(name_) TYPED(name_, UINT32)
#define UINT64(name_) TYPED(name_, UINT64)
#define STRING(name_) TYPED(name_, STRING)
#define DATETIME(name_) TYPED(name_, DATETIME)
#define REF(name_, class_) TYPED(name_, REFERENCE), .ref_class = class_
#define EMBEDDED(name_, class_) TYPED(name_, INSTANCE), .ref_class = class_

#define ARRAY .is_array = true
#define KEY .is_key = true
#define WRITE .is_write = true
#define SINCE(build) .since = build
#define UNTIL(build) .until = build
#define IN .direction = CIM_IN
#define OUT .direction = CIM_OUT
#define IN_OUT .direction = CIM_IN_OUT

#define METHOD(name_) .name = name_
#define PARAMETERS(...)                                                                                                \
    .parameters = (const CimParameterDecl[]){ __VA_ARGS__ },                                                           \
    .count = sizeof((const CimParameterDecl[]){ __VA_ARGS__ }) / sizeof(CimParameterDecl)

#define V2(name_) .name = name_, .ns = NS_VIRTUALIZATION
#define CIMV2(name_) .name = name_, .ns = NS_CIMV2
#define SUPERCLASS(name_) .superclass = name_
#define ASSOCIATION .is_association = true
#define ABSTRACT .is_abstract = true
#define PROPERTIES(table) .properties = table, .property_count = COUNT_OF(table)
#define METHODS(table) .methods = table, .method_count = COUNT_OF(table)

/* clang-format off */

/* ---- root\virtualization\v2 ---- */

static const CimPropertyDecl CIM_AffectedJobElement_properties[] = {
    { REF("AffectedElement", "CIM_ManagedElement"), KEY },
    { REF("AffectingElement", "CIM_Job"), KEY },
    { UINT16("ElementEffects"), ARRAY },
    { STRING("OtherElementEffectsDescriptions"), ARRAY },
};

static const CimPropertyDecl CIM_AllocationCapabilities_properties[] = {
    { UINT16("ResourceType") },
    { STRING("OtherResourceType") },
    { STRING("ResourceSubType") },
    { UINT16("RequestTypesSupported") },
    { UINT16("SharingMode") },
    { UINT16("SupportedAddStates"), ARRAY },
    { UINT16("SupportedRemoveStates"), ARRAY },
};

static const CimPropertyDecl CIM_Capabilities_properties[] = {
    { STRING("InstanceID"), KEY },
    { STRING("ElementName") },
};

static const CimPropertyDecl CIM_Component_properties[] = {
    { REF("GroupComponent", "CIM_ManagedElement"), KEY },
    { REF("PartComponent", "CIM_ManagedElement"), KEY },
};

static const CimPropertyDecl CIM_ComputerSystem_properties[] = {
    { STRING("NameFormat") },
    { UINT16("Dedicated"), ARRAY },
    { STRING("OtherDedicatedDescriptions"), ARRAY },
    { UINT16("ResetCapability") },
    { UINT16("PowerManagementCapabilities"), ARRAY },
};

static const CimMethodDecl CIM_ComputerSystem_methods[] = {
    { METHOD("SetPowerState"), PARAMETERS({ UINT32("PowerState"), IN }, { DATETIME("Time"), IN }) },
};

static const CimPropertyDecl CIM_ConcreteComponent_properties[] = {
    { REF("GroupComponent", "CIM_ManagedElement"), KEY },
    { REF("PartComponent", "CIM_ManagedElement"), KEY },
};

static const CimPropertyDecl CIM_ConcreteJob_properties[] = {
    { STRING("InstanceID"), KEY },
    { STRING("Name") },
    { UINT16("JobState") },
    { DATETIME("TimeOfLastStateChange") },
    { DATETIME("TimeBeforeRemoval"), WRITE },
};

static const CimMethodDecl CIM_ConcreteJob_methods[] = {
    { METHOD("RequestStateChange"), PARAMETERS({ UINT16("RequestedState"), IN }, { DATETIME("TimeoutPeriod"), IN }) },
    { METHOD("GetError"), PARAMETERS({ STRING("Error"), OUT }) },
};

static const CimPropertyDecl CIM_Dependency_properties[] = {
    { REF("Antecedent", "CIM_ManagedElement"), KEY },
    { REF("Dependent", "CIM_ManagedElement"), KEY },
};

static const CimPropertyDecl CIM_ElementAllocatedFromPool_properties[] = {
    { REF("Antecedent", "CIM_ResourcePool"), KEY },
    { REF("Dependent", "CIM_LogicalElement"), KEY },
};

static const CimPropertyDecl CIM_ElementCapabilities_properties[] = {
    { REF("ManagedElement", "CIM_ManagedElement"), KEY },
    { REF("Capabilities", "CIM_Capabilities"), KEY },
    { UINT16("Characteristics"), ARRAY },
};

static const CimPropertyDecl CIM_ElementSettingData_properties[] = {
    { REF("ManagedElement", "CIM_ManagedElement"), KEY },
    { REF("SettingData", "CIM_SettingData"), KEY },
    { UINT16("IsDefault") },
    { UINT16("IsCurrent") },
    { UINT16("IsNext") },
};

static const CimPropertyDecl CIM_EnabledLogicalElement_properties[] = {
    { UINT16("EnabledState") },
    { STRING("OtherEnabledState") },
    { UINT16("RequestedState") },
    { UINT16("EnabledDefault"), WRITE },
    { DATETIME("TimeOfLastStateChange") },
    { UINT16("AvailableRequestedStates"), ARRAY },
    { UINT16("TransitioningToState") },
};

static const CimMethodDecl CIM_EnabledLogicalElement_methods[] = {
    { METHOD("RequestStateChange"), PARAMETERS(
        { UINT16("RequestedState"), IN }, { REF("Job", "CIM_ConcreteJob"), OUT },
        { DATETIME("TimeoutPeriod"), IN }) },
};

static const CimPropertyDecl CIM_Error_properties[] = {
    { UINT16("ErrorType") },
    { STRING("OtherErrorType") },
    { STRING("OwningEntity") },
    { STRING("MessageID") },
    { STRING("Message") },
    { STRING("MessageArguments"), ARRAY },
    { UINT16("PerceivedSeverity") },
    { UINT16("ProbableCause") },
    { STRING("ProbableCauseDescription") },
    { STRING("RecommendedActions"), ARRAY },
    { STRING("ErrorSource") },
    { UINT16("ErrorSourceFormat") },
    { STRING("OtherErrorSourceFormat") },
    { UINT32("CIMStatusCode") },
    { STRING("CIMStatusCodeDescription") },
};

static const CimPropertyDecl CIM_HostedDependency_properties[] = {
    { REF("Antecedent", "CIM_ManagedElement"), KEY },
    { REF("Dependent", "CIM_ManagedElement"), KEY },
};

static const CimPropertyDecl CIM_HostedService_properties[] = {
    { REF("Antecedent", "CIM_System"), KEY },
    { REF("Dependent", "CIM_Service"), KEY },
};

static const CimPropertyDecl CIM_Job_properties[] = {
    { STRING("JobStatus") },
    { DATETIME("TimeSubmitted") },
    { DATETIME("ScheduledStartTime"), WRITE },
    { DATETIME("StartTime") },
    { DATETIME("ElapsedTime") },
    { UINT32("JobRunTimes"), WRITE },
    { UINT8("RunMonth"), WRITE },
    { SINT8("RunDay"), WRITE },
    { SINT8("RunDayOfWeek"), WRITE },
    { DATETIME("RunStartInterval"), WRITE },
    { UINT16("LocalOrUtcTime"), WRITE },
    { DATETIME("UntilTime"), WRITE },
    { STRING("Notify"), WRITE },
    { STRING("Owner") },
    { UINT32("Priority"), WRITE },
    { UINT16("PercentComplete") },
    { BOOLEAN("DeleteOnCompletion"), WRITE },
    { UINT16("ErrorCode") },
    { STRING("ErrorDescription") },
    { UINT16("RecoveryAction") },
    { STRING("OtherRecoveryAction") },
};

static const CimMethodDecl CIM_Job_methods[] = {
    { METHOD("KillJob"), PARAMETERS({ BOOLEAN("DeleteOnKill"), IN }) },
};

static const CimPropertyDecl CIM_LastAppliedSnapshot_properties[] = {
    { REF("Antecedent", "CIM_VirtualSystemSettingData"), KEY },
    { REF("Dependent", "CIM_ComputerSystem"), KEY },
};

static const CimPropertyDecl CIM_LogicalDevice_properties[] = {
    { STRING("SystemCreationClassName"), KEY },
    { STRING("SystemName"), KEY },
    { STRING("CreationClassName"), KEY },
    { STRING("DeviceID"), KEY },
    { BOOLEAN("PowerManagementSupported") },
    { UINT16("PowerManagementCapabilities"), ARRAY },
    { UINT16("Availability") },
    { UINT16("StatusInfo") },
    { UINT32("LastErrorCode") },
    { STRING("ErrorDescription") },
    { BOOLEAN("ErrorCleared") },
    { STRING("OtherIdentifyingInfo"), ARRAY },
    { UINT64("PowerOnHours") },
    { UINT64("TotalPowerOnHours") },
    { STRING("IdentifyingDescriptions"), ARRAY },
    { UINT16("AdditionalAvailability"), ARRAY },
    { UINT64("MaxQuiesceTime") },
};

static const CimMethodDecl CIM_LogicalDevice_methods[] = {
    { METHOD("SetPowerState"), PARAMETERS({ UINT16("PowerState"), IN }, { DATETIME("Time"), IN }) },
    { METHOD("Reset") },
    { METHOD("EnableDevice"), PARAMETERS({ BOOLEAN("Enabled"), IN }) },
    { METHOD("OnlineDevice"), PARAMETERS({ BOOLEAN("Online"), IN }) },
    { METHOD("QuiesceDevice"), PARAMETERS({ BOOLEAN("Quiesce"), IN }) },
    { METHOD("SaveProperties") },
    { METHOD("RestoreProperties") },
};

static const CimPropertyDecl CIM_ManagedElement_properties[] = {
    { STRING("InstanceID") },
    { STRING("Caption") },
    { STRING("Description") },
    { STRING("ElementName") },
};

static const CimPropertyDecl CIM_ManagedSystemElement_properties[] = {
    { DATETIME("InstallDate") },
    { STRING("Name") },
    { UINT16("OperationalStatus"), ARRAY },
    { STRING("StatusDescriptions"), ARRAY },
    { STRING("Status") },
    { UINT16("HealthState") },
    { UINT16("CommunicationStatus") },
    { UINT16("DetailedStatus") },
    { UINT16("OperatingStatus") },
    { UINT16("PrimaryStatus") },
};

static const CimPropertyDecl CIM_MostCurrentSnapshotInBranch_properties[] = {
    { REF("Antecedent", "CIM_ComputerSystem"), KEY },
    { REF("Dependent", "CIM_VirtualSystemSettingData"), KEY },
};

static const CimPropertyDecl CIM_OwningJobElement_properties[] = {
    { REF("OwningElement", "CIM_ManagedElement"), KEY },
    { REF("OwnedElement", "CIM_Job"), KEY },
};

static const CimPropertyDecl CIM_ResourceAllocationFromPool_properties[] = {
    { REF("Antecedent", "CIM_ResourcePool"), KEY },
    { REF("Dependent", "CIM_ResourceAllocationSettingData"), KEY },
};

static const CimPropertyDecl CIM_ResourceAllocationSettingData_properties[] = {
    { UINT16("ResourceType") },
    { STRING("OtherResourceType") },
    { STRING("ResourceSubType") },
    { STRING("PoolID") },
    { UINT16("ConsumerVisibility") },
    { STRING("HostResource"), ARRAY },
    { STRING("AllocationUnits") },
    { UINT64("VirtualQuantity") },
    { UINT64("Reservation") },
    { UINT64("Limit") },
    { UINT32("Weight") },
    { BOOLEAN("AutomaticAllocation") },
    { BOOLEAN("AutomaticDeallocation") },
    { STRING("Parent") },
    { STRING("Connection"), ARRAY },
    { STRING("Address") },
    { UINT16("MappingBehavior") },
    { STRING("AddressOnParent") },
    { STRING("VirtualQuantityUnits") },
};

static const CimPropertyDecl CIM_ResourcePool_properties[] = {
    { STRING("InstanceID"), KEY },
    { STRING("PoolID") },
    { BOOLEAN("Primordial") },
    { UINT64("Capacity") },
    { UINT64("Reserved") },
    { UINT16("ResourceType") },
    { STRING("OtherResourceType") },
    { STRING("ResourceSubType") },
    { STRING("AllocationUnits") },
    { STRING("ConsumedResourceUnits") },
    { UINT64("CurrentlyConsumedResource") },
    { UINT64("MaxConsumableResource") },
};

static const CimPropertyDecl CIM_Service_properties[] = {
    { STRING("SystemCreationClassName"), KEY },
    { STRING("SystemName"), KEY },
    { STRING("CreationClassName"), KEY },
    { STRING("Name"), KEY },
    { STRING("PrimaryOwnerName"), WRITE },
    { STRING("PrimaryOwnerContact"), WRITE },
    { STRING("StartMode") },
    { BOOLEAN("Started") },
};

static const CimMethodDecl CIM_Service_methods[] = {
    { METHOD("StartService") },
    { METHOD("StopService") },
};

static const CimPropertyDecl CIM_SettingData_properties[] = {
    { STRING("InstanceID"), KEY },
    { STRING("ElementName") },
};

static const CimPropertyDecl CIM_SettingsDefineCapabilities_properties[] = {
    { REF("GroupComponent", "CIM_Capabilities"), KEY },
    { REF("PartComponent", "CIM_SettingData"), KEY },
    { UINT16("PropertyPolicy") },
    { UINT16("ValueRole") },
    { UINT16("ValueRange") },
};

static const CimPropertyDecl CIM_SettingsDefineState_properties[] = {
    { REF("ManagedElement", "CIM_ManagedElement"), KEY },
    { REF("SettingData", "CIM_SettingData"), KEY },
};

static const CimPropertyDecl CIM_SnapshotOfVirtualSystem_properties[] = {
    { REF("Antecedent", "CIM_ComputerSystem"), KEY },
    { REF("Dependent", "CIM_VirtualSystemSettingData"), KEY },
};

static const CimPropertyDecl CIM_StorageAllocationSettingData_properties[] = {
    { UINT64("VirtualResourceBlockSize") },
    { UINT64("VirtualQuantity") },
    { STRING("VirtualQuantityUnits") },
    { UINT16("Access") },
    { UINT64("HostResourceBlockSize") },
    { UINT64("Reservation") },
    { UINT64("Limit") },
    { UINT64("HostExtentStartingAddress") },
    { STRING("HostExtentName") },
    { UINT16("HostExtentNameFormat") },
    { STRING("OtherHostExtentNameFormat") },
    { UINT16("HostExtentNameNamespace") },
    { STRING("OtherHostExtentNameNamespace") },
};

static const CimPropertyDecl CIM_System_properties[] = {
    { STRING("CreationClassName"), KEY },
    { STRING("Name"), KEY },
    { STRING("NameFormat") },
    { STRING("PrimaryOwnerName"), WRITE },
    { STRING("PrimaryOwnerContact"), WRITE },
    { STRING("Roles"), ARRAY, WRITE },
    { STRING("OtherIdentifyingInfo"), ARRAY },
    { STRING("IdentifyingDescriptions"), ARRAY },
};

static const CimPropertyDecl CIM_SystemComponent_properties[] = {
    { REF("GroupComponent", "CIM_System"), KEY },
    { REF("PartComponent", "CIM_ManagedSystemElement"), KEY },
};

static const CimPropertyDecl CIM_SystemDevice_properties[] = {
    { REF("GroupComponent", "CIM_System"), KEY },
    { REF("PartComponent", "CIM_LogicalDevice"), KEY },
};

static const CimMethodDecl CIM_VirtualSystemManagementService_methods[] = {
    { METHOD("AddResourceSettings"), PARAMETERS(
        { REF("AffectedConfiguration", "CIM_VirtualSystemSettingData"), IN },
        { STRING("ResourceSettings"), ARRAY, IN },
        { REF("ResultingResourceSettings", "CIM_ResourceAllocationSettingData"), ARRAY, OUT },
        { REF("Job", "CIM_ConcreteJob"), OUT }) },
    { METHOD("DefineSystem"), PARAMETERS(
        { STRING("SystemSettings"), IN }, { STRING("ResourceSettings"), ARRAY, IN },
        { REF("ReferenceConfiguration", "CIM_VirtualSystemSettingData"), IN },
        { REF("ResultingSystem", "CIM_ComputerSystem"), OUT }, { REF("Job", "CIM_ConcreteJob"), OUT }) },
    { METHOD("DestroySystem"), PARAMETERS(
        { REF("AffectedSystem", "CIM_ComputerSystem"), IN }, { REF("Job", "CIM_ConcreteJob"), OUT }) },
    { METHOD("ModifyResourceSettings"), PARAMETERS(
        { STRING("ResourceSettings"), ARRAY, IN },
        { REF("ResultingResourceSettings", "CIM_ResourceAllocationSettingData"), ARRAY, OUT },
        { REF("Job", "CIM_ConcreteJob"), OUT }) },
    { METHOD("ModifySystemSettings"), PARAMETERS(
        { STRING("SystemSettings"), IN }, { REF("Job", "CIM_ConcreteJob"), OUT }) },
    { METHOD("RemoveResourceSettings"), PARAMETERS(
        { REF("ResourceSettings", "CIM_ResourceAllocationSettingData"), ARRAY, IN },
        { REF("Job", "CIM_ConcreteJob"), OUT }) },
};

static const CimPropertyDecl CIM_VirtualSystemSettingData_properties[] = {
    { STRING("VirtualSystemIdentifier") },
    { STRING("VirtualSystemType") },
    { STRING("Notes"), ARRAY },
    { DATETIME("CreationTime") },
    { STRING("ConfigurationID") },
    { STRING("ConfigurationDataRoot") },
    { STRING("ConfigurationFile") },
    { STRING("SnapshotDataRoot") },
    { STRING("SuspendDataRoot") },
    { STRING("SwapFileDataRoot") },
    { STRING("LogDataRoot") },
    { UINT16("AutomaticStartupAction") },
    { DATETIME("AutomaticStartupActionDelay") },
    { UINT16("AutomaticStartupActionSequenceNumber") },
    { UINT16("AutomaticShutdownAction") },
    { UINT16("AutomaticRecoveryAction") },
    { STRING("RecoveryFile") },
};

static const CimPropertyDecl CIM_VirtualSystemSettingDataComponent_properties[] = {
    { REF("GroupComponent", "CIM_VirtualSystemSettingData"), KEY },
    { REF("PartComponent", "CIM_ResourceAllocationSettingData"), KEY },
};

static const CimMethodDecl CIM_VirtualSystemSnapshotService_methods[] = {
    { METHOD("CreateSnapshot"), PARAMETERS(
        { REF("AffectedSystem", "CIM_ComputerSystem"), IN }, { STRING("SnapshotSettings"), IN },
        { UINT16("SnapshotType"), IN }, { REF("ResultingSnapshot", "CIM_VirtualSystemSettingData"), IN_OUT },
        { REF("Job", "CIM_ConcreteJob"), OUT }) },
    { METHOD("DestroySnapshot"), PARAMETERS(
        { REF("AffectedSnapshot", "CIM_VirtualSystemSettingData"), IN }, { REF("Job", "CIM_ConcreteJob"), OUT }) },
    { METHOD("ApplySnapshot"), PARAMETERS(
        { REF("Snapshot", "CIM_VirtualSystemSettingData"), IN }, { REF("Job", "CIM_ConcreteJob"), OUT }) },
};

static const CimMethodDecl Msvm_AssignableDeviceService_methods[] = {
    { METHOD("DismountAssignableDevice"), SINCE(10586), PARAMETERS(
        { STRING("DismountSettingData"), IN }, { STRING("DismountedDeviceInstancePath"), OUT },
        { REF("Job", "CIM_ConcreteJob"), OUT }) },
    { METHOD("MountAssignableDevice"), SINCE(10586), PARAMETERS(
        { STRING("DeviceInstancePath"), IN }, { STRING("DeviceLocationPath"), IN },
        { STRING("MountedDeviceInstancePath"), OUT }, { REF("Job", "CIM_ConcreteJob"), OUT }) },
};

static const CimPropertyDecl Msvm_BootSourceSettingData_properties[] = {
    { UINT32("BootSourceType"), SINCE(9600) },
    { STRING("OtherLocation"), SINCE(9600) },
    { STRING("FirmwareDevicePath"), SINCE(9600) },
    { STRING("BootSourceDescription"), SINCE(9600) },
    { UINT8("OptionalData"), ARRAY, SINCE(10240) },
};

static const CimPropertyDecl Msvm_ComputerSystem_properties[] = {
    { UINT64("OnTimeInMilliseconds") },
    { UINT32("ProcessID") },
    { DATETIME("TimeOfLastConfigurationChange") },
    { UINT16("NumberOfNumaNodes") },
    { UINT16("ReplicationState") },
    { UINT16("ReplicationHealth") },
    { UINT16("ReplicationMode") },
    { UINT16("FailedOverReplicationType") },
    { UINT16("LastReplicationType") },
    { DATETIME("LastApplicationConsistentReplicationTime") },
    { DATETIME("LastReplicationTime") },
    { DATETIME("LastSuccessfulBackupTime") },
    { UINT16("EnhancedSessionModeState"), SINCE(9600) },
    { UINT32("HwThreadsPerCoreRealized"), SINCE(17763) },
    { STRING("ManagementVtlImageVersion"), SINCE(26100) },
    { STRING("ManagementVtlImageFileName"), SINCE(26100) },
};

static const CimMethodDecl Msvm_ComputerSystem_methods[] = {
    { METHOD("RequestStateChange"), PARAMETERS(
        { UINT16("RequestedState"), IN }, { REF("Job", "CIM_ConcreteJob"), OUT },
        { DATETIME("TimeoutPeriod"), IN }) },
    { METHOD("RequestReplicationStateChange"), PARAMETERS(
        { UINT16("RequestedState"), IN }, { REF("Job", "CIM_ConcreteJob"), OUT },
        { DATETIME("TimeoutPeriod"), IN }) },
    { METHOD("InjectNonMaskableInterrupt"), SINCE(9600), PARAMETERS({ REF("Job", "CIM_ConcreteJob"), OUT }) },
    { METHOD("RequestReplicationStateChangeEx"), SINCE(9600), PARAMETERS(
        { STRING("ReplicationRelationship"), IN }, { UINT16("RequestedState"), IN },
        { REF("Job", "CIM_ConcreteJob"), OUT }, { DATETIME("TimeoutPeriod"), IN }) },
    { METHOD("InjectNonMaskableInterruptEx"), SINCE(26100), PARAMETERS(
        { UINT8("Vtl"), IN }, { REF("Job", "CIM_ConcreteJob"), OUT }) },
    { METHOD("RequestCustomRestore"), SINCE(26100), PARAMETERS(
        { STRING("RestoreSettings"), IN }, { REF("Job", "CIM_ConcreteJob"), OUT }) },
};

static const CimPropertyDecl Msvm_ConcreteJob_properties[] = {
    { BOOLEAN("Cancellable") },
    { STRING("ErrorSummaryDescription") },
    { UINT16("JobType") },
};

static const CimMethodDecl Msvm_ConcreteJob_methods[] = {
    { METHOD("RequestStateChange"), PARAMETERS({ UINT16("RequestedState"), IN }, { DATETIME("TimeoutPeriod"), IN }) },
    { METHOD("GetError"), PARAMETERS({ STRING("Error"), OUT }) },
    { METHOD("GetErrorEx"), PARAMETERS({ STRING("Errors"), ARRAY, OUT }) },
};

static const CimPropertyDecl Msvm_CopyFileToGuestJob_properties[] = {
    { BOOLEAN("Cancellable"), SINCE(9600) },
    { STRING("ErrorSummaryDescription"), SINCE(9600) },
    { STRING("VirtualSystemName"), SINCE(9600) },
    { STRING("CopyFileToGuestSettingData"), ARRAY, SINCE(9600) },
};

static const CimMethodDecl Msvm_CopyFileToGuestJob_methods[] = {
    { METHOD("RequestStateChange"), SINCE(9600), PARAMETERS(
        { UINT16("RequestedState"), IN }, { DATETIME("TimeoutPeriod"), IN }) },
    { METHOD("GetError"), SINCE(9600), PARAMETERS({ STRING("Error"), OUT }) },
    { METHOD("GetErrorEx"), SINCE(9600), PARAMETERS({ STRING("Errors"), ARRAY, OUT }) },
};

static const CimPropertyDecl Msvm_CopyFileToGuestSettingData_properties[] = {
    { BOOLEAN("OverwriteExisting"), SINCE(9600) },
    { BOOLEAN("CreateFullPath"), SINCE(9600) },
    { STRING("SourcePath"), SINCE(9600) },
    { STRING("DestinationPath"), SINCE(9600) },
};

static const CimPropertyDecl Msvm_GpuPartition_properties[] = {
    { STRING("DeviceInstancePath"), SINCE(14393) },
    { UINT16("PartitionId"), SINCE(14393) },
    { STRING("PartitionVfLuid"), SINCE(14393) },
    { UINT64("CurrentCompute"), SINCE(20348) },
    { UINT64("CurrentDecode"), SINCE(20348) },
    { UINT64("CurrentEncode"), SINCE(20348) },
    { UINT64("CurrentVRAM"), SINCE(20348) },
    { BOOLEAN("SupportsOutgoingLiveMigration"), SINCE(26100) },
};

static const CimPropertyDecl Msvm_GpuPartitionSettingData_properties[] = {
    { UINT64("MinPartitionVRAM"), WRITE, SINCE(14393) },
    { UINT64("MaxPartitionVRAM"), WRITE, SINCE(14393) },
    { UINT64("OptimalPartitionVRAM"), WRITE, SINCE(14393) },
    { UINT64("MinPartitionEncode"), WRITE, SINCE(14393) },
    { UINT64("MaxPartitionEncode"), WRITE, SINCE(14393) },
    { UINT64("OptimalPartitionEncode"), WRITE, SINCE(14393) },
    { UINT64("MinPartitionDecode"), WRITE, SINCE(14393) },
    { UINT64("MaxPartitionDecode"), WRITE, SINCE(14393) },
    { UINT64("OptimalPartitionDecode"), WRITE, SINCE(14393) },
    { UINT64("MinPartitionCompute"), WRITE, SINCE(14393) },
    { UINT64("MaxPartitionCompute"), WRITE, SINCE(14393) },
    { UINT64("OptimalPartitionCompute"), WRITE, SINCE(14393) },
    { STRING("VirtualSystemIdentifiers"), ARRAY, SINCE(19041) },
    { BOOLEAN("NumaAwarePlacement"), WRITE, SINCE(22621) },
};

static const CimMethodDecl Msvm_GuestFileService_methods[] = {
    { METHOD("CopyFilesToGuest"), SINCE(9600), PARAMETERS(
        { STRING("CopyFileToGuestSettings"), ARRAY, IN }, { REF("Job", "CIM_ConcreteJob"), OUT }) },
};

static const CimPropertyDecl Msvm_GuestNetworkAdapterConfiguration_properties[] = {
    { STRING("InstanceID"), KEY },
    { UINT16("ProtocolIFType") },
    { BOOLEAN("DHCPEnabled") },
    { STRING("IPAddresses"), ARRAY },
    { STRING("Subnets"), ARRAY },
    { STRING("DefaultGateways"), ARRAY },
    { STRING("DNSServers"), ARRAY },
    { UINT16("IPAddressOrigins"), ARRAY, SINCE(9600) },
};

static const CimMethodDecl Msvm_GuestService_methods[] = {
    { METHOD("RequestStateChange"), SINCE(9600), PARAMETERS(
        { UINT16("RequestedState"), IN }, { REF("Job", "CIM_ConcreteJob"), OUT },
        { DATETIME("TimeoutPeriod"), IN }) },
    { METHOD("StartService"), SINCE(9600) },
    { METHOD("StopService"), SINCE(9600) },
};

static const CimMethodDecl Msvm_GuestServiceInterfaceComponent_methods[] = {
    { METHOD("RequestStateChange"), SINCE(9600), PARAMETERS(
        { UINT16("RequestedState"), IN }, { REF("Job", "CIM_ConcreteJob"), OUT },
        { DATETIME("TimeoutPeriod"), IN }) },
};

static const CimPropertyDecl Msvm_GuestServiceInterfaceComponentSettingData_properties[] = {
    { UINT16("EnabledState"), SINCE(9600) },
    { UINT16("DefaultEnabledStatePolicy"), SINCE(10240) },
};

static const CimMethodDecl Msvm_HeartbeatComponent_methods[] = {
    { METHOD("RequestStateChange"), PARAMETERS(
        { UINT16("RequestedState"), IN }, { REF("Job", "CIM_ConcreteJob"), OUT },
        { DATETIME("TimeoutPeriod"), IN }) },
    { METHOD("Reset") },
};

static const CimPropertyDecl Msvm_HeartbeatComponentSettingData_properties[] = {
    { UINT16("EnabledState") },
    { UINT32("ErrorThreshold") },
    { UINT32("Interval") },
    { UINT32("Latency") },
};

static const CimPropertyDecl Msvm_KvpExchangeComponent_properties[] = {
    { STRING("GuestExchangeItems"), ARRAY },
    { STRING("GuestIntrinsicExchangeItems"), ARRAY },
    { STRING("GuestIntrinsicExchangeItemsHypervisorOnly"), ARRAY, SINCE(26100) },
};

static const CimMethodDecl Msvm_KvpExchangeComponent_methods[] = {
    { METHOD("RequestStateChange"), PARAMETERS(
        { UINT16("RequestedState"), IN }, { REF("Job", "CIM_ConcreteJob"), OUT },
        { DATETIME("TimeoutPeriod"), IN }) },
    { METHOD("Reset") },
};

static const CimPropertyDecl Msvm_KvpExchangeComponentSettingData_properties[] = {
    { UINT16("EnabledState") },
    { STRING("HostExchangeItems"), ARRAY },
    { STRING("HostOnlyItems"), ARRAY },
    { BOOLEAN("DisableHostKVPItems"), WRITE, SINCE(15063) },
};

static const CimPropertyDecl Msvm_KvpExchangeDataItem_properties[] = {
    { UINT16("Source") },
    { STRING("Name") },
    { STRING("Data") },
};

static const CimPropertyDecl Msvm_MemorySettingData_properties[] = {
    { BOOLEAN("DynamicMemoryEnabled"), WRITE },
    { UINT32("TargetMemoryBuffer"), WRITE },
    { BOOLEAN("IsVirtualized") },
    { BOOLEAN("SwapFilesInUse") },
    { UINT64("MaxMemoryBlocksPerNumaNode"), WRITE },
    { BOOLEAN("SgxEnabled"), WRITE, SINCE(15063) },
    { UINT64("SgxSize"), WRITE, SINCE(15063) },
    { UINT32("SgxLaunchControlMode"), WRITE, SINCE(17134) },
    { STRING("SgxLaunchControlDefault"), WRITE, SINCE(17134) },
    { BOOLEAN("HugePagesEnabled"), WRITE, SINCE(17134) },
    { UINT8("MemoryEncryptionPolicy"), WRITE, SINCE(20348) },
    { UINT8("MemoryAccessTrackingPolicy"), WRITE, SINCE(26100) },
    { UINT8("BackingType"), WRITE, SINCE(26100) },
    { UINT8("BackingPageSize"), WRITE, SINCE(26100) },
    { BOOLEAN("EnableHotHint"), WRITE, SINCE(26100) },
    { BOOLEAN("EnableColdHint"), WRITE, SINCE(26100) },
    { BOOLEAN("EnableEpf"), WRITE, SINCE(26100) },
    { BOOLEAN("EnablePrivateCompressionStore"), WRITE, SINCE(26100) },
    { UINT8("MemoryAccessTrackingState"), WRITE, SINCE(26100) },
    { BOOLEAN("CxlEnabled"), WRITE, SINCE(28000) },
    { UINT32("DynMemOperationAlignment"), WRITE, SINCE(29617) },
    { BOOLEAN("EnableGpaPinning"), WRITE, SINCE(29617) },
};

static const CimPropertyDecl Msvm_MigrationJob_properties[] = {
    { BOOLEAN("Cancellable") },
    { STRING("ErrorSummaryDescription") },
    { UINT16("MigrationType") },
    { STRING("VirtualSystemName") },
    { STRING("DestinationHost") },
    { STRING("NewSystemSettingData") },
    { STRING("NewResourceSettingData"), ARRAY },
    { UINT16("JobType") },
    { UINT16("MigrationStateList"), ARRAY, SINCE(28000) },
};

static const CimMethodDecl Msvm_MigrationJob_methods[] = {
    { METHOD("RequestStateChange"), PARAMETERS({ UINT16("RequestedState"), IN }, { DATETIME("TimeoutPeriod"), IN }) },
    { METHOD("GetError"), PARAMETERS({ STRING("Error"), OUT }) },
    { METHOD("GetErrorEx"), PARAMETERS({ STRING("Errors"), ARRAY, OUT }) },
};

static const CimPropertyDecl Msvm_MostCurrentSnapshotInBranch_properties[] = {
    { REF("Antecedent", "CIM_ComputerSystem"), KEY },
    { REF("Dependent", "Msvm_VirtualSystemSettingData"), KEY },
};

static const CimPropertyDecl Msvm_ParentChildSettingData_properties[] = {
    { REF("Antecedent", "Msvm_VirtualSystemSettingData"), KEY },
    { REF("Dependent", "Msvm_VirtualSystemSettingData"), KEY },
};

static const CimPropertyDecl Msvm_PartitionableGpu_properties[] = {
    { UINT16("ValidPartitionCounts"), ARRAY, WRITE, SINCE(14393) },
    { UINT16("PartitionCount"), WRITE, SINCE(14393) },
    { UINT64("TotalVRAM"), SINCE(14393) },
    { UINT64("AvailableVRAM"), SINCE(14393) },
    { UINT64("MinPartitionVRAM"), SINCE(14393) },
    { UINT64("MaxPartitionVRAM"), SINCE(14393) },
    { UINT64("OptimalPartitionVRAM"), SINCE(14393) },
    { UINT64("TotalEncode"), SINCE(14393) },
    { UINT64("AvailableEncode"), SINCE(14393) },
    { UINT64("MinPartitionEncode"), SINCE(14393) },
    { UINT64("MaxPartitionEncode"), SINCE(14393) },
    { UINT64("OptimalPartitionEncode"), SINCE(14393) },
    { UINT64("TotalDecode"), SINCE(14393) },
    { UINT64("AvailableDecode"), SINCE(14393) },
    { UINT64("MinPartitionDecode"), SINCE(14393) },
    { UINT64("MaxPartitionDecode"), SINCE(14393) },
    { UINT64("OptimalPartitionDecode"), SINCE(14393) },
    { UINT64("TotalCompute"), SINCE(14393) },
    { UINT64("AvailableCompute"), SINCE(14393) },
    { UINT64("MinPartitionCompute"), SINCE(14393) },
    { UINT64("MaxPartitionCompute"), SINCE(14393) },
    { UINT64("OptimalPartitionCompute"), SINCE(14393) },
    { BOOLEAN("SupportsIncomingLiveMigration"), SINCE(26100) },
};

static const CimPropertyDecl Msvm_PciExpress_properties[] = {
    { STRING("DeviceInstancePath"), SINCE(10586) },
    { STRING("LocationPath"), SINCE(10586) },
    { UINT16("FunctionNumber"), SINCE(10586) },
};

static const CimPropertyDecl Msvm_PciExpressSettingData_properties[] = {
    { STRING("VirtualSystemIdentifiers"), ARRAY, SINCE(10586) },
    { UINT16("VirtualFunctions"), ARRAY, WRITE, SINCE(15063) },
    { BOOLEAN("AllowDirectTranslatedP2P"), ARRAY, WRITE, SINCE(20348) },
    { BOOLEAN("NumaAwarePlacement"), WRITE, SINCE(20348) },
    { UINT8("TargetVtl"), WRITE, SINCE(22621) },
    { BOOLEAN("AllowUntranslatedP2P"), ARRAY, WRITE, SINCE(28000) },
    { UINT8("GuestPciExpressMode"), WRITE, SINCE(28000) },
};

static const CimPropertyDecl Msvm_PlannedComputerSystem_properties[] = {
    { UINT16("AssignedNumaNodeList"), ARRAY },
    { UINT64("OnTimeInMilliseconds") },
    { UINT32("ProcessID") },
    { DATETIME("TimeOfLastConfigurationChange") },
};

static const CimMethodDecl Msvm_PlannedComputerSystem_methods[] = {
    { METHOD("RequestStateChange"), PARAMETERS(
        { UINT16("RequestedState"), IN }, { REF("Job", "CIM_ConcreteJob"), OUT },
        { DATETIME("TimeoutPeriod"), IN }) },
};

static const CimMethodDecl Msvm_ProcessorPool_methods[] = {
    { METHOD("CalculatePossibleReserve"), PARAMETERS({ UINT16("ProcessorCount"), IN }) },
};

static const CimPropertyDecl Msvm_ProcessorSettingData_properties[] = {
    { BOOLEAN("LimitCPUID") },
    { BOOLEAN("LimitProcessorFeatures") },
    { UINT64("MaxProcessorsPerNumaNode") },
    { UINT64("MaxNumaNodesPerSocket") },
    { BOOLEAN("EnableHostResourceProtection"), SINCE(10240) },
    { UINT64("HwThreadsPerCore"), SINCE(10586) },
    { BOOLEAN("ExposeVirtualizationExtensions"), SINCE(10586) },
    { BOOLEAN("HideHypervisorPresent"), SINCE(14393) },
    { STRING("CpuGroupId"), SINCE(14393) },
    { BOOLEAN("DisableSpeculationControls"), WRITE, SINCE(17134) },
    { BOOLEAN("EnablePerfmonPmu"), SINCE(17763) },
    { BOOLEAN("EnablePerfmonLbr"), SINCE(17763) },
    { BOOLEAN("EnablePerfmonPebs"), SINCE(17763) },
    { BOOLEAN("EnablePerfmonIpt"), SINCE(18362) },
    { UINT8("EnablePageShattering"), WRITE, SINCE(19041) },
    { BOOLEAN("EnableLegacyApicMode"), SINCE(19041) },
    { BOOLEAN("AllowACountMCount"), SINCE(19041) },
    { UINT8("LimitProcessorFeaturesMode"), SINCE(20348) },
    { UINT8("ApicMode"), WRITE, SINCE(20348) },
    { STRING("CpuBrandString"), WRITE, SINCE(20348) },
    { UINT32("PerfCpuFreqCapMhz"), WRITE, SINCE(20348) },
    { UINT32("MaxProcessorCountPerL3"), WRITE, SINCE(20348) },
    { UINT32("MaxClusterCountPerSocket"), WRITE, SINCE(20348) },
    { STRING("ProcessorFeatureSet"), WRITE, SINCE(20348) },
    { UINT32("L3CacheWays"), WRITE, SINCE(22000) },
    { BOOLEAN("EnableSocketTopology"), WRITE, SINCE(22000) },
    { UINT32("ExtendedVirtualizationExtensions"), WRITE, SINCE(22621) },
    { UINT32("MaxHwIsolatedGuests"), WRITE, SINCE(22621) },
    { BOOLEAN("EnablePerfmonArchPmu"), SINCE(22621) },
    { UINT8("L3ProcessorDistributionPolicy"), WRITE, SINCE(22621) },
    { STRING("EnlightenmentSet"), WRITE, SINCE(22621) },
    { BOOLEAN("EnableHierarchicalVirtualization"), SINCE(26100) },
    { UINT32("MaxHierarchicalPartitions"), WRITE, SINCE(26100), UNTIL(26100) },
    { UINT32("MaxHierarchicalVps"), WRITE, SINCE(26100), UNTIL(26100) },
    { UINT32("PartitionDiagnosticBufferCount"), WRITE, SINCE(26100), UNTIL(26100) },
    { UINT32("PartitionDiagnosticBufferSizeInPages"), WRITE, SINCE(26100), UNTIL(26100) },
    { UINT32("PhysicalAddressWidth"), WRITE, SINCE(26100) },
    { BOOLEAN("EnableLayeredVirtualization"), SINCE(28000) },
    { UINT32("MaximumHierarchicalVirtualProcessors"), WRITE, SINCE(28000) },
    { UINT32("MaximumLayeredVirtualProcessors"), WRITE, SINCE(28000) },
    { UINT32("PerfCpuFreqMinMhz"), WRITE, SINCE(28000) },
    { UINT32("PerfCpuFreqDesiredMhz"), WRITE, SINCE(28000) },
    { UINT32("PerfCpuAutonomousActivityWindow"), WRITE, SINCE(28000) },
    { UINT32("PerfCpuEnergyPerformancePreference"), WRITE, SINCE(28000) },
    { BOOLEAN("PerfCpuIgnoreHostMaxFrequency"), WRITE, SINCE(28000) },
    { STRING("VmmCapabilitySet"), WRITE, SINCE(28000) },
    { STRING("VmmAssignableSyntheticPF"), WRITE, SINCE(28000) },
    { UINT8("LpiMode"), WRITE, SINCE(28000) },
};

static const CimPropertyDecl Msvm_RegisteredGuestService_properties[] = {
    { REF("Antecedent", "Msvm_GuestServiceInterfaceComponent"), KEY },
    { REF("Dependent", "Msvm_GuestService"), KEY },
};

static const CimPropertyDecl Msvm_ResourcePool_properties[] = {
    { UINT16("OperationalStatus"), ARRAY },
};

static const CimPropertyDecl Msvm_SettingsDefineCapabilities_properties[] = {
    { UINT16("SupportStatement"), SINCE(14393) },
};

static const CimMethodDecl Msvm_ShutdownComponent_methods[] = {
    { METHOD("InitiateShutdown"), PARAMETERS({ BOOLEAN("Force"), IN }, { STRING("Reason"), IN }) },
    { METHOD("RequestStateChange"), PARAMETERS(
        { UINT16("RequestedState"), IN }, { REF("Job", "CIM_ConcreteJob"), OUT },
        { DATETIME("TimeoutPeriod"), IN }) },
    { METHOD("Reset") },
    { METHOD("InitiateReboot"), SINCE(10240), PARAMETERS({ BOOLEAN("Force"), IN }, { STRING("Reason"), IN }) },
    { METHOD("InitiateHibernate"), SINCE(17763) },
};

static const CimPropertyDecl Msvm_ShutdownComponentSettingData_properties[] = {
    { UINT16("EnabledState") },
};

static const CimPropertyDecl Msvm_StorageAllocationSettingData_properties[] = {
    { UINT64("IOPSLimit"), SINCE(9600) },
    { UINT64("IOPSReservation"), SINCE(9600) },
    { STRING("IOPSAllocationUnits"), SINCE(9600) },
    { UINT32("Weight") },
    { BOOLEAN("PersistentReservationsSupported"), SINCE(9600) },
    { STRING("StorageQoSPolicyID"), SINCE(10240) },
    { STRING("SnapshotId"), SINCE(10240) },
    { UINT16("CachingMode"), SINCE(10240) },
    { BOOLEAN("IgnoreFlushes"), SINCE(10240) },
    { UINT16("WriteHardeningMethod"), SINCE(14393) },
};

static const CimPropertyDecl Msvm_StorageJob_properties[] = {
    { BOOLEAN("Cancellable") },
    { STRING("Child") },
    { UINT32("JobCompletionStatusCode") },
    { STRING("Parent") },
    { STRING("ErrorSummaryDescription") },
    { UINT16("JobType") },
};

static const CimMethodDecl Msvm_StorageJob_methods[] = {
    { METHOD("RequestStateChange"), PARAMETERS({ UINT16("RequestedState"), IN }, { DATETIME("TimeoutPeriod"), IN }) },
    { METHOD("GetError"), PARAMETERS({ STRING("Error"), OUT }) },
    { METHOD("GetErrorEx"), PARAMETERS({ STRING("Errors"), ARRAY, OUT }) },
};

static const CimPropertyDecl Msvm_SummaryInformation_properties[] = {
    { STRING("AllocatedGPU") },
    { EMBEDDED("AsynchronousTasks", "CIM_ConcreteJob"), ARRAY },
    { STRING("GuestOperatingSystem") },
    { UINT16("Heartbeat") },
    { UINT64("MemoryUsage") },
    { SINT32("MemoryAvailable") },
    { SINT32("AvailableMemoryBuffer") },
    { BOOLEAN("SwapFilesInUse") },
    { UINT16("ProcessorLoad") },
    { UINT16("ProcessorLoadHistory"), ARRAY },
    { EMBEDDED("Snapshots", "CIM_VirtualSystemSettingData"), ARRAY },
    { UINT8("ThumbnailImage"), ARRAY },
    { UINT16("ReplicationState") },
    { UINT16("ReplicationHealth") },
    { UINT16("ReplicationMode") },
    { REF("TestReplicaSystem", "CIM_ComputerSystem") },
    { UINT16("ApplicationHealth") },
    { UINT16("IntegrationServicesVersionState") },
    { BOOLEAN("MemorySpansPhysicalNumaNodes") },
    { UINT16("ReplicationStateEx"), ARRAY, SINCE(9600) },
    { UINT16("ReplicationHealthEx"), ARRAY, SINCE(9600) },
    { STRING("ReplicationProviderId"), ARRAY, SINCE(9600) },
    { UINT16("ThumbnailImageWidth"), SINCE(10240) },
    { UINT16("ThumbnailImageHeight"), SINCE(10240) },
    { BOOLEAN("Shielded"), SINCE(14393) },
    { UINT64("HypervisorPartitionId"), SINCE(17763) },
};

static const CimPropertyDecl Msvm_SummaryInformationBase_properties[] = {
    { STRING("InstanceID"), KEY },
    { DATETIME("CreationTime") },
    { STRING("ElementName") },
    { UINT16("EnabledState") },
    { STRING("OtherEnabledState") },
    { UINT16("HealthState") },
    { STRING("Name") },
    { STRING("Notes") },
    { STRING("Version"), SINCE(10240) },
    { UINT16("NumberOfProcessors") },
    { UINT16("OperationalStatus"), ARRAY },
    { STRING("StatusDescriptions"), ARRAY },
    { UINT64("UpTime") },
    { UINT16("EnhancedSessionModeState"), SINCE(9600) },
    { STRING("VirtualSwitchNames"), ARRAY, SINCE(9600) },
    { STRING("VirtualSystemSubType"), SINCE(9600) },
    { STRING("HostComputerSystemName"), SINCE(10240) },
};

static const CimPropertyDecl Msvm_SystemExportSettingData_properties[] = {
    { REF("ManagedElement", "CIM_ComputerSystem"), KEY },
    { REF("SettingData", "Msvm_VirtualSystemExportSettingData"), KEY },
};

static const CimPropertyDecl Msvm_VirtualSystemExportSettingData_properties[] = {
    { UINT8("CopySnapshotConfiguration"), WRITE },
    { BOOLEAN("CopyVmRuntimeInformation"), WRITE },
    { BOOLEAN("CopyVmStorage"), WRITE },
    { BOOLEAN("CreateVmExportSubdirectory"), WRITE },
    { STRING("SnapshotVirtualSystem"), WRITE },
    { UINT8("CaptureLiveState"), WRITE, SINCE(9600) },
    { STRING("DifferentialBackupBase"), WRITE, SINCE(10240) },
    { UINT8("BackupIntent"), WRITE, SINCE(10240) },
    { BOOLEAN("ExportForLiveMigration"), WRITE, SINCE(14393) },
    { STRING("ExcludedVirtualHardDisks"), ARRAY, WRITE, SINCE(16299) },
    { BOOLEAN("DisableDifferentialOfIgnoredStorage"), WRITE, SINCE(16299) },
    { STRING("GuestDebugStateFilePath"), WRITE, SINCE(20348) },
};

static const CimMethodDecl Msvm_VirtualSystemManagementService_methods[] = {
    { METHOD("DefineSystem"), PARAMETERS(
        { STRING("SystemSettings"), IN }, { STRING("ResourceSettings"), ARRAY, IN },
        { REF("ReferenceConfiguration", "CIM_VirtualSystemSettingData"), IN },
        { REF("ResultingSystem", "CIM_ComputerSystem"), OUT }, { REF("Job", "CIM_ConcreteJob"), OUT }) },
    { METHOD("ValidatePlannedSystem"), PARAMETERS(
        { REF("PlannedSystem", "Msvm_PlannedComputerSystem"), IN }, { REF("Job", "CIM_ConcreteJob"), OUT }) },
    { METHOD("DestroySystem"), PARAMETERS(
        { REF("AffectedSystem", "CIM_ComputerSystem"), IN }, { REF("Job", "CIM_ConcreteJob"), OUT }) },
    { METHOD("ModifySystemSettings"), PARAMETERS(
        { STRING("SystemSettings"), IN }, { REF("Job", "CIM_ConcreteJob"), OUT }) },
    { METHOD("ImportSystemDefinition"), PARAMETERS(
        { STRING("SystemDefinitionFile"), IN }, { STRING("SnapshotFolder"), IN },
        { BOOLEAN("GenerateNewSystemIdentifier"), IN }, { REF("ImportedSystem", "Msvm_PlannedComputerSystem"), OUT },
        { REF("Job", "CIM_ConcreteJob"), OUT }) },
    { METHOD("ImportSnapshotDefinitions"), PARAMETERS(
        { REF("PlannedSystem", "Msvm_PlannedComputerSystem"), IN }, { STRING("SnapshotFolder"), IN },
        { REF("ImportedSnapshots", "Msvm_VirtualSystemSettingData"), ARRAY, OUT },
        { REF("Job", "CIM_ConcreteJob"), OUT }) },
    { METHOD("RealizePlannedSystem"), PARAMETERS(
        { REF("PlannedSystem", "Msvm_PlannedComputerSystem"), IN },
        { REF("ResultingSystem", "CIM_ComputerSystem"), OUT }, { REF("Job", "CIM_ConcreteJob"), OUT }) },
    { METHOD("ExportSystemDefinition"), PARAMETERS(
        { REF("ComputerSystem", "CIM_ComputerSystem"), IN }, { STRING("ExportDirectory"), IN },
        { STRING("ExportSettingData"), IN }, { REF("Job", "CIM_ConcreteJob"), OUT }) },
    { METHOD("AddFeatureSettings"), PARAMETERS(
        { REF("AffectedConfiguration", "Msvm_EthernetPortAllocationSettingData"), IN },
        { STRING("FeatureSettings"), ARRAY, IN },
        { REF("ResultingFeatureSettings", "Msvm_EthernetSwitchPortFeatureSettingData"), ARRAY, OUT },
        { REF("Job", "CIM_ConcreteJob"), OUT }) },
    { METHOD("ModifyFeatureSettings"), PARAMETERS(
        { STRING("FeatureSettings"), ARRAY, IN },
        { REF("ResultingFeatureSettings", "Msvm_EthernetSwitchPortFeatureSettingData"), ARRAY, OUT },
        { REF("Job", "CIM_ConcreteJob"), OUT }) },
    { METHOD("RemoveFeatureSettings"), PARAMETERS(
        { REF("FeatureSettings", "Msvm_EthernetSwitchPortFeatureSettingData"), ARRAY, IN },
        { REF("Job", "CIM_ConcreteJob"), OUT }) },
    { METHOD("AddResourceSettings"), PARAMETERS(
        { REF("AffectedConfiguration", "CIM_VirtualSystemSettingData"), IN },
        { STRING("ResourceSettings"), ARRAY, IN },
        { REF("ResultingResourceSettings", "CIM_ResourceAllocationSettingData"), ARRAY, OUT },
        { REF("Job", "CIM_ConcreteJob"), OUT }) },
    { METHOD("ModifyResourceSettings"), PARAMETERS(
        { STRING("ResourceSettings"), ARRAY, IN },
        { REF("ResultingResourceSettings", "CIM_ResourceAllocationSettingData"), ARRAY, OUT },
        { REF("Job", "CIM_ConcreteJob"), OUT }) },
    { METHOD("RemoveResourceSettings"), PARAMETERS(
        { REF("ResourceSettings", "CIM_ResourceAllocationSettingData"), ARRAY, IN },
        { REF("Job", "CIM_ConcreteJob"), OUT }) },
    { METHOD("GetVirtualSystemThumbnailImage"), PARAMETERS(
        { REF("TargetSystem", "CIM_VirtualSystemSettingData"), IN }, { UINT16("WidthPixels"), IN },
        { UINT16("HeightPixels"), IN }, { UINT8("ImageData"), ARRAY, OUT }) },
    { METHOD("ModifyServiceSettings"), PARAMETERS(
        { STRING("SettingData"), IN }, { REF("Job", "CIM_ConcreteJob"), OUT }) },
    { METHOD("GetSummaryInformation"), PARAMETERS(
        { REF("SettingData", "CIM_VirtualSystemSettingData"), ARRAY, IN },
        { UINT32("RequestedInformation"), ARRAY, IN },
        { EMBEDDED("SummaryInformation", "Msvm_SummaryInformationBase"), ARRAY, OUT }) },
    { METHOD("GetDefinitionFileSummaryInformation"), PARAMETERS(
        { STRING("DefinitionFiles"), ARRAY, IN },
        { EMBEDDED("SummaryInformation", "Msvm_SummaryInformationBase"), ARRAY, OUT }) },
    { METHOD("AddKvpItems"), PARAMETERS(
        { REF("TargetSystem", "CIM_ComputerSystem"), IN }, { STRING("DataItems"), ARRAY, IN },
        { REF("Job", "CIM_ConcreteJob"), OUT }) },
    { METHOD("ModifyKvpItems"), PARAMETERS(
        { REF("TargetSystem", "CIM_ComputerSystem"), IN }, { STRING("DataItems"), ARRAY, IN },
        { REF("Job", "CIM_ConcreteJob"), OUT }) },
    { METHOD("RemoveKvpItems"), PARAMETERS(
        { REF("TargetSystem", "CIM_ComputerSystem"), IN }, { STRING("DataItems"), ARRAY, IN },
        { REF("Job", "CIM_ConcreteJob"), OUT }) },
    { METHOD("FormatError"), PARAMETERS({ STRING("Errors"), ARRAY, IN }, { STRING("ErrorMessage"), OUT }) },
    { METHOD("RequestStateChange"), PARAMETERS(
        { UINT16("RequestedState"), IN }, { REF("Job", "CIM_ConcreteJob"), OUT },
        { DATETIME("TimeoutPeriod"), IN }) },
    { METHOD("StartService") },
    { METHOD("StopService") },
    { METHOD("ModifyDiskMergeSettings"), PARAMETERS(
        { STRING("SettingData"), IN }, { REF("Job", "CIM_ConcreteJob"), OUT }) },
    { METHOD("GenerateWwpn"), PARAMETERS({ UINT32("NumberOfWwpns"), IN }, { STRING("GeneratedWwpn"), ARRAY, OUT }) },
    { METHOD("AddFibreChannelChap"), PARAMETERS(
        { STRING("FcPortSettings"), ARRAY, IN }, { UINT8("SecretEncoding"), IN },
        { UINT8("SharedSecret"), ARRAY, IN }) },
    { METHOD("RemoveFibreChannelChap"), PARAMETERS({ STRING("FcPortSettings"), ARRAY, IN }) },
    { METHOD("SetGuestNetworkAdapterConfiguration"), PARAMETERS(
        { REF("ComputerSystem", "CIM_ComputerSystem"), IN }, { STRING("NetworkConfiguration"), ARRAY, IN },
        { REF("Job", "CIM_ConcreteJob"), OUT }) },
    { METHOD("GetSizeOfSystemFiles"), PARAMETERS(
        { REF("Vssd", "CIM_VirtualSystemSettingData"), IN }, { UINT64("Size"), OUT }) },
    { METHOD("GetCurrentWwpnFromGenerator"), PARAMETERS({ STRING("CurrentWwpn"), OUT }) },
    { METHOD("TestNetworkConnection"), SINCE(9600), PARAMETERS(
        { REF("TargetNetworkAdapter", "Msvm_EthernetPortAllocationSettingData"), IN }, { BOOLEAN("IsSender"), IN },
        { STRING("SenderIP"), IN }, { STRING("ReceiverIP"), IN }, { STRING("ReceiverMac"), IN },
        { UINT32("IsolationId"), IN }, { UINT32("SequenceNumber"), IN }, { UINT32("RoundTripTime"), OUT },
        { REF("Job", "CIM_ConcreteJob"), OUT }) },
    { METHOD("DefinePlannedSystem"), SINCE(10240), PARAMETERS(
        { STRING("SystemSettings"), IN }, { STRING("ResourceSettings"), ARRAY, IN },
        { REF("ReferenceConfiguration", "CIM_VirtualSystemSettingData"), IN },
        { REF("ResultingSystem", "CIM_ComputerSystem"), OUT }, { REF("Job", "CIM_ConcreteJob"), OUT }) },
    { METHOD("UpgradeSystemVersion"), SINCE(10240), PARAMETERS(
        { REF("ComputerSystem", "CIM_ComputerSystem"), IN }, { STRING("UpgradeSettingData"), IN },
        { REF("Job", "CIM_ConcreteJob"), OUT }) },
    { METHOD("AddBootSourceSettings"), SINCE(10240), PARAMETERS(
        { REF("AffectedConfiguration", "CIM_VirtualSystemSettingData"), IN },
        { STRING("BootSourceSettings"), ARRAY, IN },
        { REF("ResultingBootSourceSettings", "CIM_SettingData"), ARRAY, OUT },
        { REF("Job", "CIM_ConcreteJob"), OUT }) },
    { METHOD("AddGuestServiceSettings"), SINCE(10240), PARAMETERS(
        { REF("AffectedConfiguration", "CIM_VirtualSystemSettingData"), IN },
        { STRING("GuestServiceSettings"), ARRAY, IN },
        { REF("ResultingGuestServiceSettings", "CIM_SettingData"), ARRAY, OUT },
        { REF("Job", "CIM_ConcreteJob"), OUT }) },
    { METHOD("ModifyGuestServiceSettings"), SINCE(10240), PARAMETERS(
        { STRING("GuestServiceSettings"), ARRAY, IN },
        { REF("ResultingGuestServiceSettings", "CIM_SettingData"), ARRAY, OUT },
        { REF("Job", "CIM_ConcreteJob"), OUT }) },
    { METHOD("RemoveBootSourceSettings"), SINCE(10240), PARAMETERS(
        { REF("BootSourceSettings", "CIM_SettingData"), ARRAY, IN }, { REF("Job", "CIM_ConcreteJob"), OUT }) },
    { METHOD("RemoveGuestServiceSettings"), SINCE(10240), PARAMETERS(
        { REF("GuestServiceSettings", "CIM_SettingData"), ARRAY, IN }, { REF("Job", "CIM_ConcreteJob"), OUT }) },
    { METHOD("SetInitialMachineConfigurationData"), SINCE(10240), PARAMETERS(
        { REF("TargetSystem", "CIM_ComputerSystem"), IN }, { UINT8("ImcData"), ARRAY, IN },
        { REF("Job", "CIM_ConcreteJob"), OUT }) },
    { METHOD("AddSystemComponentSettings"), SINCE(10586), PARAMETERS(
        { REF("AffectedConfiguration", "Msvm_VirtualSystemSettingData"), IN },
        { STRING("ComponentSettings"), ARRAY, IN },
        { REF("ResultingComponentSettings", "Msvm_SystemComponentSettingData"), ARRAY, OUT },
        { REF("Job", "CIM_ConcreteJob"), OUT }) },
    { METHOD("ModifySystemComponentSettings"), SINCE(10586), PARAMETERS(
        { STRING("ComponentSettings"), ARRAY, IN },
        { REF("ResultingComponentSettings", "Msvm_SystemComponentSettingData"), ARRAY, OUT },
        { REF("Job", "CIM_ConcreteJob"), OUT }) },
    { METHOD("RemoveSystemComponentSettings"), SINCE(10586), PARAMETERS(
        { REF("ComponentSettings", "Msvm_SystemComponentSettingData"), ARRAY, IN },
        { REF("Job", "CIM_ConcreteJob"), OUT }) },
    { METHOD("DiagnoseNetworkConnection"), SINCE(14393), PARAMETERS(
        { REF("TargetNetworkAdapter", "Msvm_EthernetPortAllocationSettingData"), IN },
        { STRING("DiagnosticSettings"), IN }, { STRING("DiagnosticInformation"), OUT },
        { REF("Job", "CIM_ConcreteJob"), OUT }) },
};

static const CimPropertyDecl Msvm_VirtualSystemManagementServiceSettingData_properties[] = {
    { STRING("BiosLockString") },
    { STRING("DefaultExternalDataRoot") },
    { STRING("DefaultVirtualHardDiskPath") },
    { STRING("MaximumMacAddress") },
    { STRING("MinimumMacAddress") },
    { BOOLEAN("NumaSpanningEnabled") },
    { STRING("PrimaryOwnerContact") },
    { STRING("PrimaryOwnerName") },
    { UINT32("HbaLunTimeout") },
    { STRING("MaximumWWPNAddress") },
    { STRING("MinimumWWPNAddress") },
    { STRING("CurrentWWNNAddress") },
    { BOOLEAN("EnhancedSessionModeEnabled"), SINCE(9600) },
    { UINT16("DefaultVirtualHardDiskCachingMode"), SINCE(10240) },
    { BOOLEAN("HypervisorRootSchedulerEnabled"), SINCE(16299) },
    { UINT16("HypervisorSnpStatus"), SINCE(26100) },
    { UINT16("HypervisorTdxStatus"), SINCE(26100) },
    { UINT16("HypervisorRmeStatus"), SINCE(29617) },
};

static const CimPropertyDecl Msvm_VirtualSystemSettingData_properties[] = {
    { STRING("BIOSGUID"), WRITE },
    { STRING("BIOSSerialNumber"), WRITE },
    { STRING("BaseBoardSerialNumber"), WRITE },
    { STRING("ChassisSerialNumber"), WRITE },
    { STRING("ChassisAssetTag"), WRITE },
    { BOOLEAN("BIOSNumLock"), WRITE },
    { UINT16("BootOrder"), ARRAY, WRITE },
    { STRING("Parent") },
    { STRING("VirtualSystemIdentifier") },
    { BOOLEAN("IsSaved") },
    { STRING("AdditionalRecoveryInformation"), WRITE },
    { BOOLEAN("AllowFullSCSICommandSet"), WRITE },
    { UINT32("DebugChannelId"), WRITE },
    { UINT16("DebugPortEnabled"), WRITE },
    { UINT32("DebugPort"), WRITE },
    { STRING("Version") },
    { BOOLEAN("IncrementalBackupEnabled"), WRITE },
    { BOOLEAN("VirtualNumaEnabled"), WRITE },
    { BOOLEAN("AllowReducedFcRedundancy"), WRITE },
    { STRING("BootSourceOrder"), ARRAY, WRITE, SINCE(9600) },
    { UINT64("LowMmioGapSize"), WRITE, SINCE(9600) },
    { STRING("VirtualSystemSubType"), SINCE(9600) },
    { BOOLEAN("SecureBootEnabled"), WRITE, SINCE(9600) },
    { BOOLEAN("PauseAfterBootFailure"), WRITE, SINCE(9600) },
    { UINT16("NetworkBootPreferredProtocol"), WRITE, SINCE(9600) },
    { UINT16("UserSnapshotType"), WRITE, SINCE(10240) },
    { STRING("SecureBootTemplateId"), WRITE, SINCE(10240) },
    { UINT16("ConsoleMode"), WRITE, SINCE(10240) },
    { UINT16("AutomaticCriticalErrorAction"), WRITE, SINCE(10240) },
    { DATETIME("AutomaticCriticalErrorActionTimeout"), WRITE, SINCE(10240) },
    { STRING("ParentPackage"), WRITE, SINCE(10240), UNTIL(10240) },
    { BOOLEAN("LockOnDisconnect"), WRITE, SINCE(10240) },
    { BOOLEAN("GuestControlledCacheTypes"), WRITE, SINCE(10240) },
    { UINT64("HighMmioGapSize"), WRITE, SINCE(10586) },
    { STRING("ParentContainerImage"), WRITE, SINCE(10586), UNTIL(10586) },
    { UINT8("ContainerRuntimeType"), WRITE, SINCE(10586), UNTIL(10586) },
    { STRING("Architecture"), SINCE(16299) },
    { STRING("GuestStateDataRoot"), SINCE(16299) },
    { STRING("GuestStateFile"), SINCE(16299) },
    { BOOLEAN("IsAutomaticSnapshot"), SINCE(16299) },
    { BOOLEAN("AutomaticSnapshotsEnabled"), WRITE, SINCE(16299) },
    { UINT64("HighMmioGapBase"), WRITE, SINCE(17134) },
    { UINT16("EnhancedSessionTransportType"), WRITE, SINCE(17134) },
    { BOOLEAN("EnableHibernation"), WRITE, SINCE(17763) },
    { BOOLEAN("TurnOffOnGuestRestart"), WRITE, SINCE(17763) },
    { BOOLEAN("BootPciExpress"), WRITE, SINCE(19041) },
    { STRING("BootPciExpressInstanceFilter"), WRITE, SINCE(19041) },
    { STRING("NumaNodeTopologyArray"), ARRAY, WRITE, SINCE(19041) },
    { BOOLEAN("GuestStateIsolationEnabled"), WRITE, SINCE(19041) },
    { UINT16("VirtualSlitType"), WRITE, SINCE(20348) },
    { UINT16("GuestStateIsolationType"), WRITE, SINCE(20348) },
    { UINT16("ClusterWideNodeCapabilitiesValidationMode"), WRITE, SINCE(20348) },
    { UINT64("Vtl2AddressRangeBase"), WRITE, SINCE(26100) },
    { UINT64("Vtl2AddressRangeSize"), WRITE, SINCE(26100) },
    { UINT64("Vtl2MmioAddressRangeSize"), WRITE, SINCE(26100) },
    { STRING("SourceGuestStateFile"), WRITE, SINCE(26100) },
    { UINT16("Vtl2AddressSpaceConfigurationMode"), WRITE, SINCE(26100) },
    { UINT16("GuestStateIsolationMode"), WRITE, SINCE(26100) },
    { UINT16("VMBusMessageRedirection"), WRITE, SINCE(26100) },
    { STRING("WorkerJobObjectName"), WRITE, SINCE(26100) },
    { STRING("MemoryHostingJobObjectName"), WRITE, SINCE(26100) },
    { STRING("FirmwareFile"), WRITE, SINCE(26100) },
    { UINT8("FirmwareParameters"), ARRAY, WRITE, SINCE(26100) },
    { BOOLEAN("WatchdogEnabled"), WRITE, SINCE(26100) },
    { UINT64("GuestFeatureSet"), WRITE, SINCE(26100) },
    { UINT16("ManagementVtlUpdatePolicy"), WRITE, SINCE(26100) },
    { BOOLEAN("DefaultBootAlwaysAttempt"), WRITE, SINCE(28000) },
    { UINT64("Vtl2ReservedDmaSizeMB"), WRITE, SINCE(28000) },
    { UINT16("VirtualHmatType"), WRITE, SINCE(28000) },
    { UINT16("GuestStateLifetime"), WRITE, SINCE(28000) },
    { UINT8("LaunchData"), ARRAY, WRITE, SINCE(28000) },
    { STRING("VMBusHybridHvSocketPath"), WRITE, SINCE(28000) },
    { STRING("VMBusManagementVtlHybridHvSocketPath"), WRITE, SINCE(28000) },
    { STRING("ResourcePartitionID"), WRITE, SINCE(28000) },
    { UINT64("ManagementVtlAutomaticUpdateFlags"), WRITE, SINCE(28000) },
    { UINT32("MaximumHierarchicalPartitions"), WRITE, SINCE(28000) },
    { UINT32("MaximumLayeredPartitions"), WRITE, SINCE(28000) },
    { UINT32("PartitionDiagnosticBufferCount"), WRITE, SINCE(28000) },
    { UINT32("PartitionDiagnosticBufferSizeInPages"), WRITE, SINCE(28000) },
    { BOOLEAN("BootEmulatedPciExpress"), WRITE, SINCE(29617) },
    { UINT32("EfiDiagnosticsLogLevel"), WRITE, SINCE(29617) },
    { UINT64("ManagementVtlFeatureFlags"), WRITE, SINCE(29617) },
    { UINT16("GuestStateEncryptionPolicy"), WRITE, SINCE(29617) },
    { BOOLEAN("EnableLayeredIntegratedScheduler"), WRITE, SINCE(29617) },
    { BOOLEAN("EnableVirtualIommu"), WRITE, SINCE(29617) },
};

static const CimMethodDecl Msvm_VirtualSystemSnapshotService_methods[] = {
    { METHOD("CreateSnapshot"), PARAMETERS(
        { REF("AffectedSystem", "CIM_ComputerSystem"), IN }, { STRING("SnapshotSettings"), IN },
        { UINT16("SnapshotType"), IN }, { REF("ResultingSnapshot", "CIM_VirtualSystemSettingData"), IN_OUT },
        { REF("Job", "CIM_ConcreteJob"), OUT }) },
    { METHOD("ApplySnapshot"), PARAMETERS(
        { REF("Snapshot", "CIM_VirtualSystemSettingData"), IN }, { REF("Job", "CIM_ConcreteJob"), OUT }) },
    { METHOD("DestroySnapshot"), PARAMETERS(
        { REF("AffectedSnapshot", "CIM_VirtualSystemSettingData"), IN }, { REF("Job", "CIM_ConcreteJob"), OUT }) },
    { METHOD("DestroySnapshotTree"), PARAMETERS(
        { REF("SnapshotSettingData", "CIM_VirtualSystemSettingData"), IN },
        { REF("Job", "CIM_ConcreteJob"), OUT }) },
    { METHOD("ClearSnapshotState"), PARAMETERS(
        { REF("SnapshotSettingData", "CIM_VirtualSystemSettingData"), IN },
        { REF("Job", "CIM_ConcreteJob"), OUT }) },
    { METHOD("RequestStateChange"), PARAMETERS(
        { UINT16("RequestedState"), IN }, { REF("Job", "CIM_ConcreteJob"), OUT },
        { DATETIME("TimeoutPeriod"), IN }) },
    { METHOD("ConvertToReferencePoint"), SINCE(10240), PARAMETERS(
        { REF("AffectedSnapshot", "CIM_VirtualSystemSettingData"), IN }, { STRING("ReferencePointSettings"), IN },
        { REF("ResultingReferencePoint", "Msvm_VirtualSystemReferencePoint"), IN_OUT },
        { REF("Job", "CIM_ConcreteJob"), OUT }) },
};

static const CimPropertyDecl Msvm_VirtualSystemSnapshotSettingData_properties[] = {
    { UINT8("ConsistencyLevel"), SINCE(10240) },
    { BOOLEAN("IgnoreNonSnapshottableDisks"), SINCE(10240) },
    { UINT8("GuestBackupType"), SINCE(14393) },
};

/* ---- root\cimv2 ---- */

static const CimPropertyDecl CIM_DataFile_properties[] = {
    { UINT32("AccessMask") },
    { BOOLEAN("Archive") },
    { STRING("Caption") },
    { BOOLEAN("Compressed") },
    { STRING("CompressionMethod") },
    { STRING("CreationClassName") },
    { DATETIME("CreationDate") },
    { STRING("CSCreationClassName") },
    { STRING("CSName") },
    { STRING("Description") },
    { STRING("Drive") },
    { STRING("EightDotThreeFileName") },
    { BOOLEAN("Encrypted") },
    { STRING("EncryptionMethod") },
    { STRING("Extension") },
    { STRING("FileName") },
    { UINT64("FileSize") },
    { STRING("FileType") },
    { STRING("FSCreationClassName") },
    { STRING("FSName") },
    { BOOLEAN("Hidden") },
    { DATETIME("InstallDate") },
    { UINT64("InUseCount") },
    { DATETIME("LastAccessed") },
    { DATETIME("LastModified") },
    { STRING("Manufacturer") },
    { STRING("Name"), KEY },
    { STRING("Path") },
    { BOOLEAN("Readable") },
    { STRING("Status") },
    { BOOLEAN("System") },
    { STRING("Version") },
    { BOOLEAN("Writeable") },
};

static const CimPropertyDecl CIM_DirectoryContainsFile_properties[] = {
    { REF("GroupComponent", "CIM_Directory"), KEY },
    { REF("PartComponent", "CIM_DataFile"), KEY },
};

/* All its methods are static: they are called of the class itself. */
#define REGISTRY_KEY { UINT32("hDefKey"), IN }, { STRING("sSubKeyName"), IN }
static const CimMethodDecl StdRegProv_methods[] = {
    { METHOD("EnumKey"), PARAMETERS(REGISTRY_KEY, { STRING("sNames"), ARRAY, OUT }) },
    { METHOD("EnumValues"), PARAMETERS(
        REGISTRY_KEY, { STRING("sNames"), ARRAY, OUT }, { SINT32("Types"), ARRAY, OUT }) },
    { METHOD("GetDWORDValue"), PARAMETERS(REGISTRY_KEY, { STRING("sValueName"), IN }, { UINT32("uValue"), OUT }) },
    { METHOD("GetExpandedStringValue"), PARAMETERS(
        REGISTRY_KEY, { STRING("sValueName"), IN }, { STRING("sValue"), OUT }) },
    { METHOD("GetMultiStringValue"), PARAMETERS(
        REGISTRY_KEY, { STRING("sValueName"), IN }, { STRING("sValue"), ARRAY, OUT }) },
    { METHOD("GetStringValue"), PARAMETERS(REGISTRY_KEY, { STRING("sValueName"), IN }, { STRING("sValue"), OUT }) },
};

static const CimPropertyDecl Win32_ComputerSystem_properties[] = {
    { UINT16("AdminPasswordStatus") },
    { BOOLEAN("AutomaticManagedPagefile"), WRITE },
    { BOOLEAN("AutomaticResetBootOption"), WRITE },
    { BOOLEAN("AutomaticResetCapability") },
    { UINT16("BootOptionOnLimit") },
    { UINT16("BootOptionOnWatchDog") },
    { BOOLEAN("BootROMSupported") },
    { UINT16("BootStatus"), ARRAY, SINCE(10240) },
    { STRING("BootupState") },
    { STRING("Caption") },
    { UINT16("ChassisBootupState") },
    { STRING("ChassisSKUNumber"), SINCE(10240) },
    { STRING("CreationClassName") },
    { SINT16("CurrentTimeZone") },
    { BOOLEAN("DaylightInEffect") },
    { STRING("Description") },
    { STRING("DNSHostName") },
    { STRING("Domain") },
    { UINT16("DomainRole") },
    { BOOLEAN("EnableDaylightSavingsTime"), WRITE },
    { UINT16("FrontPanelResetStatus") },
    { BOOLEAN("HypervisorPresent") },
    { BOOLEAN("InfraredSupported") },
    { STRING("InitialLoadInfo"), ARRAY },
    { DATETIME("InstallDate") },
    { UINT16("KeyboardPasswordStatus") },
    { STRING("LastLoadInfo") },
    { STRING("Manufacturer") },
    { STRING("Model") },
    { STRING("Name"), KEY },
    { STRING("NameFormat") },
    { BOOLEAN("NetworkServerModeEnabled") },
    { UINT32("NumberOfLogicalProcessors") },
    { UINT32("NumberOfProcessors") },
    { UINT8("OEMLogoBitmap"), ARRAY },
    { STRING("OEMStringArray"), ARRAY },
    { BOOLEAN("PartOfDomain") },
    { SINT64("PauseAfterReset") },
    { UINT16("PCSystemType") },
    { UINT16("PCSystemTypeEx") },
    { UINT16("PowerManagementCapabilities"), ARRAY },
    { BOOLEAN("PowerManagementSupported") },
    { UINT16("PowerOnPasswordStatus") },
    { UINT16("PowerState") },
    { UINT16("PowerSupplyState") },
    { STRING("PrimaryOwnerContact") },
    { STRING("PrimaryOwnerName") },
    { UINT16("ResetCapability") },
    { SINT16("ResetCount") },
    { SINT16("ResetLimit") },
    { STRING("Roles"), ARRAY, WRITE },
    { STRING("Status") },
    { STRING("SupportContactDescription"), ARRAY },
    { STRING("SystemFamily"), SINCE(10240) },
    { STRING("SystemSKUNumber"), SINCE(10240) },
    { UINT16("SystemStartupDelay") },
    { STRING("SystemStartupOptions"), ARRAY },
    { UINT8("SystemStartupSetting") },
    { STRING("SystemType") },
    { UINT16("ThermalState") },
    { UINT64("TotalPhysicalMemory") },
    { STRING("UserName") },
    { UINT16("WakeUpType") },
    { STRING("Workgroup"), WRITE },
};

static const CimPropertyDecl Win32_Directory_properties[] = {
    { UINT32("AccessMask") },
    { BOOLEAN("Archive") },
    { STRING("Caption") },
    { BOOLEAN("Compressed") },
    { STRING("CompressionMethod") },
    { STRING("CreationClassName") },
    { DATETIME("CreationDate") },
    { STRING("CSCreationClassName") },
    { STRING("CSName") },
    { STRING("Description") },
    { STRING("Drive") },
    { STRING("EightDotThreeFileName") },
    { BOOLEAN("Encrypted") },
    { STRING("EncryptionMethod") },
    { STRING("Extension") },
    { STRING("FileName") },
    { UINT64("FileSize") },
    { STRING("FileType") },
    { STRING("FSCreationClassName") },
    { STRING("FSName") },
    { BOOLEAN("Hidden") },
    { DATETIME("InstallDate") },
    { UINT64("InUseCount") },
    { DATETIME("LastAccessed") },
    { DATETIME("LastModified") },
    { STRING("Name"), KEY },
    { STRING("Path") },
    { BOOLEAN("Readable") },
    { STRING("Status") },
    { BOOLEAN("System") },
    { BOOLEAN("Writeable") },
};

static const CimPropertyDecl Win32_OperatingSystem_properties[] = {
    { STRING("BootDevice") },
    { STRING("BuildNumber") },
    { STRING("BuildType") },
    { STRING("Caption") },
    { STRING("CodeSet") },
    { STRING("CountryCode") },
    { STRING("CreationClassName") },
    { STRING("CSCreationClassName") },
    { STRING("CSDVersion") },
    { STRING("CSName") },
    { SINT16("CurrentTimeZone") },
    { BOOLEAN("DataExecutionPrevention_32BitApplications") },
    { BOOLEAN("DataExecutionPrevention_Available") },
    { BOOLEAN("DataExecutionPrevention_Drivers") },
    { UINT8("DataExecutionPrevention_SupportPolicy") },
    { BOOLEAN("Debug") },
    { STRING("Description"), WRITE },
    { BOOLEAN("Distributed") },
    { UINT32("EncryptionLevel") },
    { UINT8("ForegroundApplicationBoost"), WRITE },
    { UINT64("FreePhysicalMemory") },
    { UINT64("FreeSpaceInPagingFiles") },
    { UINT64("FreeVirtualMemory") },
    { DATETIME("InstallDate") },
    { UINT32("LargeSystemCache") },
    { DATETIME("LastBootUpTime") },
    { DATETIME("LocalDateTime") },
    { STRING("Locale") },
    { STRING("Manufacturer") },
    { UINT32("MaxNumberOfProcesses") },
    { UINT64("MaxProcessMemorySize") },
    { STRING("MUILanguages"), ARRAY },
    { STRING("Name"), KEY },
    { UINT32("NumberOfLicensedUsers") },
    { UINT32("NumberOfProcesses") },
    { UINT32("NumberOfUsers") },
    { UINT32("OperatingSystemSKU") },
    { STRING("Organization") },
    { STRING("OSArchitecture") },
    { UINT32("OSLanguage") },
    { UINT32("OSProductSuite") },
    { UINT16("OSType") },
    { STRING("OtherTypeDescription") },
    { BOOLEAN("PAEEnabled") },
    { STRING("PlusProductID") },
    { STRING("PlusVersionNumber") },
    { BOOLEAN("PortableOperatingSystem") },
    { BOOLEAN("Primary") },
    { UINT32("ProductType") },
    { STRING("RegisteredUser") },
    { STRING("SerialNumber") },
    { UINT16("ServicePackMajorVersion") },
    { UINT16("ServicePackMinorVersion") },
    { UINT64("SizeStoredInPagingFiles") },
    { STRING("Status") },
    { UINT32("SuiteMask") },
    { STRING("SystemDevice") },
    { STRING("SystemDirectory") },
    { STRING("SystemDrive") },
    { UINT64("TotalSwapSpaceSize") },
    { UINT64("TotalVirtualMemorySize") },
    { UINT64("TotalVisibleMemorySize") },
    { STRING("Version") },
    { STRING("WindowsDirectory") },
};

static const CimPropertyDecl Win32_PnPEntity_properties[] = {
    { UINT16("Availability") },
    { STRING("Caption") },
    { STRING("ClassGuid") },
    { STRING("CompatibleID"), ARRAY },
    { UINT32("ConfigManagerErrorCode") },
    { BOOLEAN("ConfigManagerUserConfig") },
    { STRING("CreationClassName") },
    { STRING("Description") },
    { STRING("DeviceID"), KEY },
    { BOOLEAN("ErrorCleared") },
    { STRING("ErrorDescription") },
    { STRING("HardwareID"), ARRAY },
    { DATETIME("InstallDate") },
    { UINT32("LastErrorCode") },
    { STRING("Manufacturer") },
    { STRING("Name") },
    { STRING("PNPClass") },
    { STRING("PNPDeviceID") },
    { UINT16("PowerManagementCapabilities"), ARRAY },
    { BOOLEAN("PowerManagementSupported") },
    { BOOLEAN("Present"), SINCE(10240) },
    { STRING("Service") },
    { STRING("Status") },
    { UINT16("StatusInfo") },
    { STRING("SystemCreationClassName") },
    { STRING("SystemName") },
};

static const CimPropertyDecl Win32_PnPSignedDriver_properties[] = {
    { STRING("Caption") },
    { STRING("ClassGuid") },
    { STRING("CompatID") },
    { STRING("CreationClassName") },
    { STRING("Description") },
    { STRING("DeviceClass") },
    { STRING("DeviceID"), KEY },
    { STRING("DeviceName") },
    { STRING("DevLoader") },
    { DATETIME("DriverDate") },
    { STRING("DriverName") },
    { STRING("DriverProviderName") },
    { STRING("DriverVersion") },
    { STRING("FriendlyName") },
    { STRING("HardWareID") },
    { STRING("InfName") },
    { DATETIME("InstallDate") },
    { BOOLEAN("IsSigned") },
    { STRING("Location") },
    { STRING("Manufacturer") },
    { STRING("Name") },
    { STRING("PDO") },
    { STRING("Signer") },
    { BOOLEAN("Started") },
    { STRING("StartMode") },
    { STRING("Status") },
    { STRING("SystemCreationClassName") },
    { STRING("SystemName") },
};

static const CimPropertyDecl Win32_PnPSignedDriverCIMDataFile_properties[] = {
    { REF("Antecedent", "Win32_PnPSignedDriver"), KEY },
    { REF("Dependent", "CIM_DataFile"), KEY },
};

static const CimPropertyDecl Win32_SubDirectory_properties[] = {
    { REF("GroupComponent", "Win32_Directory"), KEY },
    { REF("PartComponent", "Win32_Directory"), KEY },
};

static const CimPropertyDecl Win32_VideoController_properties[] = {
    { UINT16("AcceleratorCapabilities"), ARRAY },
    { STRING("AdapterCompatibility") },
    { STRING("AdapterDACType") },
    { UINT32("AdapterRAM") },
    { UINT16("Availability") },
    { STRING("CapabilityDescriptions"), ARRAY },
    { STRING("Caption") },
    { UINT32("ColorTableEntries") },
    { UINT32("ConfigManagerErrorCode") },
    { BOOLEAN("ConfigManagerUserConfig") },
    { STRING("CreationClassName") },
    { UINT32("CurrentBitsPerPixel") },
    { UINT32("CurrentHorizontalResolution") },
    { UINT64("CurrentNumberOfColors") },
    { UINT32("CurrentNumberOfColumns") },
    { UINT32("CurrentNumberOfRows") },
    { UINT32("CurrentRefreshRate") },
    { UINT16("CurrentScanMode") },
    { UINT32("CurrentVerticalResolution") },
    { STRING("Description") },
    { STRING("DeviceID"), KEY },
    { UINT32("DeviceSpecificPens") },
    { UINT32("DitherType") },
    { DATETIME("DriverDate") },
    { STRING("DriverVersion") },
    { BOOLEAN("ErrorCleared") },
    { STRING("ErrorDescription") },
    { UINT32("ICMIntent") },
    { UINT32("ICMMethod") },
    { STRING("InfFilename") },
    { STRING("InfSection") },
    { DATETIME("InstallDate") },
    { STRING("InstalledDisplayDrivers") },
    { UINT32("LastErrorCode") },
    { UINT32("MaxMemorySupported") },
    { UINT32("MaxNumberControlled") },
    { UINT32("MaxRefreshRate") },
    { UINT32("MinRefreshRate") },
    { BOOLEAN("Monochrome") },
    { STRING("Name") },
    { UINT16("NumberOfColorPlanes") },
    { UINT32("NumberOfVideoPages") },
    { STRING("PNPDeviceID") },
    { UINT16("PowerManagementCapabilities"), ARRAY },
    { BOOLEAN("PowerManagementSupported") },
    { UINT16("ProtocolSupported") },
    { UINT32("ReservedSystemPaletteEntries") },
    { UINT32("SpecificationVersion") },
    { STRING("Status") },
    { UINT16("StatusInfo") },
    { STRING("SystemCreationClassName") },
    { STRING("SystemName") },
    { UINT32("SystemPaletteEntries") },
    { DATETIME("TimeOfLastReset") },
    { UINT16("VideoArchitecture") },
    { UINT16("VideoMemoryType") },
    { UINT16("VideoMode") },
    { STRING("VideoModeDescription") },
    { STRING("VideoProcessor") },
};

static const CimClassDecl virtualization_classes[] = {
    { V2("CIM_AffectedJobElement"), ASSOCIATION, ABSTRACT, PROPERTIES(CIM_AffectedJobElement_properties) },
    { V2("CIM_AllocationCapabilities"), SUPERCLASS("CIM_Capabilities"), ABSTRACT,
      PROPERTIES(CIM_AllocationCapabilities_properties) },
    { V2("CIM_Capabilities"), SUPERCLASS("CIM_ManagedElement"), ABSTRACT, PROPERTIES(CIM_Capabilities_properties) },
    { V2("CIM_Component"), ASSOCIATION, ABSTRACT, PROPERTIES(CIM_Component_properties) },
    { V2("CIM_ComputerSystem"), SUPERCLASS("CIM_System"), ABSTRACT,
      PROPERTIES(CIM_ComputerSystem_properties), METHODS(CIM_ComputerSystem_methods) },
    { V2("CIM_ConcreteComponent"), SUPERCLASS("CIM_Component"), ASSOCIATION, ABSTRACT,
      PROPERTIES(CIM_ConcreteComponent_properties) },
    { V2("CIM_ConcreteJob"), SUPERCLASS("CIM_Job"), ABSTRACT,
      PROPERTIES(CIM_ConcreteJob_properties), METHODS(CIM_ConcreteJob_methods) },
    { V2("CIM_Dependency"), ASSOCIATION, ABSTRACT, PROPERTIES(CIM_Dependency_properties) },
    { V2("CIM_ElementAllocatedFromPool"), SUPERCLASS("CIM_Dependency"), ASSOCIATION, ABSTRACT,
      PROPERTIES(CIM_ElementAllocatedFromPool_properties) },
    { V2("CIM_ElementCapabilities"), ASSOCIATION, ABSTRACT, PROPERTIES(CIM_ElementCapabilities_properties) },
    { V2("CIM_ElementSettingData"), ASSOCIATION, ABSTRACT, PROPERTIES(CIM_ElementSettingData_properties) },
    { V2("CIM_EnabledLogicalElement"), SUPERCLASS("CIM_LogicalElement"), ABSTRACT,
      PROPERTIES(CIM_EnabledLogicalElement_properties), METHODS(CIM_EnabledLogicalElement_methods) },
    { V2("CIM_Error"), ABSTRACT, PROPERTIES(CIM_Error_properties) },
    { V2("CIM_HostedDependency"), SUPERCLASS("CIM_Dependency"), ASSOCIATION, ABSTRACT,
      PROPERTIES(CIM_HostedDependency_properties) },
    { V2("CIM_HostedService"), SUPERCLASS("CIM_HostedDependency"), ASSOCIATION, ABSTRACT,
      PROPERTIES(CIM_HostedService_properties) },
    { V2("CIM_Job"), SUPERCLASS("CIM_LogicalElement"), ABSTRACT,
      PROPERTIES(CIM_Job_properties), METHODS(CIM_Job_methods) },
    { V2("CIM_LastAppliedSnapshot"), SUPERCLASS("CIM_Dependency"), ASSOCIATION, ABSTRACT,
      PROPERTIES(CIM_LastAppliedSnapshot_properties) },
    { V2("CIM_LogicalDevice"), SUPERCLASS("CIM_EnabledLogicalElement"), ABSTRACT,
      PROPERTIES(CIM_LogicalDevice_properties), METHODS(CIM_LogicalDevice_methods) },
    { V2("CIM_LogicalElement"), SUPERCLASS("CIM_ManagedSystemElement"), ABSTRACT },
    { V2("CIM_ManagedElement"), ABSTRACT, PROPERTIES(CIM_ManagedElement_properties) },
    { V2("CIM_ManagedSystemElement"), SUPERCLASS("CIM_ManagedElement"), ABSTRACT,
      PROPERTIES(CIM_ManagedSystemElement_properties) },
    { V2("CIM_MostCurrentSnapshotInBranch"), SUPERCLASS("CIM_Dependency"), ASSOCIATION,
      PROPERTIES(CIM_MostCurrentSnapshotInBranch_properties) },
    { V2("CIM_OwningJobElement"), ASSOCIATION, ABSTRACT, PROPERTIES(CIM_OwningJobElement_properties) },
    { V2("CIM_ResourceAllocationFromPool"), SUPERCLASS("CIM_Dependency"), ASSOCIATION, ABSTRACT,
      PROPERTIES(CIM_ResourceAllocationFromPool_properties) },
    { V2("CIM_ResourceAllocationSettingData"), SUPERCLASS("CIM_SettingData"), ABSTRACT,
      PROPERTIES(CIM_ResourceAllocationSettingData_properties) },
    { V2("CIM_ResourcePool"), SUPERCLASS("CIM_LogicalElement"), ABSTRACT, PROPERTIES(CIM_ResourcePool_properties) },
    { V2("CIM_Service"), SUPERCLASS("CIM_EnabledLogicalElement"), ABSTRACT,
      PROPERTIES(CIM_Service_properties), METHODS(CIM_Service_methods) },
    { V2("CIM_SettingData"), SUPERCLASS("CIM_ManagedElement"), ABSTRACT, PROPERTIES(CIM_SettingData_properties) },
    { V2("CIM_SettingsDefineCapabilities"), SUPERCLASS("CIM_Component"), ASSOCIATION, ABSTRACT,
      PROPERTIES(CIM_SettingsDefineCapabilities_properties) },
    { V2("CIM_SettingsDefineState"), ASSOCIATION, ABSTRACT, PROPERTIES(CIM_SettingsDefineState_properties) },
    { V2("CIM_SnapshotOfVirtualSystem"), SUPERCLASS("CIM_Dependency"), ASSOCIATION, ABSTRACT,
      PROPERTIES(CIM_SnapshotOfVirtualSystem_properties) },
    { V2("CIM_StorageAllocationSettingData"), SUPERCLASS("CIM_ResourceAllocationSettingData"), ABSTRACT,
      PROPERTIES(CIM_StorageAllocationSettingData_properties) },
    { V2("CIM_System"), SUPERCLASS("CIM_EnabledLogicalElement"), ABSTRACT, PROPERTIES(CIM_System_properties) },
    { V2("CIM_SystemComponent"), SUPERCLASS("CIM_Component"), ASSOCIATION, ABSTRACT,
      PROPERTIES(CIM_SystemComponent_properties) },
    { V2("CIM_SystemDevice"), SUPERCLASS("CIM_SystemComponent"), ASSOCIATION, ABSTRACT,
      PROPERTIES(CIM_SystemDevice_properties) },
    { V2("CIM_View"), SUPERCLASS("CIM_ManagedElement"), ABSTRACT, SINCE(10240) },
    { V2("CIM_VirtualSystemManagementService"), SUPERCLASS("CIM_Service"), ABSTRACT,
      METHODS(CIM_VirtualSystemManagementService_methods) },
    { V2("CIM_VirtualSystemSettingData"), SUPERCLASS("CIM_SettingData"), ABSTRACT,
      PROPERTIES(CIM_VirtualSystemSettingData_properties) },
    { V2("CIM_VirtualSystemSettingDataComponent"), SUPERCLASS("CIM_Component"), ASSOCIATION, ABSTRACT,
      PROPERTIES(CIM_VirtualSystemSettingDataComponent_properties) },
    { V2("CIM_VirtualSystemSnapshotService"), SUPERCLASS("CIM_Service"), ABSTRACT,
      METHODS(CIM_VirtualSystemSnapshotService_methods) },
    { V2("Msvm_AffectedJobElement"), SUPERCLASS("CIM_AffectedJobElement"), ASSOCIATION },
    { V2("Msvm_AllocationCapabilities"), SUPERCLASS("CIM_AllocationCapabilities") },
    { V2("Msvm_AssignableDeviceService"), SUPERCLASS("CIM_Service"), SINCE(10586),
      METHODS(Msvm_AssignableDeviceService_methods) },
    { V2("Msvm_BootSourceSettingData"), SUPERCLASS("CIM_SettingData"), SINCE(9600),
      PROPERTIES(Msvm_BootSourceSettingData_properties) },
    { V2("Msvm_ComputerSystem"), SUPERCLASS("CIM_ComputerSystem"),
      PROPERTIES(Msvm_ComputerSystem_properties), METHODS(Msvm_ComputerSystem_methods) },
    { V2("Msvm_ConcreteComponent"), SUPERCLASS("CIM_ConcreteComponent"), ASSOCIATION },
    { V2("Msvm_ConcreteJob"), SUPERCLASS("CIM_ConcreteJob"),
      PROPERTIES(Msvm_ConcreteJob_properties), METHODS(Msvm_ConcreteJob_methods) },
    { V2("Msvm_CopyFileToGuestJob"), SUPERCLASS("CIM_ConcreteJob"), SINCE(9600),
      PROPERTIES(Msvm_CopyFileToGuestJob_properties), METHODS(Msvm_CopyFileToGuestJob_methods) },
    { V2("Msvm_CopyFileToGuestSettingData"), SUPERCLASS("CIM_SettingData"), SINCE(9600),
      PROPERTIES(Msvm_CopyFileToGuestSettingData_properties) },
    { V2("Msvm_ElementAllocatedFromPool"), SUPERCLASS("CIM_ElementAllocatedFromPool"), ASSOCIATION },
    { V2("Msvm_ElementCapabilities"), SUPERCLASS("CIM_ElementCapabilities"), ASSOCIATION },
    { V2("Msvm_ElementSettingData"), SUPERCLASS("CIM_ElementSettingData"), ASSOCIATION },
    { V2("Msvm_Error"), SUPERCLASS("CIM_Error") },
    { V2("Msvm_GpuPartition"), SUPERCLASS("CIM_LogicalDevice"), SINCE(14393),
      PROPERTIES(Msvm_GpuPartition_properties) },
    { V2("Msvm_GpuPartitionSettingData"), SUPERCLASS("CIM_ResourceAllocationSettingData"), SINCE(14393),
      PROPERTIES(Msvm_GpuPartitionSettingData_properties) },
    { V2("Msvm_GuestFileService"), SUPERCLASS("Msvm_GuestService"), SINCE(9600),
      METHODS(Msvm_GuestFileService_methods) },
    { V2("Msvm_GuestNetworkAdapterConfiguration"), PROPERTIES(Msvm_GuestNetworkAdapterConfiguration_properties) },
    { V2("Msvm_GuestService"), SUPERCLASS("CIM_Service"), ABSTRACT, SINCE(9600), METHODS(Msvm_GuestService_methods) },
    { V2("Msvm_GuestServiceInterfaceComponent"), SUPERCLASS("CIM_LogicalDevice"), SINCE(9600),
      METHODS(Msvm_GuestServiceInterfaceComponent_methods) },
    { V2("Msvm_GuestServiceInterfaceComponentSettingData"), SUPERCLASS("CIM_ResourceAllocationSettingData"),
      SINCE(9600), PROPERTIES(Msvm_GuestServiceInterfaceComponentSettingData_properties) },
    { V2("Msvm_HeartbeatComponent"), SUPERCLASS("CIM_LogicalDevice"), METHODS(Msvm_HeartbeatComponent_methods) },
    { V2("Msvm_HeartbeatComponentSettingData"), SUPERCLASS("CIM_ResourceAllocationSettingData"),
      PROPERTIES(Msvm_HeartbeatComponentSettingData_properties) },
    { V2("Msvm_HostedDependency"), SUPERCLASS("CIM_HostedDependency"), ASSOCIATION },
    { V2("Msvm_HostedService"), SUPERCLASS("CIM_HostedService"), ASSOCIATION },
    { V2("Msvm_KvpExchangeComponent"), SUPERCLASS("CIM_LogicalDevice"),
      PROPERTIES(Msvm_KvpExchangeComponent_properties), METHODS(Msvm_KvpExchangeComponent_methods) },
    { V2("Msvm_KvpExchangeComponentSettingData"), SUPERCLASS("CIM_ResourceAllocationSettingData"),
      PROPERTIES(Msvm_KvpExchangeComponentSettingData_properties) },
    { V2("Msvm_KvpExchangeDataItem"), SUPERCLASS("CIM_ManagedElement"),
      PROPERTIES(Msvm_KvpExchangeDataItem_properties) },
    { V2("Msvm_LastAppliedSnapshot"), SUPERCLASS("CIM_LastAppliedSnapshot"), ASSOCIATION },
    { V2("Msvm_MemorySettingData"), SUPERCLASS("CIM_ResourceAllocationSettingData"),
      PROPERTIES(Msvm_MemorySettingData_properties) },
    { V2("Msvm_MigrationJob"), SUPERCLASS("CIM_ConcreteJob"),
      PROPERTIES(Msvm_MigrationJob_properties), METHODS(Msvm_MigrationJob_methods) },
    { V2("Msvm_MostCurrentSnapshotInBranch"), SUPERCLASS("CIM_MostCurrentSnapshotInBranch"), ASSOCIATION,
      PROPERTIES(Msvm_MostCurrentSnapshotInBranch_properties) },
    { V2("Msvm_OwningJobElement"), SUPERCLASS("CIM_OwningJobElement"), ASSOCIATION },
    { V2("Msvm_ParentChildSettingData"), SUPERCLASS("CIM_Dependency"), ASSOCIATION,
      PROPERTIES(Msvm_ParentChildSettingData_properties) },
    { V2("Msvm_PartitionableGpu"), SUPERCLASS("CIM_ComputerSystem"), SINCE(14393),
      PROPERTIES(Msvm_PartitionableGpu_properties) },
    { V2("Msvm_PciExpress"), SUPERCLASS("CIM_LogicalDevice"), SINCE(10586), PROPERTIES(Msvm_PciExpress_properties) },
    { V2("Msvm_PciExpressSettingData"), SUPERCLASS("CIM_ResourceAllocationSettingData"), SINCE(10586),
      PROPERTIES(Msvm_PciExpressSettingData_properties) },
    { V2("Msvm_PlannedComputerSystem"), SUPERCLASS("CIM_ComputerSystem"),
      PROPERTIES(Msvm_PlannedComputerSystem_properties), METHODS(Msvm_PlannedComputerSystem_methods) },
    { V2("Msvm_ProcessorPool"), SUPERCLASS("CIM_ResourcePool"), METHODS(Msvm_ProcessorPool_methods) },
    { V2("Msvm_ProcessorSettingData"), SUPERCLASS("CIM_ResourceAllocationSettingData"),
      PROPERTIES(Msvm_ProcessorSettingData_properties) },
    { V2("Msvm_RegisteredGuestService"), SUPERCLASS("CIM_Dependency"), ASSOCIATION, SINCE(9600),
      PROPERTIES(Msvm_RegisteredGuestService_properties) },
    { V2("Msvm_ResourceAllocationFromPool"), SUPERCLASS("CIM_ResourceAllocationFromPool"), ASSOCIATION },
    { V2("Msvm_ResourcePool"), SUPERCLASS("CIM_ResourcePool"), PROPERTIES(Msvm_ResourcePool_properties) },
    { V2("Msvm_SettingsDefineCapabilities"), SUPERCLASS("CIM_SettingsDefineCapabilities"), ASSOCIATION,
      PROPERTIES(Msvm_SettingsDefineCapabilities_properties) },
    { V2("Msvm_SettingsDefineState"), SUPERCLASS("CIM_SettingsDefineState"), ASSOCIATION },
    { V2("Msvm_ShutdownComponent"), SUPERCLASS("CIM_LogicalDevice"), METHODS(Msvm_ShutdownComponent_methods) },
    { V2("Msvm_ShutdownComponentSettingData"), SUPERCLASS("CIM_ResourceAllocationSettingData"),
      PROPERTIES(Msvm_ShutdownComponentSettingData_properties) },
    { V2("Msvm_SnapshotOfVirtualSystem"), SUPERCLASS("CIM_SnapshotOfVirtualSystem"), ASSOCIATION },
    { V2("Msvm_StorageAllocationSettingData"), SUPERCLASS("CIM_StorageAllocationSettingData"),
      PROPERTIES(Msvm_StorageAllocationSettingData_properties) },
    { V2("Msvm_StorageJob"), SUPERCLASS("CIM_ConcreteJob"),
      PROPERTIES(Msvm_StorageJob_properties), METHODS(Msvm_StorageJob_methods) },
    { V2("Msvm_SummaryInformation"), SUPERCLASS("Msvm_SummaryInformationBase"),
      PROPERTIES(Msvm_SummaryInformation_properties) },
    { V2("Msvm_SummaryInformationBase"), SUPERCLASS("CIM_View"), ABSTRACT, SINCE(10586),
      PROPERTIES(Msvm_SummaryInformationBase_properties) },
    { V2("Msvm_SystemDevice"), SUPERCLASS("CIM_SystemDevice"), ASSOCIATION },
    { V2("Msvm_SystemExportSettingData"), SUPERCLASS("CIM_ElementSettingData"), ASSOCIATION,
      PROPERTIES(Msvm_SystemExportSettingData_properties) },
    { V2("Msvm_VirtualSystemExportSettingData"), SUPERCLASS("CIM_SettingData"),
      PROPERTIES(Msvm_VirtualSystemExportSettingData_properties) },
    { V2("Msvm_VirtualSystemManagementService"), SUPERCLASS("CIM_VirtualSystemManagementService"),
      METHODS(Msvm_VirtualSystemManagementService_methods) },
    { V2("Msvm_VirtualSystemManagementServiceSettingData"), SUPERCLASS("CIM_SettingData"),
      PROPERTIES(Msvm_VirtualSystemManagementServiceSettingData_properties) },
    { V2("Msvm_VirtualSystemSettingData"), SUPERCLASS("CIM_VirtualSystemSettingData"),
      PROPERTIES(Msvm_VirtualSystemSettingData_properties) },
    { V2("Msvm_VirtualSystemSettingDataComponent"), SUPERCLASS("CIM_VirtualSystemSettingDataComponent"), ASSOCIATION },
    { V2("Msvm_VirtualSystemSnapshotService"), SUPERCLASS("CIM_VirtualSystemSnapshotService"),
      METHODS(Msvm_VirtualSystemSnapshotService_methods) },
    { V2("Msvm_VirtualSystemSnapshotSettingData"), SUPERCLASS("CIM_SettingData"), SINCE(10240),
      PROPERTIES(Msvm_VirtualSystemSnapshotSettingData_properties) },
};

/* WMI has Win32_OperatingSystem as a singleton, without a key; on a running system its Name identifies it. */
static const CimClassDecl cimv2_classes[] = {
    { CIMV2("CIM_DataFile"), PROPERTIES(CIM_DataFile_properties) },
    { CIMV2("CIM_DirectoryContainsFile"), ASSOCIATION, PROPERTIES(CIM_DirectoryContainsFile_properties) },
    { CIMV2("StdRegProv"), METHODS(StdRegProv_methods) },
    { CIMV2("Win32_ComputerSystem"), PROPERTIES(Win32_ComputerSystem_properties) },
    { CIMV2("Win32_Directory"), PROPERTIES(Win32_Directory_properties) },
    { CIMV2("Win32_OperatingSystem"), PROPERTIES(Win32_OperatingSystem_properties) },
    { CIMV2("Win32_PnPEntity"), PROPERTIES(Win32_PnPEntity_properties) },
    { CIMV2("Win32_PnPSignedDriver"), PROPERTIES(Win32_PnPSignedDriver_properties) },
    { CIMV2("Win32_PnPSignedDriverCIMDataFile"), ASSOCIATION, PROPERTIES(Win32_PnPSignedDriverCIMDataFile_properties) },
    { CIMV2("Win32_SubDirectory"), ASSOCIATION, PROPERTIES(Win32_SubDirectory_properties) },
    { CIMV2("Win32_VideoController"), PROPERTIES(Win32_VideoController_properties) },
};
/* clang-format on */

const CimNamespaceTable cim_namespace_tables[CIM_NAMESPACE_COUNT] = {
    { NS_CIMV2, cimv2_classes, COUNT_OF(cimv2_classes) },
    { NS_VIRTUALIZATION, virtualization_classes, COUNT_OF(virtualization_classes) },
};
