/* SPDX-License-Identifier: MIT */
/* Every size that comes from outside has its limit here, so that nothing outside decides how much memory is asked
 * for. */
#pragma once

#include <stdint.h>

enum {
    LIMIT_WQL_BYTES = 64 * 1024,                     /* one query, either direction */
    LIMIT_CIMXML_BYTES = 4 * 1024 * 1024,            /* one embedded instance */
    LIMIT_CIMXML_DEPTH = 16,                         /* nested elements of one embedded instance */
    LIMIT_CIMXML_PROPERTIES = 4096,                  /* properties of one embedded instance */
    LIMIT_ARRAY_ITEMS = 65536,                       /* items of one CIM array */
    LIMIT_PATH_BYTES = 64 * 1024,                    /* one CIM object path */
    LIMIT_PATH_KEYS = 32,                            /* keys of one CIM object path */
    LIMIT_FILE_PATH_BYTES = 32 * 1024,               /* a path of a file that is read from another file */
    LIMIT_QUERY_ROWS = 1024 * 1024,                  /* instances of one result */
    LIMIT_STATE_FILE_BYTES = 256 * 1024 * 1024,      /* state file of a simulated host */
    LIMIT_JOURNAL_BYTES = 4 * 1024 * 1024,           /* one journal */
    LIMIT_CONFIG_BYTES = 1024 * 1024,                /* one adapter config file */
    LIMIT_CONFIG_LINES = 10000,                      /* lines of one adapter config file */
    LIMIT_ARGUMENT_COUNT = 4096,                     /* words of one command line */
    LIMIT_ARGUMENT_BYTES = 1024 * 1024,              /* all words of one command line */
    LIMIT_FOLDER_NAMES = 512 * 1024,                 /* what one folder holds; as many as LIMIT_JOURNAL_STEPS */
    LIMIT_PACKAGE_FILES = 200 * 1000,                /* files, or folders, of one driver package */
    LIMIT_PACKAGE_SYSTEM_FILES = 10 * 1000,          /* those of them outside of HostDriverStore */
    LIMIT_PACKAGE_LISTED = 1024,                     /* GPUs, folders, values of the registry that a manifest lists */
    LIMIT_FOLDER_PACKAGES = 1024,                    /* what a folder of packages holds */
    LIMIT_INSTALLED_PACKAGES = 256,                  /* records of installed packages in a guest */
    LIMIT_JOURNAL_STEPS = 512 * 1024,                /* steps, or folders, of an installer's journal */
    LIMIT_JOURNAL_VALUES = 16 * 1024,                /* values of the registry in one */
    LIMIT_KEY_VALUES = 1024,                         /* values of one key of a host's registry */
    LIMIT_REGISTRY_FILE_BYTES = 16 * 1024 * 1024,    /* registry of a guest that is a folder */
    LIMIT_INF_BYTES = 32 * 1024 * 1024,              /* one INF file */
    LIMIT_INF_LINE_BYTES = 64 * 1024,                /* one line of an INF file with those that go on with it */
    LIMIT_INF_COPIES = 256,                          /* other packages that one INF file brings along */
    LIMIT_INF_FIELD_BYTES = 4095,                    /* one value in an INF file, as Windows has it */
    LIMIT_INF_STRINGS = 64 * 1024,                   /* strings of an INF file, in all languages */
    LIMIT_PE_VERSION_BYTES = 64 * 1024,              /* version resource of one program or library */
    LIMIT_MANIFEST_BYTES = 128 * 1024 * 1024,        /* manifest of one driver package */
    LIMIT_INSTALL_JOURNAL_BYTES = 256 * 1024 * 1024, /* journal or record of one installed package */
    LIMIT_HOST_GPUS = 256,                           /* GPUs of a host, and devices like them */
    LIMIT_VM_ADAPTERS = 256,                         /* GPU adapters of a VM */
    LIMIT_KVP_KEY = 255,                             /* characters of the key of a data item */
    LIMIT_KVP_ITEMS = 1024,                          /* data items of a guest, or for one, that are looked at */
    LIMIT_KVP_ITEM_BYTES = 64 * 1024,                /* one of them as an embedded instance */
    LIMIT_EXCHANGE_VALUE = 1023,                     /* characters of one value between a host and a guest */
    LIMIT_EXCHANGE_PACKAGES = 8,                     /* installed packages that a guest tells its host of */
    LIMIT_ANSWERED_REQUESTS = 1024,                  /* that a guest's service remembers */
    LIMIT_AGENT_MEMORY_BYTES = 256 * 1024,           /* the file that it does so in */
    LIMIT_TARGETS = 16 * 1024,                       /* VMs and hosts of one run */
    LIMIT_PARALLEL = 256,                            /* runs side by side */
    LIMIT_CAPTURE_TEXT = 1024 * 1024,                /* one text of a host that is captured */
    LIMIT_WQL_DEPTH = 64,                            /* nested parentheses and NOTs of one query */
};

#define LIMIT_PACKAGE_BYTES (UINT64_C(1) << 40) /* all files of one driver package, unpacked */
