/* SPDX-License-Identifier: MIT */
#include "capture/driver_keys.h"

#include "base/compiler.h"
#include "capture/driver_files.h"
#include "capture/recorder.h"
#include "capture/taken.h"
#include "cim/schema.h"
#include "drivers/gather/finder.h"

#define LOCAL_MACHINE UINT32_C(0x80000002)

/* Each value is asked for as a number and as a text: whoever reads it knows which it is. */
static bool take_value(CimSession *session, const TakenValue *value, const Captured *captured, Error *err)
{
    static const char *const methods[] = { "GetDWORDValue", "GetExpandedStringValue" };
    Arena scratch = ARENA_INIT;
    bool ok = true;
    for (size_t i = 0; ok && i < COUNT_OF(methods); i++) {
        CimInstance *in = cim_instance_create(&scratch, ""), *out;
        cim_instance_set(in, &scratch, "hDefKey", cim_uint(CIM_TYPE_UINT32, LOCAL_MACHINE));
        cim_instance_set(in, &scratch, "sSubKeyName", cim_string(value->key));
        cim_instance_set(in, &scratch, "sValueName", cim_string(value->name));
        ok = cim_session_invoke(session, NS_CIMV2, "StdRegProv", methods[i], in, &scratch, &out, err);
    }
    arena_release(&scratch);
    if (ok || capture_is_over(err))
        return ok;
    capture_leave_out(captured, value->key, value->name, err->message);
    *err = (Error){ .code = ERR_NONE };
    return true;
}

/* By the reading itself: the recorder keeps what is asked on the way. */
static bool take_driver(CimSession *session, const char *device_id, const Captured *captured, Error *err)
{
    Arena scratch = ARENA_INIT;
    bool ok = driver_keys_read(session, device_id, &scratch, err);
    arena_release(&scratch);
    if (ok || capture_is_over(err))
        return ok;
    if (err->code != ERR_NOT_FOUND) /* a device without a driver is one in the capture, too */
        capture_leave_out(captured, "driver", device_id, err->message);
    *err = (Error){ .code = ERR_NONE };
    return true;
}

bool capture_driver_keys(HyperVHost *from, HostFiles *files, const Captured *captured, Error *err)
{
    CimSession *session = recorder_create(from->session, captured);
    bool ok = true;
    for (size_t i = 0; ok && i < taken_value_count; i++)
        ok = take_value(session, &taken_values[i], captured, err);
    SimWalk walk = sim_walk_in(captured->host, NS_CIMV2, "Win32_PnPEntity");
    for (const SimObject *device; ok && (device = sim_walk_next(&walk)) != NULL;)
        ok = take_driver(session, sim_object_text(device, "DeviceID"), captured, err);
    ok = ok && (files == NULL || capture_driver_files(session, files, captured, err));
    cim_session_close(session);
    return ok;
}
