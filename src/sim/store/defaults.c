/* SPDX-License-Identifier: MIT */
/* Default values of properties. Sources: the MOF of Windows builds 9200 to 29617 (its default values), and what
 * rows of real hosts hold (recorded on a Windows 11-class host). Captions and descriptions are samples: they
 * differ with the language of the host, and nothing may depend on them. */
#include "sim/store/defaults.h"

#include "base/check.h"
#include "base/compiler.h"

#include <string.h>

typedef struct DefaultRow {
    const char *class_name, *property;
    const char *text;   /* items of an array are separated by '|' */
    const char *german; /* NULL: the same */
} DefaultRow;

#define GPU_CLASS "Msvm_GpuPartitionSettingData"

static const DefaultRow rows[] = {
    /* MOF */
    { "CIM_EnabledLogicalElement", "EnabledState", "5", NULL },
    { "CIM_EnabledLogicalElement", "RequestedState", "12", NULL },
    { "CIM_EnabledLogicalElement", "EnabledDefault", "2", NULL },
    { "CIM_EnabledLogicalElement", "TransitioningToState", "12", NULL },
    { "CIM_ConcreteJob", "TimeBeforeRemoval", "00000000000500.000000:000", NULL },
    { "CIM_Job", "JobRunTimes", "1", NULL },
    { "CIM_Error", "ErrorSourceFormat", "0", NULL },
    { "CIM_ResourceAllocationSettingData", "VirtualQuantityUnits", "count", NULL },
    { "CIM_ResourcePool", "Primordial", "false", NULL },
    { "CIM_ResourcePool", "ConsumedResourceUnits", "count", NULL },
    { "CIM_SettingsDefineCapabilities", "PropertyPolicy", "0", NULL },
    { "CIM_SettingsDefineCapabilities", "ValueRole", "3", NULL },
    { "CIM_SettingsDefineCapabilities", "ValueRange", "0", NULL },
    { "CIM_StorageAllocationSettingData", "VirtualQuantityUnits", "count(fixed size block)", NULL },
    { "Msvm_PciExpressSettingData", "TargetVtl", "0", NULL },
    { "Msvm_StorageAllocationSettingData", "SnapshotId", "", NULL },

    /* Systems and their configurations */
    { "CIM_ManagedSystemElement", "OperationalStatus", "2", NULL },
    { "CIM_ManagedSystemElement", "StatusDescriptions", "Operating normally", "Normaler Betrieb" },
    { "CIM_ManagedSystemElement", "HealthState", "5", NULL },
    { "Msvm_ComputerSystem", "CreationClassName", "Msvm_ComputerSystem", NULL },
    { "Msvm_ComputerSystem", "Caption", "Virtual Machine", "Virtueller Computer" },
    { "Msvm_ComputerSystem", "Description", "Microsoft Virtual Machine", "Virtueller Microsoft-Computer" },
    { "Msvm_ComputerSystem", "EnabledState", "3", NULL },
    { "Msvm_ComputerSystem", "EnabledDefault", "3", NULL },
    { "Msvm_ComputerSystem", "NumberOfNumaNodes", "1", NULL },
    { "Msvm_ComputerSystem", "OnTimeInMilliseconds", "0", NULL },
    { "Msvm_ComputerSystem", "ReplicationState", "0", NULL },
    { "Msvm_ComputerSystem", "ReplicationHealth", "0", NULL },
    { "Msvm_ComputerSystem", "ReplicationMode", "0", NULL },
    { "Msvm_ComputerSystem", "FailedOverReplicationType", "0", NULL },
    { "Msvm_ComputerSystem", "LastReplicationType", "0", NULL },
    { "Msvm_ComputerSystem", "EnhancedSessionModeState", "6", NULL },
    { "Msvm_ComputerSystem", "HwThreadsPerCoreRealized", "0", NULL },
    { "Msvm_ComputerSystem", "ResetCapability", "1", NULL },
    { "Msvm_VirtualSystemSettingData", "Caption", "Virtual Machine Settings",
      "Einstellungen des virtuellen Computers" },
    { "Msvm_VirtualSystemSettingData", "Description", "Active settings for the virtual machine.",
      "Aktive Einstellungen des virtuellen Computers." },
    { "Msvm_VirtualSystemSettingData", "VirtualSystemType", "Microsoft:Hyper-V:System:Realized", NULL },
    { "Msvm_VirtualSystemSettingData", "VirtualSystemSubType", "Microsoft:Hyper-V:SubType:1", NULL },
    { "Msvm_VirtualSystemSettingData", "ConfigurationDataRoot", "C:\\ProgramData\\Microsoft\\Windows\\Hyper-V", NULL },
    { "Msvm_VirtualSystemSettingData", "SnapshotDataRoot", "C:\\ProgramData\\Microsoft\\Windows\\Hyper-V", NULL },
    { "Msvm_VirtualSystemSettingData", "SuspendDataRoot", "C:\\ProgramData\\Microsoft\\Windows\\Hyper-V", NULL },
    { "Msvm_VirtualSystemSettingData", "SwapFileDataRoot", "C:\\ProgramData\\Microsoft\\Windows\\Hyper-V", NULL },
    { "Msvm_VirtualSystemSettingData", "LogDataRoot", "C:\\ProgramData\\Microsoft\\Windows\\Hyper-V", NULL },
    { "Msvm_VirtualSystemSettingData", "GuestStateDataRoot", "C:\\ProgramData\\Microsoft\\Windows\\Hyper-V", NULL },
    { "Msvm_VirtualSystemSettingData", "Notes", "", NULL },
    { "Msvm_VirtualSystemSettingData", "IsSaved", "false", NULL },
    { "Msvm_VirtualSystemSettingData", "IsAutomaticSnapshot", "false", NULL },
    { "Msvm_VirtualSystemSettingData", "AutomaticSnapshotsEnabled", "false", NULL },
    { "Msvm_VirtualSystemSettingData", "UserSnapshotType", "3", NULL },
    { "Msvm_VirtualSystemSettingData", "GuestControlledCacheTypes", "false", NULL },
    { "Msvm_VirtualSystemSettingData", "LowMmioGapSize", "128", NULL },
    { "Msvm_VirtualSystemSettingData", "HighMmioGapSize", "512", NULL },
    { "Msvm_VirtualSystemSettingData", "HighMmioGapBase", "65024", NULL },
    { "Msvm_VirtualSystemSettingData", "AutomaticStartupAction", "3", NULL },
    { "Msvm_VirtualSystemSettingData", "AutomaticStartupActionDelay", "00000000000000.000000:000", NULL },
    { "Msvm_VirtualSystemSettingData", "AutomaticStartupActionSequenceNumber", "0", NULL },
    { "Msvm_VirtualSystemSettingData", "AutomaticShutdownAction", "3", NULL },
    { "Msvm_VirtualSystemSettingData", "AutomaticRecoveryAction", "3", NULL },
    { "Msvm_VirtualSystemSettingData", "AutomaticCriticalErrorAction", "1", NULL },
    { "Msvm_VirtualSystemSettingData", "AutomaticCriticalErrorActionTimeout", "00000000003000.000000:000", NULL },
    { "Msvm_VirtualSystemSettingData", "Architecture", "x64", NULL },
    { "Msvm_VirtualSystemSettingData", "SecureBootEnabled", "true", NULL },
    { "Msvm_VirtualSystemSettingData", "PauseAfterBootFailure", "false", NULL },
    { "Msvm_VirtualSystemSettingData", "NetworkBootPreferredProtocol", "4096", NULL },
    { "Msvm_VirtualSystemSettingData", "ConsoleMode", "0", NULL },
    { "Msvm_VirtualSystemSettingData", "VirtualNumaEnabled", "true", NULL },
    { "Msvm_VirtualSystemSettingData", "AllowFullSCSICommandSet", "false", NULL },
    { "Msvm_VirtualSystemSettingData", "AllowReducedFcRedundancy", "false", NULL },
    { "Msvm_VirtualSystemSettingData", "IncrementalBackupEnabled", "true", NULL },
    { "Msvm_VirtualSystemSettingData", "LockOnDisconnect", "false", NULL },
    { "Msvm_VirtualSystemSettingData", "BIOSNumLock", "true", NULL },
    { "Msvm_VirtualSystemSettingData", "DebugPortEnabled", "0", NULL },
    { "Msvm_VirtualSystemSettingData", "DebugPort", "0", NULL },
    { "Msvm_VirtualSystemSettingData", "EnhancedSessionTransportType", "0", NULL },
    { "Msvm_VirtualSystemSettingData", "EnableHibernation", "false", NULL },
    { "Msvm_VirtualSystemSettingData", "TurnOffOnGuestRestart", "false", NULL },

    /* Resources */
    { "CIM_ResourceAllocationSettingData", "PoolID", "", NULL },
    { "CIM_ResourceAllocationSettingData", "ConsumerVisibility", "3", NULL },
    { "CIM_ResourceAllocationSettingData", "AutomaticAllocation", "true", NULL },
    { "CIM_ResourceAllocationSettingData", "AutomaticDeallocation", "true", NULL },
    { GPU_CLASS, "ElementName", "GPU Partition Settings", "GPU-Partitionseinstellungen" },
    { GPU_CLASS, "Caption", "GPU Partition Settings", "GPU-Partitionseinstellungen" },
    { GPU_CLASS, "Description", "Settings for the Microsoft GPU Partition.",
      "Einstellungen der Microsoft-GPU-Partition." },
    { GPU_CLASS, "ResourceType", "32770", NULL },
    { GPU_CLASS, "ResourceSubType", "Microsoft:Hyper-V:GPU Partition", NULL },
    { GPU_CLASS, "AllocationUnits", "count", NULL },
    { GPU_CLASS, "VirtualQuantity", "1", NULL },
    { GPU_CLASS, "Reservation", "1", NULL },
    { GPU_CLASS, "Limit", "1", NULL },
    { GPU_CLASS, "Weight", "0", NULL },
    { GPU_CLASS, "MappingBehavior", "3", NULL },
    { "Msvm_PciExpressSettingData", "ElementName", "PCI Express Port", "PCI-Express-Anschluss" },
    { "Msvm_PciExpressSettingData", "ResourceType", "32769", NULL },
    { "Msvm_PciExpressSettingData", "ResourceSubType", "Microsoft:Hyper-V:Virtual Pci Express Port", NULL },
    { "Msvm_MemorySettingData", "ElementName", "Memory", "Arbeitsspeicher" },
    { "Msvm_MemorySettingData", "Caption", "Memory Default Settings", "Standardeinstellungen für Arbeitsspeicher" },
    { "Msvm_MemorySettingData", "ResourceType", "4", NULL },
    { "Msvm_MemorySettingData", "ResourceSubType", "Microsoft:Hyper-V:Memory", NULL },
    { "Msvm_MemorySettingData", "AllocationUnits", "byte * 2^20", NULL },
    { "Msvm_MemorySettingData", "VirtualQuantityUnits", "byte * 2^20", NULL },
    { "Msvm_MemorySettingData", "VirtualQuantity", "1024", NULL },
    { "Msvm_MemorySettingData", "Reservation", "1024", NULL },
    { "Msvm_MemorySettingData", "Limit", "1024", NULL },
    { "Msvm_MemorySettingData", "Weight", "5000", NULL },
    { "Msvm_MemorySettingData", "DynamicMemoryEnabled", "false", NULL },
    { "Msvm_MemorySettingData", "TargetMemoryBuffer", "20", NULL },
    { "Msvm_MemorySettingData", "IsVirtualized", "true", NULL },
    { "Msvm_MemorySettingData", "SwapFilesInUse", "false", NULL },
    { "Msvm_ProcessorSettingData", "ElementName", "Processor", "Prozessor" },
    { "Msvm_ProcessorSettingData", "Caption", "Processor", "Prozessor" },
    { "Msvm_ProcessorSettingData", "ResourceType", "3", NULL },
    { "Msvm_ProcessorSettingData", "ResourceSubType", "Microsoft:Hyper-V:Processor", NULL },
    { "Msvm_ProcessorSettingData", "AllocationUnits", "percent / 1000", NULL },
    { "Msvm_ProcessorSettingData", "VirtualQuantity", "1", NULL },
    { "Msvm_ProcessorSettingData", "Reservation", "0", NULL },
    { "Msvm_ProcessorSettingData", "Limit", "100000", NULL },
    { "Msvm_ProcessorSettingData", "Weight", "100", NULL },
    { "Msvm_KvpExchangeComponentSettingData", "ElementName", "Key-Value Pair Exchange",
      "Austausch von Schlüsselwertepaaren" },
    { "Msvm_KvpExchangeComponentSettingData", "ResourceType", "1", NULL },
    { "Msvm_KvpExchangeComponentSettingData", "ResourceSubType", "Microsoft:Hyper-V:Key-Value Pair Exchange", NULL },
    { "Msvm_KvpExchangeComponentSettingData", "EnabledState", "2", NULL },
    { "Msvm_ShutdownComponentSettingData", "ElementName", "Shutdown", "Herunterfahren" },
    { "Msvm_ShutdownComponentSettingData", "ResourceType", "1", NULL },
    { "Msvm_ShutdownComponentSettingData", "EnabledState", "2", NULL },
    { "Msvm_HeartbeatComponentSettingData", "ElementName", "Heartbeat", "Takt" },
    { "Msvm_HeartbeatComponentSettingData", "ResourceType", "1", NULL },
    { "Msvm_HeartbeatComponentSettingData", "EnabledState", "2", NULL },
    { "Msvm_HeartbeatComponentSettingData", "ErrorThreshold", "2", NULL },
    { "Msvm_HeartbeatComponentSettingData", "Interval", "2000", NULL },
    { "Msvm_HeartbeatComponentSettingData", "Latency", "1000", NULL },
    { "Msvm_GuestServiceInterfaceComponentSettingData", "ElementName", "Guest Service Interface",
      "Gastdienstschnittstelle" },
    { "Msvm_GuestServiceInterfaceComponentSettingData", "ResourceType", "1", NULL },
    { "Msvm_GuestServiceInterfaceComponentSettingData", "ResourceSubType", "Microsoft:Hyper-V:Guest Service Interface",
      NULL },
    { "Msvm_GuestServiceInterfaceComponentSettingData", "EnabledState", "3", NULL },
    { "Msvm_GuestServiceInterfaceComponentSettingData", "DefaultEnabledStatePolicy", "2", NULL },
    { "Msvm_StorageAllocationSettingData", "ElementName", "Hard Disk Image", "Abbild der virtuellen Festplatte" },
    { "Msvm_StorageAllocationSettingData", "ResourceType", "31", NULL },
    { "Msvm_StorageAllocationSettingData", "ResourceSubType", "Microsoft:Hyper-V:Virtual Hard Disk", NULL },

    /* The host: GPUs, pools, services */
    { "Msvm_PartitionableGpu", "CreationClassName", "Msvm_PartitionableGpu", NULL },
    { "Msvm_PartitionableGpu", "ElementName", "Partitionable GPU", "Partitionierbare GPU" },
    { "Msvm_PartitionableGpu", "Caption", "Partitionable GPU", "Partitionierbare GPU" },
    { "Msvm_PartitionableGpu", "ValidPartitionCounts", "32", NULL },
    { "Msvm_PartitionableGpu", "PartitionCount", "32", NULL },
    { "Msvm_PartitionableGpu", "TotalVRAM", "1000000000", NULL },
    { "Msvm_PartitionableGpu", "AvailableVRAM", "1000000000", NULL },
    { "Msvm_PartitionableGpu", "MinPartitionVRAM", "0", NULL },
    { "Msvm_PartitionableGpu", "MaxPartitionVRAM", "1000000000", NULL },
    { "Msvm_PartitionableGpu", "OptimalPartitionVRAM", "1000000000", NULL },
    { "Msvm_PartitionableGpu", "TotalEncode", "18446744073709551615", NULL },
    { "Msvm_PartitionableGpu", "AvailableEncode", "18446744073709551615", NULL },
    { "Msvm_PartitionableGpu", "MinPartitionEncode", "0", NULL },
    { "Msvm_PartitionableGpu", "MaxPartitionEncode", "18446744073709551615", NULL },
    { "Msvm_PartitionableGpu", "OptimalPartitionEncode", "18446744073709551615", NULL },
    { "Msvm_PartitionableGpu", "TotalDecode", "1000000000", NULL },
    { "Msvm_PartitionableGpu", "AvailableDecode", "1000000000", NULL },
    { "Msvm_PartitionableGpu", "MinPartitionDecode", "0", NULL },
    { "Msvm_PartitionableGpu", "MaxPartitionDecode", "1000000000", NULL },
    { "Msvm_PartitionableGpu", "OptimalPartitionDecode", "1000000000", NULL },
    { "Msvm_PartitionableGpu", "TotalCompute", "1000000000", NULL },
    { "Msvm_PartitionableGpu", "AvailableCompute", "1000000000", NULL },
    { "Msvm_PartitionableGpu", "MinPartitionCompute", "0", NULL },
    { "Msvm_PartitionableGpu", "MaxPartitionCompute", "1000000000", NULL },
    { "Msvm_PartitionableGpu", "OptimalPartitionCompute", "1000000000", NULL },
    { "Msvm_PartitionableGpu", "SupportsIncomingLiveMigration", "false", NULL },
    { "Msvm_ResourcePool", "ElementName", "Root", NULL },
    { "Msvm_ResourcePool", "PoolID", "", NULL },
    { "Msvm_ResourcePool", "Primordial", "true", NULL },
    { "Msvm_ProcessorPool", "ElementName", "Root", NULL },
    { "Msvm_ProcessorPool", "PoolID", "", NULL },
    { "Msvm_ProcessorPool", "Primordial", "true", NULL },
    { "Msvm_AllocationCapabilities", "ElementName", "Allocation Capabilities", "Zuordnungsfunktionen" },
    { "Msvm_AllocationCapabilities", "RequestTypesSupported", "4", NULL },
    { "Msvm_AllocationCapabilities", "SharingMode", "2", NULL },
    { "CIM_Service", "SystemCreationClassName", "Msvm_ComputerSystem", NULL },
    { "CIM_Service", "Started", "true", NULL },
    { "CIM_Service", "StartMode", "Automatic", NULL },
    { "Msvm_VirtualSystemManagementService", "CreationClassName", "Msvm_VirtualSystemManagementService", NULL },
    { "Msvm_VirtualSystemManagementService", "Name", "vmms", NULL },
    { "Msvm_VirtualSystemManagementService", "ElementName", "Hyper-V Virtual System Management Service",
      "Hyper-V-Verwaltungsdienst für virtuelle Systeme" },
    { "Msvm_VirtualSystemManagementService", "Caption", "Hyper-V Virtual System Management Service",
      "Hyper-V-Verwaltungsdienst für virtuelle Systeme" },
    { "Msvm_VirtualSystemSnapshotService", "CreationClassName", "Msvm_VirtualSystemSnapshotService", NULL },
    { "Msvm_VirtualSystemSnapshotService", "Name", "vssnapsvc", NULL },
    { "Msvm_VirtualSystemSnapshotService", "ElementName", "Hyper-V Virtual System Snapshot Service",
      "Hyper-V-Prüfpunktdienst für virtuelle Systeme" },
    { "Msvm_VirtualSystemManagementServiceSettingData", "ElementName", "Hyper-V Virtual System Management Service",
      "Hyper-V-Verwaltungsdienst für virtuelle Systeme" },
    { "Msvm_VirtualSystemManagementServiceSettingData", "DefaultExternalDataRoot",
      "C:\\ProgramData\\Microsoft\\Windows\\Hyper-V", NULL },
    { "Msvm_VirtualSystemManagementServiceSettingData", "DefaultVirtualHardDiskPath",
      "C:\\ProgramData\\Microsoft\\Windows\\Virtual Hard Disks", NULL },
    { "Msvm_VirtualSystemManagementServiceSettingData", "NumaSpanningEnabled", "true", NULL },
    { "Msvm_VirtualSystemManagementServiceSettingData", "EnhancedSessionModeEnabled", "true", NULL },
    { "Msvm_VirtualSystemManagementServiceSettingData", "PrimaryOwnerName", "Administrators", "Administratoren" },

    /* Devices of running VMs */
    { "CIM_LogicalDevice", "SystemCreationClassName", "Msvm_ComputerSystem", NULL },
    { "CIM_LogicalDevice", "EnabledState", "2", NULL },
    { "Msvm_GpuPartition", "CreationClassName", "Msvm_GpuPartition", NULL },
    { "Msvm_GpuPartition", "ElementName", "GPU Partition", "GPU-Partition" },
    { "Msvm_GpuPartition", "SupportsOutgoingLiveMigration", "false", NULL },
    { "Msvm_ShutdownComponent", "CreationClassName", "Msvm_ShutdownComponent", NULL },
    { "Msvm_ShutdownComponent", "ElementName", "Shutdown", "Herunterfahren" },
    { "Msvm_HeartbeatComponent", "CreationClassName", "Msvm_HeartbeatComponent", NULL },
    { "Msvm_HeartbeatComponent", "ElementName", "Heartbeat", "Takt" },
    { "Msvm_KvpExchangeComponent", "CreationClassName", "Msvm_KvpExchangeComponent", NULL },
    { "Msvm_KvpExchangeComponent", "ElementName", "Key-Value Pair Exchange", "Austausch von Schlüsselwertepaaren" },
    { "Msvm_GuestServiceInterfaceComponent", "CreationClassName", "Msvm_GuestServiceInterfaceComponent", NULL },
    { "Msvm_GuestFileService", "CreationClassName", "Msvm_GuestFileService", NULL },
    { "Msvm_GuestFileService", "ElementName", "Guest File Service", "Gastdateidienst" },
    { "Msvm_GuestServiceInterfaceComponent", "ElementName", "Guest Service Interface", "Gastdienstschnittstelle" },

    /* Jobs */
    { "Msvm_ConcreteJob", "Name", "Msvm_ConcreteJob", NULL },
    { "Msvm_ConcreteJob", "Caption", "Job", "Auftrag" },
    { "Msvm_ConcreteJob", "Cancellable", "false", NULL },
    { "Msvm_ConcreteJob", "ErrorCode", "0", NULL },
    { "Msvm_ConcreteJob", "LocalOrUtcTime", "2", NULL },
    { "Msvm_ConcreteJob", "DeleteOnCompletion", "false", NULL },
    { "Msvm_CopyFileToGuestJob", "Name", "Msvm_CopyFileToGuestJob", NULL },
    { "Msvm_CopyFileToGuestJob", "Caption", "Job", "Auftrag" },
    { "Msvm_CopyFileToGuestJob", "Cancellable", "false", NULL },
    { "Msvm_CopyFileToGuestJob", "ErrorCode", "0", NULL },
    { "Msvm_CopyFileToGuestJob", "LocalOrUtcTime", "2", NULL },
    { "Msvm_CopyFileToGuestJob", "DeleteOnCompletion", "false", NULL },

    /* root\cimv2 */
    { "Win32_PnPEntity", "CreationClassName", "Win32_PnPEntity", NULL },
    { "Win32_PnPEntity", "SystemCreationClassName", "Win32_ComputerSystem", NULL },
    { "Win32_PnPEntity", "Status", "OK", NULL },
    { "Win32_PnPEntity", "ConfigManagerErrorCode", "0", NULL },
    { "Win32_PnPEntity", "ConfigManagerUserConfig", "false", NULL },
    { "Win32_PnPEntity", "Present", "true", NULL },
    { "Win32_VideoController", "CreationClassName", "Win32_VideoController", NULL },
    { "Win32_VideoController", "SystemCreationClassName", "Win32_ComputerSystem", NULL },
    { "Win32_VideoController", "Status", "OK", NULL },
    { "Win32_VideoController", "ConfigManagerErrorCode", "0", NULL },
    { "Win32_PnPSignedDriver", "DeviceClass", "DISPLAY", NULL },
    { "Win32_PnPSignedDriver", "ClassGuid", "{4d36e968-e325-11ce-bfc1-08002be10318}", NULL },
    { "Win32_PnPSignedDriver", "IsSigned", "true", NULL },
    { "Win32_PnPSignedDriver", "Signer", "Microsoft Windows Hardware Compatibility Publisher", NULL },
    { "Win32_OperatingSystem", "CreationClassName", "Win32_OperatingSystem", NULL },
    { "Win32_OperatingSystem", "OSArchitecture", "64-bit", "64-Bit" },
    { "Win32_OperatingSystem", "Status", "OK", NULL },
    { "Win32_ComputerSystem", "CreationClassName", "Win32_ComputerSystem", NULL },
    { "Win32_ComputerSystem", "HypervisorPresent", "true", NULL },
    { "Win32_ComputerSystem", "Status", "OK", NULL },
};

