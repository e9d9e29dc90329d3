/* SPDX-License-Identifier: MIT */
#include "commands/print.h"

#include <inttypes.h>

const char *print_size(Arena *arena, uint64_t bytes)
{
    enum { KIB = 1024, MIB = 1024 * 1024 };
    return bytes < MIB ? arena_printf(arena, "%" PRIu64 " KB", (bytes + KIB - 1) / KIB)
                       : arena_printf(arena, "%" PRIu64 " MB", (bytes + MIB - 1) / MIB);
}

json_t *print_guest_gpus_json(const GuestGpus *gpus)
{
    json_t *array = json_array();
    for (size_t i = 0; i < gpus->count; i++) {
        json_t *json = json_object();
        (void) json_object_set_new(json, "name", output_json_text(gpus->items[i].name));
        (void) json_object_set_new(json, "deviceId", output_json_text(gpus->items[i].device_id));
        (void) json_object_set_new(json, "problemCode",
                                   gpus->items[i].problem != GUEST_GPU_UNKNOWN ? json_integer(gpus->items[i].problem)
                                                                               : json_null());
        (void) json_array_append_new(array, json);
    }
    return array;
}
