# MtaStsHost as a container image: the native binary and the libraries that it links to. No shell, no package manager, no .NET.
#
#   docker build -t mtastshost .
#   docker buildx build --platform linux/amd64,linux/arm64 -t registry.example.net/mtastshost --push .
#
# Images can be pinned: --build-arg RUNTIME_IMAGE=mcr.microsoft.com/dotnet/runtime-deps:10.0-noble-chiseled@sha256:…
ARG SDK_IMAGE=mcr.microsoft.com/dotnet/sdk:10.0-noble-aot
# The plain chiseled image has what the binary needs: glibc, OpenSSL and CA certificates. It does not need ICU and time zones, which
# -extra adds (InvariantGlobalization, and all times are UTC). .NET 10 has no smaller -aot image.
ARG RUNTIME_IMAGE=mcr.microsoft.com/dotnet/runtime-deps:10.0-noble-chiseled

# Cross-compiles: the compiler runs on the architecture of the building machine, since it would take an hour emulated. It needs the
# linker and C library of the target, and llvm, whose objcopy strips the symbols of both.
FROM --platform=$BUILDPLATFORM ${SDK_IMAGE} AS build
ARG TARGETARCH
ENV DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
RUN case "$(dpkg --print-architecture)-$TARGETARCH" in \
        amd64-arm64) packages="gcc-aarch64-linux-gnu libc6-dev-arm64-cross llvm" ;; \
        arm64-amd64) packages="gcc-x86-64-linux-gnu libc6-dev-amd64-cross llvm" ;; \
        amd64-amd64 | arm64-arm64) exit 0 ;; \
        *) echo "error: no image for '$TARGETARCH'; only for amd64 and arm64" >&2; exit 1 ;; \
    esac \
    && apt-get update && apt-get install -y --no-install-recommends $packages && rm -rf /var/lib/apt/lists/*
WORKDIR /source

# Restores before copying the code, so that a change to the code does not restore again. global.json is not copied: the image
# decides on the SDK.
COPY Directory.Build.props Directory.Build.targets Directory.Packages.props ./
COPY src/Acme/Acme.csproj src/Acme/packages.lock.json src/Acme/
COPY src/MailRecords/MailRecords.csproj src/MailRecords/packages.lock.json src/MailRecords/
COPY src/MtaSts/MtaSts.csproj src/MtaSts/packages.lock.json src/MtaSts/
COPY src/MtaStsHost/MtaStsHost.csproj src/MtaStsHost/packages.lock.json src/MtaStsHost/
RUN dotnet restore src/MtaStsHost --locked-mode

COPY . .
# Analyzers run in test.sh, with the SDK that global.json names. Those of a newer SDK must not break an image.
RUN dotnet publish src/MtaStsHost -a $TARGETARCH -c Release --no-restore -p:RunAnalyzers=false -p:DebugType=none -p:ContinuousIntegrationBuild=true -o /image/app \
    && cp LICENSE /image/app/ \
    && install -d -m 700 /volume/data

FROM ${RUNTIME_IMAGE}
LABEL org.opencontainers.image.title="MtaStsHost" \
      org.opencontainers.image.description="Hosts MTA-STS policies (RFC 8461) for any number of mail domains." \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="0.2.0"
# Owned by root, so that the service can't change its own program.
COPY --from=build /image/ /
# The store's folder. The service refuses one that others can read, and a new named volume takes over owner and mode. It is copied
# from one level up, since builders differ in what COPY does to the mode of the folder itself.
COPY --from=build --chown=1654:1654 /volume/ /
# Environment variables override appsettings.json. To use another store, set this one.
ENV Storage__ConnectionString="Data Source=/data/mtastshost.db"
# On top of /app/appsettings.json, as soon as something is mounted at /config; for `docker exec` and the health check too.
ENV MTASTSHOST_CONFIG=/config/appsettings.json
VOLUME /data
WORKDIR /app
# A number, which Kubernetes' runAsNonRoot requires. It is the APP_UID of .NET's images.
USER 1654
# Only the public listener. The management listener stays on localhost unless Kestrel__Endpoints__Management__Url is set.
# The service ignores ASPNETCORE_HTTP_PORTS of the base image.
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=6s --start-period=10s --retries=3 CMD ["/app/MtaStsHost", "healthcheck"]
ENTRYPOINT ["/app/MtaStsHost"]
