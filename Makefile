# SPDX-License-Identifier: Apache-2.0
# A thin front to CMake: it only names the steps. `cmake --preset release` does the same by hand.
BUILD  ?= build
PREFIX ?= /usr/local
JOBS   ?= $(shell nproc 2>/dev/null || echo 2)
CMAKE  ?= cmake
MAKEFLAGS += --no-print-directory

compile = $(CMAKE) --build $(BUILD) --parallel $(JOBS)
# $(1): extra settings. When CMake cannot configure, the likely cause is a missing package.
define configure
@command -v $(CMAKE) >/dev/null || { cmake/install-deps.sh --missing build; exit 1; }
@$(CMAKE) --preset release -B $(BUILD) --log-level=NOTICE $(1) >/dev/null || \
    { cmake/install-deps.sh --missing build; exit 1; }
endef

.PHONY: all deps demo test chaos bench install docs format lint clean

all: $(BUILD)/CMakeCache.txt
	@$(compile)

# Tests are switched on by `make test` (they need Criterion) and stay on from then.
$(BUILD)/CMakeCache.txt:
	$(call configure,-DISA_BUILD_TESTS=OFF)

deps:
	@cmake/install-deps.sh build demo test interop bench check

demo:
	@cmake/install-deps.sh build demo
	@$(MAKE) all
	@$(CMAKE) --build $(BUILD) --target demo

test:
	@cmake/install-deps.sh build demo test
	$(call configure,-DISA_BUILD_TESTS=ON)
	@$(compile)
	@tools/check/run-tests.sh $(BUILD)

# Random faults under load; the same SEED draws the same ones for each service. PATIENCE: every bound of
# time is so many times longer, for a machine that is busy otherwise.
MINUTES  ?= 1
PATIENCE ?= 1
chaos:
	@cmake/install-deps.sh build demo test
	$(call configure,-DISA_BUILD_TESTS=ON)
	@$(CMAKE) --build $(BUILD) --parallel $(JOBS) --target isa-chaos
	@$(BUILD)/bin/isa-chaos --minutes $(MINUTES) --patience $(PATIENCE) $(if $(SEED),--seed $(SEED))

bench:
	@cmake/install-deps.sh build demo bench
	$(call configure,-DISA_BUILD_BENCH=ON)
	@$(compile)
	@$(CMAKE) --build $(BUILD) --target bench

install: all
	@$(CMAKE) --install $(BUILD) --prefix $(PREFIX)

docs: $(BUILD)/CMakeCache.txt
	@$(CMAKE) --build $(BUILD) --parallel $(JOBS) --target docs

format:
	@tools/check/format.sh --fix

lint:
	@cmake/install-deps.sh build demo test check
	$(call configure,-DISA_BUILD_TESTS=ON)
	@$(compile)
	@tools/check/lint.sh $(BUILD)

clean:
	@rm -rf $(BUILD)
