# Two stages: the first builds the one binary, the second holds it and nothing else: no shell, no
# package manager, and a user that is not root.
FROM rust:1.95-bookworm AS build
WORKDIR /build
COPY . .
# The caches outlive the layer, so that a change of ours does not compile the dependencies again;
# the binary is copied out, since a cache is not part of the image.
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/build/target \
    cargo build --release --locked --bin mfa-ledger \
    && install -D target/release/mfa-ledger /out/usr/local/bin/mfa-ledger \
    && install -d -m 0700 /out/var/lib/mfa-ledger /out/var/lib/mfa-ledger-keys

# glibc, CA certificates, and the user 65532.
FROM gcr.io/distroless/cc-debian12:nonroot
LABEL org.opencontainers.image.title="mfa-ledger" \
      org.opencontainers.image.description="An event-sourced, audit-first backend for managing the multi-factor authentication of administrators" \
      org.opencontainers.image.licenses="MIT OR Apache-2.0"
COPY --from=build /out/usr/local/bin/mfa-ledger /usr/local/bin/mfa-ledger
# A new volume takes owner and mode from the directory it covers: without this the service could
# not write to it.
COPY --from=build --chown=65532:65532 /out/var/lib/ /var/lib/
USER 65532:65532
ENV MFA_LEDGER__HTTP__LISTEN=0.0.0.0:8080 \
    MFA_LEDGER__DATA_DIR=/var/lib/mfa-ledger \
    MFA_LEDGER__LOG__SIGNING_KEY_FILE=/var/lib/mfa-ledger-keys/signing
VOLUME ["/var/lib/mfa-ledger", "/var/lib/mfa-ledger-keys"]
EXPOSE 8080
# On SIGTERM the service answers what it has begun, syncs the log and ends.
STOPSIGNAL SIGTERM
ENTRYPOINT ["/usr/local/bin/mfa-ledger"]
CMD ["serve"]
