/* SPDX-License-Identifier: MIT */
#include "commands/many_targets.h"

#include "base/alloc.h"
#include "base/ascii.h"
#include "base/check.h"
#include "base/guid.h"
#include "base/limits.h"
#include "base/str.h"
#include "cli/param_list.h"
#include "hyperv/change/recovery.h"
#include "journal/journal.h"
#include "platform/process.h"
#include "platform/text.h"

#include <stdlib.h>
#include <string.h>

/* ---- reading a host ---- */

typedef struct LineSink {
    OutputSink sink; /* first: the output hands it back */
    Str lines;
} LineSink;

static void keep_line(OutputSink *sink, bool is_result, const char *text)
{
    (void) is_result;
    str_append(&((LineSink *) sink)->lines, text);
}

static void ignore_progress(OutputSink *sink, const char *text, int percent)
{
    (void) sink;
    (void) text;
    (void) percent;
}

static void ignore_result(OutputSink *sink, json_t *object)
{
    (void) sink;
    (void) object;
}

static bool has_name(const KnownVmList *vms, const char *name)
{
    for (size_t i = 0; i < vms->count; i++) {
        if (text_equals(vms->items[i].name, name))
            return true;
    }
    return false;
}

/* A VM that is gone, or has another name by now, is known by what its journal says, too. */
static void add_from_journals(const HyperVHost *host, Arena *arena, KnownVmList *vms)
{
    Error none;
    StringList ids;
    if (!journal_list(&host->journals, arena, &ids, &none))
        return;
    for (size_t i = 0; i < ids.count; i++) {
        JournalRecord record;
        if (!journal_peek(&host->journals, ids.items[i], NULL, arena, &record, &none) ||
            record.label.name == NULL || has_name(vms, record.label.name))
            continue;
        KnownVm vm = { .guid = ids.items[i], .name = record.label.name };
        ARRAY_PUSH(arena, vms, vm);
    }
}

static bool read_vms(App *app, KnownVmList *vms, Error *err)
{
    CimInstanceList rows;
    bool visible;
    if (!host_is_visible(&app->host, app->arena, &visible, &rows, err))
        return false;
    if (!visible)
        return host_rights_error(&app->host, err);
    for (size_t i = 0; i < rows.count; i++) {
        const char *guid = cim_instance_text(rows.items[i], "Name");
        const char *name = cim_instance_text(rows.items[i], "ElementName");
        KnownVm vm = { .guid = guid, .name = name != NULL ? name : "" };
        if (guid != NULL && guid_is_valid(guid)) /* not a row of the host itself */
            ARRAY_PUSH(app->arena, vms, vm);
    }
    if ((app->verb->flags & VERB_RECOVERS) != 0)
        add_from_journals(&app->host, app->arena, vms);
    return true;
}

static bool connect_and_read(App *app, ManyHost *host, Error *err)
{
    if (!host_address_parse(host->option, &host->arena, &host->address, err) ||
        !host_address_share(&host->address, app->environment->clock, err) || !app->program->set_up(app, err))
        return false;
    bool ok = app->options->vms.count == 0 || read_vms(app, &host->vms, err);
    if (ok)
        host->key = arena_strdup(&host->arena, app->address.key);
    app->program->tear_down(app);
    return ok;
}

void many_host_read(const App *parent, ManyHost *host)
{
    Error unwritten;
    LineSink sink = { .sink = { .print = keep_line, .progress = ignore_progress, .result = ignore_result } };
    str_init(&sink.lines, SIZE_MAX / 2);
    Options options = *parent->options;
    options.host = host->option;
    OutputConfig config = app_output_config(parent->program, parent->environment, &options, &host->arena);
    config.json_lines = false;
    config.sink = &sink.sink;
    RunEnvironment environment = *parent->environment;
    environment.open_host = &host->address;
    App app = { .program = parent->program,
                .environment = &environment,
                .options = &options,
                .verb = parent->verb,
                .output = output_create(&config),
                .call = config.call,
                .arena = &host->arena };
    host->failure = (Error){ .code = ERR_NONE };
    host->text = host->option != NULL ? host->option : process_computer_name(&host->arena);
    (void) !connect_and_read(&app, host, &host->failure);
    CHECK(output_finish(app.output, EXIT_DONE, &unwritten)); /* a sink takes everything */
    host->lines = alloc_strdup(str_text(&sink.lines));
    str_release(&sink.lines);
}

