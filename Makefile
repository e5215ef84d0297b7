# What there is to run. `make help` lists it, from the comments after ##.
SHELL := bash
.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules

NAME ?= dev
NODES ?= 6
ZONES ?= 3

demo := .berth/demo
cluster := .berth/clusters/$(NAME)

##@ The two commands

.PHONY: demo test
demo: ## From nothing to Instances that run: a cluster, the operator, the samples
	@bash hack/demo.sh up
test: ## All checks and all tests
	@bash hack/test.sh

##@ The demo

.PHONY: kubeconfig kubectl operator-log down
kubeconfig: ## Path of the demo's kubeconfig (make -s kubeconfig)
	@test -e $(demo)/kubeconfig || { echo 'no demo is running: make demo' >&2; exit 1; }
	@echo '$(CURDIR)/$(demo)/kubeconfig'
kubectl: ## Path of a kubectl that fits it (make -s kubectl)
	@test -x bin/kubectl || { echo 'not built yet: make build' >&2; exit 1; }
	@echo '$(CURDIR)/bin/kubectl'
operator-log: ## Follow the operator's log
	@tail -n 50 -f $(demo)/logs/operator.log
down: ## End the demo and remove all of it
	@bash hack/demo.sh down

##@ A cluster of its own, without the operator: NAME=dev NODES=6 ZONES=3

.PHONY: cluster-up cluster-down cluster-status
cluster-up: build ## Start a control plane and a simulated fleet in .berth/clusters/NAME
	@bin/localcluster up --dir $(cluster) --name $(NAME) --fleet-nodes $(NODES) --fleet-zones $(ZONES)
cluster-down: ## End it and remove it
	@bin/localcluster down --dir $(cluster)
cluster-status: ## Show its components
	@bin/localcluster status --dir $(cluster)

##@ On kind, with real guests: docs/e2e.md

.PHONY: e2e kind-up kind-down e2e-kind
e2e: bundle helm ## test/e2e on a local cluster, where guests are played
	@npm run --silent test:e2e
kind-up: build ## A kind cluster with KubeVirt and Berth's image, without Berth; .berth/kind/kubeconfig
	@node_modules/.bin/node hack/kind/main.ts up
kind-down: build ## Delete it, and undo what it changed on this machine
	@node_modules/.bin/node hack/kind/main.ts down
e2e-kind: build helm ## kind-up, all of test/e2e, and kind-down
	@node_modules/.bin/node hack/kind/main.ts e2e

##@ Working on it

.PHONY: build bundle image helm generate install-manifest lint format typecheck test-unit test-integration test-go clean help
build: ## Install the npm packages and build bin/localcluster, where they are not up to date
	@bash hack/setup.sh
bundle: build ## Write the operator and kubectl-berth into dist/, each as one file
	@npm run --silent bundle
image: build ## Write Berth's container image into dist/berth-image.tar, with its bill of materials
	@npm run --silent image
helm: ## Build bin/helm and bin/helm3, where they are not up to date
	@bash hack/build-helm.sh
generate: build ## Write crds/ and docs/reference/ from operator/api
	@npm run --silent generate
install-manifest: build helm ## Write charts/install.yaml, the chart as one static manifest
	@npm run --silent install-manifest
lint: build ## Look for mistakes and formatting
	@npm run --silent lint
format: build ## Mend formatting and what else can be mended
	@npm run --silent format
typecheck: build ## Check the types
	@npm run --silent typecheck
test-unit: build ## Tests beside the code, without a cluster
	@npm run --silent test:unit
test-integration: build ## Tests on the real control plane
	@npm run --silent test:integration
test-go: build ## Tests of the local cluster and its fleet
	@cd hack/localcluster && CGO_ENABLED=0 go test -vet=off ./...
clean: down ## End everything that runs, and remove what was built
	@for dir in .berth/clusters/*/; do [ ! -d "$$dir" ] || bin/localcluster down --dir "$$dir"; done
	@rm -rf .berth bin node_modules
help: ## This list
	@awk -F ':.*## ' '/^##@/ { printf "\n%s\n", substr($$0, 5) } \
	  /^[a-z-]+:.*## / { printf "  make %-18s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
