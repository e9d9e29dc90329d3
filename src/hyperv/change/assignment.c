/* SPDX-License-Identifier: MIT */
#include "hyperv/change/assignment.h"

#include "base/ascii.h"
#include "base/check.h"
#include "cim/path.h"

#include <string.h>

enum { RETURN_INVALID_PARAMETER = 32773 }; /* of a method, and as ErrorCode of its job */

enum {
    ROUND_LIMIT = 16, /* far above what any sequence of partial successes needs */
    OTHERS_LOOKS = 20,
    OTHERS_DELAY_MS = 500, /* between the looks: what another HyperPoint needs between two calls, jobs apart */
};

typedef struct IndexList {
    size_t *items;
    size_t count;
    size_t capacity;
} IndexList;

/* What one comparison found. */
typedef struct Difference {
    IndexList remove, foreign; /* in the rows */
    IndexList add, modify;     /* in the wanted adapters */
} Difference;

typedef struct Work {
    HyperVHost *host;
    const Vm *vm;
    const char *service_path;
    const Assignment *assignment;
    Arena *arena;
    GpuPartitionList rows;
    bool rows_are_fresh; /* read after the last change */
    bool *is_ours;       /* per wanted adapter: put on (or claimed) here, so its settings are ours to write */
    bool one_by_one;
    bool refused;
    bool warned_foreign;
    bool waited;
} Work;

/* ---- comparing ---- */

/* The addition that is this row: that of its ID, else one of its GPU; "any": whatever ID that has. */
static GpuPartition *find_addition(GpuPartitionList *undo, const GpuPartition *row, bool any, const bool *used)
{
    GpuPartition *found = NULL;
    for (size_t i = 0; undo != NULL && i < undo->count; i++) {
        GpuPartition *addition = &undo->items[i];
        if (used[i])
            continue;
        if (addition->adapter_id != NULL && row->adapter_id != NULL &&
            ascii_equals(addition->adapter_id, row->adapter_id))
            return addition;
        if (found == NULL && (any || addition->adapter_id == NULL) && partition_same_gpu(addition, row))
            found = addition;
    }
    return found;
}

static bool is_foreign(const Work *work, const GpuPartition *row)
{
    const StringList *foreign = work->assignment->foreign;
    return foreign != NULL && partition_id_in(foreign, row->adapter_id);
}

static bool can_serve(const Work *work, const GpuPartition *row, const GpuPartition *wanted, bool as_it_is)
{
    const GpuPartitionList *remove = work->assignment->remove;
    return !is_foreign(work, row) && partition_same_gpu(row, wanted) &&
           (as_it_is ? partition_has_settings(row, wanted) : partition_can_become(row, wanted)) &&
           (remove == NULL || partition_find(remove, row->adapter_id) == NULL);
}

static bool claimed_by_id(const Work *work, size_t wanted_index, size_t row_index)
{
    const GpuPartition *wanted = &work->assignment->want->items[wanted_index];
    const GpuPartition *row = &work->rows.items[row_index];
    return wanted->adapter_id != NULL && ascii_equals(row->adapter_id, wanted->adapter_id) &&
           (!work->is_ours[wanted_index] || partition_same_gpu(row, wanted));
}

static bool are_alike(const GpuPartition *a, const GpuPartition *b)
{
    return partition_same_gpu(a, b) && partition_has_settings(a, b) && partition_has_settings(b, a);
}

/* Rows that are alike serve in their order, so that adapters that were put on one after the other stay so. */
static void keep_order(const Work *work, size_t *row_of)
{
    for (size_t i = 0; i < work->assignment->want->count; i++) {
        for (size_t k = 0; k < i; k++) {
            size_t first = row_of[k], second = row_of[i];
            if (first == SIZE_MAX || second == SIZE_MAX || first < second || claimed_by_id(work, k, first) ||
                claimed_by_id(work, i, second) || !are_alike(&work->rows.items[first], &work->rows.items[second]))
                continue;
            row_of[k] = second;
            row_of[i] = first;
        }
    }
}