void many_host_release(ManyHost *host)
{
    free(host->lines);
    host_address_release(&host->address);
    arena_release(&host->arena);
}

/* ---- names ---- */

static bool is_pattern(const char *name)
{
    return strpbrk(name, "*?") != NULL;
}

static bool is_named(const KnownVm *vm, const char *name)
{
    const char *id = vm_id_in(name);
    return id != NULL ? ascii_equals(vm->guid, id) : text_equals(vm->name, name);
}

bool many_is_name(const ManyHostList *hosts, const char *word)
{
    for (size_t i = 0; i < hosts->count; i++) {
        for (size_t j = 0; j < hosts->items[i].vms.count; j++) {
            if (is_named(&hosts->items[i].vms.items[j], word))
                return true;
        }
    }
    return false;
}

bool many_is_only_name(const ManyHost *host, const KnownVm *vm)
{
    size_t count = 0;
    for (size_t i = 0; i < host->vms.count; i++)
        count += text_equals(host->vms.items[i].name, vm->name);
    return count == 1;
}

static bool is_name(void *context, const char *word)
{
    return many_is_name(context, word);
}

typedef struct Finding {
    const ManyHostList *hosts;
    Arena *arena;
    ManyTargetList targets;
    ErrorList errors;
} Finding;

/* Each VM once, by whatever names and hosts it was found. */
static void add_target(Finding *finding, const ManyHost *host, const KnownVm *vm)
{
    for (size_t i = 0; i < finding->targets.count; i++) {
        const ManyTarget *other = &finding->targets.items[i];
        if (other->vm != NULL && strcmp(other->host->key, host->key) == 0 && ascii_equals(other->vm->guid, vm->guid))
            return;
    }
    ManyTarget target = { .host = host, .vm = vm };
    ARRAY_PUSH(finding->arena, &finding->targets, target);
}

static Error *add_error(Finding *finding)
{
    Error none = { .code = ERR_NONE };
    ARRAY_PUSH(finding->arena, &finding->errors, none);
    return &finding->errors.items[finding->errors.count - 1];
}

static const char *of_host(const Finding *finding, const ManyHost *host)
{
    return finding->hosts->count > 1 ? arena_printf(finding->arena, " on '%s'", host->text) : "";
}

static void tell_ambiguous(Finding *finding, const ManyHost *host, const char *name, size_t count)
{
    Error *err = add_error(finding);
    Str ids;
    str_init(&ids, sizeof(err->advice.data));
    (void) error_set(err, ERR_AMBIGUOUS, "%zu VMs%s are named '%s'", count, of_host(finding, host), name);
    for (size_t i = 0; i < host->vms.count; i++) {
        if (is_named(&host->vms.items[i], name))
            str_appendf(&ids, "%s%s", ids.length > 0 ? " " : "", host->vms.items[i].guid);
    }
    (void) error_advise(err, ADVICE_NAME_VM_BY_ID, str_text(&ids));
    str_release(&ids);
}

/* True if the host has it, even where it is not clear which one is meant. */
static bool find_on(Finding *finding, const ManyHost *host, const char *name, bool by_pattern)
{
    size_t count = 0;
    const KnownVm *last = NULL;
    for (size_t i = 0; i < host->vms.count; i++) {
        const KnownVm *vm = &host->vms.items[i];
        if (!(by_pattern ? text_matches(vm->name, name) : is_named(vm, name)))
            continue;
        count++;
        last = vm;
        if (by_pattern)
            add_target(finding, host, vm);
    }
    if (!by_pattern && count == 1)
        add_target(finding, host, last);
    else if (!by_pattern && count > 1)
        tell_ambiguous(finding, host, name, count);
    return count > 0;
}

/* Names like it, for the hint. */
static const char *names_like(const Finding *finding, const char *name)
{
    StringList names = { 0 };
    for (size_t i = 0; i < finding->hosts->count; i++) {
        const KnownVmList *vms = &finding->hosts->items[i].vms;
        for (size_t j = 0; j < vms->count; j++)
            ARRAY_PUSH(finding->arena, &names, vms->items[j].name);
    }
    return text_list_like(&names, name, finding->arena);
}

