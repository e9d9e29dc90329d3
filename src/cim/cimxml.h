/* SPDX-License-Identifier: MIT */
/* CIM-XML text of one instance, as Hyper-V takes and gives embedded instances (DMTF DSP0201, WMI text format 1).
 * The one reader and writer for all back ends; no DTD, no entities but the five and numeric references, no namespaces.
 *
 * Writing: numeric references for & < > " and all control characters, because Hyper-V's reader refuses &amp; and &lt;
 * (seen over WS-Management). No white space between elements. Null properties are written without VALUE. References are
 * written as PROPERTY.REFERENCE with a VALUE.REFERENCE holding the path text. Embedded instances of type INSTANCE as
 * escaped text with EmbeddedObject="instance".
 * Reading: INSTANCE with PROPERTY, PROPERTY.ARRAY, PROPERTY.REFERENCE; QUALIFIER elements, comments, processing
 * instructions and unknown attributes are skipped, CDATA is text, and a VALUE.NAMEDINSTANCE around the instance is
 * taken off. Property names are kept as written and must differ without regard to case. */
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "cim/value.h"

/* ERR_INVALID for what the format cannot hold: names that are none, text that is not UTF-8 (lone surrogates are
 * written as references), arrays of references, more than limits.h allows. */
MUST_CHECK bool cimxml_write(const CimInstance *instance, Arena *arena, const char **ret_text, Error *err);

/* ERR_PROTOCOL with line and column for anything else. The instance has no path. */
MUST_CHECK bool cimxml_read(const char *text, Arena *arena, CimInstance **ret_instance, Error *err);
