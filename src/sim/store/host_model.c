/* SPDX-License-Identifier: MIT */
/* The object store of a simulated host: classes as this build of Windows has them, objects, lookup by key. */
#include "sim/store/host_model.h"

#include "base/alloc.h"
#include "base/ascii.h"
#include "base/check.h"
#include "base/str.h"
#include "cim/path.h"
#include "platform/fs.h"
#include "sim/store/defaults.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_BUCKETS = 1024 };

/* ---- classes ---- */

static bool exists_on(uint32_t since, uint32_t until, uint32_t build)
{
    return since <= build && (until == 0 || build <= until);
}

/* Superclass first; a property that a subclass declares again keeps its place and takes the new declaration. */
static void flatten(const SimHost *host, SimClass *class, bool *is_key, const CimClassDecl *decl)
{
    if (decl->superclass != NULL) {
        const CimClassDecl *superclass = cim_class_find(decl->ns, decl->superclass);
        CHECK(superclass != NULL);
        flatten(host, class, is_key, superclass);
    }
    for (size_t i = 0; i < decl->property_count; i++) {
        const CimPropertyDecl *property = &decl->properties[i];
        if (!exists_on(property->since, property->until, host->build))
            continue;
        size_t at = 0;
        while (at < class->count && !ascii_equals(class->properties[at]->name, property->name))
            at++;
        class->properties[at] = property;
        is_key[at] = is_key[at] || property->is_key;
        if (at == class->count)
            class->count++;
    }
}

static size_t count_properties(const CimClassDecl *decl)
{
    size_t count = decl->property_count;
    return decl->superclass == NULL ? count : count + count_properties(cim_class_find(decl->ns, decl->superclass));
}

static void sort_by_name(SimHost *host, SimClass *class)
{
    size_t *by_name = ARENA_NEW_ARRAY(&host->arena, size_t, class->count);
    for (size_t i = 0; i < class->count; i++) {
        size_t at = i;
        for (; at > 0 && ascii_casecmp(class->properties[by_name[at - 1]]->name, class->properties[i]->name) > 0; at--)
            by_name[at] = by_name[at - 1];
        by_name[at] = i;
    }
    class->by_name = by_name;
}

static void apply_defaults(SimHost *host, const CimClassDecl *decl, CimInstance *row)
{
    if (decl->superclass != NULL)
        apply_defaults(host, cim_class_find(decl->ns, decl->superclass), row);
    sim_defaults_apply(decl, host->knobs.german, &host->arena, row);
}

static void make_class(SimHost *host, SimClass *class, const CimClassDecl *decl)
{
    class->decl = decl;
    bool *is_key = ARENA_NEW_ARRAY(&host->arena, bool, count_properties(decl));
    class->properties = ARENA_NEW_ARRAY(&host->arena, const CimPropertyDecl *, count_properties(decl));
    class->is_key = is_key;
    flatten(host, class, is_key, decl);
    sort_by_name(host, class);
    CimInstance row = { .properties = ARENA_NEW_ARRAY(&host->arena, CimProperty, class->count), .count = class->count };
    for (size_t i = 0; i < class->count; i++) {
        const CimPropertyDecl *property = class->properties[i];
        row.properties[i].name = property->name;
        row.properties[i].value = property->is_array ? cim_null_array(property->type) : cim_null(property->type);
    }
    apply_defaults(host, decl, &row);
    class->defaults = row.properties;
}

SimHost *sim_host_create(const char *name, uint32_t build, bool has_hyperv, const SimKnobs *knobs)
{
    SimHost *host = alloc_zeroed(sizeof(*host));
    host->name = arena_strdup(&host->arena, name);
    host->build = build;
    host->has_hyperv = has_hyperv;
    host->variant = "";
    host->knobs = *knobs;
    host->last_applied = cim_instance_create(&host->arena, "");
    host->disk_parents = cim_instance_create(&host->arena, "");
    host->classes = ARENA_NEW_ARRAY(&host->arena, SimClass, cim_class_count());
    for (size_t i = 0; i < cim_class_count(); i++) {
        const CimClassDecl *decl = cim_class_at(i);
        if (decl->since <= build && (has_hyperv || !cim_namespace_equals(decl->ns, NS_VIRTUALIZATION)))
            make_class(host, &host->classes[host->class_count++], decl);
    }
    for (size_t i = 0; i < host->class_count; i++) {
        SimClass *class = &host->classes[i];
        if (class->decl->superclass != NULL)
            class->superclass = sim_class_find(host, class->decl->ns, class->decl->superclass);
    }
    host->bucket_count = FIRST_BUCKETS;
    host->buckets = ARENA_NEW_ARRAY(&host->arena, SimObject *, host->bucket_count);
    return host;
}