/* Which row serves which wanted adapter; SIZE_MAX: none. */
static void match(const Work *work, size_t *row_of, bool *claimed)
{
    const GpuPartitionList *want = work->assignment->want;
    for (size_t i = 0; i < want->count; i++) {
        row_of[i] = SIZE_MAX;
        for (size_t j = 0; j < work->rows.count; j++) {
            if (claimed_by_id(work, i, j)) {
                row_of[i] = j;
                claimed[j] = true;
            }
        }
    }
    /* Adapters that were put on without our learning their IDs are recognised by their GPU: those with the right
     * settings first. */
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < want->count; i++) {
            for (size_t j = 0; row_of[i] == SIZE_MAX && j < work->rows.count; j++) {
                if (!claimed[j] && can_serve(work, &work->rows.items[j], &want->items[i], pass == 0)) {
                    row_of[i] = j;
                    claimed[j] = true;
                }
            }
        }
    }
    keep_order(work, row_of);
}

static Difference compare(Work *work)
{
    Arena *arena = work->arena;
    GpuPartitionList *want = work->assignment->want;
    size_t *row_of = ARENA_NEW_ARRAY(arena, size_t, want->count);
    bool *claimed = ARENA_NEW_ARRAY(arena, bool, work->rows.count);
    match(work, row_of, claimed);

    Difference difference = { .remove = { 0 } };
    for (size_t i = 0; i < want->count; i++) {
        GpuPartition *wanted = &want->items[i];
        if (row_of[i] == SIZE_MAX) {
            if (!wanted->is_gone)
                ARRAY_PUSH(arena, &difference.add, i);
            continue;
        }
        const GpuPartition *row = &work->rows.items[row_of[i]];
        if (wanted->adapter_id == NULL || !ascii_equals(wanted->adapter_id, row->adapter_id)) {
            if (wanted->previous_id == NULL)
                wanted->previous_id = wanted->adapter_id;
            wanted->adapter_id = row->adapter_id;
            work->is_ours[i] = true;
        }
        if (work->is_ours[i] && !partition_has_settings(row, wanted))
            ARRAY_PUSH(arena, &difference.modify, i);
    }

    GpuPartitionList *undo = work->assignment->undo;
    bool *undone = ARENA_NEW_ARRAY(arena, bool, undo != NULL ? undo->count : 0);
    /* An addition that has become a wanted adapter is not there to be taken off any more. */
    for (size_t i = 0; i < want->count; i++) {
        const GpuPartition *used =
            work->is_ours[i] ? find_addition(undo, &want->items[i], true, undone) : NULL;
        if (used != NULL)
            undone[used - undo->items] = true;
    }
    for (size_t j = 0; j < work->rows.count; j++) {
        const GpuPartition *row = &work->rows.items[j];
        if (claimed[j])
            continue;
        GpuPartition *added = is_foreign(work, row) ? NULL : find_addition(undo, row, false, undone);
        bool is_removable =
            work->assignment->remove != NULL && partition_find(work->assignment->remove, row->adapter_id) != NULL;
        if (added != NULL) {
            undone[added - undo->items] = true;
            added->adapter_id = row->adapter_id;
        }
        if (added != NULL || is_removable)
            ARRAY_PUSH(arena, &difference.remove, j);
        else
            ARRAY_PUSH(arena, &difference.foreign, j);
    }
    return difference;
}

/* ---- acting ---- */

static bool call(Work *work, const char *method, const CimInstance *in, const char *what, CallResult *ret_result,
                 Error *err)
{
    bool ok = host_call(work->host, work->service_path, method, in, what, work->arena, ret_result, err);
    work->rows_are_fresh = false;
    return ok;
}

