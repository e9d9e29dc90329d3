# hp_options: warnings, hardening and include path, for every target of ours.
add_library(hp_options INTERFACE)
target_include_directories(hp_options INTERFACE ${PROJECT_SOURCE_DIR}/src)
target_compile_definitions(hp_options INTERFACE
    _POSIX_C_SOURCE=200809L HYPERPOINT_VERSION="${PROJECT_VERSION}")
target_compile_options(hp_options INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Wformat=2 -Wundef
    -Wvla -Wcast-qual -Wwrite-strings -Wswitch-enum -Wimplicit-fallthrough -Werror
    -fno-common -fstack-protector-strong
    -fmacro-prefix-map=${PROJECT_SOURCE_DIR}/= # the same program wherever it is built
    $<$<NOT:$<CONFIG:Debug>>:-D_FORTIFY_SOURCE=2>)
if(WIN32)
    target_compile_definitions(hp_options INTERFACE _WIN32_WINNT=0x0A00)
    # One file that needs nothing but Windows, and the same bytes from the same sources.
    target_link_options(hp_options INTERFACE -static -fstack-protector-strong -Wl,--no-insert-timestamp)
endif()
if(HP_SANITIZE)
    target_compile_options(hp_options INTERFACE
        -fsanitize=${HP_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
    target_link_options(hp_options INTERFACE -fsanitize=${HP_SANITIZE})
endif()
if(HP_FUZZ)
    target_compile_options(hp_options INTERFACE -fsanitize=fuzzer-no-link)
endif()

# hp_module(NAME SOURCES a.c b.c LINK other modules): a static library of one folder. LINK mirrors who may include whom.
function(hp_module name)
    cmake_parse_arguments(ARG "" "" "SOURCES;LINK" ${ARGN})
    add_library(${name} STATIC ${ARG_SOURCES})
    target_link_libraries(${name} PUBLIC hp_options ${ARG_LINK})
endfunction()

# hp_load_when_used(MODULE PREFIX): the library that pkg_check_modules(PREFIX ...) has found is not linked to; it is
# loaded when it is used (platform/library.h), by the name PREFIX_FILE, which tells the version the headers are of.
function(hp_load_when_used name prefix)
    list(GET ${prefix}_LINK_LIBRARIES 0 library)
    execute_process(COMMAND ${CMAKE_OBJDUMP} -p ${library} OUTPUT_VARIABLE text COMMAND_ERROR_IS_FATAL ANY)
    if(NOT text MATCHES "SONAME +([^ \n]+)")
        message(FATAL_ERROR "${library} is no shared library")
    endif()
    target_compile_definitions(${name} PRIVATE ${prefix}_FILE="${CMAKE_MATCH_1}")
    target_include_directories(${name} SYSTEM PRIVATE ${${prefix}_INCLUDE_DIRS})
endfunction()

# hp_test(NAME SOURCES a.c LINK modules): a cmocka program that is one test of ctest.
function(hp_test name)
    cmake_parse_arguments(ARG "" "" "SOURCES;LINK" ${ARGN})
    add_executable(${name} ${ARG_SOURCES})
    target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/tests)
    target_link_libraries(${name} PRIVATE ${ARG_LINK} hp_options PkgConfig::CMOCKA)
    set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
    add_test(NAME ${name} COMMAND ${name})
endfunction()