void sim_host_destroy(SimHost *host)
{
    if (host == NULL)
        return;
    arena_release(&host->arena);
    free(host);
}

const char *sim_host_name(const SimHost *host)
{
    return host->name;
}

void sim_host_set_file(SimHost *host, const char *file)
{
    size_t length = strlen(file);
    while (length > 0 && strchr("/\\", file[length - 1]) == NULL)
        length--;
    if (*file != '\0')
        host->folder = length > 0 ? arena_strndup(&host->arena, file, length) : ".";
}

const char *sim_host_place(const SimHost *host, const char *path, Arena *arena)
{
    bool is_absolute = *path == '/' || strchr(path, ':') != NULL || host->folder == NULL;
    return is_absolute ? path : fs_join(arena, host->folder, path);
}

const char *sim_host_drives(const SimHost *host, Arena *arena)
{
    return host->drives == NULL ? NULL : sim_host_place(host, host->drives, arena);
}

unsigned sim_host_address_bits(const SimHost *host)
{
    return (unsigned) host->knobs.address_bits;
}

bool sim_host_is_captured(const SimHost *host)
{
    return host->is_captured;
}

uint64_t sim_host_changes(const SimHost *host)
{
    return host->changes;
}

SimClass *sim_class_find(const SimHost *host, const char *ns, const char *name)
{
    const CimClassDecl *decl = cim_class_find(ns, name);
    for (size_t i = 0; decl != NULL && i < host->class_count; i++) {
        if (host->classes[i].decl == decl)
            return &host->classes[i];
    }
    return NULL;
}

bool sim_class_is_a(const SimClass *class, const char *name)
{
    while (class != NULL && !ascii_equals(class->decl->name, name))
        class = class->superclass;
    return class != NULL;
}

size_t sim_class_index(const SimClass *class, const char *property)
{
    size_t low = 0, high = class->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        size_t index = class->by_name[middle];
        int order = ascii_casecmp(class->properties[index]->name, property);
        if (order == 0)
            return index;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return SIZE_MAX;
}

/* ---- keys ---- */

static uint64_t hash_text(const char *text)
{
    uint64_t hash = UINT64_C(14695981039346656037); /* FNV-1a */
    for (; *text != '\0'; text++)
        hash = (hash ^ (unsigned char) *text) * UINT64_C(1099511628211);
    return hash;
}

/* Class and key values, lower case, one per line. */
static void make_key(Str *key, const SimClass *class, const char *const *values, size_t count)
{
    str_init(key, SIZE_MAX);
    str_append(key, class->decl->name);
    for (size_t i = 0; i < count; i++) {
        str_append_char(key, '\n');
        str_append(key, values[i]);
    }
    for (char *c = key->text; *c != '\0'; c++)
        *c = ascii_lower(*c);
}

static SimObject **bucket_of(const SimHost *host, const char *key)
{
    return &host->buckets[hash_text(key) & (host->bucket_count - 1)];
}

static SimObject *find_key(const SimHost *host, const char *key)
{
    SimObject *object = *bucket_of(host, key);
    while (object != NULL && strcmp(object->key, key) != 0)
        object = object->next;
    return object;
}

static void grow_buckets(SimHost *host)
{
    size_t old_count = host->bucket_count;
    SimObject **old = host->buckets;
    host->bucket_count *= 4;
    host->buckets = ARENA_NEW_ARRAY(&host->arena, SimObject *, host->bucket_count);
    for (size_t i = 0; i < old_count; i++) {
        for (SimObject *object = old[i], *next; object != NULL; object = next) {
            next = object->next;
            SimObject **bucket = bucket_of(host, object->key);
            object->next = *bucket;
            *bucket = object;
        }
    }
}

SimObject *sim_object_find(const SimHost *host, const SimClass *class, const char *const *keys, size_t count)
{
    Str key;
    make_key(&key, class, keys, count);
    SimObject *object = find_key(host, key.text);
    str_release(&key);
    return object;
}

