# Each target is what one would type; `make help` lists them.
MAKEFLAGS += --no-print-directory
SHELL := /bin/bash

.PHONY: help build demo test test-rust test-nvim test-matrix faults lint lint-rust lint-lua fmt snap bench eval doc nvim

## help: this list
help:
	@sed -n 's/^## //p' Makefile | awk '{ i = index($$0, ": "); printf "  make %-12s %s\n", substr($$0, 1, i - 1), substr($$0, i + 2) }'

## build: the host, as people use it, and its one-word name for $EDITOR
build:
	cargo build --release --locked
	@ln -sf promptstack "$${CARGO_TARGET_DIR:-target}/release/promptstack-edit"

## demo: Neovim with promptstack.nvim on a throw-away home; ARGS='…' are passed to Neovim
demo: build
	@scripts/demo $(ARGS)

## test: every test, in Rust and in the newest Neovim
test: test-rust test-nvim
	@scripts/summary .test-results/rust .test-results/nvim

test-rust:
	@scripts/record rust cargo test --locked --no-fail-fast --lib --bins --test host --test cli --test architecture --test faults --test ai

test-nvim:
	@nvim=$$(scripts/nvim) && PROMPTSTACK_TEST_NVIM=$$nvim scripts/record nvim cargo test --locked --test nvim

## test-matrix: the tests in Neovim, with each version that is supported
test-matrix:
	@for version in 0.10 0.11 0.12; do \
	  nvim=$$(scripts/nvim $$version) || exit 1; \
	  echo "--- Neovim $$version"; \
	  PROMPTSTACK_TEST_NVIM=$$nvim scripts/record nvim-$$version cargo test --locked --test nvim || exit 1; \
	done
	@scripts/summary .test-results/nvim-0.10 .test-results/nvim-0.11 .test-results/nvim-0.12

## faults: what the history survives: kills, power cuts, failing disks; some need root and say so
faults:
	@scripts/faults

## lint: formatting, clippy, documentation, and the Lua linter and type checker
lint: lint-rust lint-lua

lint-rust:
	cargo fmt --check
	cargo clippy --locked --all-targets -- -D warnings
	RUSTDOCFLAGS='-D warnings' cargo doc --locked --no-deps --document-private-items --quiet

lint-lua:
	scripts/lint-lua

## fmt: formats Rust and Lua
fmt:
	cargo fmt
	scripts/lint-lua --fix

## snap: writes the generated Lua and the expectations anew, then shows what changed
snap:
	UPDATE_EXPECT=1 cargo test --locked
	git diff --stat

## bench: the figures of doc/benchmarks.md, as ratios in one run
bench: build
	@scripts/bench

## eval: how well the selectors find the prompts of a folder by their descriptions; LIB=folder
eval:
	@test -n "$(LIB)" || { echo "which folder? make eval LIB=folder" >&2; exit 2; }
	@$(MAKE) build
	@PROMPTSTACK_NO_STARTER=1 "$${CARGO_TARGET_DIR:-target}/release/promptstack" eval "$(LIB)"

## doc: the crate's documentation
doc:
	cargo doc --locked --no-deps --document-private-items --open

## nvim: the path of a Neovim for development
nvim:
	@scripts/nvim
