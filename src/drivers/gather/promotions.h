/* SPDX-License-Identifier: MIT */
/* What of a driver goes to the guest's System32 and SysWOW64: declared by the vendor, known of the vendor, or named by
 * a value of the class key. */
#pragma once

#include "drivers/gather/collect.h"
#include "drivers/gather/declarations.h"
#include "drivers/package/vendor.h"

/* All folders of the driver have been collected. What is declared wins over what is known. Warns of what the guest
 * needs and the host does not have. "vendor" may be NULL. */
MUST_CHECK bool promotions_add(Collector *collector, const Declarations *declarations, const Vendor *vendor,
                               Error *err);