static void tell_unknown(Finding *finding, const char *name)
{
    Error *err = add_error(finding);
    const ManyHostList *hosts = finding->hosts;
    const char *where = hosts->count == 1 ? arena_printf(finding->arena, "on '%s'", hosts->items[0].text)
                                          : "on any of the hosts";
    const char *id = vm_id_in(name);
    const char *similar = id != NULL || is_pattern(name) ? "" : names_like(finding, name);
    if (id != NULL)
        (void) error_set(err, ERR_NOT_FOUND, "no VM with the ID '%s' %s", id, where);
    else if (is_pattern(name))
        (void) error_set(err, ERR_NOT_FOUND, "no VM %s has a name like '%s'", where, name);
    else
        (void) error_set(err, ERR_NOT_FOUND, "no VM named '%s' %s", name, where);
    if (*similar != '\0')
        (void) error_hint(err, "did you mean %s?", similar);
    else
        (void) error_advise(err, ADVICE_LIST_VMS, NULL);
}

static void find_name(Finding *finding, const char *name)
{
    Error invalid;
    bool is_found = false, is_known = true;
    bool by_pattern = is_pattern(name) && !many_is_name(finding->hosts, name);
    if (!vm_check_name(name, &invalid)) {
        *add_error(finding) = invalid;
        return;
    }
    for (size_t i = 0; i < finding->hosts->count; i++) {
        const ManyHost *host = &finding->hosts->items[i];
        is_known = is_known && host->key != NULL;
        is_found = (host->key != NULL && find_on(finding, host, name, by_pattern)) || is_found;
    }
    if (!is_found && is_known)
        tell_unknown(finding, name);
}

/* The commonest slip: a name with blanks without quotes. */
static void hint_at_quotes(Finding *finding, const StringList *words)
{
    Str whole;
    str_init(&whole, LIMIT_ARGUMENT_BYTES + LIMIT_ARGUMENT_COUNT);
    for (size_t i = 0; i < words->count; i++)
        str_appendf(&whole, "%s%s", i > 0 ? " " : "", words->items[i]);
    if (words->count > 1 && finding->errors.count > 0 && many_is_name(finding->hosts, str_text(&whole)))
        (void) error_hint(&finding->errors.items[0], "put a name with blanks in quotes: -VM \"%s\"", str_text(&whole));
    str_release(&whole);
}

static bool has_earlier(const ManyHostList *hosts, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (hosts->items[i].key != NULL && strcmp(hosts->items[i].key, hosts->items[index].key) == 0)
            return true;
    }
    return false;
}

bool many_find(const StringList *words, const ManyHostList *hosts, Arena *arena, ManyTargetList *ret_targets,
               ErrorList *ret_errors, Error *err)
{
    Finding finding = { .hosts = hosts, .arena = arena };
    StringList names;
    ManyHostList known = *hosts;
    if (!param_names_split(words, is_name, &known, arena, &names, err))
        return error_prefix(err, "-VM");
    for (size_t i = 0; i < names.count; i++)
        find_name(&finding, names.items[i]);
    hint_at_quotes(&finding, words);
    for (size_t i = 0; i < hosts->count; i++) {
        const ManyHost *host = &hosts->items[i];
        if (host->key == NULL || (words->count == 0 && !has_earlier(hosts, i))) {
            ManyTarget target = { .host = host };
            ARRAY_PUSH(arena, &finding.targets, target);
        }
    }
    if (finding.targets.count > LIMIT_TARGETS)
        return error_set(err, ERR_USAGE, "more than %d VMs and hosts at once", (int) LIMIT_TARGETS);
    *ret_targets = finding.targets;
    *ret_errors = finding.errors;
    return true;
}

static ManyTarget *find_host(const ManyTargetList *targets, const ManyTarget *of)
{
    for (size_t i = 0; i < targets->count; i++) {
        const char *key = targets->items[i].host->key;
        if (key != NULL && of->host->key != NULL && strcmp(key, of->host->key) == 0)
            return &targets->items[i];
    }
    return NULL;
}

ManyTargetList many_by_host(const ManyTargetList *targets, Arena *arena)
{
    ManyTargetList by_host = { 0 };
    for (size_t i = 0; i < targets->count; i++) {
        const ManyTarget *target = &targets->items[i];
        ManyTarget *host = find_host(&by_host, target);
        if (host == NULL) {
            ManyTarget whole = { .host = target->host };
            ARRAY_PUSH(arena, &by_host, whole);
            host = &by_host.items[by_host.count - 1];
        }
        if (target->vm != NULL)
            ARRAY_PUSH(arena, &host->ids, vm_id_text(target->vm->guid, arena));
    }
    return by_host;
}
