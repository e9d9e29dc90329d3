/* SPDX-License-Identifier: MIT */
/* What the tests of the contract share: a session on a fresh sample host, and short forms of calls. */
#pragma once

#include "contract/contract.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
/* cmocka.h wants the ones above first. */
#include <cmocka.h>

#define MY_VM "F65D0775-1CA1-4804-9305-71F4A38BDD83"
#define LAB_VM "7B61DC96-3BBD-455F-8027-B18D2CFD643A"
#define RENDER_VM "0F0E0D0C-0B0A-4908-8706-050403020100"
#define MANAGEMENT "Msvm_VirtualSystemManagementService"
#define SNAPSHOTS "Msvm_VirtualSystemSnapshotService"
#define SYSTEM(guid) "Msvm_ComputerSystem.CreationClassName=\"Msvm_ComputerSystem\",Name=\"" guid "\""
#define SETTINGS(guid) "Msvm_VirtualSystemSettingData.InstanceID=\"Microsoft:" guid "\""
#define MY_ADAPTER "Microsoft:" MY_VM "\\EDF7D457-23FC-4358-902A-57B31399ED19"

typedef struct Fixture {
    const ContractFactory *factory;
    CimSession *session;
    Arena arena;
    Error err;
} Fixture;

/* Of the tests that follow. */
void use_factory(const ContractFactory *factory);

/* cmocka's set-up and teardown. */
int open_fixture(void **state);
int close_fixture(void **state);

/* Each of these fails the test when the call fails. */
CimInstanceList query_in(Fixture *f, const char *ns, const char *wql);
CimInstanceList query(Fixture *f, const char *wql);
CimInstance *one(Fixture *f, const char *wql);
CimInstance *get(Fixture *f, const char *path);
const char *service(Fixture *f, const char *class_name);
CimInstance *invoke(Fixture *f, const char *path, const char *method, const CimInstance *in);
CimInstanceList associators(Fixture *f, const char *path, const char *assoc_class, const char *result_class);

CimInstance *parameters(Fixture *f);
void set(Fixture *f, CimInstance *instance, const char *name, CimValue value);
CimInstance *vm_settings_named(Fixture *f, const char *name);

uint64_t return_value(const CimInstance *out);

/* Waits for the job of an answer and gives its last state. */
CimInstance *wait_for_job(Fixture *f, const CimInstance *out);

/* The property, which must be there and of that type. */
const CimValue *value_of(const CimInstance *row, const char *name, CimType type, bool is_array);

/* The tests of methods, in a file of their own. */
enum { METHOD_TEST_COUNT = 10 };
extern const struct CMUnitTest method_tests[METHOD_TEST_COUNT];
