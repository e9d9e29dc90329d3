/* SPDX-License-Identifier: MIT */
#include "hyperv/gpu/gpu.h"

#include "base/ascii.h"
#include "base/limits.h"
#include "cim/schema.h"
#include "hyperv/gpu/gpu_path.h"
#include "platform/text.h"

#include <string.h>

const char *const gpu_quota_names[GPU_QUOTA_COUNT] = { "VRAM", "Encode", "Decode", "Compute" };

/* Device setup classes: Display, and ComputeAccelerator, which NPUs belong to. PNPClass may be missing on old
 * hosts, ClassGuid never is. */
#define SETUP_CLASS_DISPLAY "{4d36e968-e325-11ce-bfc1-08002be10318}"
#define SETUP_CLASS_ACCELERATOR "{f01a9d53-3ff6-48d2-9f97-c8a7004be10c}"
const char gpu_devices_query[] = "SELECT * FROM Win32_PnPEntity WHERE ClassGuid = '" SETUP_CLASS_DISPLAY
                                 "' OR ClassGuid = '" SETUP_CLASS_ACCELERATOR "'";

static const char *copy_text(const CimInstance *row, const char *name, Arena *arena)
{
    const char *text = cim_instance_text(row, name);
    return text != NULL && *text != '\0' ? arena_strdup(arena, text) : NULL;
}

static PartitionLimit read_number(const CimInstance *row, const char *first, const char *second, Arena *scratch)
{
    const char *name = arena_printf(scratch, "%s%s", first, second);
    if (cim_instance_is_null(row, name))
        return (PartitionLimit){ .is_set = false };
    return (PartitionLimit){ .is_set = true, .value = cim_instance_uint(row, name, 0) };
}

static Gpu gpu_from_rows(const CimInstance *row, Arena *arena)
{
    Gpu gpu = { .instance_id = copy_text(row, "Name", arena), .path = arena_strdup(arena, row->path) };
    if (gpu.instance_id == NULL)
        gpu.instance_id = "";
    gpu.device_id = gpu_path_device_id(gpu.instance_id, arena);
    gpu.partitions = cim_instance_uint(row, "PartitionCount", 0);
    for (size_t i = 0; i < GPU_QUOTA_COUNT; i++) {
        gpu.quotas[i] = (GpuQuota){
            .total = read_number(row, "Total", gpu_quota_names[i], arena),
            .available = read_number(row, "Available", gpu_quota_names[i], arena),
            .min = read_number(row, "MinPartition", gpu_quota_names[i], arena),
            .max = read_number(row, "MaxPartition", gpu_quota_names[i], arena),
            .optimal = read_number(row, "OptimalPartition", gpu_quota_names[i], arena),
        };
    }
    return gpu;
}

static void add_device(Gpu *gpu, const CimInstance *device, Arena *arena)
{
    const char *device_id = copy_text(device, "DeviceID", arena);
    gpu->device_id = device_id != NULL ? device_id : gpu->device_id;
    gpu->name = copy_text(device, "Name", arena);
    gpu->is_present = cim_instance_boolean(device, "Present", true);
    gpu->problem = (uint32_t) cim_instance_uint(device, "ConfigManagerErrorCode", 0);
    const char *status = cim_instance_text(device, "Status");
    gpu->is_ok = gpu->is_present && gpu->problem == 0 && (status == NULL || ascii_equals(status, "OK"));
    const char *setup_class = cim_instance_text(device, "ClassGuid");
    gpu->is_display = setup_class != NULL && ascii_equals(setup_class, SETUP_CLASS_DISPLAY);
    const char *service = cim_instance_text(device, "Service");
    gpu->is_basic = service != NULL && ascii_equals(service, "BasicDisplay");
}

static Gpu *find_by_device(GpuList *list, const char *device_path)
{
    for (size_t i = 0; i < list->count; i++) {
        if (gpu_path_same_device(list->items[i].instance_id, device_path))
            return &list->items[i];
    }
    return NULL;
}

/* Names the GPUs of the list; devices that are not in it become its others. */
static void add_devices(GpuList *list, const CimInstanceList *devices, Arena *arena)
{
    struct {
        Gpu *items;
        size_t count, capacity;
    } others = { 0 };
    for (size_t i = 0; i < devices->count; i++) {
        const char *device_id = cim_instance_text(devices->items[i], "DeviceID");
        if (device_id == NULL)
            continue;
        Gpu *gpu = find_by_device(list, device_id);
        if (gpu != NULL) {
            add_device(gpu, devices->items[i], arena);
        } else {
            Gpu other = { .instance_id = "", .path = "", .device_id = "" };
            add_device(&other, devices->items[i], arena);
            ARRAY_PUSH(arena, &others, other);
        }
    }
    list->others = others.items;
    list->other_count = others.count;
}

static bool check_count(const CimInstanceList *rows, const char *what, Error *err)
{
    if (rows->count <= LIMIT_HOST_GPUS)
        return true;
    (void) error_set(err, ERR_PROTOCOL, "the host shows more than %d %s", LIMIT_HOST_GPUS, what);
    return error_hint(err, "no host has so many; look at its Device Manager, and restart it");
}

