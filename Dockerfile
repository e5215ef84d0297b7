# Berth's image on a machine with Docker or Podman and internet: docker build -t berth .
# `make image` makes the same one without either; what goes into it is said in hack/image/, for both.
FROM node:26.10.0-bookworm-slim AS build
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
RUN npm ci --no-progress
COPY . .
RUN node_modules/.bin/node hack/image/main.ts --root /image

# Node, the libraries that it needs, and one file with the operator: no shell, no package manager, no root.
FROM scratch
COPY --from=build /image /
USER 65532:65532
WORKDIR /app
ENV PATH=/usr/bin NODE_ENV=production
ENTRYPOINT ["/usr/bin/node", "--enable-source-maps", "/app/berth.mjs"]
