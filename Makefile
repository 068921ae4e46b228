# Every habit of the project has a target here; CI calls the same ones.

GO          ?= go
CONFIG      ?= mmids.config
FUZZTIME    ?= 60s
STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2

.PHONY: help run test race soak chaos bench bench-compare fuzz lint build clean tools

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: build ## build the server and run it with mmids.config (CONFIG=FILE for another)
	@./mmids --config $(CONFIG)

test: tools lint ## install what the tests need, then run all checks and tests, at last with the race detector
	$(GO) test ./...
	$(MAKE) race

race: ## run the tests with the race detector
	$(GO) test -race -short ./...

soak: ## start, publish, watch, update and stop ROUNDS (200) times; nothing may be left
	$(GO) test -count=1 -timeout 2h -v -run '^TestNothingIsLeft$$' . -rounds $(or $(ROUNDS),200)

chaos: ## let faults loose on a server with honest viewers beside them: TIME (5m), SEED, CPU=60 percent; writes chaos.csv and chaos.svg
	$(GO) test -count=1 -timeout 24h -v -run '^TestChaos$$' . -chaos $(or $(TIME),5m) -seed $(or $(SEED),0) -busy $(or $(CPU),0) -samples $(CURDIR)/chaos.csv
	$(GO) run ./bench/plot -title 'make chaos' chaos.csv > chaos.svg

bench: ## run the Go benchmarks (BENCH=REGEXP, benchstat reads the output) and 10 s of load
	$(GO) test -run '^$$' -bench '$(or $(BENCH),.)' -benchmem ./...
	$(GO) run ./bench/compare -cases quick -rounds 1 -seconds 10 -out ''

bench-compare: ## measure this server, nginx-rtmp and the bare-send floor in turn: bench/results (25 minutes, ARGS for options)
	$(GO) run ./bench/compare $(ARGS)

fuzz: ## run every fuzz target for FUZZTIME (60s) each
	@./fuzz/run $(FUZZTIME)

lint: ## gofmt, go vet and staticcheck
	@files="$$(gofmt -l .)"; if [ -n "$$files" ]; then echo "gofmt would change:"; echo "$$files"; exit 1; fi
	$(GO) vet ./...
	$(GO) run $(STATICCHECK) ./...

build: ## build the server: ./mmids
	$(GO) build -o mmids .

clean: ## remove what was built and logged
	rm -rf mmids logs chaos.csv chaos.svg

tools: ## install the clients that the tests use (apt-get), if they are missing
	@./.ci/tools
