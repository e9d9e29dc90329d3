/* SPDX-License-Identifier: MIT */
#include "exchange/words.h"

const char *const exchange_version[1] = { "1" };

const char *const exchange_phases[EXCHANGE_PHASE_COUNT] = {
    [EXCHANGE_SEEN] = "seen",         [EXCHANGE_TAKING] = "taking",
    [EXCHANGE_CHECKING] = "checking", [EXCHANGE_INSTALLING] = "installing",
    [EXCHANGE_DEVICE] = "device",     [EXCHANGE_DONE] = "done",
    [EXCHANGE_FAILED] = "failed",     [EXCHANGE_REFUSED] = "refused",
};

const char *const exchange_reasons[EXCHANGE_REASON_COUNT] = {
    [EXCHANGE_NONE] = "none",
    [EXCHANGE_NOT_ALLOWED] = "not-allowed",
    [EXCHANGE_OTHER_VM] = "other-vm",
    [EXCHANGE_REPEATED] = "repeated",
    [EXCHANGE_OLDER] = "older",
    [EXCHANGE_MISSING] = "missing",
    [EXCHANGE_SHORT] = "short",
    [EXCHANGE_HASH] = "hash",
    [EXCHANGE_PACKAGE] = "package",
    [EXCHANGE_SPACE] = "space",
    [EXCHANGE_BUSY] = "busy",
    [EXCHANGE_IN_USE] = "in-use",
    [EXCHANGE_RESTART] = "restart",
    [EXCHANGE_PROBLEM] = "problem",
    [EXCHANGE_INTERRUPTED] = "interrupted",
    [EXCHANGE_INTERNAL] = "internal",
};

const char *const exchange_yes_no[2] = { "no", "yes" };
