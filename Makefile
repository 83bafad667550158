# clew: make demo, make test. Everything else is for those who work on it.
#
# Needed: Go, a C compiler (SQLite is C), and the Go module proxy. Nothing else;
# scripts/need says what is missing and how to get it.

# One set of flags for vet, staticcheck and test: with another set SQLite's C
# would be compiled a second time, which takes a minute.
FLAGS := -race

# Under -race every command that a test runs would sleep a second before it
# ends, for other threads to report; ten milliseconds do, and a run has
# hundreds of them.
export GORACE ?= atexit_sleep_ms=10

# The time that all fuzz targets together are given.
FUZZ_SECONDS ?= 60

# Pinned: a linter that changes by itself makes a green build red.
STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2
TOOLS := $(CURDIR)/.cache/bin

# How much is measured: quick (minutes), usual, or large (hours).
BENCH ?= usual

.PHONY: demo assets test lint fmt vet staticcheck fuzz torture bench peers build clean

# Two sample cases in a temporary store: the ledgers, where the money is, what
# to freeze next. At a terminal it is then served to a browser of this machine.
demo:
	@scripts/need build
	@go run ./cmd/clew demo --serve

build:
	@scripts/need build
	go build -o bin/clew ./cmd/clew
	go build -o bin/clew-verify ./cmd/clew-verify

# All tests. Those that need a tool which is not here and may not be installed
# are named at the end as not run; in CI that is a failure.
test:
	@scripts/need test
	go test -timeout 30m $(FLAGS) $$(scripts/need skip) ./...
	@scripts/need report

# What browsers fetch, from what people write (web/assets): needed after a change there.
assets:
	go run ./web/assets/bundle

lint: fmt vet staticcheck peers

fmt:
	@bad=$$(gofmt -l $$(git ls-files '*.go' 2>/dev/null || find . -name '*.go')); \
	if [ -n "$$bad" ]; then echo "gofmt would change:"; echo "$$bad"; exit 1; fi

vet:
	go vet $(FLAGS) ./...

staticcheck: $(TOOLS)/staticcheck
	GOFLAGS="$$(go env GOFLAGS) $(FLAGS)" $(TOOLS)/staticcheck ./...
	GOFLAGS="$$(go env GOFLAGS) $(FLAGS)" scripts/beside bench/peers $(TOOLS)/staticcheck ./...
	GOFLAGS="$$(go env GOFLAGS) $(FLAGS)" scripts/beside web/access/providertest $(TOOLS)/staticcheck ./...

$(TOOLS)/staticcheck: Makefile
	GOBIN=$(TOOLS) go install $(STATICCHECK)
	@touch $@

# Every fuzz target there is, found by asking, in FUZZ_SECONDS together.
fuzz:
	@scripts/need build
	@FUZZ_SECONDS=$(FUZZ_SECONDS) scripts/fuzz

# The tests that try at random, with large numbers: hours. docs/testing.md says
# what they found last time. TORTURE=power runs those with power in their name.
torture:
	@scripts/need test
	@scripts/torture $(TORTURE)

# Every benchmark there is, how they grow with size, and clew beside others.
# docs/performance.md says what it found last time.
bench:
	@scripts/need bench
	@scripts/bench $(BENCH)

# What clew is compared with is a module of its own, and so is what signs in at
# a real identity provider. The first is only built and tried with few rows
# here; make bench measures.
peers:
	@for module in bench/peers web/access/providertest; do \
		scripts/beside $$module go vet $(FLAGS) ./... && scripts/beside $$module go test $(FLAGS) ./... || exit 1; \
	done

clean:
	rm -rf bin .cache
