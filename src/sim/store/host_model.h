/* SPDX-License-Identifier: MIT */
/* The inside of a simulated host: its classes, its objects, and what is going on on it. For the rooms of
 * src/sim; everybody else uses sim/host.h.
 *
 * An object is a row: a class (flattened, without what this build of Windows lacks) and a value for each of its
 * properties. Associations are not stored but derived (associations.c). Memory: everything belongs to the host's
 * arena; what is replaced stays in it until the host is read again from its text, as a session does now and then. */
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "cim/path.h"
#include "cim/schema.h"
#include "cim/value.h"
#include "sim/store/host.h"
#include "sim/store/knobs.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct SimObject SimObject;
typedef struct SimClass SimClass;

typedef struct SimObjects {
    SimObject **items;
    size_t count;
    size_t capacity;
} SimObjects;

struct SimClass {
    const CimClassDecl *decl;
    const SimClass *superclass;         /* NULL: none */
    const CimPropertyDecl **properties; /* own and inherited, as far as this build has them; superclass first */
    const bool *is_key;                 /* of each; a key stays one in subclasses that declare it again */
    const size_t *by_name;              /* indexes into "properties", sorted by name */
    const CimProperty *defaults;        /* the row of a new object */
    size_t count;                       /* of properties */
    SimObjects objects;                 /* in the order they were made */
};

struct SimObject {
    SimClass *class;
    CimInstance row;  /* properties as in class->properties; no path */
    const char *key;  /* class and key values in one text, lower case: what tells it from all others */
    SimObject *next;  /* with the same hash */
};

/* What a job does when it ends; see jobs.h. */
typedef struct SimJob SimJob;

/* What it can do: see services.h. */
typedef struct SimService SimService;

typedef struct SimJobs {
    SimJob **items;
    size_t count;
    size_t capacity;
} SimJobs;

/* A key of the registry below HKEY_LOCAL_MACHINE. */
typedef enum SimValueKind {
    SIM_VALUE_TEXT = 1,
    SIM_VALUE_EXPAND = 2,
    SIM_VALUE_DWORD = 4,
    SIM_VALUE_TEXTS = 7,
} SimValueKind;

typedef struct SimValue {
    const char *name;
    SimValueKind kind; /* the numbers of winnt.h: REG_SZ, REG_EXPAND_SZ, REG_DWORD, REG_MULTI_SZ */
    StringList texts;  /* one, of a single text */
    uint32_t number;
} SimValue;

typedef struct SimKey {
    const char *path; /* "SYSTEM\\CurrentControlSet\\..." */
    struct {
        SimValue *items;
        size_t count, capacity;
    } values;
} SimKey;

typedef struct SimRegistry {
    SimKey *items;
    size_t count, capacity;
} SimRegistry;

/* The guest of a VM as a folder: see guest_folder.h. */
typedef struct SimGuest {
    const char *vm; /* GUID */
    const char *folder;
} SimGuest;

typedef struct SimGuests {
    SimGuest *items;
    size_t count, capacity;
} SimGuests;

/* A file of a captured host, whose content is not there. */
typedef struct SimFile {
    const char *path; /* "C:\\Windows\\..."; of a folder with '\\' at its end */
    uint64_t size;
    int64_t modified_s;
    const char *sha256; /* of a folder "" */
    const char *text; /* of an INF file: what is asked of it; NULL: none */
    uint32_t bits;    /* of a program or library; 0: it is none */
    bool is_library, has_number, is_microsoft;
    uint64_t number; /* its version */
} SimFile;

typedef struct SimFiles {
    SimFile *items;
    size_t count, capacity;
} SimFiles;

/* A data item on its way to the guest: see kvp.h. */
typedef struct SimDelivery {
    const char *vm;
    const char *name, *data; /* data NULL: the item is gone */
    int64_t due_ms;
    bool again; /* it was told once already */
} SimDelivery;

typedef struct SimDeliveries {
    SimDelivery *items;
    size_t count, capacity;
} SimDeliveries;

