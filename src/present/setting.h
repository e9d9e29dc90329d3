/* SPDX-License-Identifier: MIT */
/* Settings of a VM in words: "low MMIO space", "1024 MB". */
#pragma once

#include "base/arena.h"
#include "cim/value.h"

const char *setting_name(const char *property);
const char *setting_value(const char *property, const CimValue *value, Arena *arena);
