/* SPDX-License-Identifier: MIT */
/* The connections of one session: an IWbemServices for each namespace that was asked for, and the class declarations
 * that were fetched through it. */
#pragma once

#include "base/error.h"
#include "cim/com/hresult.h"
#include "cim/com/wmi.h"

#include <stdbool.h>

typedef struct WmiConnection WmiConnection;

/* Prepares COM for this thread (multi-threaded apartment) and this process. Contacts nobody. */
MUST_CHECK bool wmi_connection_open(const char *computer, const char *host, WmiConnection **ret_connection, Error *err);

/* NULL is fine. By the thread that opened it. */
void wmi_connection_close(WmiConnection *connection);

const WmiPlace *wmi_connection_place(const WmiConnection *connection);

/* Connects to the namespace if it is not connected to. The pointer is the connection's own. */
MUST_CHECK bool wmi_connection_services(WmiConnection *connection, const char *ns, IWbemServices **ret_services,
                                        Error *err);

/* Some namespace is connected to. */
bool wmi_connection_is_alive(const WmiConnection *connection);

/* Forgets all namespaces and classes; the next call connects anew. */
void wmi_connection_drop(WmiConnection *connection);

/* A class declaration that was put in before; NULL: none. The pointer is the connection's own. The namespace must be
 * connected to. */
IWbemClassObject *wmi_connection_find_class(const WmiConnection *connection, const char *ns, const char *name);
void wmi_connection_keep_class(WmiConnection *connection, const char *ns, const char *name, IWbemClassObject *object);

/* Lets the host act as the user, over an encrypted connection. For each proxy that the host gives. */
HRESULT wmi_secure(void *proxy);
