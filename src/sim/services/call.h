/* SPDX-License-Identifier: MIT */
/* A method call on its way through the host: its parameters, and what it answers. Handlers return the ReturnValue. */
#pragma once

#include "sim/services/jobs.h"

struct SimCall {
    SimHost *host;
    SimObject *object;       /* of which the method is called; NULL: a static one */
    const CimInstance *in;   /* checked against the declaration; missing ones are null */
    Arena *arena;            /* of the answer */
    CimInstance *out;        /* OUT parameters, all null at first */
};

/* An IN text or reference; NULL: null. */
const char *sim_call_text(const SimCall *call, const char *parameter);

/* The VM, or the object of the class, that a reference names; NULL: none such. */
SimObject *sim_call_vm(const SimCall *call, const char *parameter);
SimObject *sim_call_object(const SimCall *call, const char *parameter, const char *class_name);

void sim_call_set_reference(SimCall *call, const char *parameter, const SimObject *object);
void sim_call_set_references(SimCall *call, const char *parameter, const SimObjects *objects);

/* Starts the job and answers with it: 4096. */
uint32_t sim_call_start_job(SimCall *call, SimJob *job);

/* Reads an embedded instance. 0, or the ReturnValue that refuses the text. */
uint32_t sim_read_text(const SimHost *host, const char *text, Arena *arena, CimInstance **ret_instance);