static bool remove_adapters(Work *work, const size_t *rows, size_t count, Error *err)
{
    const char **paths = ARENA_NEW_ARRAY(work->arena, const char *, count);
    for (size_t i = 0; i < count; i++)
        paths[i] = partition_path(work->rows.items[rows[i]].adapter_id, work->arena);
    CimInstance *in = cim_instance_create(work->arena, "RemoveResourceSettings");
    cim_instance_set(in, work->arena, "ResourceSettings",
                     cim_text_array(work->arena, CIM_TYPE_REFERENCE, paths, count));
    if (!call(work, "RemoveResourceSettings", in, "take the GPUs off", NULL, err))
        return false;
    for (size_t i = 0; work->assignment->taken_off != NULL && i < count; i++)
        ARRAY_PUSH(work->arena, work->assignment->taken_off, work->rows.items[rows[i]].adapter_id);
    for (size_t i = count; i-- > 0;) {
        GpuPartition *items = work->rows.items;
        memmove(&items[rows[i]], &items[rows[i] + 1], (work->rows.count - rows[i] - 1) * sizeof(*items));
        work->rows.count--;
    }
    return true;
}

static const CimInstance *settings_parameter(Work *work, const char *method, const CimValue *items, size_t count)
{
    CimInstance *in = cim_instance_create(work->arena, method);
    cim_instance_set(in, work->arena, "ResourceSettings", cim_array(CIM_TYPE_INSTANCE, items, count));
    return in;
}

/* Adapters that a job has added: their rows, if the host lists them with the job. */
static bool take_rows_of_job(Work *work, const char *job_path, size_t count)
{
    Error lost = { .code = ERR_NONE };
    CimInstanceList made;
    if (!host_job_results(work->host, job_path, "Msvm_GpuPartitionSettingData", work->arena, &made, &lost) ||
        made.count != count)
        return false;
    for (size_t i = 0; i < count; i++)
        ARRAY_PUSH(work->arena, &work->rows, partition_from_instance(made.items[i], work->arena));
    return true;
}

/* Adapters that were added at once: the answer has their paths, in the order of the request. (A host with another order
 * is found out when the adapters are read back.) */
static bool take_new_ids(Work *work, const CimInstance *out, const size_t *wanted, size_t count)
{
    StringList paths;
    cim_instance_texts(out, "ResultingResourceSettings", work->arena, &paths);
    if (paths.count != count)
        return false;
    const char **ids = ARENA_NEW_ARRAY(work->arena, const char *, count);
    for (size_t i = 0; i < count; i++) {
        Error malformed = { .code = ERR_NONE };
        CimPath path;
        if (cim_path_parse(paths.items[i], work->arena, &path, &malformed))
            ids[i] = cim_path_key(&path, "InstanceID");
        if (ids[i] == NULL)
            return false;
    }
    for (size_t i = 0; i < count; i++) {
        GpuPartition *item = &work->assignment->want->items[wanted[i]];
        if (item->previous_id == NULL)
            item->previous_id = item->adapter_id;
        item->adapter_id = ids[i];
        work->is_ours[wanted[i]] = true;
        GpuPartition row = *item;
        row.limits = (PartitionLimits){ .items = { { .is_set = false } } };
        ARRAY_PUSH(work->arena, &work->rows, row);
    }
    return true;
}

static bool look(Work *work, Error *err)
{
    if (!vm_read_partitions(work->host, work->vm, work->arena, &work->rows, err))
        return false;
    work->rows_are_fresh = true;
    return true;
}

static bool add_adapters(Work *work, const size_t *wanted, size_t count, Error *err)
{
    CimValue *items = ARENA_NEW_ARRAY(work->arena, CimValue, count);
    for (size_t i = 0; i < count; i++)
        items[i] = cim_embedded(partition_adding_instance(&work->assignment->want->items[wanted[i]], work->arena));
    CimInstance *in = cim_instance_create(work->arena, "AddResourceSettings");
    cim_instance_set(in, work->arena, "AffectedConfiguration", cim_text(CIM_TYPE_REFERENCE, work->vm->settings_path));
    cim_instance_set(in, work->arena, "ResourceSettings", cim_array(CIM_TYPE_INSTANCE, items, count));
    CallResult result;
    if (!call(work, "AddResourceSettings", in, "put the GPUs on", &result, err))
        return false;
    bool known = result.job_path != NULL ? take_rows_of_job(work, result.job_path, count)
                                         : take_new_ids(work, result.out, wanted, count);
    return known || look(work, err);
}

