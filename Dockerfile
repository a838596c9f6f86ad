# One recipe for every process:
#   docker build --build-arg BIN=gateway -t voxanne/gateway:0.1.0 .
# BIN is gateway, identity, booking, notification, voice-tooling, realtime, migrate, rotate-keys, doctor or sandbox.

FROM rust:1-bookworm AS build
WORKDIR /src
COPY . .
# BIN is unknown to this stage on purpose: all images share one build of all binaries.
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    cargo build --release --locked \
    && mkdir /out \
    && for bin in gateway identity booking notification voice-tooling realtime migrate rotate-keys doctor sandbox; do \
         cp "target/release/$bin" /out/ || exit 1; \
       done

FROM debian:bookworm-slim
ARG BIN
# Twilio and Vapi are reached over TLS, which is checked against the system's authorities.
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /out/${BIN} /usr/local/bin/service
USER 10001:10001
ENTRYPOINT ["/usr/local/bin/service"]
