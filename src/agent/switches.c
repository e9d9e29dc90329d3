/* SPDX-License-Identifier: MIT */
#include "agent/switches.h"

#include "agent/publish.h"
#include "exchange/names.h"

#define ABOVE_SWITCHES "SOFTWARE\\HyperPoint" /* the key that goes with them, if nothing else is in it */

static bool read_switch(Registry *registry, const char *name, Arena *arena, bool *ret_there, bool *ret_on, Error *err)
{
    RegistryValue value, on = registry_dword_value(1, arena);
    if (!registry->read(registry, EXCHANGE_KEY_SWITCHES, name, arena, &value, err))
        return false;
    *ret_there = value.state == REGISTRY_VALUE;
    *ret_on = registry_value_equals(&value, &on);
    return true;
}

bool agent_switches_read(Registry *registry, AgentSwitches *ret_switches, Error *err)
{
    Arena arena = ARENA_INIT;
    AgentSwitches switches;
    bool ignored;
    bool ok = read_switch(registry, EXCHANGE_ALLOW_UPDATE, &arena, &switches.is_set_up, &switches.update, err) &&
              read_switch(registry, EXCHANGE_ALLOW_RESTART, &arena, &ignored, &switches.restart, err);
    arena_release(&arena);
    if (ok)
        *ret_switches = switches;
    return ok;
}

bool agent_switches_write(Registry *registry, const AgentSwitches *switches, Error *err)
{
    Arena arena = ARENA_INIT;
    RegistryValue update = registry_dword_value(switches->update, &arena);
    RegistryValue restart = registry_dword_value(switches->restart, &arena);
    bool ok = registry->write(registry, EXCHANGE_KEY_SWITCHES, EXCHANGE_ALLOW_RESTART, &restart, err) &&
              registry->write(registry, EXCHANGE_KEY_SWITCHES, EXCHANGE_ALLOW_UPDATE, &update, err);
    arena_release(&arena);
    return ok;
}

bool agent_registry_clear(Registry *registry, Error *err)
{
    static const RegistryValue gone = { .state = REGISTRY_NO_KEY };
    return registry->write(registry, EXCHANGE_KEY_SWITCHES, EXCHANGE_ALLOW_UPDATE, &gone, err) &&
           registry->write(registry, EXCHANGE_KEY_SWITCHES, EXCHANGE_ALLOW_RESTART, &gone, err) &&
           registry->write(registry, ABOVE_SWITCHES, "", &gone, err) && publish_clear(registry, err);
}
