/* SPDX-License-Identifier: MIT */
/* Which text is of which kind: by its property where that is known, else by its form, and what has none of the forms
 * becomes a word. */
#include "capture/anonymous.h"

#include "base/ascii.h"
#include "base/guid.h"
#include "base/limits.h"
#include "base/str.h"
#include "cim/cimxml.h"
#include "cim/path.h"
#include "exchange/agent_report.h"
#include "exchange/request.h"
#include "exchange/status.h"
#include "hyperv/checkpoint/checkpoint_tree.h"

#include <string.h>

#define ITEM_CLASS "Msvm_KvpExchangeDataItem"
#define ID_PREFIX "Microsoft:"
#define HYPERV_PREFIX "Microsoft:Hyper-V:"
#define ENUM_KEY "SYSTEM\\CurrentControlSet\\Enum\\"

/* ---- what is the same on many hosts ---- */

/* NULL: of any class. Makers and models of devices, versions, what Windows is. */
static const struct {
    const char *class_name, *property;
} kept[] = {
    { NULL, "AllocationUnits" },
    { NULL, "ClassGuid" },
    { NULL, "CompatibleID" },
    { NULL, "CreationClassName" },
    { NULL, "CSCreationClassName" },
    { NULL, "HardwareID" },
    { NULL, "Manufacturer" },
    { NULL, "PNPClass" },
    { NULL, "ResourceSubType" },
    { NULL, "Status" },
    { NULL, "SystemCreationClassName" },
    { NULL, "Version" },
    { NULL, "VirtualQuantityUnits" },
    { NULL, "VirtualSystemSubType" },
    { NULL, "VirtualSystemType" },
    { "Msvm_VirtualSystemManagementService", "Name" },
    { "Msvm_VirtualSystemSnapshotService", "Name" },
    { "Win32_OperatingSystem", "BuildNumber" },
    { "Win32_OperatingSystem", "BuildType" },
    { "Win32_OperatingSystem", "Caption" },
    { "Win32_OperatingSystem", "OSArchitecture" },
    { "Win32_OperatingSystem", "SystemDrive" },
    { "Win32_PnPEntity", "Caption" },
    { "Win32_PnPEntity", "Description" },
    { "Win32_PnPEntity", "Name" },
    { "Win32_PnPEntity", "Service" },
    { "Win32_VideoController", "AdapterCompatibility" },
    { "Win32_VideoController", "Caption" },
    { "Win32_VideoController", "Description" },
    { "Win32_VideoController", "DeviceID" },
    { "Win32_VideoController", "DriverVersion" },
    { "Win32_VideoController", "InfFilename" },
    { "Win32_VideoController", "Name" },
    { "Win32_VideoController", "VideoProcessor" },
};

static bool is_kept(const char *class_name, const char *property)
{
    for (size_t i = 0; i < COUNT_OF(kept); i++) {
        if (ascii_equals(kept[i].property, property) &&
            (kept[i].class_name == NULL || ascii_equals(kept[i].class_name, class_name)))
            return true;
    }
    return false;
}

static bool is_small_number(const char *text)
{
    size_t length = strspn(text, "0123456789");
    return length > 0 && length <= 4 && text[length] == '\0';
}

/* ---- by their form ---- */

static const char *replace_in_id(Parts *parts, const char *part, Arena *arena)
{
    const Anonymous *anonymous = parts->anonymous;
    if (guid_is_valid(part))
        return anonymous_guid(anonymous, part, arena);
    if (strlen(part) <= 1 || is_small_number(part))
        return part;
    return ascii_equals(part, anonymous->host) ? anonymous_computer(anonymous, part, arena)
                                               : anonymous_word(anonymous, "id", part, arena);
}

/* "Microsoft:<GUID>\<GUID>\0\0\L", "Microsoft:HV1" */
static const char *hyperv_id(const Anonymous *anonymous, const char *text, Arena *arena)
{
    Parts parts = { replace_in_id, anonymous, "\\" };
    return arena_printf(arena, ID_PREFIX "%s", anonymous_parts(&parts, text + strlen(ID_PREFIX), arena));
}

