/* SPDX-License-Identifier: MIT */
/* Differencing disks. Names of the files, and that a merge goes from the child into the parent: reports of users and
 * Microsoft's article on merging checkpoints with many differencing disks. */
#include "sim/services/disks.h"

#include "base/ascii.h"
#include "base/check.h"
#include "base/compiler.h"
#include "base/guid.h"
#include "sim/store/vm_model.h"

#include <string.h>

#define STORAGE "Msvm_StorageAllocationSettingData"
#define DATA_FILE "CIM_DataFile"

/* ---- files ---- */

/* WMI tells the names of files in lower case. */
static SimObject *find_file(const SimHost *host, const char *path)
{
    return sim_object_find(host, sim_class_find(host, NS_CIMV2, DATA_FILE), &path, 1);
}

void sim_disk_add(SimHost *host, const char *path, const char *parent, uint64_t size)
{
    SimObject *file = sim_object_create(host, sim_class_find(host, NS_CIMV2, DATA_FILE));
    char *name = arena_strdup(&host->arena, path);
    for (char *c = name; *c != '\0'; c++)
        *c = ascii_lower(*c);
    const char *base = strrchr(name, '\\'), *extension = strrchr(name, '.');
    sim_object_set_text(host, file, "Name", name);
    sim_object_set_uint(host, file, "FileSize", size);
    if (base != NULL && extension != NULL && base < extension && name[1] == ':') {
        sim_object_set_text(host, file, "Drive", arena_strndup(&host->arena, name, 2));
        sim_object_set_text(host, file, "Path", arena_strndup(&host->arena, name + 2, (size_t) (base - name) - 1));
        sim_object_set_text(host, file, "FileName",
                            arena_strndup(&host->arena, base + 1, (size_t) (extension - base) - 1));
        sim_object_set_text(host, file, "Extension", extension + 1);
    }
    if (parent != NULL)
        cim_instance_set(host->disk_parents, &host->arena, arena_strdup(&host->arena, path),
                         cim_string(arena_strdup(&host->arena, parent)));
    if (sim_object_insert(host, file) || parent != NULL)
        host->changes++;
}

static void remove_file(SimHost *host, const char *path)
{
    SimObject *file = find_file(host, path);
    if (file != NULL)
        sim_object_remove(host, file);
    CimInstance *map = host->disk_parents;
    for (size_t i = map->count; i-- > 0;) {
        if (ascii_equals(map->properties[i].name, path))
            map->properties[i] = map->properties[--map->count];
    }
    host->changes++;
}

/* ---- who stands on which file ---- */

/* NULL: none. */
static const char *file_of(const SimObject *storage)
{
    size_t count;
    const CimValue *items = cim_instance_array(&storage->row, "HostResource", &count);
    return count > 0 ? items[0].text : NULL;
}

static void set_file(SimHost *host, SimObject *storage, const char *path)
{
    sim_object_set_texts(host, storage, "HostResource", &path, 1);
}

static bool is_used(const SimHost *host, const char *path)
{
    SimWalk walk = sim_walk(host, STORAGE);
    for (const SimObject *storage; (storage = sim_walk_next(&walk)) != NULL;) {
        const char *file = file_of(storage);
        if (file != NULL && ascii_equals(file, path))
            return true;
    }
    return false;
}

/* The file itself where it is no differencing disk. A state file may have a circle. */
static const char *root_of(const SimHost *host, const char *path)
{
    for (size_t i = 0; i < host->disk_parents->count; i++) {
        const char *parent = cim_instance_text(host->disk_parents, path);
        if (parent == NULL)
            break;
        path = parent;
    }
    return path;
}

/* Some configuration of the VM stands on the same root. */
static bool is_of_vm(const SimHost *host, const SimObject *vm, const char *path)
{
    const char *root = root_of(host, path);
    SimWalk walk = sim_walk(host, STORAGE);
    for (const SimObject *storage; (storage = sim_walk_next(&walk)) != NULL;) {
        const SimObject *settings = sim_resource_settings(host, storage);
        const char *file = file_of(storage);
        if (settings != NULL && file != NULL && sim_settings_vm(host, settings) == vm &&
            ascii_equals(root_of(host, file), root))
            return true;
    }
    return false;
}

/* How many disks are children of the file; one of them. */
static size_t count_children(const SimHost *host, const char *path, const char **ret_child)
{
    size_t count = 0;
    for (size_t i = 0; i < host->disk_parents->count; i++) {
        const CimProperty *disk = &host->disk_parents->properties[i];
        if (!ascii_equals(disk->value.text, path))
            continue;
        *ret_child = disk->name;
        count++;
    }
    return count;
}

