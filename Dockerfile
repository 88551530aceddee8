# MtaStsHost as a container image: the native binary, what it links to, and nothing else; no shell, no package manager, no .NET.
#
#   docker build -t mtastshost .
#   docker buildx build --platform linux/amd64,linux/arm64 -t registry.example.net/mtastshost --push .
#
# Images can be pinned: --build-arg RUNTIME_IMAGE=mcr.microsoft.com/dotnet/runtime-deps:10.0-noble-chiseled@sha256:…
ARG SDK_IMAGE=mcr.microsoft.com/dotnet/sdk:10.0-noble-aot
# Of the chiseled images the plain one: glibc, OpenSSL and CA certificates are what the binary asks for. ICU and time zones, which
# -extra adds, are not (InvariantGlobalization, and all times are UTC). .NET 10 has no smaller -aot one.
ARG RUNTIME_IMAGE=mcr.microsoft.com/dotnet/runtime-deps:10.0-noble-chiseled

# The compiler runs as what the building machine is, and compiles for what the image is for: emulated, it would take an hour.
# For that it needs the other one's linker and C library, and llvm, whose objcopy strips the symbols of either.
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

# What names the packages, before the code: a change of the code alone restores nothing again. The SDK is the image's, so that
# global.json has no say here.
COPY Directory.Build.props Directory.Build.targets Directory.Packages.props ./
COPY src/Acme/Acme.csproj src/Acme/packages.lock.json src/Acme/
COPY src/MtaSts/MtaSts.csproj src/MtaSts/packages.lock.json src/MtaSts/
COPY src/MtaStsHost/MtaStsHost.csproj src/MtaStsHost/packages.lock.json src/MtaStsHost/
RUN dotnet restore src/MtaStsHost --locked-mode

COPY . .
# Analyzers have had their say in test.sh, with the SDK that global.json names; a newer one's must not stop an image.
RUN dotnet publish src/MtaStsHost -a $TARGETARCH -c Release --no-restore -p:RunAnalyzers=false -p:DebugType=none -p:ContinuousIntegrationBuild=true -o /image/app \
    && cp LICENSE /image/app/ \
    && install -d -m 700 /volume/data

FROM ${RUNTIME_IMAGE}
LABEL org.opencontainers.image.title="MtaStsHost" \
      org.opencontainers.image.description="Hosts MTA-STS policies (RFC 8461) for any number of mail domains." \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="0.2.0"
# Root's, so that the host can't change its own program.
COPY --from=build /image/ /
# The store's folder, for the host alone: it refuses one that others can read. Copied from one level up, since what COPY makes of the
# mode of the folder it is given is up to the builder; a new named volume takes over owner and mode.
COPY --from=build --chown=1654:1654 /volume/ /
# An environment variable wins over appsettings.json: name another store the same way.
ENV Storage__ConnectionString="Data Source=/data/mtastshost.db"
VOLUME /data
WORKDIR /app
# By number, since Kubernetes' runAsNonRoot asks for one; it is the APP_UID of .NET's images.
USER 1654
# Of the listeners only the public one. The management listener stays on localhost unless Kestrel__Endpoints__Management__Url says
# otherwise. ASPNETCORE_HTTP_PORTS of the base image means nothing to this host.
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=6s --start-period=10s --retries=3 CMD ["/app/MtaStsHost", "healthcheck"]
ENTRYPOINT ["/app/MtaStsHost"]