/* NULL: it is no path of an object. */
static const char *object_path(const Anonymous *anonymous, const char *text, Arena *arena)
{
    Error none;
    CimPath path;
    if (!cim_path_parse(text, arena, &path, &none) || path.count == 0)
        return NULL;
    if (path.host != NULL && strcmp(path.host, ".") != 0)
        path.host = anonymous_computer(anonymous, path.host, arena);
    for (size_t i = 0; i < path.count; i++) {
        CimValue *value = &path.keys[i].value;
        if (value->type == CIM_TYPE_STRING)
            value->text = anonymous_text(anonymous, path.class_name, path.keys[i].name, value->text, arena);
    }
    return cim_path_format(&path, arena);
}

/* ---- data items ---- */

/* Numbers, versions, hashes and words of its own tell of nobody; more than that cannot be in one. */
static bool is_message(const char *text)
{
    Error none;
    AgentReport report;
    ExchangePackage package;
    ExchangeRequest request;
    ExchangeStatus status;
    return agent_report_read(text, &report, &none) || exchange_package_read(text, &package, &none) ||
           exchange_request_read(text, &request, &none) || exchange_status_read(text, &status, &none);
}

/* What Windows says of the guest's version. */
static bool is_of_version(const char *name)
{
    static const char *const names[] = { "OSName",       "OSVersion",         "OSMajorVersion",   "OSMinorVersion",
                                         "OSPlatformId", "OSBuildNumber",     "OSEditionId",      "ServicePackMajor",
                                         "SuiteMask",    "ServicePackMinor",  "ProductType",      "CSDVersion",
                                         "ProcessorArchitecture", "IntegrationServicesVersion" };
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        if (ascii_equals(names[i], name))
            return true;
    }
    return false;
}

/* One that HyperPoint gives its items: "HyperPoint.Package1". */
static bool is_own_name(const char *name)
{
    static const char *const names[] = { EXCHANGE_REQUEST, EXCHANGE_STATUS, EXCHANGE_AGENT };
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        if (ascii_equals(names[i], name))
            return true;
    }
    Arena scratch = ARENA_INIT;
    bool is = false;
    for (unsigned i = 1; i <= LIMIT_EXCHANGE_PACKAGES; i++)
        is = is || ascii_equals(exchange_package_item(i, &scratch), name);
    arena_release(&scratch);
    return is;
}

static void make_item_anonymous(const Anonymous *anonymous, CimInstance *item, Arena *arena)
{
    const char *name = cim_instance_text(item, "Name"), *data = cim_instance_text(item, "Data");
    bool is_own = name != NULL && is_own_name(name);
    if (name != NULL && is_of_version(name))
        return;
    if (name != NULL && !is_own)
        cim_instance_set(item, arena, "Name", cim_string(anonymous_word(anonymous, "name", name, arena)));
    if (data != NULL && *data != '\0')
        cim_instance_set(item, arena, "Data",
                         cim_string(is_own && is_message(data) ? anonymous_ids(anonymous, data, arena)
                                                               : anonymous_word(anonymous, "text", data, arena)));
}

/* NULL: it cannot be read. */
static const char *embedded(const Anonymous *anonymous, const char *text, Arena *arena)
{
    Error none;
    CimInstance *instance;
    const char *result;
    if (!cimxml_read(text, arena, &instance, &none))
        return NULL;
    CimInstance *copy = cim_instance_create(arena, instance->class_name);
    for (size_t i = 0; i < instance->count; i++) {
        const char *name = instance->properties[i].name;
        CimValue value = instance->properties[i].value;
        bool is_item = ascii_equals(instance->class_name, ITEM_CLASS) &&
                       (ascii_equals(name, "Name") || ascii_equals(name, "Data"));
        if (value.type == CIM_TYPE_INSTANCE || (value.is_array && cim_type_is_text(value.type)))
            continue; /* of what HyperPoint reads none has such */
        if (!value.is_null && cim_type_is_text(value.type) && value.type != CIM_TYPE_DATETIME && !is_item)
            value.text = anonymous_text(anonymous, instance->class_name, name, value.text, arena);
        cim_instance_set(copy, arena, name, value);
    }
    if (ascii_equals(copy->class_name, ITEM_CLASS))
        make_item_anonymous(anonymous, copy, arena);
    return cimxml_write(copy, arena, &result, &none) ? result : NULL;
}

