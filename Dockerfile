# docker build -t mmids .                        with ffmpeg
# docker build -t mmids --build-arg FFMPEG=no .  without it: steps that need it then say so and wait for it
# docker run -p 1935:1935 -p 8935:8935 mmids
FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION= COMMIT=
RUN CGO_ENABLED=0 go build -trimpath -ldflags "-s -w ${VERSION:+-X main.version=$VERSION} ${COMMIT:+-X main.commit=$COMMIT}" -o /mmids . \
    && /mmids check packaging/docker/mmids.config

FROM debian:bookworm-slim
ARG FFMPEG=yes
RUN if [ "$FFMPEG" = yes ]; then \
        apt-get update && apt-get install -y --no-install-recommends ffmpeg && rm -rf /var/lib/apt/lists/*; \
    fi \
    && install -d -o 65532 -g 65532 /var/log/mmids /var/lib/mmids
# Whom reactors and ffmpeg trust that are asked by HTTPS.
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /mmids /usr/bin/mmids
COPY packaging/docker/mmids.config /etc/mmids/mmids.config
USER 65532:65532
WORKDIR /var/lib/mmids
VOLUME ["/var/log/mmids", "/var/lib/mmids"]
EXPOSE 1935 8935 9011
HEALTHCHECK --interval=10s --timeout=5s --start-period=5s CMD ["mmids", "health", "/etc/mmids/mmids.config"]
ENTRYPOINT ["mmids", "--config", "/etc/mmids/mmids.config"]
