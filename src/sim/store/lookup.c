/* SPDX-License-Identifier: MIT */
#include "sim/store/lookup.h"

#include "cim/status.h"

bool sim_check_namespace(const SimHost *host, const char *ns, Error *err)
{
    if (cim_namespace_equals(ns, NS_CIMV2) || (cim_namespace_equals(ns, NS_VIRTUALIZATION) && host->has_hyperv))
        return true;
    return error_set_native(err, ERR_UNSUPPORTED, ERROR_SOURCE_HRESULT, WMI_E_INVALID_NAMESPACE,
                            "the host has no namespace '%s'", ns);
}

bool sim_is_hidden(const SimHost *host, const char *ns)
{
    return host->knobs.no_rights && cim_namespace_equals(ns, NS_VIRTUALIZATION);
}

bool sim_check_class(const SimHost *host, const char *ns, const char *name, SimClass **ret_class, Error *err)
{
    SimClass *class = sim_class_find(host, ns, name);
    if (class == NULL)
        return error_set_native(err, ERR_UNSUPPORTED, ERROR_SOURCE_HRESULT, WMI_E_INVALID_CLASS,
                                "the host has no class '%s'", name);
    *ret_class = class;
    return true;
}

bool sim_invalid_path(const char *text, Error *err)
{
    return error_set_native(err, ERR_INVALID, ERROR_SOURCE_HRESULT, WMI_E_INVALID_OBJECT_PATH,
                            "'%s' is not the path of an object", text);
}

bool sim_not_found(const char *text, Error *err)
{
    return error_set_native(err, ERR_NOT_FOUND, ERROR_SOURCE_HRESULT, WMI_E_NOT_FOUND, "the host has no '%s'", text);
}

/* Unverified: that WMI takes an unknown class in a path for an invalid class, and keys that are not the class's for
 * an invalid path. */
bool sim_check_object(const SimHost *host, const char *ns, const char *text, SimObject **ret_object, Error *err)
{
    Arena scratch = ARENA_INIT;
    CimPath path;
    SimClass *class = NULL;
    const char *keys[SIM_KEYS_MAX];
    size_t count = 0;
    SimObject *object = NULL;
    bool ok = cim_path_parse(text, &scratch, &path, err) || sim_invalid_path(text, err);
    ok = ok && sim_check_class(host, ns, path.class_name, &class, err);
    ok = ok && (sim_path_keys(class, &path, keys, &count) || sim_invalid_path(text, err));
    if (ok && !sim_is_hidden(host, ns))
        object = sim_object_find(host, class, keys, count);
    arena_release(&scratch);
    if (!ok)
        return false;
    if (object == NULL)
        return sim_not_found(text, err);
    *ret_object = object;
    return true;
}
