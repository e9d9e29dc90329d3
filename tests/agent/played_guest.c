/* SPDX-License-Identifier: MIT */
#include "agent/played_guest.h"

#include "agent/switches.h"
#include "base/check.h"
#include "cim/connect.h"
#include "exchange/names.h"
#include "platform/files.h"
#include "support/guest_windows.h"
#include "support/system.h"

#include <stdlib.h>
#include <string.h>

static const TestFile files_one[] = { { TEST_STORE "nv.inf_amd64_1/a.dll", "one" },
                                      { "Windows/System32/nvapi64.dll", "one" },
                                      { NULL, NULL } };
static const TestFile files_two[] = { { TEST_STORE "nv.inf_amd64_2/a.dll", "two" },
                                      { "Windows/System32/nvapi64.dll", "two" },
                                      { NULL, NULL } };
const TestPackage package_one = {
    .name = "INTEL_1", .package_folder = "nv.inf_amd64_1", .files = files_one, .version = "31.0.1.1"
};
const TestPackage package_two = {
    .name = "INTEL_2", .package_folder = "nv.inf_amd64_2", .files = files_two, .version = "31.0.1.2"
};

/* ---- what the guest has ---- */

/* Steps are counted for faults. */
static void use_files(PlayedGuest *guest)
{
    if (guest->files.fault == FILE_FAULT_NONE)
        guest->files.steps = 0;
    fault_files_use(&guest->files);
}

static void must(bool ok, const Error *err)
{
    if (!ok)
        (void) fprintf(stderr, "%s\n", err->message);
    CHECK(ok);
}

static void log_text(Report *report, const char *text)
{
    PlayedGuest *guest = (PlayedGuest *) ((char *) report - offsetof(PlayedGuest, report));
    guest->said = arena_printf(&guest->arena, "%s%s\n", guest->said, text);
}

static bool restart_device(Devices *devices, const char *device_id, Error *err)
{
    PlayedGuest *guest = (PlayedGuest *) ((char *) devices - offsetof(PlayedGuest, devices));
    (void) device_id;
    (void) err;
    guest->restarts++;
    return true;
}

static bool connect_guest(void *context, CimSession **ret_session, Error *err)
{
    PlayedGuest *guest = context;
    HostAddress address;
    return guest->gpus != NULL ? host_address_parse(guest->gpus, &guest->arena, &address, err) &&
                                     cim_connect(&address, &guest->clock.clock, ret_session, err)
                               : error_set(err, ERR_UNREACHABLE, "there is no WMI");
}

static void set_up_registry(PlayedGuest *guest)
{
    Error err = { .code = ERR_NONE };
    AgentSwitches switches = { .update = true };
    guest_registry_set(guest->registry, EXCHANGE_KEY_FACTS, EXCHANGE_FACT_VM_ID,
                       "F65D0775-1CA1-4804-9305-71F4A38BDD83");
    guest_registry_set(guest->registry, "SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion", "CurrentBuildNumber",
                       "22631");
    must(agent_switches_write(guest->registry, &switches, &err), &err);
}

PlayedGuest *played_guest_open(const char *folder, bool again)
{
    PlayedGuest *guest = calloc(1, sizeof(*guest));
    CHECK(guest != NULL);
    Arena *arena = &guest->arena;
    guest->folder = arena_strdup(arena, folder);
    guest->root = fs_join(arena, guest->folder, "guest");
    guest->data = fs_join(arena, guest->root, "ProgramData");
    guest->devices.restart = restart_device;
    guest->gpus = "sim:?guest";
    guest->report = (Report){ .notice = log_text, .warning = log_text };
    guest->said = "";
    test_clock_init(&guest->clock);
    guest->registry = guest_registry_open(fs_join(arena, guest->root, "registry"), arena);
    if (!again) {
        test_library_put(guest->root, "Windows/System32/nvapi64.dll", " original", "NVIDIA Corporation");
        test_file_put(guest->root, "registry/+", "");
        test_file_put(guest->data, EXCHANGE_INBOX "/readme.txt", "somebody's");
        set_up_registry(guest);
    }
    guest->guest = (AgentGuest){ .root = guest->root,
                                 .data = guest->data,
                                 .locks = fs_join(arena, guest->folder, "state"),
                                 .registry = guest->registry,
                                 .devices = &guest->devices,
                                 .connect = connect_guest,
                                 .context = guest,
                                 .clock = &guest->clock.clock,
                                 .cancel = &guest->cancel,
                                 .report = &guest->report };
    guest->files.folder = guest->root;
    return guest;
}

void played_guest_close(PlayedGuest *guest)
{
    stop_agent(guest);
    arena_release(&guest->arena);
    free(guest);
}

void played_guest_remove(PlayedGuest *guest)
{
    stop_agent(guest); /* it has folders open */
    system_remove_folder(guest->folder);
    played_guest_close(guest);
}

