# The few commands one needs. What they install goes into target/tools, Debian packages aside.
.PHONY: help demo release test soak lint bench fuzz install cargo
.DEFAULT_GOAL := help

# How long each target is fuzzed.
FUZZ_SECONDS ?= 60

TOOLS := $(CURDIR)/target/tools/bin
export PATH := $(TOOLS):$(PATH)

help:
	@echo 'make demo     build it and start it with a sample history'
	@echo 'make release  build it as it is to run: target/release/mfa-ledger'
	@echo 'make test     install what the tests need, then run all of them'
	@echo 'make lint     formatting, clippy, docs, licences and sources of the dependencies'
	@echo 'make soak     at length: kills, losses of power, failing disks, NATS, insiders'
	@echo 'make bench    measure it under load'
	@echo 'make fuzz     feed it garbage, FUZZ_SECONDS=60 for each target'
	@echo 'make install  only install what tests and lints need'

cargo:
	@command -v cargo >/dev/null || { \
	  echo "Rust is missing. Install it with rustup (https://rustup.rs):" >&2; \
	  echo "  curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh" >&2; \
	  echo "then open a new shell and try again." >&2; exit 1; }

demo: cargo
	cargo build --profile demo --bin mfa-ledger --locked
	target/demo/mfa-ledger demo

release: cargo
	cargo build --release --bin mfa-ledger --locked

test:
	.ci/install test
	.ci/test

soak:
	.ci/install test
	MFA_LEDGER_SOAK=1 cargo nextest run --workspace --locked --profile soak \
	  -E 'test(faults::) + test(nats::consumer::) + test(insider::no_walk)'

lint:
	.ci/install lint
	cargo fmt --all --check
	cargo fmt --manifest-path tests/fuzz/Cargo.toml --check
	cargo clippy --workspace --all-targets --locked -- -D warnings
	cargo clippy --package mfa-ledger --all-targets --features parquet --locked -- -D warnings
	RUSTDOCFLAGS='-D warnings' cargo doc --workspace --no-deps --locked
	cargo deny --locked --config .deny.toml check licenses bans sources

bench: cargo
	.ci/install test
	cargo bench --locked --bench load -- --write

fuzz:
	.ci/install fuzz
	.ci/fuzz $(FUZZ_SECONDS)

install:
	.ci/install all
