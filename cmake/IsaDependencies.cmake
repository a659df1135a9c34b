# SPDX-License-Identifier: Apache-2.0
# Finds what the library stands on, as isa::grpc, isa::crypto, isa::protobuf_c, isa::ev and
# Threads::Threads.
# Also installed: a user of the static library has to link the same things.

set(THREADS_PREFER_PTHREAD_FLAG ON)
find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)

# pkg-config's own list for grpc names some seventy absl libraries that libgrpc.so already
# brings along; only the two whose symbols we call are linked.
pkg_check_modules(ISA_GRPC QUIET grpc>=29)
pkg_check_modules(ISA_PROTOBUF_C QUIET libprotobuf-c>=1.4)
find_library(ISA_GRPC_LIBRARY grpc HINTS ${ISA_GRPC_LIBDIR})
find_library(ISA_GPR_LIBRARY gpr HINTS ${ISA_GRPC_LIBDIR})
find_path(ISA_GRPC_INCLUDE_DIR grpc/grpc.h HINTS ${ISA_GRPC_INCLUDEDIR})
find_library(ISA_PROTOBUF_C_LIBRARY protobuf-c HINTS ${ISA_PROTOBUF_C_LIBDIR})
find_path(ISA_PROTOBUF_C_INCLUDE_DIR protobuf-c/protobuf-c.h HINTS ${ISA_PROTOBUF_C_INCLUDEDIR})
# OpenSSL: what grpc-core itself is linked with.
find_library(ISA_CRYPTO_LIBRARY crypto)
find_path(ISA_CRYPTO_INCLUDE_DIR openssl/x509.h)
# libev ships no pkg-config file.
find_library(ISA_EV_LIBRARY ev)
find_path(ISA_EV_INCLUDE_DIR ev.h)
mark_as_advanced(ISA_GRPC_LIBRARY ISA_GPR_LIBRARY ISA_GRPC_INCLUDE_DIR ISA_PROTOBUF_C_LIBRARY
                 ISA_PROTOBUF_C_INCLUDE_DIR ISA_CRYPTO_LIBRARY ISA_CRYPTO_INCLUDE_DIR
                 ISA_EV_LIBRARY ISA_EV_INCLUDE_DIR)

function(isa_import target library include_dir what)
    if(TARGET ${target})
        return()
    endif()
    if(NOT ${library} OR NOT ${include_dir})
        message(FATAL_ERROR "${what} not found; on Debian, `make deps` installs what is missing")
    endif()
    add_library(${target} UNKNOWN IMPORTED)
    set_target_properties(${target} PROPERTIES IMPORTED_LOCATION "${${library}}"
                          INTERFACE_INCLUDE_DIRECTORIES "${${include_dir}}")
endfunction()

if(NOT ISA_GRPC_FOUND)
    message(FATAL_ERROR "grpc-core 1.51 or later (pkg-config grpc >= 29) not found; "
                        "on Debian, `make deps` installs what is missing")
endif()
isa_import(isa::gpr ISA_GPR_LIBRARY ISA_GRPC_INCLUDE_DIR "libgpr")
isa_import(isa::grpc ISA_GRPC_LIBRARY ISA_GRPC_INCLUDE_DIR "libgrpc")
isa_import(isa::crypto ISA_CRYPTO_LIBRARY ISA_CRYPTO_INCLUDE_DIR "libcrypto")
isa_import(isa::protobuf_c ISA_PROTOBUF_C_LIBRARY ISA_PROTOBUF_C_INCLUDE_DIR "libprotobuf-c")
isa_import(isa::ev ISA_EV_LIBRARY ISA_EV_INCLUDE_DIR "libev")
set_property(TARGET isa::grpc PROPERTY INTERFACE_LINK_LIBRARIES isa::gpr)