static CimValue parse_one(CimType type, const char *text, Arena *arena)
{
    CimValue value;
    Error err;
    CHECK(cim_value_parse(type, text, arena, &value, &err)); /* the table is wrong */
    return value;
}

static CimValue parse_items(CimType type, const char *text, Arena *arena)
{
    size_t count = 1;
    for (const char *c = text; *c != '\0'; c++)
        count += *c == '|';
    CimValue *items = ARENA_NEW_ARRAY(arena, CimValue, count);
    for (size_t i = 0; i < count; i++) {
        size_t length = strcspn(text, "|");
        items[i] = parse_one(type, arena_strndup(arena, text, length), arena);
        text += length + 1;
    }
    return cim_array(type, items, count);
}

void sim_defaults_apply(const CimClassDecl *decl, bool german, Arena *arena, CimInstance *row)
{
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        if (strcmp(rows[i].class_name, decl->name) != 0)
            continue;
        const CimPropertyDecl *known = cim_class_property(decl, rows[i].property);
        CHECK(known != NULL && strcmp(known->name, rows[i].property) == 0); /* some builds have it */
        for (size_t k = 0; k < row->count; k++) {
            CimProperty *property = &row->properties[k];
            if (strcmp(property->name, rows[i].property) != 0)
                continue;
            const char *text = german && rows[i].german != NULL ? rows[i].german : rows[i].text;
            property->value = property->value.is_array ? parse_items(property->value.type, text, arena)
                                                       : parse_one(property->value.type, text, arena);
        }
    }
}
