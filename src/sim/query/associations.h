/* SPDX-License-Identifier: MIT */
/* Associations, which are not stored but follow from the objects. */
#pragma once

#include "cim/wql.h"
#include "sim/store/host_model.h"

/* Appends the rows of that very class which satisfy the condition and have the columns of the query. */
void sim_association_rows(const SimHost *host, const SimClass *class, const WqlQuery *query, Arena *arena,
                          CimInstanceList *list);

/* ASSOCIATORS OF and REFERENCES OF. */
MUST_CHECK bool sim_association_query(const SimHost *host, const char *ns, const WqlQuery *query, Arena *arena,
                                      CimInstanceList *list, Error *err);