static bool write_limits(Work *work, const size_t *wanted, size_t count, Error *err)
{
    CimValue *items = ARENA_NEW_ARRAY(work->arena, CimValue, count);
    for (size_t i = 0; i < count; i++) {
        const GpuPartition *item = &work->assignment->want->items[wanted[i]];
        items[i] = cim_embedded(partition_limits_instance(item->adapter_id, item, work->arena));
    }
    const CimInstance *in = settings_parameter(work, "ModifyResourceSettings", items, count);
    if (!call(work, "ModifyResourceSettings", in, "write the GPUs' limits", NULL, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        const GpuPartition *item = &work->assignment->want->items[wanted[i]];
        for (size_t j = 0; j < work->rows.count; j++) {
            if (ascii_equals(work->rows.items[j].adapter_id, item->adapter_id))
                work->rows.items[j] = *item;
        }
    }
    return true;
}

/* Some hosts refuse Encode limits other than the whole. A new assignment goes without them then; an adapter that is put
 * back keeps what it had. */
static bool drop_encode_limits(Work *work, size_t wanted)
{
    GpuPartition *item = &work->assignment->want->items[wanted];
    /* The same is answered for an adapter that somebody has taken off. */
    Error lost = { .code = ERR_NONE };
    if (!item->is_new || !look(work, &lost) || partition_find(&work->rows, item->adapter_id) == NULL)
        return false;
    bool had = false;
    for (size_t i = PARTITION_LIMIT_MIN_ENCODE; i <= PARTITION_LIMIT_OPTIMAL_ENCODE; i++) {
        had = had || item->limits.items[i].is_set;
        item->limits.items[i].is_set = false;
    }
    if (had)
        work->host->report->warning(work->host->report, "the host refuses the Encode limits of a new GPU partition; "
                                                        "it gets its other limits");
    return had;
}

typedef struct Action {
    bool (*call)(Work *work, const size_t *indexes, size_t count, Error *err);
    bool backwards; /* one by one, from the last to the first */
} Action;

/* Taking one off moves those behind it. The others keep their order: the first to go on is the VM's first adapter. */
static const Action removing = { remove_adapters, true };
static const Action adding = { add_adapters, false };
static const Action writing = { write_limits, false };

/* All in one call, or each in a call of its own; the error is the first one. */
static bool act(Work *work, const Action *action, const IndexList *list, Error *err)
{
    if (!work->one_by_one)
        return action->call(work, list->items, list->count, err);
    bool ok = true;
    for (size_t i = 0; i < list->count; i++) {
        const size_t *index = &list->items[action->backwards ? list->count - 1 - i : i];
        Error own = { .code = ERR_NONE };
        bool done = action->call(work, index, 1, &own);
        if (!done && action == &writing && own.native == RETURN_INVALID_PARAMETER && drop_encode_limits(work, *index))
            done = action->call(work, index, 1, &own);
        if (!done && (ok || error_outcome_is_unknown(&own)))
            *err = own;
        ok = ok && done;
        if (!done && error_outcome_is_unknown(&own))
            break; /* look before anything else is sent */
    }
    return ok;
}

/* ---- the loop ---- */

static void warn_about_foreign(Work *work, const Difference *difference)
{
    if (work->warned_foreign || !work->rows_are_fresh)
        return;
    for (size_t i = 0; i < difference->foreign.count; i++) {
        const char *id = work->rows.items[difference->foreign.items[i]].adapter_id;
        report_warning(work->host->report, "adapter '%s' was put on by somebody else meanwhile; it stays", id);
    }
    work->warned_foreign = true;
}

static bool do_difference(Work *work, const Difference *difference, Error *err)
{
    if (difference->remove.count > 0)
        return act(work, &removing, &difference->remove, err);
    return difference->add.count > 0 ? act(work, &adding, &difference->add, err)
                                     : act(work, &writing, &difference->modify, err);
}

/* After a call that failed: lets the host come to rest and sees how far it got. */
static bool look_after_failure(Work *work, const Error *failure, Error *err)
{
    return (!error_outcome_is_unknown(failure) || host_await_jobs(work->host, work->vm->system_path, NULL, err)) &&
           look(work, err);
}

/* ---- others ---- */

/* The adapter may be off because somebody else took it off, and will put it back. */
static bool may_be_taken_by_others(const Work *work, const GpuPartition *wanted)
{
    const StringList *taken_off = work->assignment->taken_off;
    const char *id = wanted->adapter_id != NULL ? wanted->adapter_id : wanted->previous_id;
    return taken_off != NULL && id != NULL && !partition_id_in(taken_off, id);
}

static bool is_waiting(const Work *work, const Difference *difference)
{
    for (size_t i = 0; i < difference->add.count; i++) {
        if (may_be_taken_by_others(work, &work->assignment->want->items[difference->add.items[i]]))
            return true;
    }
    return false;
}

/* Gives another HyperPoint, which sees neither our lock nor our journal, time to put back what it took off: putting it
 * on as well would double it. Looks until that has happened, or for ten seconds in which the host works on nothing. */
static bool wait_for_others(Work *work, Difference *difference, Error *err)
{
    Clock *clock = work->host->session->clock;
    for (int looks = 0; !work->waited && is_waiting(work, difference) && looks <= OTHERS_LOOKS; looks++) {
        if (looks > 0)
            clock->sleep_ms(clock, OTHERS_DELAY_MS);
        if (!host_await_jobs(work->host, work->vm->system_path, NULL, err) || !look(work, err))
            return false;
        *difference = compare(work);
    }
    work->waited = true;
    return true;
}

static bool reach(Work *work, Error *err)
{
    Error first = { .code = ERR_NONE };
    size_t left_at_look = SIZE_MAX;
    for (int round = 0; round < ROUND_LIMIT; round++) {
        Difference difference = compare(work);
        if (!wait_for_others(work, &difference, err))
            return false;
        size_t left = 2 * (difference.remove.count + difference.add.count) + difference.modify.count;
        if (left == 0 && !work->rows_are_fresh && work->assignment->verify) {
            if (!look(work, err))
                return false;
            continue;
        }
        if (left == 0) {
            warn_about_foreign(work, &difference);
            return true;
        }
        if (work->rows_are_fresh) {
            if (left >= left_at_look) {
                work->refused = true; /* all has been tried and the host does not do it */
                break;
            }
            left_at_look = left;
        }
        Error failure = { .code = ERR_NONE };
        if (do_difference(work, &difference, &failure))
            continue;
        if (first.code == ERR_NONE)
            first = failure;
        host_tell_detail(work->host, &failure, "looking how far it got, then going on one by one");
        if (!work->one_by_one)
            left_at_look = SIZE_MAX;
        work->one_by_one = true;
        Error lost = { .code = ERR_NONE };
        if (!look_after_failure(work, &failure, &lost)) {
            host_tell_detail(work->host, &lost, "giving up");
            break;
        }
    }
    if (first.code == ERR_NONE)
        return error_set(err, ERR_REMOTE, "the GPU partitions of VM '%s' do not read back as they were written",
                         work->vm->name);
    *err = first;
    return false;
}

bool assignment_reach(HyperVHost *host, const Vm *vm, const char *service_path, const Assignment *assignment,
                      const GpuPartitionList *current, Arena *arena, bool *ret_refused, Error *err)
{
    Work work = {
        .host = host,
        .vm = vm,
        .service_path = service_path,
        .assignment = assignment,
        .arena = arena,
        .is_ours = ARENA_NEW_ARRAY(arena, bool, assignment->want->count),
    };
    /* What has been taken off before, or is new, is ours in every attempt: its settings have to be written. */
    for (size_t i = 0; i < assignment->want->count; i++)
        work.is_ours[i] = assignment->want->items[i].previous_id != NULL || assignment->want->items[i].is_new;
    bool ok = true;
    if (current != NULL) {
        for (size_t i = 0; i < current->count; i++)
            ARRAY_PUSH(arena, &work.rows, current->items[i]);
        work.rows_are_fresh = true;
    } else {
        ok = look(&work, err);
    }
    ok = ok && reach(&work, err);
    *ret_refused = !ok && work.refused;
    return ok;
}
