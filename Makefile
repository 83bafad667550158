# clew: make demo, make test. Everything else is for those who work on it.
#
# Needed: Go, a C compiler (SQLite is C), and the Go module proxy. Nothing else;
# scripts/need says what is missing and how to get it.

# One set of flags for vet, staticcheck and test: with another set SQLite's C
# would be compiled a second time, which takes a minute.
FLAGS := -race

# The time that all fuzz targets together are given.
FUZZ_SECONDS ?= 60

# Pinned: a linter that changes by itself makes a green build red.
STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2
TOOLS := $(CURDIR)/.cache/bin

.PHONY: demo test lint fmt vet staticcheck fuzz bench build clean

# Two sample cases in a temporary store: the ledgers, where the money is, what
# to freeze next.
demo:
	@scripts/need build
	@go run ./cmd/clew demo

build:
	@scripts/need build
	go build -o bin/clew ./cmd/clew

# All tests. Those that need a tool which is not here and may not be installed
# are named at the end as not run; in CI that is a failure.
test:
	@scripts/need test
	go test $(FLAGS) $$(scripts/need skip) ./...
	@scripts/need report

lint: fmt vet staticcheck

fmt:
	@bad=$$(gofmt -l $$(git ls-files '*.go' 2>/dev/null || find . -name '*.go')); \
	if [ -n "$$bad" ]; then echo "gofmt would change:"; echo "$$bad"; exit 1; fi

vet:
	go vet $(FLAGS) ./...

staticcheck: $(TOOLS)/staticcheck
	GOFLAGS="$$(go env GOFLAGS) $(FLAGS)" $(TOOLS)/staticcheck ./...

$(TOOLS)/staticcheck: Makefile
	GOBIN=$(TOOLS) go install $(STATICCHECK)
	@touch $@

# Every fuzz target there is, found by asking, in FUZZ_SECONDS together.
fuzz:
	@scripts/need build
	@FUZZ_SECONDS=$(FUZZ_SECONDS) scripts/fuzz

bench:
	@scripts/need build
	go test -run '^$$' -bench . -benchmem ./...

clean:
	rm -rf bin .cache