/* Positions of the keys in the class, in alphabetical order of their names. */
static size_t key_positions(const SimClass *class, size_t positions[SIM_KEYS_MAX])
{
    size_t count = 0;
    for (size_t i = 0; i < class->count; i++) {
        if (!class->is_key[class->by_name[i]])
            continue;
        CHECK(count < SIM_KEYS_MAX);
        positions[count++] = class->by_name[i];
    }
    return count;
}

/* ---- objects ---- */

SimObject *sim_object_create(SimHost *host, SimClass *class)
{
    CHECK(class != NULL);
    SimObject *object = ARENA_NEW(&host->arena, SimObject);
    object->class = class;
    object->row.class_name = class->decl->name;
    object->row.properties = arena_memdup(&host->arena, class->defaults, class->count * sizeof(CimProperty));
    object->row.count = class->count;
    return object;
}

bool sim_object_insert(SimHost *host, SimObject *object)
{
    size_t positions[SIM_KEYS_MAX];
    const char *values[SIM_KEYS_MAX] = { 0 };
    size_t count = key_positions(object->class, positions);
    for (size_t i = 0; i < count; i++) {
        const CimValue *value = &object->row.properties[positions[i]].value;
        if (value->is_null || !cim_type_is_text(value->type))
            return false;
        values[i] = value->text;
    }
    Str key;
    make_key(&key, object->class, values, count);
    object->key = arena_strdup(&host->arena, key.text);
    str_release(&key);
    if (count == 0 || find_key(host, object->key) != NULL)
        return false;
    if (host->object_count >= host->bucket_count)
        grow_buckets(host);
    SimObject **bucket = bucket_of(host, object->key);
    object->next = *bucket;
    *bucket = object;
    host->object_count++;
    host->changes++;
    ARRAY_PUSH(&host->arena, &object->class->objects, object);
    return true;
}

void sim_object_remove(SimHost *host, SimObject *object)
{
    SimObject **link = bucket_of(host, object->key);
    while (*link != object) {
        CHECK(*link != NULL);
        link = &(*link)->next;
    }
    *link = object->next;
    SimObjects *list = &object->class->objects;
    size_t at = 0;
    while (list->items[at] != object)
        at++;
    list->count--;
    memmove(&list->items[at], &list->items[at + 1], (list->count - at) * sizeof(SimObject *));
    host->object_count--;
    host->changes++;
}

void sim_object_set(SimHost *host, SimObject *object, const char *property, CimValue value)
{
    size_t index = sim_class_index(object->class, property);
    if (index == SIZE_MAX) {
        CHECK(cim_class_property(object->class->decl, property) != NULL);
        return;
    }
    const CimPropertyDecl *decl = object->class->properties[index];
    CHECK(decl->type == value.type && decl->is_array == value.is_array);
    CimValue *old = &object->row.properties[index].value;
    if (cim_value_equals(old, &value))
        return;
    *old = cim_value_copy(&value, &host->arena);
    host->changes++;
}

void sim_object_set_text(SimHost *host, SimObject *object, const char *property, const char *text)
{
    const CimPropertyDecl *decl = cim_class_property(object->class->decl, property);
    CHECK(decl != NULL);
    sim_object_set(host, object, property, cim_text(decl->type, text));
}

void sim_object_set_uint(SimHost *host, SimObject *object, const char *property, uint64_t value)
{
    const CimPropertyDecl *decl = cim_class_property(object->class->decl, property);
    CHECK(decl != NULL);
    sim_object_set(host, object, property, cim_uint(decl->type, value));
}

void sim_object_set_boolean(SimHost *host, SimObject *object, const char *property, bool value)
{
    sim_object_set(host, object, property, cim_boolean(value));
}

void sim_object_set_time(SimHost *host, SimObject *object, const char *property, int64_t unix_ms)
{
    sim_object_set_text(host, object, property, cim_datetime_format(&host->arena, unix_ms));
}

void sim_object_set_numbers(SimHost *host, SimObject *object, const char *property, const uint16_t *values,
                            size_t count)
{
    CimValue *items = ARENA_NEW_ARRAY(&host->arena, CimValue, count);
    for (size_t i = 0; i < count; i++)
        items[i] = cim_uint(CIM_TYPE_UINT16, values[i]);
    sim_object_set(host, object, property, cim_array(CIM_TYPE_UINT16, items, count));
}

void sim_object_set_texts(SimHost *host, SimObject *object, const char *property, const char *const *texts,
                          size_t count)
{
    sim_object_set(host, object, property, cim_text_array(&host->arena, CIM_TYPE_STRING, texts, count));
}

