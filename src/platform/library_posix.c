/* SPDX-License-Identifier: MIT */
#include "platform/library.h"

#include <dlfcn.h>
#include <pthread.h>
#include <string.h>

static bool load(const Library *library, Error *err)
{
    /* It stays until the process ends. */
    void *handle = dlopen(library->file, RTLD_NOW | RTLD_LOCAL);
    if (handle == NULL) {
        (void) error_set(err, ERR_UNSUPPORTED, "cannot load a library that this needs: %s", dlerror());
        return error_hint(err, "install the package of your system that has %s", library->file);
    }
    for (size_t i = 0; i < library->count; i++) {
        void *function = dlsym(handle, library->names[i]);
        if (function == NULL)
            return error_set(err, ERR_UNSUPPORTED, "the library '%s' of this system lacks %s", library->file,
                             library->names[i]);
        memcpy((char *) library->functions + i * sizeof(function), &function, sizeof(function));
    }
    return true;
}

bool library_load(Library *library, Error *err)
{
    static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    (void) pthread_mutex_lock(&mutex);
    library->is_loaded = library->is_loaded || load(library, err);
    bool ok = library->is_loaded;
    (void) pthread_mutex_unlock(&mutex);
    return ok;
}