/* ---- what people and hosts write ---- */

/* Whose a checkpoint is, is told by a mark in its notes. */
static const char *notes(const Anonymous *anonymous, const char *text, Arena *arena)
{
    const char *result = NULL, *mark = NULL;
    size_t length = 0;
    for (const char *at = strchr(text, '['); at != NULL && mark == NULL; at = strchr(at + 1, '[')) {
        const char *end = strchr(at, ']');
        const char *id = end != NULL && end - at > GUID_TEXT_LENGTH ? end - GUID_TEXT_LENGTH : NULL;
        for (int maker = CHECKPOINT_OURS; id != NULL && guid_is_prefix(id) && maker < CHECKPOINT_MAKER_COUNT; maker++) {
            const char *known =
                checkpoint_mark((CheckpointMaker) maker, arena_strndup(arena, id, GUID_TEXT_LENGTH), arena);
            length = strlen(known);
            if (strncmp(at, known, length) != 0)
                continue;
            mark = at;
            result = checkpoint_mark((CheckpointMaker) maker, anonymous_guid(anonymous, id, arena), arena);
        }
    }
    if (mark == NULL)
        return anonymous_word(anonymous, "text", text, arena);
    if (strlen(text) == strlen(result))
        return result;
    return arena_printf(arena, "%s\n%s", anonymous_word(anonymous, "text", text, arena), result);
}

/* What a rule looks for in the text of a failure: numbers, Windows' names of things, and which VM it was. */
static const char *failure(const Anonymous *anonymous, const char *text, Arena *arena)
{
    static const char *const marks[] = { "RequireSecureDeviceAssignment", "RequireSupportedDeviceAssignment",
                                         "GPUPARAV" };
    Str out;
    str_init(&out, SIZE_MAX);
    str_append(&out, anonymous_word(anonymous, "text", text, arena));
    for (size_t i = 0; i < COUNT_OF(marks); i++) {
        if (strstr(text, marks[i]) != NULL)
            str_appendf(&out, " %s", marks[i]);
    }
    for (const char *at = text; *at != '\0'; at++) {
        bool is_start = at == text || (!ascii_is_alpha(at[-1]) && !ascii_is_digit(at[-1]) && at[-1] != '-');
        if (is_start && ascii_starts_with(at, "0x") && strspn(at + 2, "0123456789abcdefABCDEF") == 8)
            str_appendf(&out, " %.10s", at);
        else if (is_start && guid_is_prefix(at))
            str_appendf(&out, " %s", anonymous_guid(anonymous, at, arena));
    }
    return str_take(&out, arena);
}

/* ---- any property ---- */

const char *anonymous_text(const Anonymous *anonymous, const char *class_name, const char *property, const char *text,
                           Arena *arena)
{
    const char *result = NULL;
    if (*text == '\0' || is_kept(class_name, property) || ascii_starts_with(text, HYPERV_PREFIX) ||
        is_small_number(text))
        return text;
    if (ascii_equals(text, anonymous->host))
        return anonymous_computer(anonymous, text, arena);
    if (ascii_equals(property, "Notes"))
        return notes(anonymous, text, arena);
    if (ascii_equals(property, "ElementName"))
        return anonymous_word(anonymous, "name", text, arena);
    if (ascii_equals(property, "ErrorDescription") || ascii_equals(property, "ErrorSummaryDescription"))
        return failure(anonymous, text, arena);
    if (*text == '<')
        result = embedded(anonymous, text, arena);
    else if ((result = anonymous_device(anonymous, text, arena)) == NULL)
        result = object_path(anonymous, text, arena);
    if (result != NULL)
        return result;
    if (ascii_starts_with(text, ID_PREFIX))
        return hyperv_id(anonymous, text, arena);
    if (guid_is_valid(text) || (*text == '{' && strlen(text) == GUID_TEXT_LENGTH + 2 && guid_is_prefix(text + 1)))
        return anonymous_ids(anonymous, text, arena);
    if (*text != '<' && strchr(text, '\\') != NULL)
        return anonymous_path(anonymous, text, arena);
    return anonymous_word(anonymous, "text", text, arena);
}