bool gpu_list_read(HyperVHost *host, bool host_tells_gpus, Arena *arena, GpuList *ret_list, Error *err)
{
    CimInstanceList rows, devices, in_use;
    /* Protects: only GPUs that are here now are assigned, and capacity is known before anything changes. */
    if (!host_select(host, NS_VIRTUALIZATION, "Msvm_PartitionableGpu", NULL, NULL, arena, &rows, err) ||
        !host_select(host, NS_VIRTUALIZATION, "Msvm_GpuPartition", NULL, NULL, arena, &in_use, err) ||
        !cim_session_query(host->session, NS_CIMV2, gpu_devices_query, arena, &devices, err) ||
        !check_count(&rows, "partitionable GPUs", err) || !check_count(&devices, "display adapters", err))
        return false;

    GpuList list = { 0 };
    for (size_t i = 0; i < rows.count; i++) {
        Gpu gpu = gpu_from_rows(rows.items[i], arena);
        gpu.order = i + 1;
        ARRAY_PUSH(arena, &list, gpu);
    }
    for (size_t i = 0; i < in_use.count; i++) {
        const char *device = cim_instance_text(in_use.items[i], "DeviceInstancePath");
        Gpu *gpu = device != NULL ? find_by_device(&list, device) : NULL;
        if (gpu != NULL)
            gpu->partitions_in_use++;
    }
    add_devices(&list, &devices, arena);
    list.sole_is_meant = !host_tells_gpus && list.count == 1;
    *ret_list = list;
    return true;
}

bool gpu_list_read_names(HyperVHost *host, Arena *arena, GpuList *ret_list, Error *err)
{
    CimInstanceList devices;
    if (!cim_session_query(host->session, NS_CIMV2, gpu_devices_query, arena, &devices, err) ||
        !check_count(&devices, "display adapters", err))
        return false;
    GpuList list = { 0 };
    add_devices(&list, &devices, arena);
    *ret_list = list;
    return true;
}

const Gpu *gpu_list_find(const GpuList *list, const GpuPartition *partition)
{
    if (partition->host_resource == NULL)
        return list->sole_is_meant ? &list->items[0] : NULL;
    for (size_t i = 0; i < list->count; i++) {
        if (gpu_path_same_device(list->items[i].instance_id, partition->host_resource))
            return &list->items[i];
    }
    return NULL;
}

bool gpu_list_lacks(const GpuList *list, const GpuPartition *partition)
{
    return partition->host_resource != NULL ? gpu_list_find(list, partition) == NULL : list->count == 0;
}

void gpu_list_refresh(const GpuList *list, GpuPartition *partition)
{
    const Gpu *gpu = gpu_list_find(list, partition);
    if (gpu != NULL && partition->host_resource != NULL)
        partition->host_resource = gpu->path;
}

const char *gpu_list_name_of(const GpuList *list, const GpuPartition *partition)
{
    const Gpu *gpu = gpu_list_find(list, partition);
    if (gpu == NULL && partition->host_resource == NULL)
        return "GPU chosen by the host";
    for (size_t i = 0; gpu == NULL && i < list->other_count; i++) {
        if (gpu_path_same_device(list->others[i].device_id, partition->host_resource))
            gpu = &list->others[i];
    }
    return gpu != NULL && gpu->name != NULL ? gpu->name : "Unknown GPU";
}

bool gpu_has_room(const Gpu *gpu)
{
    return gpu->partitions_in_use < gpu->partitions;
}

bool gpu_is_suitable(const Gpu *gpu)
{
    return gpu->is_present && gpu->is_ok && gpu->is_display && gpu_has_room(gpu);
}

bool gpu_is_accelerator(const Gpu *gpu)
{
    return gpu->name != NULL && !gpu->is_display;
}

bool gpu_is_sriov(const Gpu *gpu)
{
    return *gpu->instance_id != '\0' && !ascii_ends_with(gpu->instance_id, "PARAV");
}

static bool is_inside(const PartitionLimit *limit, const PartitionLimit *low, const PartitionLimit *high)
{
    return (!low->is_set || limit->value >= low->value) && (!high->is_set || limit->value <= high->value);
}

PartitionLimits gpu_new_limits(const Gpu *gpu)
{
    PartitionLimits limits = partition_limits_default();
    for (size_t kind = 0; kind < GPU_QUOTA_COUNT && gpu_is_sriov(gpu); kind++) {
        PartitionLimit *three = &limits.items[PARTITION_LIMITS_PER_KIND * kind];
        const GpuQuota *quota = &gpu->quotas[kind];
        if (is_inside(&three[PARTITION_LIMIT_MIN], &quota->min, &quota->max) &&
            is_inside(&three[PARTITION_LIMIT_MAX], &quota->min, &quota->max))
            continue;
        three[PARTITION_LIMIT_MIN] = quota->min;
        three[PARTITION_LIMIT_MAX] = quota->max;
        /* What contradicts the other two, or is not told, is left to the driver. */
        bool fits = is_inside(&quota->optimal, &quota->min, &quota->max);
        three[PARTITION_LIMIT_OPTIMAL] = fits ? quota->optimal : (PartitionLimit){ .is_set = false };
    }
    return limits;
}

/* Windows driver documentation, "GPU paravirtualization"; reports of users. */
const char gpu_none_hint[] = "it takes a working GPU whose driver is of WDDM 2.4 or newer and not in TCC mode, on "
                             "Windows 10 or 11 Pro, Enterprise or Education, or on Windows Server; update the "
                             "host's GPU driver";
