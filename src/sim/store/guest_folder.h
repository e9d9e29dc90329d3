/* SPDX-License-Identifier: MIT */
/* The guest of a simulated VM, as far as others than the host can look into it: a folder, which is its drive C:, and in
 * it the file "registry.reg", its registry (platform/registry_file.h): what installdrivers works on with -ROOT. The
 * folder "": the Windows that the simulated host runs on, with its own drives and registry. */
#pragma once

#include "platform/registry.h"
#include "sim/store/host_model.h"

/* The guest of the VM; NULL: nobody sees it. A host in memory, which knows no place, has none that is seen. */
const SimGuest *sim_guest_find(const SimHost *host, const SimObject *vm);

/* NULL: there is none (the folder "", and no Windows). */
Registry *sim_guest_registry(const SimHost *host, const SimGuest *guest, Arena *arena);

/* How putting a file into a guest went. */
typedef enum SimGuestPut {
    SIM_PUT_DONE,
    SIM_PUT_NO_SOURCE,
    SIM_PUT_NO_FOLDER, /* of the destination; or it is no path on one of the guest's drives */
    SIM_PUT_EXISTS,
    SIM_PUT_TOO_LONG,
    SIM_PUT_DENIED,
    SIM_PUT_FAILED,
} SimGuestPut;

typedef struct SimGuestFile {
    const char *source;      /* the host's path: on its drives, or this computer's */
    const char *destination; /* the guest's path, variables included; an existing folder: the source's name in it */
    bool overwrite, create_path;
    bool is_cut;             /* half of it is lost on the way */
} SimGuestFile;

SimGuestPut sim_guest_put_file(const SimHost *host, const SimGuest *guest, const SimGuestFile *file);

/* Bytes of the host's file; 0 if there is none. */
uint64_t sim_host_file_size(const SimHost *host, const char *path);
