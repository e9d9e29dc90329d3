/* SPDX-License-Identifier: MIT */
#include "agent/publish.h"

#include "base/ascii.h"
#include "base/limits.h"
#include "drivers/package/manifest.h"
#include "exchange/names.h"
#include "platform/text.h"

#include <stdio.h>
#include <string.h>

/* text NULL: the item goes. */
static bool publish(Registry *registry, const char *item, const char *text, Arena *arena, Error *err)
{
    RegistryValue there, wanted = { .state = REGISTRY_NO_VALUE };
    if (text != NULL)
        wanted = registry_text_value(text, arena);
    if (!registry->read(registry, EXCHANGE_KEY_FROM_GUEST, item, arena, &there, err))
        return false;
    if (text == NULL ? there.state != REGISTRY_VALUE : registry_value_equals(&there, &wanted))
        return true;
    return registry->write(registry, EXCHANGE_KEY_FROM_GUEST, item, &wanted, err);
}

bool publish_status(Registry *registry, const ExchangeStatus *status, Error *err)
{
    Arena arena = ARENA_INIT;
    bool ok = publish(registry, EXCHANGE_STATUS, exchange_status_write(status, &arena), &arena, err);
    arena_release(&arena);
    return ok;
}

void publish_windows_build(Registry *registry, Arena *arena, AgentReport *report)
{
    static const char key[] = "SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion";
    RegistryValue build, revision;
    Error ignored = { .code = ERR_NONE }; /* then it is not known */
    unsigned long long number;
    memcpy(report->windows, "0.0", 4);
    if (!registry->read(registry, key, "CurrentBuildNumber", arena, &build, &ignored) ||
        !registry->read(registry, key, "UBR", arena, &revision, &ignored) || build.state != REGISTRY_VALUE)
        return;
    StringList texts = registry_value_texts(&build, arena);
    bool has_revision = revision.state == REGISTRY_VALUE && revision.type == REGISTRY_TYPE_DWORD && revision.size == 4;
    const unsigned char *bytes = revision.data;
    uint32_t low = has_revision ? (uint32_t) (bytes[0] | bytes[1] << 8) : 0;
    uint32_t high = has_revision ? (uint32_t) (bytes[2] | bytes[3] << 8) : 0;
    if (texts.count == 1 && ascii_parse_uint64(texts.items[0], &number) && number <= UINT32_MAX)
        (void) snprintf(report->windows, sizeof(report->windows), "%u.%u", (unsigned) number, low | high << 16);
}

void installed_manifest_hash(const InstalledPackage *package, char ret_hash[HASH_TEXT_LENGTH + 1])
{
    Arena arena = ARENA_INIT;
    const char *manifest = manifest_path(package->name, &arena);
    memset(ret_hash, '0', HASH_TEXT_LENGTH);
    ret_hash[HASH_TEXT_LENGTH] = '\0';
    for (size_t i = 0; i < package->files.count; i++) {
        if (text_equals(package->files.items[i].path, manifest))
            memcpy(ret_hash, package->files.items[i].sha256, HASH_TEXT_LENGTH + 1);
    }
    arena_release(&arena);
}

/* A driver's version is the vendor's text. */
static ExchangePackage describe(const InstalledPackage *package)
{
    ExchangePackage report = { .driver = "0", .files = package->files.count };
    installed_manifest_hash(package, report.sha256);
    if (exchange_version_is_valid(package->driver_version))
        memcpy(report.driver, package->driver_version, strlen(package->driver_version) + 1);
    return report;
}

bool publish_report(Registry *registry, AgentReport *report, const InstalledPackages *packages, Error *err)
{
    Arena arena = ARENA_INIT;
    bool ok = true;
    report->packages = packages->count < LIMIT_EXCHANGE_PACKAGES ? packages->count : LIMIT_EXCHANGE_PACKAGES;
    for (unsigned i = 0; ok && i < LIMIT_EXCHANGE_PACKAGES; i++) {
        const char *text = NULL;
        if (i < report->packages) {
            ExchangePackage package = describe(&packages->items[i]);
            text = exchange_package_write(&package, &arena);
        }
        ok = publish(registry, exchange_package_item(i + 1, &arena), text, &arena, err);
    }
    ok = ok && publish(registry, EXCHANGE_AGENT, agent_report_write(report, &arena), &arena, err);
    arena_release(&arena);
    return ok;
}

bool publish_clear(Registry *registry, Error *err)
{
    Arena arena = ARENA_INIT;
    bool ok =
        publish(registry, EXCHANGE_AGENT, NULL, &arena, err) && publish(registry, EXCHANGE_STATUS, NULL, &arena, err);
    for (unsigned i = 1; ok && i <= LIMIT_EXCHANGE_PACKAGES; i++)
        ok = publish(registry, exchange_package_item(i, &arena), NULL, &arena, err);
    arena_release(&arena);
    return ok;
}
