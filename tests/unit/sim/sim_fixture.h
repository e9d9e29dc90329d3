/* SPDX-License-Identifier: MIT */
/* A simulated host for its own tests, driven without a session; what fails here fails the test. */
#pragma once

#include "cim/value.h"
#include "sim/host.h"

#define MY_VM "F65D0775-1CA1-4804-9305-71F4A38BDD83"
#define RENDER_VM "0F0E0D0C-0B0A-4908-8706-050403020100"
#define PLAIN_VM "65DC9856-6807-4149-856F-A70FF052A931"
#define LAB_VM "7B61DC96-3BBD-455F-8027-B18D2CFD643A"
#define LAB_FIRST "0A43B27E-6728-449E-9AF8-584F60345AD4"
#define LAB_SECOND "1D9B6C04-55E2-4A7F-9C1B-6E0F2A7D8B11"
#define STALE_VM "5C1A7E20-0F3B-4D52-A1C7-9E8D7F6A5B01"
#define UNPLUGGED_VM "5C1A7E20-0F3B-4D52-A1C7-9E8D7F6A5B02"
#define MY_RADEON "EDF7D457-23FC-4358-902A-57B31399ED19"
#define MY_GEFORCE "AAAAAAAA-0000-0000-0000-000000000002"

#define SYSTEM_PATH(guid) "Msvm_ComputerSystem.CreationClassName=\"Msvm_ComputerSystem\",Name=\"" guid "\""
/* Of the variant "checkpoints": the VM with a tree of them,
 *   fresh install
 *    +- drivers installed
 *    |   +- while it ran          holds memory
 *    |   +- automatic
 *    |   |   +- with a GPU        an adapter, MMIO space, cache types
 *    |   +- (now)
 *    +- recovery
 *        +- replica */
#define HISTORY_VM "5C1A7E20-0F3B-4D52-A1C7-9E8D7F6A5B03"
#define HISTORY_FRESH "3F0C9A51-7E24-4B1D-8C62-0D5E4A3B2C01"
#define HISTORY_DRIVERS "3F0C9A51-7E24-4B1D-8C62-0D5E4A3B2C02"
#define HISTORY_RUNNING "3F0C9A51-7E24-4B1D-8C62-0D5E4A3B2C03"
#define HISTORY_AUTOMATIC "3F0C9A51-7E24-4B1D-8C62-0D5E4A3B2C04"
#define HISTORY_GPU "3F0C9A51-7E24-4B1D-8C62-0D5E4A3B2C06"
#define HISTORY_RECOVERY "3F0C9A51-7E24-4B1D-8C62-0D5E4A3B2C07"
#define HISTORY_REPLICA "3F0C9A51-7E24-4B1D-8C62-0D5E4A3B2C08"

#define SETTINGS_PATH(guid) "Msvm_VirtualSystemSettingData.InstanceID=\"Microsoft:" guid "\""
#define ADAPTER_PATH(guid, device) "Msvm_GpuPartitionSettingData.InstanceID=\"Microsoft:" guid "\\\\" device "\""

#define MANAGEMENT "Msvm_VirtualSystemManagementService"
#define SNAPSHOTS "Msvm_VirtualSystemSnapshotService"

/* Set by open_sample() and closed by close_sample(), a cmocka teardown. */
typedef struct Sample {
    SimHost *host;
    int64_t now_ms;
    Arena arena;
} Sample;

extern Sample sample;

/* A fresh sample host; knobs: members of the JSON object ("\"jobsVanish\": true"), "" for none. */
void open_sample(const char *variant, const char *knobs);
int close_sample(void **state);

/* Writes it out and reads it again, as if another process went on. */
void reopen_sample(void);

CimInstanceList rows_of(const char *wql);
CimInstance *row_of(const char *wql);
CimInstance *row_at(const char *path);
bool is_there(const char *path);

/* Embedded instances as text. */
CimInstance *new_instance(const char *class_name);
void set_value(CimInstance *instance, const char *name, CimValue value);
const char *text_of(const CimInstance *instance);

/* An adapter to add; gpu: number in the list of GPUs, -1: none is asked for. */
CimInstance *new_adapter(int gpu);
/* A change of the object with that InstanceID. */
CimInstance *change_of(const char *class_name, const char *instance_id);

/* Calls with one parameter or list. */
CimInstance *call(const char *path, const char *method, const CimInstance *in);
CimInstance *call_service(const char *service, const char *method, const CimInstance *in);
CimInstance *add_adapters(const char *vm_guid, const char *const *texts, size_t count);
CimInstance *modify_resources(const char *const *texts, size_t count);
CimInstance *remove_resources(const char *const *paths, size_t count);
CimInstance *modify_system(const CimInstance *settings);
CimInstance *create_snapshot(const char *vm_guid, const char *settings_text);
CimInstance *snapshot_call(const char *method, const char *parameter, const char *snapshot_guid);
CimInstance *request_state(const char *vm_guid, uint16_t state);

uint64_t return_value(const CimInstance *out);

/* Lets time pass until the job of the answer has ended; its last row. */
CimInstance *finish(const CimInstance *out);

/* The answer is what the pair says: a ReturnValue, or 4096 and a job that ends with the ErrorCode (0: well). */
void assert_answer(const CimInstance *out, uint64_t expected_return, uint64_t expected_error);

size_t count_adapters(const char *vm_guid);
size_t count_checkpoints(const char *vm_guid);
uint64_t state_of(const char *vm_guid);
uint64_t operation_of(const char *vm_guid); /* OperationalStatus[1]; 0: none */

/* Lets time pass until there is none. */
void rest(const char *vm_guid);
