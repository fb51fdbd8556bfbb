# Dragoman. `make` lists the targets. The two to know: `make run`, `make test`.

SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules --no-print-directory

GO ?= go
BIN := $(CURDIR)/bin
# Without a repository that git trusts, go cannot stamp a commit into what it builds.
BUILD := GO=$(GO) $(CURDIR)/hack/build.sh $(shell git rev-parse -q --verify HEAD >/dev/null 2>&1 || echo -buildvcs=false)
TOOLS := hack/tools/go.mod hack/tools/go.sum
CRDS := config/components/crd/bases

# The control plane that tests run on: found, or built once, by dragoman itself,
# which prints its directory.
WITH_CONTROL_PLANE = assets="$$($(BIN)/dragoman up --binaries-only)" && \
  export KUBEBUILDER_ASSETS="$$assets" &&

##@ Use

.PHONY: help
help: ## List the targets.
	@awk 'BEGIN {FS = ":.*## "} \
	  /^##@ / {printf "\n%s\n", substr($$0, 5)} \
	  /^[a-zA-Z_-]+:.*## / {printf "  %-18s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: run
run: engines build ## Set everything up on this machine and run it, until Ctrl-C.
	@exec $(BIN)/dragoman up --demo

.PHONY: demo
demo: engines build ## Set up, translate by kubectl and by curl, print both results, end.
	@$(BIN)/dragoman up --demo --exit

.PHONY: build
build: go ## Build bin/dragoman.
	@[ -x $(BIN)/dragoman ] || echo "Building bin/dragoman (the first time takes a few minutes) ..."
	@$(BUILD) -o $(BIN)/dragoman ./cmd/dragoman

.PHONY: engines
engines: ## Install the engine that translates offline (Apertium), or say how.
	@hack/install-engines.sh

##@ Test

.PHONY: test
test: engines test-tools build ## Set up and run every test.
	@$(WITH_CONTROL_PLANE) \
	  echo "Running the tests (some minutes; a line for each package as it ends) ..." && \
	  $(GO) test -timeout 30m ./...

.PHONY: test-unit
test-unit: go test-tools ## Run the tests that need no control plane.
	@$(GO) test -timeout 10m $$($(GO) list ./... | grep -Ev '/(test|apiserver|cmd|internal/controlplane)(/|$$)')

.PHONY: test-integration
test-integration: engines test-tools build ## Run the tests on a real kube-apiserver.
	@$(WITH_CONTROL_PLANE) $(GO) test -timeout 30m ./test/...

.PHONY: bench
bench: engines build ## Measure, and print rows of name: value (BENCH=-long for half an hour).
	@$(WITH_CONTROL_PLANE) $(GO) run ./test/bench $(BENCH)

.PHONY: quality
quality: go quality-tools ## Measure segmentation, masking, QA and defence, and print rows of name: value (QUALITY="-only segmentation").
	@$(GO) run ./test/quality $(QUALITY)

.PHONY: chaos
chaos: build ## Kill everything while jobs are translated, and count what that cost (CHAOS="-jobs 60 -seed 2").
	@$(WITH_CONTROL_PLANE) $(GO) run ./test/chaos $(CHAOS)

.PHONY: fuzz
fuzz: go ## Run each fuzz target for a short while (FUZZTIME=10s).
	@hack/fuzz.sh

##@ Check

.PHONY: verify
verify: go $(BIN)/controller-gen $(BIN)/golangci-lint $(BIN)/kustomize ## Regenerate, check everything, and fail when the tree changes.
	@hack/verify.sh

.PHONY: lint
lint: $(BIN)/golangci-lint ## Lint the Go code.
	@$(BIN)/golangci-lint run ./...

.PHONY: api-lint
api-lint: $(BIN)/golangci-lint ## Check the API types against the Kubernetes API conventions.
	@$(BIN)/golangci-lint run -c .golangci-api.yml ./api/...

.PHONY: generate
generate: manifests $(BIN)/controller-gen ## Regenerate code, manifests and docs/metrics.md from the Go code.
	@$(BIN)/controller-gen object paths=./api/...
	@$(GO) run ./hack/metricsdoc docs/metrics.md

.PHONY: manifests
manifests: $(BIN)/controller-gen ## Regenerate the CRDs and the manager's role.
	@$(BIN)/controller-gen crd paths=./api/... output:crd:dir=$(CRDS)
	@$(BIN)/controller-gen rbac:roleName=dragoman-manager,fileName=manager_role.yaml \
	  paths=./controllers/... output:rbac:dir=config/components/rbac

.PHONY: fmt
fmt: $(BIN)/golangci-lint ## Format the Go code.
	@$(BIN)/golangci-lint fmt ./...

.PHONY: clean
clean: ## Remove what was built, and the data of `make run`.
	rm -rf $(BIN) .dragoman

# Set-up below; none of it is meant to be called by hand.

.PHONY: go
go:
	@command -v $(GO) >/dev/null || { echo "Go 1.26 or later is needed: https://go.dev/dl/" >&2; exit 1; }

.PHONY: test-tools
test-tools:
	@hack/install-test-tools.sh

.PHONY: quality-tools
quality-tools:
	@hack/install-quality-tools.sh

# Tools are built from the versions pinned in hack/tools, again when those change.
$(BIN)/controller-gen: $(TOOLS) | go
	@echo "Building controller-gen ..."
	@cd hack/tools && $(BUILD) -o $@ sigs.k8s.io/controller-tools/cmd/controller-gen

$(BIN)/kustomize: $(TOOLS) | go
	@echo "Building kustomize ..."
	@cd hack/tools && $(BUILD) -o $@ sigs.k8s.io/kustomize/kustomize/v5

$(BIN)/golangci-lint: $(TOOLS) hack/tools/golangci-lint/main.go | go
	@echo "Building golangci-lint with the Kubernetes API linter (the first time takes a minute or two) ..."
	@cd hack/tools && $(BUILD) -o $@ ./golangci-lint
