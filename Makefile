# Ponte. On a fresh machine: `make run` needs Go; `make test` needs Go and Node.
.DEFAULT_GOAL := help
export CGO_ENABLED ?= 0

DATA      ?= data
BENCHTIME ?= 1s
FUZZTIME  ?= 60s

.PHONY: help
help: ## say what can be made
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12

.PHONY: run
run: ## build Ponte and start it on http://localhost:8080 with its data in ./data
	go run ./cmd/ponte serve --data $(DATA)

.PHONY: demo
demo: ## start Ponte with the sample company in a throw-away folder
	go run ./cmd/ponte demo

# The version in the binary is Go's own build information, from the git tag. Where a person, the network or the database is what takes the
# time, nothing is inlined: a tenth of the binary. The rooms that compute are left as they are.
BINARY ?= bin/ponte
PONTE = github.com/ponte-desk/ponte/internal
PLAIN = $(PONTE)/... crypto/tls crypto/x509 encoding/asn1 encoding/xml filippo.io/... golang.org/x/crypto/acme/... golang.org/x/net/html/... text/template/... \
	github.com/BurntSushi/... github.com/VictoriaMetrics/... github.com/aymerick/... github.com/bep/... github.com/coder/... github.com/danielgtaylor/... \
	github.com/jackc/... github.com/microcosm-cc/... github.com/pressly/... github.com/riverqueue/... github.com/tidwall/... github.com/uptrace/... \
	github.com/vmihailenco/... github.com/wneessen/...
COMPUTES = $(PONTE)/adapt $(PONTE)/media $(PONTE)/merkle $(PONTE)/record $(PONTE)/search $(PONTE)/store $(PONTE)/text $(PONTE)/tie $(PONTE)/triage

.PHONY: build
build: ## build the binary bin/ponte
	CGO_ENABLED=0 go build -trimpath -buildvcs=$(if $(shell git rev-parse HEAD 2>/dev/null),true,false) -ldflags '-s -w -funcalign=8' \
		$(PLAIN:%=-gcflags=%=-l) $(COMPUTES:%=-gcflags=%=) -o $(BINARY) ./cmd/ponte

.PHONY: setup
setup: ## install what the tests need and is missing
	script/setup

.PHONY: test
test: setup ## run every test, against real servers started for it
	go -C tools test ./...
	script/servers run -- go test -p 2 -timeout 55m ./...

.PHONY: bench
bench: setup ## run every benchmark; figures beside baselines of the same run
	script/servers run -- go test -p 1 -run '^$$' -bench . -benchtime $(BENCHTIME) -benchmem -timeout 60m ./...

.PHONY: soak
soak: ## run every fuzz target for FUZZTIME (60s)
	FUZZTIME=$(FUZZTIME) script/soak

.PHONY: lint
lint: ## format, vet, staticcheck, generated files, modules, migration pairs
	script/setup --for lint
	script/lint

.PHONY: generate
generate: ## write the generated files (templates, browser code)
	script/generate

.PHONY: format
format: ## format Go files and templates
	$$(script/tools)/gofumpt -w .
	$$(script/tools)/templ fmt -log-level=error internal
	script/generate

.PHONY: clean
clean: ## remove what was built; data and installed packages stay
	rm -rf bin .cache
