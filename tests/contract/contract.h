/* SPDX-License-Identifier: MIT */
/* What every CIM session promises, as a suite of tests that any back end can be put through. */
#pragma once

#include "cim/session.h"

/* Makes sessions, each on a fresh sample host (variant windows11) of its own. */
typedef struct ContractFactory {
    CimSession *(*open)(void *context); /* fails the test itself if it cannot */
    void (*close)(void *context, CimSession *session);
    void *context;
} ContractFactory;

/* Runs all tests; the number of failed ones. name: of the back end, for the report. */
int contract_run(const char *name, const ContractFactory *factory);
