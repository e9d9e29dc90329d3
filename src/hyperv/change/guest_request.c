/* SPDX-License-Identifier: MIT */
#include "hyperv/change/guest_request.h"

#include "hyperv/vm/kvp.h"

bool guest_request_take_back(HyperVHost *host, const Vm *vm, const GuestRequest *request, Error *err)
{
    Arena arena = ARENA_INIT;
    Error open = { .code = ERR_NONE };
    KvpItems none = { 0 };
    KvpSettings settings;
    bool is_closed = guest_way_close(host, vm, &request->way, &open);
    bool ok = kvp_read_settings(host, vm, &arena, &settings, err) &&
              kvp_reach(host, vm, &settings.items, &none, err);
    if (ok && !is_closed) {
        *err = open;
        ok = false;
    }
    arena_release(&arena);
    return ok;
}

/* ---- recovery ---- */

static bool plan_recovery(const Recovery *recovery, void *data, RecoveryResult *ret_result, Error *err)
{
    const GuestRequest *request = data;
    RecoveryResult result = { .verb = request->verb, .step = request->step, .change = { .rolled_back = true } };
    if (!vm_read_partitions(recovery->host, recovery->vm, recovery->arena, &result.partitions, err))
        return false;
    *ret_result = result;
    return true;
}

static bool recover(const Recovery *recovery, void *data, RecoveryResult *ret_result, Error *err)
{
    if (!plan_recovery(recovery, data, ret_result, err) ||
        !guest_request_take_back(recovery->host, recovery->vm, data, err))
        return false;
    report_notice(recovery->host->report, "what the guest of VM '%s' has begun or installed since stays its own affair",
                  recovery->vm->name);
    return journal_clear(recovery->journal, err);
}

static const Field way_fields[] = {
    FIELD_TEXT(GuestWay, setting_id, "settingId"),
    FIELD_BOOLEAN(GuestWay, was_open, "wasOpen"),
};
static const Shape way_shape = SHAPE(GuestWay, way_fields);

static const Field request_fields[] = {
    FIELD_TEXT(GuestRequest, verb, "verb"),        FIELD_TEXT(GuestRequest, step, "step"),
    FIELD_TEXT(GuestRequest, vm_guid, "vmId"),     FIELD_TEXT(GuestRequest, vm_name, "vmName"),
    FIELD_RECORD(GuestRequest, way, &way_shape, "way"),
};
static const Shape request_shape = SHAPE(GuestRequest, request_fields);

const VmRecordKind guest_request_kind = {
    .record = { "guest-request", 1, &request_shape, .former = NULL },
    .plan_recovery = plan_recovery,
    .recover = recover,
    .works_while_on = true,
};
