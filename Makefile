# What a contributor types. A machine needs Python 3.11 or newer, make and git; everything else is fetched or built.

SHELL := /bin/bash
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

CACHE := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/feddns
UV := $(or $(shell command -v uv),$(CACHE)/uv/bin/uv)
RUN := $(UV) run --frozen
SYNCED := .venv/.synced
PYTEST := $(RUN) pytest -q
# `make check` tries fewer examples of each property than `make test`.
PROFILE ?= quick

BUILDER = $(firstword $(foreach each,docker podman buildah,$(if $(shell command -v $(each)),$(each))))
VERSION = $(shell sed -n 's/^version = "\(.*\)"/\1/p' pyproject.toml)

.PHONY: help demo test check lab bench fuzz audit clean docs image lint types imports unit federation servers packages programs helm soak soaked

help: ## show this
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(SYNCED) ## a federation from manifests, a failover, and the answers that dig gets; needs no cluster
	@$(RUN) python examples/quickstart/demo.py

check: $(SYNCED) ## lint, types, import rules and the tests that need no servers; under a minute
	@$(MAKE) -j2 --output-sync=line lint imports types unit

test: ## check, then everything else: real DNS servers and real clusters
	@started=$$SECONDS; $(MAKE) check PROFILE=feddns && $(MAKE) packages programs helm && $(MAKE) -j2 --output-sync=line federation servers soaked \
		&& echo "make test: all passed in $$((SECONDS - started)) s"

lab: programs ## three real clusters on this machine to play with, until Ctrl-C
	@$(RUN) python -m tests.lab

bench: packages $(SYNCED) ## measure: change to answer, cold start, answers a second (many minutes)
	@$(RUN) python -m tests.lab.binaries etcd kube-apiserver kube-controller-manager kwok external-dns >/dev/null
	@tests/lab/install-packages dnsperf=dnsperf haproxy=haproxy
	$(RUN) python -m benchmarks.change_to_answer
	$(RUN) python -m benchmarks.cold_start
	$(RUN) python -m benchmarks.failover
	$(RUN) python -m benchmarks.route53
	$(RUN) python -m benchmarks.probes
	$(RUN) python -m benchmarks.embedded_server --coredns "$$($(RUN) python -m tests.lab.binaries coredns)"

docs: $(SYNCED) ## the docs as a site, in build/site
	@NO_MKDOCS_2_WARNING=1 $(RUN) mkdocs build --strict --quiet && echo "build/site/index.html"

image: ## the container image feddns:VERSION, by docker, podman or buildah, whichever is here (BUILDER=)
	@$(or $(BUILDER),$(error install docker, podman or buildah)) build --tag feddns:$(VERSION) \
		--build-arg VERSION=$(VERSION) --build-arg REVISION="$$(git describe --always --dirty --abbrev=40)" .

fuzz: $(SYNCED) ## fuzz every reader of foreign input, RUNS= inputs each (200000)
	@$(UV) run --frozen --group fuzz python -m tests.fuzz all --runs $(or $(RUNS),200000)

audit: $(SYNCED) ## look up every locked dependency among the known vulnerabilities
	@PATH="$(dir $(UV)):$$PATH" $(RUN) python -m tests.security.audit

soak: packages programs $(SYNCED) ## an hour of random changes and faults (MINUTES=60 SEED=N): nothing leaks, the zone is exact
	@$(RUN) python -m tests.soak --minutes $(or $(MINUTES),60) $(if $(SEED),--seed $(SEED))

clean: ## delete what was built in the checkout; the lab's programs stay in the user's cache
	rm -rf .venv .demo .lab build dist .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -prune -exec rm -rf {} +

lint: $(SYNCED)
	@$(RUN) ruff check . && $(RUN) ruff format --check .

types: $(SYNCED)
	@$(RUN) mypy

imports: $(SYNCED)
	@$(RUN) lint-imports

unit: $(SYNCED)
	@$(PYTEST) -n 2 --hypothesis-profile=$(PROFILE) -m "not lab and not servers"

# Tests of the lab share one set of clusters (1.4 GB), hence run in one process.
federation: $(SYNCED)
	@$(PYTEST) -m "lab and not soak" --durations=10

# A few minutes of what `make soak` does for an hour, with clusters of its own.
soaked: $(SYNCED)
	@$(PYTEST) -m soak

servers: $(SYNCED)
	@$(PYTEST) -m "servers and not lab" --durations=10

packages:
	@tests/lab/install-packages named=bind9 knotd=knot dig=bind9-dnsutils faketime=faketime promtool=prometheus bwrap=bubblewrap dnsperf=dnsperf

programs: $(SYNCED)
	@$(RUN) python -m tests.lab.binaries >/dev/null

# What the charts are tested with.
helm: $(SYNCED)
	@$(RUN) python -m tests.lab.binaries helm kubeconform >/dev/null

$(SYNCED): pyproject.toml uv.lock | $(UV)
	$(UV) sync --frozen --all-groups
	@touch $@

# uv from PyPI, into a folder of its own. Debian's python3 may lack ensurepip, which `venv` needs, or pip, or both.
$(CACHE)/uv/bin/uv:
	@echo "fetching uv from PyPI"
	@rm -rf $(CACHE)/uv
	@{ python3 -m venv $(CACHE)/uv 2>/dev/null && $(CACHE)/uv/bin/python -m pip install --quiet uv; } \
		|| { rm -rf $(CACHE)/uv && python3 -m pip install --quiet --target $(CACHE)/uv uv; } \
		|| { tests/lab/install-packages ensurepip=python3-venv && rm -rf $(CACHE)/uv && python3 -m venv $(CACHE)/uv \
			&& $(CACHE)/uv/bin/python -m pip install --quiet uv; } \
		|| { echo "install uv (https://docs.astral.sh/uv/) or python3-venv, then try again" >&2; exit 1; }
