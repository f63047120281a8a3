# docker build -t stego-kernels .
# docker run --rm -v "$PWD:/work" --user "$(id -u):$(id -g)" stego-kernels segment photos --out out
#
# The folder of scripts/app-image on a small Debian: no Java beside it, one process, the processor as device.
FROM maven:3.9-eclipse-temurin-25 AS build
WORKDIR /source
COPY pom.xml jbang-catalog.json ./
COPY .mvn .mvn
COPY kernels kernels
COPY scripts scripts
COPY src src
COPY weights weights
RUN mvn -B -ntp -q -DskipTests package && scripts/app-image /opt

FROM debian:13-slim
# Fonts for the plots of reports.
RUN apt-get update \
  && apt-get install -y --no-install-recommends fontconfig fonts-dejavu-core \
  && rm -rf /var/lib/apt/lists/* \
  && useradd --uid 10001 --create-home stego \
  && install -d -o stego /work
COPY --from=build /opt/stego-kernels /opt/stego-kernels
# As the program sets it for its second process: OpenCL drivers that come with a device don't take Java's signals.
ENV LD_PRELOAD=/opt/stego-kernels/lib/runtime/lib/libjsig.so LC_ALL=C.UTF-8
USER stego
WORKDIR /work
ENTRYPOINT ["/opt/stego-kernels/bin/stego-kernels"]
CMD ["--help"]