struct SimHost {
    Arena arena;
    const char *name;    /* NetBIOS name */
    uint32_t build;      /* of Windows */
    const char *variant; /* what the sample host was made with; for people */
    SimKnobs knobs;
    const SimService *const *services; /* none of a host that is only a store */
    size_t service_count;
    bool has_hyperv;     /* the virtualization namespace exists */
    bool is_server;      /* Windows Server */
    bool is_captured;    /* from a real host: it has nothing of the sample's */
    SimClass *classes;
    size_t class_count;
    SimObject **buckets; /* by key; the number is a power of two */
    size_t bucket_count;
    size_t object_count;
    SimJobs jobs;               /* also ended ones, until they expire */
    StringList hidden_adapters; /* GUIDs of VMs with an adapter in their .vmcx that WMI does not show */
    CimInstance *last_applied;  /* per VM GUID: InstanceID of the checkpoint applied last */
    CimInstance *disk_parents;  /* per file of a differencing disk: that of its parent; see disks.h */
    SimRegistry registry;
    const char *drives;         /* folder with a folder "C" that is drive C:, NULL: the sample's files */
    SimFiles files;             /* of a captured host, with -DRIVERS */
    SimGuests guests;
    SimDeliveries deliveries;
    const char *folder;         /* that of the state file, in which lies what that names; NULL: in memory */
    int64_t now_ms;             /* of the call being served */
    uint64_t changes;           /* counts up; see sim_host_changes() */
};

/* An empty host. */
SimHost *sim_host_create(const char *name, uint32_t build, bool has_hyperv, const SimKnobs *knobs);

/* ---- classes ---- */

/* NULL when this host has no such class. */
SimClass *sim_class_find(const SimHost *host, const char *ns, const char *name);

/* The class or one of its superclasses has that name. */
bool sim_class_is_a(const SimClass *class, const char *name);

/* Position of the property in the class; SIZE_MAX if it has none of that name. Case is ignored. */
size_t sim_class_index(const SimClass *class, const char *property);

/* ---- objects (of either namespace) ---- */

/* A new object with default values, not yet on the host. */
SimObject *sim_object_create(SimHost *host, SimClass *class);

/* Puts it on the host. False if there is one with the same key, or a key is null. */
MUST_CHECK bool sim_object_insert(SimHost *host, SimObject *object);

void sim_object_remove(SimHost *host, SimObject *object);

/* Sets a property; the value is copied. A property that this build lacks is skipped; one that no build has, or a value
 * of another type, is a programming error. Keys must not change after the insertion. */
void sim_object_set(SimHost *host, SimObject *object, const char *property, CimValue value);

/* The same with less typing; the type is the property's own. */
void sim_object_set_text(SimHost *host, SimObject *object, const char *property, const char *text);
void sim_object_set_uint(SimHost *host, SimObject *object, const char *property, uint64_t value);
void sim_object_set_boolean(SimHost *host, SimObject *object, const char *property, bool value);
void sim_object_set_time(SimHost *host, SimObject *object, const char *property, int64_t unix_ms);
void sim_object_set_numbers(SimHost *host, SimObject *object, const char *property, const uint16_t *values,
                            size_t count);
void sim_object_set_texts(SimHost *host, SimObject *object, const char *property, const char *const *texts,
                          size_t count);

/* NULL when the class lacks the property. The others take that, and a null, for "", 0 and false. */
const CimValue *sim_object_value(const SimObject *object, const char *property);
const char *sim_object_text(const SimObject *object, const char *property);
uint64_t sim_object_uint(const SimObject *object, const char *property);
bool sim_object_boolean(const SimObject *object, const char *property);
bool sim_object_is(const SimObject *object, const char *class_name); /* or a subclass of it */

/* \\HV1\root\virtualization\v2:Class.Key="...", keys in alphabetical order, as Hyper-V writes them. The second takes a
 * row with all properties of the class. */
const char *sim_object_path(const SimHost *host, const SimObject *object, Arena *arena);
const char *sim_path_of(const SimHost *host, const SimClass *class, const CimInstance *row, Arena *arena);

/* The key values of a path, in alphabetical order of their names; false if they are not those of the class. */
enum { SIM_KEYS_MAX = 8 };
bool sim_path_keys(const SimClass *class, const CimPath *path, const char *values[SIM_KEYS_MAX], size_t *ret_count);

/* The object with these key values, in the order above. */
SimObject *sim_object_find(const SimHost *host, const SimClass *class, const char *const *keys, size_t count);

/* The object a path names; NULL if there is none or the text is no path. Host and namespace in it are not looked at. */
SimObject *sim_object_at(const SimHost *host, const char *ns, const char *path);

/* The object of that class or a subclass whose only key, InstanceID, has that value. */
SimObject *sim_object_by_instance_id(const SimHost *host, const char *class_name, const char *instance_id);

/* Walks the objects of a class (without a namespace: of the virtualization one) and its subclasses. Nothing may be
 * inserted or removed meanwhile. NULL at the end. */
typedef struct SimWalk {
    const SimHost *host;
    const char *ns, *class_name;
    size_t class_index, object_index;
} SimWalk;

SimWalk sim_walk(const SimHost *host, const char *class_name);
SimWalk sim_walk_in(const SimHost *host, const char *ns, const char *class_name);
SimObject *sim_walk_next(SimWalk *walk);