const CimValue *sim_object_value(const SimObject *object, const char *property)
{
    size_t index = sim_class_index(object->class, property);
    return index == SIZE_MAX ? NULL : &object->row.properties[index].value;
}

const char *sim_object_text(const SimObject *object, const char *property)
{
    const CimValue *value = sim_object_value(object, property);
    return value == NULL || value->is_null || value->is_array || !cim_type_is_text(value->type) ? "" : value->text;
}

uint64_t sim_object_uint(const SimObject *object, const char *property)
{
    const CimValue *value = sim_object_value(object, property);
    return value == NULL || value->is_null || value->is_array || !cim_type_is_unsigned(value->type) ? 0 : value->uint;
}

bool sim_object_boolean(const SimObject *object, const char *property)
{
    const CimValue *value = sim_object_value(object, property);
    return value != NULL && !value->is_null && value->type == CIM_TYPE_BOOLEAN && value->boolean;
}

bool sim_object_is(const SimObject *object, const char *class_name)
{
    return sim_class_is_a(object->class, class_name);
}

/* ---- paths ---- */

const char *sim_path_of(const SimHost *host, const SimClass *class, const CimInstance *row, Arena *arena)
{
    size_t positions[SIM_KEYS_MAX];
    CimProperty keys[SIM_KEYS_MAX];
    size_t count = key_positions(class, positions);
    for (size_t i = 0; i < count; i++)
        keys[i] = row->properties[positions[i]];
    CimPath path = { .host = host->name, .ns = class->decl->ns, .class_name = class->decl->name, .keys = keys,
                     .count = count };
    return cim_path_format(&path, arena);
}

const char *sim_object_path(const SimHost *host, const SimObject *object, Arena *arena)
{
    return sim_path_of(host, object->class, &object->row, arena);
}

bool sim_path_keys(const SimClass *class, const CimPath *path, const char *values[SIM_KEYS_MAX], size_t *ret_count)
{
    size_t positions[SIM_KEYS_MAX];
    size_t count = key_positions(class, positions);
    if (count != path->count)
        return false;
    for (size_t i = 0; i < count; i++) {
        values[i] = cim_path_key(path, class->properties[positions[i]]->name);
        if (values[i] == NULL)
            return false;
    }
    *ret_count = count;
    return true;
}

SimObject *sim_object_at(const SimHost *host, const char *ns, const char *text)
{
    Arena scratch = ARENA_INIT;
    Error ignored; /* what cannot be read names nothing */
    CimPath path;
    const char *values[SIM_KEYS_MAX];
    size_t count;
    SimObject *object = NULL;
    if (text != NULL && cim_path_parse(text, &scratch, &path, &ignored)) {
        const SimClass *class = sim_class_find(host, ns, path.class_name);
        if (class != NULL && sim_path_keys(class, &path, values, &count))
            object = sim_object_find(host, class, values, count);
    }
    arena_release(&scratch);
    return object;
}

SimObject *sim_object_by_instance_id(const SimHost *host, const char *class_name, const char *instance_id)
{
    SimObject *object = NULL;
    for (size_t i = 0; object == NULL && i < host->class_count; i++) {
        const SimClass *class = &host->classes[i];
        if (class->objects.count > 0 && sim_class_is_a(class, class_name))
            object = sim_object_find(host, class, &instance_id, 1);
    }
    return object;
}

/* ---- walking ---- */

SimWalk sim_walk(const SimHost *host, const char *class_name)
{
    return sim_walk_in(host, NS_VIRTUALIZATION, class_name);
}

SimWalk sim_walk_in(const SimHost *host, const char *ns, const char *class_name)
{
    return (SimWalk){ .host = host, .ns = ns, .class_name = class_name };
}

SimObject *sim_walk_next(SimWalk *walk)
{
    for (; walk->class_index < walk->host->class_count; walk->class_index++, walk->object_index = 0) {
        const SimClass *class = &walk->host->classes[walk->class_index];
        if (walk->object_index == 0 &&
            (class->objects.count == 0 || !cim_namespace_equals(class->decl->ns, walk->ns) ||
             !sim_class_is_a(class, walk->class_name)))
            continue;
        if (walk->object_index < class->objects.count)
            return class->objects.items[walk->object_index++];
    }
    return NULL;
}
