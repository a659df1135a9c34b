# SPDX-License-Identifier: Apache-2.0
# A thin front to CMake: it only names the steps. `cmake --preset release` does the same by hand.
BUILD  ?= build
PREFIX ?= /usr/local
CMAKE  ?= cmake
export CMAKE
# `make CC=clang` and `CC=clang make` are the same; make's own default, cc, is CMake's too.
ifneq ($(origin CC),default)
export CC
endif
ifneq ($(origin CXX),default)
export CXX
endif
# As many jobs as `make -jN` asks for; CMake starts its own make, which must not look for this one's.
JOBS   ?= $(or $(patsubst -j%,%,$(filter -j%,$(MAKEFLAGS))),$(shell nproc 2>/dev/null || echo 2))
configure = @cmake/configure.sh "$(BUILD)"
compile = @MAKEFLAGS=--no-print-directory $(CMAKE) --build "$(BUILD)" --parallel $(JOBS)
.NOTPARALLEL:

.PHONY: all deps demo test chaos bench install docs format lint package dist check-fresh check-newer-core clean

# Tests are switched on by `make test` (they need Criterion) and stay on from then.
all:
	$(configure) --default -DISA_BUILD_TESTS=OFF
	$(compile)

deps:
	@cmake/install-deps.sh test bench interop check

demo:
	@cmake/install-deps.sh demo
	$(configure) --default -DISA_BUILD_TESTS=OFF
	$(compile)
	$(compile) --target demo

test:
	@cmake/install-deps.sh test
	$(configure) -DISA_BUILD_TESTS=ON
	$(compile)
	@MAKEFLAGS=--no-print-directory tools/check/run-tests.sh "$(BUILD)"

# Random faults under load; the same SEED draws the same ones for each service. PATIENCE: every bound of
# time is so many times longer, for a machine that is busy otherwise.
MINUTES  ?= 1
PATIENCE ?= 1
chaos:
	@cmake/install-deps.sh test
	$(configure) -DISA_BUILD_TESTS=ON
	$(compile) --target isa-chaos
	@"$(BUILD)/bin/isa-chaos" --minutes $(MINUTES) --patience $(PATIENCE) $(if $(SEED),--seed $(SEED))

bench:
	@cmake/install-deps.sh bench
	$(configure) --default -DISA_BUILD_TESTS=OFF -DISA_BUILD_BENCH=ON
	$(compile)
	$(compile) --target bench

install: all
	@$(CMAKE) --install "$(BUILD)" --prefix "$(PREFIX)"

docs: all
	$(compile) --target docs

format:
	@tools/check/format.sh --fix

lint:
	@cmake/install-deps.sh check
	$(configure) -DISA_BUILD_TESTS=ON
	$(compile)
	@tools/check/lint.sh "$(BUILD)"

# Debian packages and a release tarball of the commit that is checked out, in $(BUILD)/packages.
package:
	@cmake/install-deps.sh package
	@tools/package/deb.sh "$(BUILD)/packages"

dist:
	@tools/package/dist.sh "$(BUILD)/packages"

# The commit in a fresh Debian, with the README's two commands and nothing else.
SUITE ?= bookworm
check-fresh:
	@tools/check/fresh.sh $(SUITE)

# The commit on the newest grpc-core that Debian has; docs/NEWER_CORE.md.
check-newer-core:
	@tools/check/newer-core.sh

clean:
	@rm -rf "$(BUILD)"
