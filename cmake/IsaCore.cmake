# SPDX-License-Identifier: Apache-2.0
# What differs between versions of grpc-core, by looking for it: ISA_CORE_SOURCES, the files of
# src/transport/core that fit the one found. What differs at run time alone, core_version.c tells apart.
include(CheckIncludeFile)
include(CheckSymbolExists)

# After 1.51 the functions of credentials are declared in a header of their own.
set(CMAKE_REQUIRED_INCLUDES ${ISA_GRPC_INCLUDE_DIR})
set(CMAKE_REQUIRED_LIBRARIES ${ISA_GRPC_LIBRARY} ${ISA_GPR_LIBRARY})
check_include_file(grpc/credentials.h ISA_CORE_HAS_CREDENTIALS_H)
check_symbol_exists(gpr_set_log_function grpc/support/log.h ISA_CORE_HAS_LOG_FUNCTION)
check_symbol_exists(grpc_tls_certificate_provider_static_data_create grpc/grpc_security.h
                    ISA_CORE_HAS_STATIC_PROVIDER)
unset(CMAKE_REQUIRED_INCLUDES)
unset(CMAKE_REQUIRED_LIBRARIES)

if(ISA_CORE_HAS_CREDENTIALS_H)
    set_property(TARGET isa::grpc APPEND PROPERTY INTERFACE_COMPILE_OPTIONS
                 "SHELL:-include grpc/credentials.h")
endif()
set(ISA_CORE_SOURCES core_clock.c core_text.c core_version.c)
if(ISA_CORE_HAS_LOG_FUNCTION)
    list(APPEND ISA_CORE_SOURCES core_log_gpr.c)
else()
    list(APPEND ISA_CORE_SOURCES core_log_absl.c)
endif()
if(ISA_CORE_HAS_STATIC_PROVIDER)
    list(APPEND ISA_CORE_SOURCES core_tls_static.c)
else()
    list(APPEND ISA_CORE_SOURCES core_tls_memory.c)
endif()
list(TRANSFORM ISA_CORE_SOURCES PREPEND "${PROJECT_SOURCE_DIR}/src/transport/core/")