/* ---- the registry ---- */

const char *anonymous_key(const Anonymous *anonymous, const char *key, Arena *arena)
{
    if (!ascii_starts_with(key, ENUM_KEY))
        return key; /* of a class of devices, of a driver's service: as Windows and its maker have named them */
    const char *id = key + strlen(ENUM_KEY), *device = anonymous_device(anonymous, id, arena);
    return arena_printf(arena, "%s%s", ENUM_KEY,
                        device != NULL ? device : anonymous_word(anonymous, "device", id, arena));
}

/* In a folder of the driver, which it does not name. */
static bool is_program_file(const char *text)
{
    static const char *const endings[] = { ".dll", ".sys", ".exe", ".inf", ".cat", ".bin", ".json", ".dat", ".vp" };
    bool is_below = strchr(text, ':') == NULL && *text != '\\' && *text != '/' && strstr(text, "..") == NULL;
    for (size_t i = 0; is_below && i < COUNT_OF(endings); i++) {
        if (ascii_ends_with(text, endings[i]))
            return true;
    }
    return false;
}

/* It leads, in one of the many forms that makers write, into what Windows keeps for itself, and through nobody's own
 * folders. */
static bool is_of_system(const Anonymous *anonymous, const char *text)
{
    static const char *const folders[] = { "\\System32\\", "\\SysWOW64\\", "\\SyChpe32\\", "System32\\DriverStore\\" };
    Arena scratch = ARENA_INIT;
    bool is = false, is_foreign = false;
    char *path = arena_strdup(&scratch, text);
    for (char *c = path; *c != '\0'; c++)
        *c = *c == '/' ? '\\' : *c;
    for (const char *at = path; *at != '\0'; at++) {
        for (size_t i = 0; i < COUNT_OF(folders); i++)
            is = is || ascii_starts_with(at, folders[i]);
        is_foreign = is_foreign || ascii_starts_with(at, "\\Users\\") ||
                     (*anonymous->host != '\0' && ascii_starts_with(at, anonymous->host));
    }
    arena_release(&scratch);
    return is && !is_foreign;
}

static const char *replace_in_value(Parts *parts, const char *text, Arena *arena)
{
    const Anonymous *anonymous = parts->anonymous;
    const char *device = anonymous_device(anonymous, text, arena);
    if (device != NULL)
        return device;
    if (*text == '\0' || is_program_file(text) || is_of_system(anonymous, text) || strcmp(text, "<>") == 0)
        return text;
    return strchr(text, '\\') != NULL ? anonymous_path(anonymous, text, arena)
                                      : anonymous_word(anonymous, "text", text, arena);
}

const char *anonymous_value(const Anonymous *anonymous, const char *name, const char *text, Arena *arena)
{
    static const char *const known[] = { "DriverDate",   "DriverDesc", "DriverVersion",    "InfPath",
                                         "InfSection",   "InfSectionExt", "MatchingDeviceId", "ProviderName",
                                         "Driver",       "Service",       "SystemRoot" };
    Parts parts = { replace_in_value, anonymous, ",;|=\"" };
    for (size_t i = 0; i < COUNT_OF(known); i++) {
        if (ascii_equals(known[i], name))
            return text;
    }
    return anonymous_parts(&parts, text, arena);
}