/* ---- branching ---- */

static bool is_hard_disk(const char *path)
{
    static const char *const extensions[] = { ".vhdx", ".avhdx", ".vhd", ".avhd" };
    for (size_t i = 0; i < COUNT_OF(extensions); i++) {
        if (ascii_ends_with(path, extensions[i]))
            return true;
    }
    return false; /* a DVD */
}

/* "C:\disks\lab_0A43B27E-....avhdx", for "C:\disks\lab.vhdx" and for an older branch of it. */
static const char *branch_name(const char *path, const char *id, Arena *arena)
{
    size_t length = (size_t) (strrchr(path, '.') - path);
    const char *extension = ascii_ends_with(path, "x") ? ".avhdx" : ".avhd";
    if (length > GUID_TEXT_LENGTH && path[length - GUID_TEXT_LENGTH - 1] == '_' &&
        guid_is_prefix(path + length - GUID_TEXT_LENGTH))
        length -= GUID_TEXT_LENGTH + 1;
    return arena_printf(arena, "%.*s_%s%s", (int) length, path, id, extension);
}

void sim_disks_branch(SimHost *host, const SimObject *settings, const char *id, uint64_t size)
{
    Arena scratch = ARENA_INIT;
    SimObjects disks = sim_settings_resources(host, settings, STORAGE, &scratch);
    for (size_t i = 0; i < disks.count; i++) {
        const char *parent = file_of(disks.items[i]);
        if (parent == NULL || !is_hard_disk(parent))
            continue;
        const char *path = branch_name(parent, id, &host->arena);
        sim_disk_add(host, path, parent, size);
        set_file(host, disks.items[i], path);
    }
    arena_release(&scratch);
}

void sim_disks_share(SimHost *host, const SimObject *settings, const SimObject *with)
{
    Arena scratch = ARENA_INIT;
    SimObjects disks = sim_settings_resources(host, settings, STORAGE, &scratch);
    SimObjects others = sim_settings_resources(host, with, STORAGE, &scratch);
    for (size_t i = 0; i < disks.count; i++) {
        for (size_t k = 0; k < others.count; k++) {
            if (ascii_equals(sim_resource_device(disks.items[i]), sim_resource_device(others.items[k])))
                sim_object_set(host, disks.items[i], "HostResource",
                               *sim_object_value(others.items[k], "HostResource"));
        }
    }
    arena_release(&scratch);
}

/* ---- merging ---- */

/* A disk of the VM that nothing needs: *ret_child NULL: a leaf; else its only child. NULL: there is none. */
static const char *find_needless(const SimHost *host, const SimObject *vm, bool leaf, const char **ret_child)
{
    for (size_t i = 0; i < host->disk_parents->count; i++) {
        const CimProperty *disk = &host->disk_parents->properties[i];
        const char *path = leaf ? disk->name : disk->value.text, *child = NULL;
        if (count_children(host, path, &child) != (leaf ? 0 : 1) || is_used(host, path) || !is_of_vm(host, vm, path))
            continue;
        *ret_child = child;
        return path;
    }
    return NULL;
}

void sim_disks_drop_unused(SimHost *host, const SimObject *vm)
{
    const char *child;
    for (const char *path; (path = find_needless(host, vm, true, &child)) != NULL;)
        remove_file(host, path);
}

bool sim_disks_need_merge(const SimHost *host, const SimObject *vm)
{
    const char *child;
    return find_needless(host, vm, false, &child) != NULL;
}

/* Unverified: the size afterwards; it lies between that of the larger file and that of both together. */
static void merge(SimHost *host, const char *child, const char *parent)
{
    SimObject *into = find_file(host, parent), *from = find_file(host, child);
    if (into != NULL && from != NULL)
        sim_object_set_uint(host, into, "FileSize",
                            sim_object_uint(into, "FileSize") + sim_object_uint(from, "FileSize"));
    for (size_t i = 0; i < host->disk_parents->count; i++) {
        CimProperty *disk = &host->disk_parents->properties[i];
        if (ascii_equals(disk->value.text, child))
            disk->value.text = parent;
    }
    SimWalk walk = sim_walk(host, STORAGE);
    for (SimObject *storage; (storage = sim_walk_next(&walk)) != NULL;) {
        const char *file = file_of(storage);
        if (file != NULL && ascii_equals(file, child))
            set_file(host, storage, parent);
    }
    remove_file(host, child);
}

void sim_disks_merge(SimHost *host, const SimObject *vm)
{
    const char *child;
    for (const char *parent; (parent = find_needless(host, vm, false, &child)) != NULL;)
        merge(host, child, parent);
    sim_disks_drop_unused(host, vm);
}
