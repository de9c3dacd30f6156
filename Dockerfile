# syntax=docker/dockerfile:1
# Evergate in a container: `docker build -t evergate .`, then
#   docker run -p 8080:8080 -v ./gateway.yaml:/etc/evergate/gateway.yaml:ro evergate
# In a container the gateway listens on 0.0.0.0; say so in its configuration (`listen: 0.0.0.0:8080`).

FROM node:26-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY tsconfig.json tsconfig.build.json ./
COPY scripts ./scripts
COPY config ./config
COPY src ./src
COPY plugins ./plugins
COPY routes ./routes
RUN npm run build

# What runs needs no compiler, and no package of it needs its install script.
FROM node:26-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --ignore-scripts

FROM node:26-slim
ENV NODE_ENV=production
WORKDIR /app
COPY --from=dependencies /app/node_modules ./node_modules
COPY package.json LICENSE ./
COPY bin ./bin
COPY config/gateway.schema.json ./config/
COPY --from=build /app/dist ./dist
# Files belong to root and cannot be changed by the process.
USER node
EXPOSE 8080 9901
# The admin port; EVERGATE_ADMIN_PORT where the configuration names another than 9901.
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.EVERGATE_ADMIN_PORT ?? 9901}/livez`).then(r => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
# SIGTERM drains, which takes up to 25 seconds with the defaults: give it more than Docker's ten (`--stop-timeout 30`).
STOPSIGNAL SIGTERM
ENTRYPOINT ["node", "/app/bin/evergate.js"]
CMD ["start", "--config", "/etc/evergate/gateway.yaml"]
