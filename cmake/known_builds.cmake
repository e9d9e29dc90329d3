# SPDX-License-Identifier: MIT
# Builds of Windows that are known to break something: from data/known-builds.json to C, so that no file can be lost.
# The file's format: docs/drivers.md.

function(known_build_version text fallback ret_build ret_revision)
    if(NOT text MATCHES "^([0-9]+)(\\.([0-9]+))?$")
        message(FATAL_ERROR "data/known-builds.json: '${text}' is no build: 26100 or 26100.4349")
    endif()
    set(${ret_build} ${CMAKE_MATCH_1} PARENT_SCOPE)
    if(CMAKE_MATCH_2)
        set(${ret_revision} ${CMAKE_MATCH_3} PARENT_SCOPE)
    else()
        set(${ret_revision} ${fallback} PARENT_SCOPE)
    endif()
endfunction()

function(known_builds_generate input output)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${input})
    file(READ ${input} text)
    string(JSON count LENGTH "${text}" builds)
    set(code "/* Made of data/known-builds.json by cmake/known_builds.cmake. */\n")
    string(APPEND code "#include \"drivers/guest/known_builds.h\"\n\n#include \"base/compiler.h\"\n\n")
    string(APPEND code "const KnownBuild known_builds[] = {\n")
    math(EXPR last "${count} - 1")
    foreach(i RANGE ${last})
        foreach(member side min max symptom advice source)
            string(JSON ${member} GET "${text}" builds ${i} ${member})
            string(REPLACE "\\" "\\\\" ${member} "${${member}}")
            string(REPLACE "\"" "\\\"" ${member} "${${member}}")
        endforeach()
        if(NOT side MATCHES "^(host|guest|unequal)$")
            message(FATAL_ERROR "data/known-builds.json: side '${side}' is none of host, guest, unequal")
        endif()
        string(TOUPPER ${side} side)
        known_build_version(${min} 0 min_build min_revision)
        known_build_version(${max} UINT32_MAX max_build max_revision)
        string(APPEND code
            "    { KNOWN_${side}, { ${min_build}, ${min_revision} }, { ${max_build}, ${max_revision} },\n"
            "      \"${symptom}\",\n"
            "      \"${advice}\",\n"
            "      \"${source}\" },\n")
    endforeach()
    string(APPEND code "};\n\nconst size_t known_build_count = COUNT_OF(known_builds);\n")
    file(GENERATE OUTPUT ${output} CONTENT "${code}")
endfunction()