int played_guest_set_up(void **state)
{
    Arena arena = ARENA_INIT;
    *state = played_guest_open(system_make_folder(&arena), false);
    arena_release(&arena);
    return 0;
}

int played_guest_tear_down(void **state)
{
    played_guest_remove(*state);
    return 0;
}

/* ---- the service ---- */

bool start_agent(PlayedGuest *guest)
{
    Error err = { .code = ERR_NONE };
    stop_agent(guest);
    guest->agent = agent_create(&guest->guest);
    use_files(guest);
    bool ok = agent_begin(guest->agent, &err);
    fault_files_use(NULL);
    if (!ok)
        log_text(&guest->report, err.message);
    return ok;
}

void stop_agent(PlayedGuest *guest)
{
    agent_destroy(guest->agent);
    guest->agent = NULL;
}

bool step(PlayedGuest *guest)
{
    Error err = { .code = ERR_NONE };
    int64_t wait_ms;
    use_files(guest);
    bool ok = agent_step(guest->agent, &wait_ms, &err);
    fault_files_use(NULL);
    CHECK(wait_ms > 0);
    test_clock_advance(&guest->clock, wait_ms < 1000 ? wait_ms : 1000);
    if (!ok)
        log_text(&guest->report, err.message);
    return ok;
}

ExchangeStatus answer_of(PlayedGuest *guest)
{
    enum { STEPS = 24 * 60 * 60 * 2 };
    ExchangeStatus status;
    int steps = 0;
    do {
        CHECK(steps++ < STEPS);
        (void) step(guest);
        status = status_of(guest);
    } while (!exchange_phase_is_last(status.phase));
    return status;
}

ExchangeStatus status_of(PlayedGuest *guest)
{
    ExchangeStatus status = { .phase = EXCHANGE_SEEN };
    Error err = { .code = ERR_NONE };
    const char *text = guest_registry_text(guest->registry, EXCHANGE_KEY_FROM_GUEST, EXCHANGE_STATUS, &guest->arena);
    if (text != NULL)
        must(exchange_status_read(text, &status, &err), &err);
    return status;
}

AgentReport report_of(PlayedGuest *guest)
{
    AgentReport report;
    Error err = { .code = ERR_NONE };
    const char *text = guest_registry_text(guest->registry, EXCHANGE_KEY_FROM_GUEST, EXCHANGE_AGENT, &guest->arena);
    CHECK(text != NULL);
    must(agent_report_read(text, &report, &err), &err);
    return report;
}

/* ---- the host ---- */

const char *id_of(PlayedGuest *guest, unsigned number)
{
    return arena_printf(&guest->arena, "%032x", number);
}

const char *inbox_file(PlayedGuest *guest, unsigned number)
{
    const char *inbox = fs_join(&guest->arena, guest->data, EXCHANGE_INBOX);
    return fs_join(&guest->arena, inbox, exchange_file_name(id_of(guest, number), &guest->arena));
}

ExchangeRequest bring(PlayedGuest *guest, unsigned number, const TestPackage *package)
{
    Error err = { .code = ERR_NONE };
    ExchangeRequest request = { .vm = VM };
    const char *file = inbox_file(guest, number);
    char *data;
    size_t size;
    must(file_remove(file, &err), &err);
    test_package_zip(package, file);
    must(fs_read_file(file, 1 << 20, &guest->arena, &data, &size, &err), &err);
    memcpy(request.id, id_of(guest, number), sizeof(request.id));
    must(hash_of(data, size, request.sha256, &err), &err);
    request.size = size;
    return request;
}

void ask_text(PlayedGuest *guest, const char *text)
{
    guest_registry_set(guest->registry, EXCHANGE_KEY_FROM_HOST, EXCHANGE_REQUEST, text);
}

void ask(PlayedGuest *guest, const ExchangeRequest *request)
{
    ask_text(guest, exchange_request_write(request, &guest->arena));
}

void bring_and_ask(PlayedGuest *guest, unsigned number, const TestPackage *package)
{
    const ExchangeRequest request = bring(guest, number, package);
    ask(guest, &request);
}

void take_back(PlayedGuest *guest)
{
    Error err = { .code = ERR_NONE };
    RegistryValue none = { .state = REGISTRY_NO_VALUE };
    must(guest->registry->write(guest->registry, EXCHANGE_KEY_FROM_HOST, EXCHANGE_REQUEST, &none, &err), &err);
}

const char *text_of(PlayedGuest *guest, const char *path)
{
    Error err = { .code = ERR_NONE };
    char *data;
    size_t size;
    return fs_read_file(fs_join(&guest->arena, guest->root, path), 1 << 20, &guest->arena, &data, &size, &err) ? data
                                                                                                               : NULL;
}

void write_text(const char *path, const char *text)
{
    Error err = { .code = ERR_NONE };
    must(fs_replace_file(path, text, strlen(text), FS_SHARED, &err), &err);
}
